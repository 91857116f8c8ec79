"""Plane geometry in the plan frame (y down, angles clockwise in degrees): vectors, boxes, overlap, frames."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class Point(NamedTuple):
    """A point or vector in mm."""

    x: float
    y: float


class Box(NamedTuple):
    """A rotated rectangle: centre, size, angle in degrees clockwise."""

    x: float
    y: float
    w: float
    h: float
    angle: float = 0


class Rect(NamedTuple):
    """An upright rectangle by its edges."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in mm."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in mm."""
        return self.bottom - self.top


def rotate(point: Point, degrees: float, about: Point = Point(0, 0)) -> Point:
    """The point turned clockwise about a centre; quarter turns are exact."""
    quarter, rest = divmod(degrees, 90)
    dx, dy = point.x - about.x, point.y - about.y
    if rest == 0:
        cos, sin = ((1, 0), (0, 1), (-1, 0), (0, -1))[int(quarter) % 4]
    else:
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return Point(about.x + dx * cos - dy * sin, about.y + dx * sin + dy * cos)


def facing(degrees: float) -> Point:
    """The unit vector an occupant with this angle looks along (0 = up the plan)."""
    return rotate(Point(0, -1), degrees)


def left_hand(degrees: float) -> Point:
    """The unit vector at the left hand of an occupant with this angle."""
    return rotate(Point(-1, 0), degrees)


def corners(box: Box) -> list[Point]:
    """The four corners of a rotated rectangle."""
    centre = Point(box.x, box.y)
    halves = ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
    return [rotate(Point(box.x + a * box.w, box.y + b * box.h), box.angle, centre) for a, b in halves]


def bounds(boxes: Iterable[Box]) -> Rect:
    """The upright rectangle around these boxes; all zero when there are none."""
    points = [point for box in boxes for point in corners(box)]
    if not points:
        return Rect(0, 0, 0, 0)
    xs = [point.x for point in points]
    ys = [point.y for point in points]
    return Rect(min(xs), min(ys), max(xs), max(ys))


def separation(first: Box, second: Box) -> Point | None:
    """The shortest vector that moves `first` out of `second`, or None where they do not overlap.

    Touching edges (within 0.5 mm) are no overlap. Separating axis theorem on the two rectangles' axes.
    """
    radius = math.hypot(first.w, first.h) / 2 + math.hypot(second.w, second.h) / 2
    if math.hypot(first.x - second.x, first.y - second.y) > radius:
        return None
    ours, theirs = corners(first), corners(second)
    best: Point | None = None
    depth = math.inf
    for angle in (first.angle, first.angle + 90, second.angle, second.angle + 90):
        axis = rotate(Point(1, 0), angle)
        a = [point.x * axis.x + point.y * axis.y for point in ours]
        b = [point.x * axis.x + point.y * axis.y for point in theirs]
        forward, backward = max(b) - min(a), max(a) - min(b)
        overlap = min(forward, backward)
        if overlap <= 0.5:
            return None
        if overlap < depth:
            depth = overlap
            sign = 1 if forward < backward else -1
            best = Point(axis.x * overlap * sign, axis.y * overlap * sign)
    return best


FRAMES = {"audience": "观众视角", "stage": "主席台视角", "entrance": "入口视角"}


def frame_turn(frame: str, door: Point | None, width: float, depth: float) -> float:
    """Degrees to turn the plan clockwise for a frame: audience 0, stage 180, entrance = main door at the bottom."""
    if frame == "stage":
        return 180
    if frame != "entrance" or door is None:
        return 0
    gaps = {0: depth - door.y, 180: door.y, 270: door.x, 90: width - door.x}
    return min(gaps, key=lambda turn: (gaps[turn], turn))

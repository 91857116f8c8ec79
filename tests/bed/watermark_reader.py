"""Reads the spread watermark out of a bad picture: finds the lattice, averages over its repeats, compares with names.

The picture must be roughly upright and of roughly known size, as after aligning a photograph by the window's edges: the
rest (a few degrees, a few percent) is searched for.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from widgets.controls import Lattice

_CELL = 2.0
"""Width of a bin of an averaged cell, in pixels of the original."""


@dataclass(frozen=True)
class Geometry:
    """How the picture lies: turned by `angle` degrees, `scale` of the original size."""

    angle: float
    scale: float


def faint(picture: np.ndarray) -> np.ndarray:
    """What is faint in a grey picture: slow changes and everything strong (text, edges) taken out."""
    grey = picture.astype(np.float32)
    rest = grey - cv2.GaussianBlur(grey, (0, 0), 9)
    strong = np.abs(grey - cv2.medianBlur(picture, 5).astype(np.float32)) > 12
    strong |= np.abs(rest) > 16
    strong = cv2.dilate(strong.astype(np.uint8), np.ones((7, 7))) > 0
    rest[strong] = 0
    return rest


class Marks:
    """The faint pixels of a picture by place."""

    def __init__(self, rest: np.ndarray) -> None:
        ys, xs = np.nonzero(rest)
        self._xs = (xs - rest.shape[1] / 2).astype(np.float32)
        self._ys = (ys - rest.shape[0] / 2).astype(np.float32)
        self._values = rest[ys, xs]

    def fold(self, lattice: Lattice, geometry: Geometry, letters: int = 0) -> np.ndarray:
        """The average over all repeats of the lattice's cell: of its whole text, or of `letters` = 1 place."""
        letters = letters or len(lattice.letters)
        turn = np.deg2rad(lattice.angle + geometry.angle)
        cos, sin = np.cos(turn) / geometry.scale, np.sin(turn) / geometry.scale
        down = (self._ys * cos - self._xs * sin) / lattice.gap
        place = (self._xs * cos + self._ys * sin - down * lattice.shift) / lattice.step
        if letters > 1:
            place = (place + 3 * down) / letters
        columns, rows = round(letters * lattice.step / _CELL), round(lattice.gap / _CELL)
        u = (np.mod(place, 1) * columns).astype(np.int32) % columns
        v = (np.mod(down, 1) * rows).astype(np.int32) % rows
        bins = v * columns + u
        total = np.bincount(bins, weights=self._values, minlength=rows * columns)
        count = np.bincount(bins, minlength=rows * columns)
        cell = total / np.maximum(count, 1)
        return (cell - cell.mean()).reshape(rows, columns)

    def locate(self, lattice: Lattice, near: Geometry) -> Geometry:
        """The geometry around `near` (±2.5 degrees, ±3 percent) in which the letters fall upon each other best."""
        best = near
        for turns, sizes in (
            (np.arange(-2.5, 2.6, 0.5), np.arange(-0.03, 0.031, 0.01)),
            (np.arange(-0.3, 0.31, 0.1), np.arange(-0.006, 0.0061, 0.002)),
        ):
            tries = [Geometry(best.angle + turn, best.scale * (1 + size)) for turn in turns for size in sizes]
            best = max(tries, key=lambda one: float(self.fold(lattice, one, 1).var()))
        return best


def likeness(cell: np.ndarray, template: np.ndarray) -> float:
    """The highest correlation of two cells over all shifts, 1 for equal ones."""
    spectrum = np.fft.fft2(cell) * np.conj(np.fft.fft2(template))
    peak = np.fft.ifft2(spectrum).real.max()
    return float(peak / (np.linalg.norm(cell) * np.linalg.norm(template) + 1e-9))

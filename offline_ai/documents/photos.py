"""A photo of a page made like a scan: the page cut out of its surroundings and made square, then turned upright."""

from __future__ import annotations

from typing import Any

from offline_ai.optional import need

_SMALL = 900
"""Longest side in pixels on which edges and directions are looked for."""
_LEAST_PAGE, _MOST_PAGE = 0.2, 0.985
"""A page's part of a picture; more is a scan that needs no cutting."""
_SAMPLES = 4
"""Lines that tell the direction."""
_GOOD = 0.9
"""No line that stands on its head is read with such confidence."""


def squared(image: Any) -> Any:
    """The page alone, its corners in the picture's corners; the picture as it is where no page stands out."""
    cv2, numpy = need("cv2"), need("numpy")
    corners = page_corners(image)
    if corners is None:
        return image
    sides = [float(numpy.linalg.norm(corners[at] - corners[(at + 1) % 4])) for at in range(4)]
    width, height = max(sides[0], sides[2]), max(sides[1], sides[3])
    # The nearer edge is the longer one, and the page lies away from the eye: the paper's own proportion is better.
    if 1.2 < height / width < 1.65:
        height = width * 297 / 210
    elif 1.2 < width / height < 1.65:
        width = height * 297 / 210
    wide, high = round(width), round(height)
    target = numpy.float32([[0, 0], [wide, 0], [wide, high], [0, high]])
    shape = cv2.getPerspectiveTransform(corners.astype(numpy.float32), target)
    return cv2.warpPerspective(
        image, shape, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def page_corners(image: Any) -> Any:
    """Corners of the one bright page on a darker ground, clockwise from the upper left; None where there is none."""
    cv2, numpy = need("cv2"), need("numpy")
    scale = min(1.0, _SMALL / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    # The lightest channel: a red letterhead and a seal are part of the page.
    grey = cv2.GaussianBlur(small.max(axis=2), (5, 5), 0)
    # Print is closed away, so that only page and ground are left.
    grey = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, numpy.ones((15, 15), numpy.uint8))
    _level, mask = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    inside, outside = grey[mask > 0], grey[mask == 0]
    if not len(inside) or not len(outside) or float(inside.mean()) - float(outside.mean()) < 35:
        return None
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(outline)
    area, whole = cv2.contourArea(hull), mask.shape[0] * mask.shape[1]
    if not _LEAST_PAGE < area / whole < _MOST_PAGE or cv2.contourArea(outline) < 0.9 * area:
        return None
    long = cv2.arcLength(hull, True)
    for part in (0.01, 0.02, 0.03, 0.04, 0.06):
        found = cv2.approxPolyDP(hull, part * long, True)
        if len(found) == 4:
            break
    else:
        return None
    corners = found.reshape(4, 2).astype(numpy.float64)
    if cv2.contourArea(found) < 0.93 * area:
        return None
    corners = _clockwise(corners)
    # A window in a picture of a screen, a scan with a dark edge: nothing to make square, and the rest may hold words.
    return None if _is_level(corners) else corners / scale


def _is_level(corners: Any) -> bool:
    numpy = need("numpy")
    for at in range(4):
        across, down = numpy.abs(corners[(at + 1) % 4] - corners[at])
        if min(across, down) > 0.015 * max(across, down):
            return False
    return True


def _clockwise(corners: Any) -> Any:
    numpy = need("numpy")
    centre = corners.mean(axis=0)
    order = numpy.argsort(numpy.arctan2(corners[:, 1] - centre[1], corners[:, 0] - centre[0]))
    corners = corners[order]
    first = int(numpy.argmin(corners.sum(axis=1)))
    return numpy.roll(corners, -first, axis=0)


def quarter_turns(image: Any, engine: Any) -> int:
    """How often to turn the picture by 90° anticlockwise until its lines are read; `engine`: rapidocr's."""
    cv2, numpy = need("cv2"), need("numpy")
    scale = min(1.0, 1000 / max(image.shape[:2]))
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)[:, :, ::-1].copy()
    found = engine(small, use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None or not len(found.boxes):
        return 0
    sized: list[tuple[float, float, Any]] = []
    for box in found.boxes:
        wide = float(numpy.linalg.norm(box[1] - box[0]))
        high = float(numpy.linalg.norm(box[3] - box[0]))
        sized.append((wide, high, box))
    long = [one for one in sized if max(one[0], one[1]) > 3 * min(one[0], one[1])]
    if not long:
        return 0
    lying = sum(one[0] for one in long if one[0] > one[1])
    standing = sum(one[1] for one in long if one[1] > one[0])
    turns = (1, 3) if standing > lying else (0, 2)
    long = [one for one in long if (one[1] > one[0]) == (standing > lying)]
    long.sort(key=lambda one: -max(one[0], one[1]))
    best, most = 0, -1.0
    for turn in turns:
        score = _read_score([_crop(small, one[2], turn) for one in long[:_SAMPLES]], engine)
        if score > most:
            best, most = turn, score
        if most > _GOOD:
            break
    return best


def _crop(image: Any, box: Any, turn: int) -> Any:
    numpy = need("numpy")
    left, top = numpy.maximum(box.min(axis=0).astype(int), 0)
    right, bottom = box.max(axis=0).astype(int) + 1
    return numpy.ascontiguousarray(numpy.rot90(image[top:bottom, left:right], turn))


def _read_score(crops: list[Any], engine: Any) -> float:
    scores = [0.0]
    for crop in crops:
        answer = engine(crop, use_det=False, use_cls=False, use_rec=True)
        scores.extend(answer.scores)
    return float(sum(scores)) / len(crops)

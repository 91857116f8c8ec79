"""Scans and photos into printed lines: straightened, seals taken off the text, recognised by rapidocr."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from offline_ai.documents.lines import Line, fill
from offline_ai.documents.model import Box, Document
from offline_ai.documents.photos import quarter_turns, squared
from offline_ai.errors import DamagedDocument, DocumentTooLarge, EmptyDocument
from offline_ai.optional import need

MOST_PIXELS = 60_000_000
LONGEST_SIDE = 2600
"""Pixels: an A4 page at 200 dpi has 2339; more costs time and finds nothing more."""
MODEL_SIDE = 1568
"""Pixels of the longer side that models look at; they make larger ones smaller themselves."""
MODEL_BYTES = 1_500_000
_SURE = 0.85
"""Confidence below which a page may lie wrong; upside down it is about a half."""
_NUMBER = re.compile(r"[\[【〔(（［]\s*((?:19|20)\d{2})\s*[\]】〕)）］](?=\s*\d+\s*号)")
_WIDE = {"(": "（", ")": "）", ",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_SIGNS = re.compile(r"(?<=[一-龥）》”])[(),;:?!](?!\d)|(?<![A-Za-z0-9])[(](?=[一-龥])|(?<=\d)[)](?=[一-龥])")


def decode_picture(data: bytes) -> Any:
    """An RGB array; raises DamagedDocument or DocumentTooLarge."""
    cv2, numpy = need("cv2"), need("numpy")
    image = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise DamagedDocument("图片已经损坏，打不开。")
    if image.shape[0] * image.shape[1] > MOST_PIXELS:
        raise DocumentTooLarge("图片的像素太多，没有读取。")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def for_model(data: bytes, *, most: int = MODEL_BYTES) -> bytes:
    """A picture as a model is given it: a JPEG of bounded size, upright, without what else the file tells (place, camera).

    Raises DamagedDocument or DocumentTooLarge.
    """
    cv2 = need("cv2")
    image = cv2.cvtColor(decode_picture(data), cv2.COLOR_RGB2BGR)
    side = MODEL_SIDE
    while True:
        scale = min(1.0, side / max(image.shape[:2]))
        small = (
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
        )
        written, packed = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 88])
        if not written:
            raise DamagedDocument("图片已经损坏，打不开。")
        if len(packed) <= most or side < 200:
            return packed.tobytes()
        side = int(max(small.shape[:2]) * 0.75)


class Recogniser:
    """Holds the loaded models (some 250 MB once used); one per process."""

    def __init__(self) -> None:
        self._engine: Any = None

    def upright(self, image: Any, page: int = 1) -> tuple[Any, list[Line]]:
        """A page made square and turned upright, and its lines in that picture.

        Of photos the direction is looked for first, on a small copy; of scans only where the first reading is poor, so
        that one that lies right costs nothing more.
        """
        numpy = need("numpy")
        given, image = image, squared(image)
        if image is not given:
            turns = quarter_turns(image, self._loaded())
            image = numpy.ascontiguousarray(numpy.rot90(image, turns))
            return image, self.lines(image, page)
        lines = self.lines(image, page)
        if not _reads_well(lines, image):
            turns = quarter_turns(image, self._loaded())
            if turns:
                image = numpy.ascontiguousarray(numpy.rot90(image, turns))
                lines = self.lines(image, page)
        return image, lines

    def lines(self, image: Any, page: int = 1) -> list[Line]:
        """Lines of an RGB picture, top to bottom, placed as parts of the picture as it was given."""
        cv2, numpy = need("cv2"), need("numpy")
        high, wide = image.shape[:2]
        scale = min(1.0, LONGEST_SIDE / max(high, wide))
        work = (
            cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
        )
        work = without_seals(work)
        angle = skew(work)
        height, width = work.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        if abs(angle) > 0.15:
            work = cv2.warpAffine(work, turn, (width, height), borderValue=(255, 255, 255))
        else:
            turn = numpy.float64([[1, 0, 0], [0, 1, 0]])
        back = cv2.invertAffineTransform(turn)
        found: list[Line] = []
        places: list[tuple[float, float, float]] = []
        for corners, text, score in self._recognised(work):
            text = tidy(text)
            if not text.strip():
                continue
            points = corners @ back[:, :2].T + back[:, 2]
            box = Box(
                page,
                _part(points[:, 0].min(), width),
                _part(points[:, 1].min(), height),
                _part(points[:, 0].max(), width),
                _part(points[:, 1].max(), height),
            )
            found.append(Line(text, box, None, float(score)))
            # Reading order follows the straightened picture.
            top, bottom = float(corners[:, 1].min()), float(corners[:, 1].max())
            places.append(((top + bottom) / 2, float(corners[:, 0].min()), bottom - top))
        return in_rows(found, places)

    def _loaded(self) -> Any:
        if self._engine is None:
            rapidocr = need("rapidocr")
            self._engine = rapidocr.RapidOCR(params={"Global.log_level": "critical"})
        return self._engine

    def _recognised(self, image: Any) -> list[tuple[Any, str, float]]:
        # Single lines are not turned: a page lies one way, and that its lines read badly tells that it lies wrong.
        answer = self._loaded()(image[:, :, ::-1].copy(), use_det=True, use_cls=False, use_rec=True)
        if answer.boxes is None or answer.txts is None:
            return []
        return list(zip(answer.boxes, answer.txts, answer.scores, strict=True))


def _reads_well(lines: list[Line], image: Any) -> bool:
    """Whether most of what was read lies level and is sure."""
    high, wide = image.shape[:2]
    long = [line for line in lines if len(line.text) >= 4]
    if not long:
        return False
    letters = sum(len(line.text) for line in long)
    level = sum(
        len(line.text)
        for line in long
        if (line.box.right - line.box.left) * wide > (line.box.bottom - line.box.top) * high
    )
    sure = sum(line.confidence * len(line.text) for line in long) / letters
    return level > 0.6 * letters and sure > _SURE


def _part(value: Any, whole: int) -> float:
    return min(1.0, max(0.0, float(value) / whole))


def in_rows(lines: list[Line], places: list[tuple[float, float, float]]) -> list[Line]:
    """Reading order: rows of overlapping height from top to bottom, within a row from left to right."""
    order = sorted(range(len(lines)), key=lambda at: places[at][0])
    rows: list[list[int]] = []
    for at in order:
        if rows and abs(places[rows[-1][0]][0] - places[at][0]) < 0.5 * min(
            places[at][2], places[rows[-1][0]][2]
        ):
            rows[-1].append(at)
        else:
            rows.append([at])
    return [lines[at] for row in rows for at in sorted(row, key=lambda one: places[one][1])]


def tidy(text: str) -> str:
    """Brackets round the year of a document number are always 〔〕 (GB/T 9704-2012 7.2.5); recognition mixes them, and
    it cannot tell the width of signs, which in Chinese text is the full one."""
    text = _NUMBER.sub(r"〔\1〕", text.strip())
    return _SIGNS.sub(lambda match: _WIDE[match[0]], text)


def skew(image: Any) -> float:
    """Degrees to turn the picture by (anticlockwise) so that its lines lie level; 0 beyond ±6°."""
    cv2, numpy = need("cv2"), need("numpy")
    high, wide = image.shape[:2]
    scale = 700 / max(high, wide)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    _, ink = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    height, width = ink.shape

    def sharpness(angle: float) -> float:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        rows = cv2.warpAffine(ink, turn, (width, height)).sum(axis=1, dtype=numpy.float64)
        return float(((rows[1:] - rows[:-1]) ** 2).sum())

    best = max((step / 2 for step in range(-12, 13)), key=sharpness)
    best = max((best + step / 10 for step in range(-5, 6)), key=sharpness)
    return best if sharpness(best) > 1.02 * sharpness(0.0) else 0.0


def without_seals(image: Any) -> Any:
    """Where a round red seal lies over black type only the red channel is kept, in which the seal is pale."""
    cv2, numpy = need("cv2"), need("numpy")
    red, green, blue = (image[:, :, channel].astype(numpy.int16) for channel in range(3))
    mask = ((red - green > 50) & (red - blue > 50)).astype(numpy.uint8)
    if not mask.any():
        return image
    wide = mask.shape[1]
    reach = max(3, wide // 80) | 1
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, numpy.ones((reach, reach), numpy.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(closed)
    made = image
    for left, top, width, height, _area in stats[1:count]:
        if min(width, height) > 0.12 * wide and 0.6 < width / height < 1.67:
            if made is image:
                made = image.copy()
            part = made[top : top + height, left : left + width]
            part[:] = part[:, :, :1]
    return made


def read_picture(data: bytes, recogniser: Recogniser | None = None) -> Document:
    """A picture file as a document."""
    return read_arrays([decode_picture(data)], recogniser or Recogniser())


def read_arrays(
    images: list[Any], recogniser: Recogniser, tell: Callable[[float], None] | None = None
) -> Document:
    """Pages as pictures into one document; raises EmptyDocument when nothing is recognised."""
    return read_pages(images, recogniser, tell)[0]


def read_pages(
    images: list[Any], recogniser: Recogniser, tell: Callable[[float], None] | None = None, *, right: int = 0
) -> tuple[Document, list[Any]]:
    """The same, and the pages as they were read: square and upright. Places of lines are those in these.

    `right`: quarter turns to the right on top, where somebody sees that the direction was told wrong.
    """
    numpy = need("numpy")
    lines: list[Line] = []
    made: list[Any] = []
    for number, image in enumerate(images, 1):
        page, found = recogniser.upright(image, number)
        if right % 4:
            page = numpy.ascontiguousarray(numpy.rot90(page, -right))
            found = recogniser.lines(page, number)
        made.append(page)
        lines.extend(found)
        if tell is not None:
            tell(number / len(images))
    if not lines:
        raise EmptyDocument("图片里没有认出文字。", hint="请确认图片方向正确、文字清晰，再试。")
    document = Document(format="ocr")
    document.confidence = sum(line.confidence * len(line.text) for line in lines) / sum(
        len(line.text) for line in lines
    )
    fill(document, lines)
    return document, made

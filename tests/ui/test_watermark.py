"""The viewer's watermark: faint enough to read through, and still there after a photograph."""

import cv2
import numpy as np
import pytest
from bed.watermark_reader import Geometry, Marks, faint, likeness
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from widgets.controls import Lattice, WatermarkOverlay, viewer_mark
from widgets.theme import ThemeManager
from widgets.theme.contrast import contrast
from widgets.theme.tokens import PALETTES, SIZES

VIEWER = "李强 3721"
OTHERS = (
    "李强 3727", "李强 8721", "李刚 3721", "王建国 3721", "赵敏 1180", "周明 0042", "张伟 5513", "刘洋 9917",
    "李强 1273", "强李 3721", "阿卜杜热合曼 3721",
)  # fmt: skip
WORDS = "明早七点半，老地点碰头，材料带纸质件。不要带手机，看完即毁。"


def grey(widget: QWidget) -> np.ndarray:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].copy()


def page(themes: ThemeManager, text: str, words: int, qtbot) -> QWidget:
    """A page with bubbles under a watermark."""
    made = QWidget()
    qtbot.addWidget(made)
    made.setAutoFillBackground(True)
    palette = made.palette()
    palette.setColor(made.backgroundRole(), themes.theme.color("content"))
    made.setPalette(palette)
    column = QVBoxLayout(made)
    for number in range(words):
        line = QLabel(WORDS)
        line.setStyleSheet(
            f"background: {themes.theme.palette.bubble_other}; color: {themes.theme.palette.text};"
            "border-radius: 12px; padding: 10px"
        )
        side = Qt.AlignmentFlag.AlignLeft if number % 2 else Qt.AlignmentFlag.AlignRight
        column.addWidget(line, 0, side)
    column.addStretch(1)
    made.resize(1000, 640)
    WatermarkOverlay(themes, made, text, color="watermark_secret", style="spread")
    made.show()
    return made


def photograph(picture: np.ndarray, *, scale: float, angle: float, blur: float, quality: int) -> np.ndarray:
    """Smaller, turned, out of focus, unevenly lit, noisy, and compressed."""
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    middle = (small.shape[1] / 2, small.shape[0] / 2)
    turned = cv2.warpAffine(
        small,
        cv2.getRotationMatrix2D(middle, -angle, 1),
        (small.shape[1], small.shape[0]),
        borderMode=cv2.BORDER_REPLICATE,
    )
    soft = cv2.GaussianBlur(turned, (0, 0), blur).astype(np.float32)
    light = np.linspace(0.72, 1.0, soft.shape[1])[None, :] * np.linspace(0.9, 1.0, soft.shape[0])[:, None]
    noise = np.random.default_rng(7).normal(0, 3, soft.shape)
    lit = np.clip(soft * light * 0.9 + 12 + noise, 0, 255).astype(np.uint8)
    good, data = cv2.imencode(".jpg", lit, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert good
    taken = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
    assert taken is not None
    return taken


CASES = {
    "blurred": {"scale": 1.0, "angle": 0.0, "blur": 2.0, "quality": 40},
    "photograph": {"scale": 0.8, "angle": -2.3, "blur": 1.2, "quality": 60},
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_who_photographed_a_secret_page_is_read_from_the_picture(qtbot, qapp, theme) -> None:
    themes = ThemeManager(theme, animations=False)
    templates = {}
    for name in (VIEWER, *OTHERS):
        lattice = Lattice.of(name, SIZES)
        clear = grey(page(themes, name, 0, qtbot)).astype(np.float32)
        templates[name] = Marks(clear - np.median(clear) + 1e-3).fold(lattice, Geometry(0, 1))
    taken = grey(page(themes, VIEWER, 7, qtbot))
    for case in CASES if theme == "light" else ("photograph",):
        how = CASES[case]
        rest = faint(photograph(taken, **how))
        near = Geometry(how["angle"] * 0.5, how["scale"] * 1.02)
        marks = Marks(rest)
        found = marks.locate(Lattice.of(VIEWER, SIZES), near)
        assert abs(found.angle - how["angle"]) < 0.4, case
        assert abs(found.scale / how["scale"] - 1) < 0.01, case
        ranking = [
            (likeness(marks.fold(Lattice.of(name, SIZES), found), template), name)
            for name, template in templates.items()
        ]
        ranking.sort(reverse=True)
        assert ranking[0][1] == VIEWER, (case, ranking[:3])
        assert ranking[0][0] > 1.0 * ranking[1][0], (case, ranking[:3])


def test_text_is_read_through_the_watermark() -> None:
    """WCAG's 4.5 : 1 for text also where a letter of the watermark lies over ground and text."""
    for name, palette in PALETTES.items():
        for ground in ("content", "bubble_other", "bubble_secret"):
            marked = [
                over(QColor(palette.watermark_secret), QColor(getattr(palette, one)))
                for one in (ground, "text")
            ]
            assert contrast(marked[0].name(), marked[1].name()) >= 4.5, (name, ground)
            assert contrast(getattr(palette, ground), marked[0].name()) < 1.6, (name, ground)


def over(ink: QColor, ground: QColor) -> QColor:
    def mix(one: float, other: float) -> float:
        return ink.alphaF() * one + (1 - ink.alphaF()) * other

    return QColor.fromRgbF(
        mix(ink.redF(), ground.redF()), mix(ink.greenF(), ground.greenF()), mix(ink.blueF(), ground.blueF())
    )


def test_no_part_of_the_page_is_free_of_it() -> None:
    """Any part as large as a short message holds at least two letters of it."""
    lattice = Lattice.of(VIEWER, SIZES)
    middles = [lattice.transform().map(middle) for middle, _ in lattice.places(QRectF(0, 0, 1000, 640))]
    for x in range(0, 1000 - 240, 40):
        for y in range(0, 640 - 100, 40):
            part = QRectF(x, y, 240, 100)
            assert sum(part.contains(middle) for middle in middles) >= 2, (x, y)


def test_the_mark_is_the_name_and_the_last_four_digits() -> None:
    assert viewer_mark("李强", "138 0371 3721") == "李强 3721"
    assert viewer_mark("李强", "") == "李强"

"""Invented portraits of a few people of the showcase: a head and shoulders before a sky, no photograph of anybody."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPixmap

from server_stub.contract.conversations import ConversationKind
from widgets.controls import face_radius
from widgets.theme import ThemeManager

from . import chats
from .office import BY_ID

SITTERS: dict[str, tuple[str, str, str]] = {
    "p-li": ("#b9d4f0", "#e7c3a0", "#2f4a6b"),
    "p-wang": ("#cfe3d4", "#deb48e", "#38423b"),
    "p-sun": ("#f0d9c4", "#f0cfb2", "#7b3550"),
    "p-zhou": ("#d9d4ec", "#d9ad86", "#454a78"),
}
"""Ground, skin and clothes."""


def portrait(sitter: str, pixels: int) -> QImage:
    """A square portrait."""
    ground, skin, clothes = (QColor(one) for one in SITTERS[sitter])
    made = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(pixels / 100, pixels / 100)
    sky = QLinearGradient(QPointF(0, 0), QPointF(0, 100))
    sky.setColorAt(0, ground.lighter(108))
    sky.setColorAt(1, ground)
    painter.fillRect(QRectF(0, 0, 100, 100), sky)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(clothes)
    painter.drawEllipse(QRectF(12, 68, 76, 70))
    painter.setBrush(skin.darker(108))
    painter.drawRect(QRectF(43, 55, 14, 18))
    painter.setBrush(skin)
    painter.drawEllipse(QRectF(33, 24, 34, 42))
    painter.setBrush(QColor(clothes.darker(190)))
    painter.drawChord(QRectF(31, 19, 38, 40), 10 * 16, 160 * 16)
    painter.end()
    return made


class ShowcaseFaces:
    """`widgets.theme.Faces` over the invented portraits."""

    generation = 1

    def __init__(self, themes: ThemeManager) -> None:
        self._themes = themes
        self._made: dict[tuple[str, int], QPixmap] = {}
        self._groups = {
            row.id: tuple((one, BY_ID[one].name) for one in row.sample_members[:4])
            for row in chats.conversation_rows()
            if row.kind is ConversationKind.GROUP
        }

    def picture(self, seed: str, pixels: int) -> QPixmap | None:
        """The portrait with its round corners."""
        if seed not in SITTERS or pixels <= 0:
            return None
        if (seed, pixels) not in self._made:
            made = QPixmap(pixels, pixels)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            whole, shape = QRectF(0, 0, pixels, pixels), QPainterPath()
            radius = face_radius(pixels, self._themes.theme)
            shape.addRoundedRect(whole, radius, radius)
            painter.setClipPath(shape)
            painter.drawImage(QPointF(0, 0), portrait(seed, pixels))
            painter.end()
            self._made[seed, pixels] = made
        return self._made[seed, pixels]

    def members(self, seed: str) -> tuple[tuple[str, str], ...]:
        """Who stands for a group of the showcase."""
        return self._groups.get(seed, ())

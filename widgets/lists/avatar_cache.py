"""Avatars drawn once and kept as pictures: a mosaic is four of them, and a list draws a dozen in every frame."""

from __future__ import annotations

import math
from collections import OrderedDict

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from widgets.controls import AvatarSpec, paint_avatar
from widgets.theme import ThemeManager

LIMIT = 256
AIR = 3
"""Pixels around the square for the presence dot, which stands out of it."""


class AvatarCache:
    """Paints like `paint_avatar`; forgets everything when the theme or somebody's picture changes, and the least used beyond LIMIT."""

    def __init__(self, themes: ThemeManager) -> None:
        self._themes = themes
        self._ground: tuple[object, object, int] | None = None
        self._kept: OrderedDict[tuple[AvatarSpec, float, float], QPixmap] = OrderedDict()

    def paint(self, painter: QPainter, rect: QRectF, spec: AvatarSpec) -> None:
        """Draw `spec` into the square `rect`, sharp on the painter's device."""
        faces = self._themes.faces
        ground = (self._themes.theme, faces, faces.generation if faces is not None else 0)
        if self._ground != ground:
            self._ground = ground
            self._kept.clear()
        scale = painter.device().devicePixelRatioF()
        key = (spec, rect.width(), scale)
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._draw(spec, rect.width(), scale)
            if len(self._kept) > LIMIT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        # On whole device pixels, or the picture would be blurred.
        left = round((rect.left() - AIR) * scale) / scale
        top = round((rect.top() - AIR) * scale) / scale
        painter.drawPixmap(QPointF(left, top), found)

    def _draw(self, spec: AvatarSpec, side: float, scale: float) -> QPixmap:
        edge = math.ceil((side + 2 * AIR) * scale)
        made = QPixmap(edge, edge)
        made.setDevicePixelRatio(scale)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        paint_avatar(painter, QRectF(AIR, AIR, side, side), spec, self._themes)
        painter.end()
        return made

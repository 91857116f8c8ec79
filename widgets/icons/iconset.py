"""Draws icons of the set in a theme's colour, cached per name, size, colour and screen scale."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from .paths import ICONS

CACHE_LIMIT = 512


class _Theme(Protocol):
    def color(self, token: str) -> QColor: ...


class _Themes(Protocol):
    @property
    def theme(self) -> _Theme: ...


class IconSet:
    """Icons by name; colours are token names ("text_2", "brand") or QColor."""

    def __init__(self, themes: _Themes) -> None:
        self._themes = themes
        self._cache: OrderedDict[tuple[str, str, float, float], QPixmap] = OrderedDict()

    @staticmethod
    def names() -> tuple[str, ...]:
        """All names of the set."""
        return tuple(ICONS)

    def _resolve(self, color: str | QColor) -> QColor:
        return color if isinstance(color, QColor) else self._themes.theme.color(color)

    def pixmap(self, name: str, color: str | QColor = "text_2", size: int = 20, dpr: float = 1.0) -> QPixmap:
        """A square picture of `size` px at `dpr`; raises KeyError for an unknown name."""
        tint = self._resolve(color)
        key = (name, tint.name(QColor.NameFormat.HexArgb), size, dpr)
        found = self._cache.get(key)
        if found is not None:
            self._cache.move_to_end(key)
            return found
        edge = max(1, round(size * dpr))
        pixmap = QPixmap(edge, edge)
        pixmap.fill(Qt.GlobalColor.transparent)
        svg = ICONS[name].svg(tint.name())
        renderer = QSvgRenderer(QByteArray(svg.encode()))
        painter = QPainter(pixmap)
        painter.setOpacity(tint.alphaF())
        renderer.render(painter, QRectF(0, 0, edge, edge))
        painter.end()
        pixmap.setDevicePixelRatio(dpr)
        self._cache[key] = pixmap
        if len(self._cache) > CACHE_LIMIT:
            self._cache.popitem(last=False)
        return pixmap

    def paint(self, painter: QPainter, name: str, rect: QRectF, color: str | QColor = "text_2") -> None:
        """Draw an icon centred in `rect` at its smaller side, sharp on the painter's device."""
        dpr = painter.device().devicePixelRatioF()
        side = int(min(rect.width(), rect.height()))
        pixmap = self.pixmap(name, color, side, dpr)
        left = round((rect.center().x() - side / 2) * dpr) / dpr
        top = round((rect.center().y() - side / 2) * dpr) / dpr
        painter.drawPixmap(QPointF(left, top), pixmap)

    def icon(self, name: str, color: str = "text_2", size: int = 20, *, active: str | None = None) -> QIcon:
        """A QIcon that follows the theme: it looks `color` up each time it is drawn. `active`: colour when checked."""
        if name not in ICONS:
            raise KeyError(name)
        return QIcon(_Engine(self, name, color, size, active))


class _Engine(QIconEngine):
    """Draws through the set, so that one QIcon stays right after a change of theme or screen."""

    def __init__(self, icons: IconSet, name: str, color: str, size: int, active: str | None) -> None:
        super().__init__()
        self._parts = (icons, name, color, size, active)

    def _color(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        _, _, color, _, active = self._parts
        if mode == QIcon.Mode.Disabled:
            return "text_disabled"
        return active if active is not None and state == QIcon.State.On else color

    def paint(self, painter: QPainter, rect, mode: QIcon.Mode, state: QIcon.State) -> None:
        icons, name = self._parts[:2]
        icons.paint(painter, name, QRectF(rect), self._color(mode, state))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        icons, name = self._parts[:2]
        return icons.pixmap(name, self._color(mode, state), min(size.width(), size.height()))

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        icons, name = self._parts[:2]
        edge = min(size.width(), size.height())
        pixmap = icons.pixmap(name, self._color(mode, state), edge, 1.0).copy()
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def actualSize(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QSize:
        edge = min(size.width(), size.height())
        return QSize(edge, edge)

    def clone(self) -> QIconEngine:
        return _Engine(*self._parts)

    def key(self) -> str:
        return "widgets"

    def iconName(self) -> str:
        return self._parts[1]

    def isNull(self) -> bool:
        return False

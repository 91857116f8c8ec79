"""Draws the richer contents of bubbles: levels of speech, cards, previews of pages, chips, films."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from widgets.controls import AvatarSpec, paint_avatar
from widgets.controls.painted import centre_rect, round_rect
from widgets.theme import Theme, ThemeManager

from .laid import Laid, PartKind, base
from .rows import CardBox, Chip, PictureBox, VoiceBox

GAP = 2
LOWEST = 0.14
"""A silent stretch is still seen."""


def paint_voice(painter: QPainter, laid: Laid, box: VoiceBox, themes: ThemeManager) -> None:
    """The button and the levels; what was played already is strong."""
    theme = themes.theme
    if laid.icon is not None:
        themes.icons.paint(painter, "pause" if box.playing else "play", laid.icon, "brand_text")
    rect = laid.waves
    if rect is None:
        return
    step = theme.sizes.voice_bar + GAP
    count = max(1, int(rect.width() // step))
    levels = box.levels or bytes([40])
    played = -1.0 if box.progress is None else box.progress * count
    strong, quiet = theme.color("brand_text"), theme.color("text_2")
    painter.setPen(Qt.PenStyle.NoPen)
    for number in range(count):
        level = max(LOWEST, levels[number * len(levels) // count] / 255)
        high = rect.height() * level
        bar = QRectF(rect.left() + number * step, rect.center().y() - high / 2, theme.sizes.voice_bar, high)
        painter.fillRect(bar, strong if number < played or box.progress is None else quiet)


def paint_card(painter: QPainter, laid: Laid, box: CardBox, themes: ThemeManager) -> None:
    """The face or the icon, and the rule above the foot."""
    theme = themes.theme
    if laid.icon is not None and box.face:
        paint_avatar(painter, laid.icon, AvatarSpec(box.title, box.face), themes)
    elif laid.icon is not None:
        round_rect(painter, laid.icon, theme.radius.control, theme.color("brand_weak"))
        side = theme.sizes.icon
        themes.icons.paint(painter, box.icon, centre_rect(laid.icon, side, side), "brand_text")
    if laid.bar is not None:
        painter.fillRect(laid.bar, theme.color("line"))


def paint_link(painter: QPainter, laid: Laid, theme: Theme, *, over: bool) -> None:
    """The ground of a page's card; its picture is drawn by the painter that holds the pictures."""
    if laid.link is None:
        return
    line = theme.color("line_strong" if over or theme.name == "contrast" else "line")
    round_rect(painter, laid.link, theme.radius.small, theme.color("raised"), line)
    bar = QRectF(laid.link.left(), laid.link.top(), 3, laid.link.height())
    painter.fillRect(bar, theme.color("brand"))


def paint_film(painter: QPainter, rect: QRectF, box: PictureBox, themes: ThemeManager) -> None:
    """The button to play, and the length in the corner."""
    theme, side = themes.theme, float(themes.theme.sizes.play)
    spot = centre_rect(rect, side, side)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("scrim"))
    painter.drawEllipse(spot)
    icon = float(theme.sizes.icon_large)
    # A triangle looks centred when it stands a little to the right.
    themes.icons.paint(painter, "play", centre_rect(spot, icon, icon).translated(1, 0), "on_avatar")
    if not box.note:
        return
    font = theme.font("micro")
    metrics = QFontMetricsF(font)
    wide, high = metrics.horizontalAdvance(box.note) + theme.space.s, float(theme.line("micro"))
    ground = QRectF(rect.right() - wide - theme.space.xs, rect.bottom() - high - theme.space.xs, wide, high)
    round_rect(painter, ground, theme.radius.small, theme.color("scrim"))
    painter.setFont(font)
    painter.setPen(theme.color("on_avatar"))
    painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, box.note)


def paint_chips(painter: QPainter, laid: Laid, themes: ThemeManager, under: str) -> None:
    """Emoji with who put them; the own ones stand out. `under`: the emoji under the mouse."""
    theme = themes.theme
    for rect, chip in laid.chips:
        _chip(painter, rect, chip, theme, over=chip.emoji == under)


def _chip(painter: QPainter, rect: QRectF, chip: Chip, theme: Theme, *, over: bool) -> None:
    ground = theme.color("brand_weak" if chip.mine else "field")
    framed = over or chip.mine or theme.name == "contrast"
    line = theme.color("brand" if chip.mine else "line_strong") if framed else None
    round_rect(painter, rect, rect.height() / 2, ground, line)
    font = theme.font("secondary")
    metrics = QFontMetricsF(font)
    left = rect.left() + theme.space.s
    painter.setFont(font)
    painter.setPen(theme.color("text"))
    middle = rect.top() + (rect.height() - metrics.height()) / 2 + metrics.ascent()
    painter.drawText(QPointF(left, middle), chip.emoji)
    left += metrics.horizontalAdvance(chip.emoji) + theme.space.xs
    font = theme.font("caption")
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(theme.color("brand_text" if chip.mine else "text_2"))
    shown = metrics.elidedText(
        chip.label, Qt.TextElideMode.ElideRight, rect.right() - theme.space.s - left + 1
    )
    top = rect.top() + (rect.height() - theme.line("caption")) / 2
    painter.drawText(QPointF(left, base(top, theme, "caption", metrics)), shown)


def paint_tick(painter: QPainter, rect: QRectF, themes: ThemeManager, *, chosen: bool, able: bool) -> None:
    """The circle before a row that can be chosen among several."""
    theme = themes.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if not able:
        return
    if chosen:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("brand"))
        painter.drawEllipse(rect)
        themes.icons.paint(painter, "check", rect.adjusted(3, 3, -3, -3), "on_brand")
    else:
        painter.setPen(QPen(QColor(theme.color("line_strong")), 1.5))
        painter.setBrush(theme.color("content"))
        painter.drawEllipse(rect.adjusted(1, 1, -1, -1))
    painter.setBrush(Qt.BrushStyle.NoBrush)


__all__ = ["PartKind", "paint_card", "paint_chips", "paint_film", "paint_link", "paint_tick", "paint_voice"]

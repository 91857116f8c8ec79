"""Draws the rows of the address book: people with post, rank and phone; units with their size; headings."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from server_stub.contract.directory import Unit
from widgets.controls import AvatarSpec
from widgets.controls.painted import focus_frame, round_rect
from widgets.lists import AvatarCache
from widgets.theme import TextRole, ThemeManager

from .people_model import ROW_ROLE, Heading, PeopleModel, PersonRow, post_line

Index = QModelIndex | QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    """Paints `people_model.Row`s; the marked part of a name is what was searched for."""

    def __init__(self, themes: ThemeManager, model: PeopleModel) -> None:
        super().__init__(model)
        self._themes = themes
        self._model = model
        self._avatars = AvatarCache(themes)
        self.marked = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        theme = self._themes.theme
        if isinstance(index.data(ROW_ROLE), Heading):
            return QSize(0, theme.grow(theme.sizes.tree_row))
        return QSize(0, theme.grow(theme.sizes.row))

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        row = index.data(ROW_ROLE)
        theme = self._themes.theme
        rect = QRectF(option.rect)
        painter.save()
        if isinstance(row, Heading):
            inner = rect.adjusted(theme.space.xl, 0, -theme.space.xl, -theme.space.xs)
            self._text(
                painter, inner, row.text, "caption", "text_2", Qt.AlignmentFlag.AlignBottom, elide=False
            )
        else:
            self._ground(painter, rect.adjusted(theme.space.s, 0, -theme.space.s, 0), option)
            inner = rect.adjusted(theme.space.xl, 0, -theme.space.xl, 0)
            if isinstance(row, Unit):
                self._unit(painter, inner, row)
            elif isinstance(row, PersonRow):
                self._person(painter, inner, row)
        painter.restore()

    def _ground(self, painter: QPainter, rect: QRectF, option: Any) -> None:
        theme, state = self._themes.theme, option.state
        if state & QStyle.StateFlag.State_Selected:
            round_rect(painter, rect, theme.radius.card, theme.color("selected"))
            if state & QStyle.StateFlag.State_HasFocus and theme.name == "contrast":
                focus_frame(painter, rect, theme.radius.card, theme)
        elif state & QStyle.StateFlag.State_MouseOver:
            round_rect(painter, rect, theme.radius.card, theme.color("hover"))

    def _person(self, painter: QPainter, rect: QRectF, row: PersonRow) -> None:
        theme = self._themes.theme
        person = row.person
        presence = "online" if row.online else ""
        spec = AvatarSpec(name=person.name, seed=person.id, presence=presence)
        left = self._emblem(painter, rect, spec)
        right = rect.right()
        if person.phone:
            metrics = QFontMetrics(theme.font("secondary"))
            width = metrics.horizontalAdvance(person.phone)
            # A narrow column keeps the name: the phone stands on the card.
            if left + width * 2.2 < right:
                spot = QRectF(right - width, rect.top(), width + 1, rect.height())
                self._text(painter, spot, person.phone, "secondary", "text_2", elide=False)
                right -= width + theme.space.l
        line = post_line(person, row.post, with_unit=self._model.with_unit)
        self._two_lines(painter, QRectF(left, rect.top(), right - left, rect.height()), person.name, line)

    def _unit(self, painter: QPainter, rect: QRectF, unit: Unit) -> None:
        theme = self._themes.theme
        left = self._emblem(painter, rect, AvatarSpec(name=unit.name, seed="office", icon="unit"))
        side = theme.sizes.icon_small
        spot = QRectF(rect.right() - side, rect.center().y() - side / 2, side, side)
        self._themes.icons.paint(painter, "chevron-right", spot, "text_3")
        width = rect.right() - side - theme.space.s - left
        self._two_lines(
            painter, QRectF(left, rect.top(), width, rect.height()), unit.name, f"{unit.people_count} 人"
        )

    def _emblem(self, painter: QPainter, rect: QRectF, spec: AvatarSpec) -> float:
        """Draw the avatar; where the text begins."""
        theme = self._themes.theme
        side = theme.sizes.avatar
        spot = QRectF(rect.left(), rect.center().y() - side / 2, side, side)
        self._avatars.paint(painter, spot, spec)
        return rect.left() + side + theme.space.m

    def _two_lines(self, painter: QPainter, rect: QRectF, first: str, second: str) -> None:
        theme = self._themes.theme
        top, below = theme.line("body"), theme.line("secondary")
        height = top + (below + theme.space.half if second else 0)
        y = rect.center().y() - height / 2
        self._name(painter, QRectF(rect.left(), y, rect.width(), top), first)
        if second:
            spot = QRectF(rect.left(), y + top + theme.space.half, rect.width(), below)
            self._text(painter, spot, second, "secondary", "text_2")

    def _name(self, painter: QPainter, rect: QRectF, name: str) -> None:
        theme = self._themes.theme
        metrics = QFontMetrics(theme.font("body"))
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(rect.width()))
        place = shown.find(self.marked) if self.marked else -1
        if place < 0:
            self._text(painter, rect, shown, "body", "text", elide=False)
            return
        x = rect.left()
        end = place + len(self.marked)
        for part, color in (
            (shown[:place], "text"),
            (shown[place:end], "brand_text"),
            (shown[end:], "text"),
        ):
            self._text(
                painter, QRectF(x, rect.top(), rect.width(), rect.height()), part, "body", color, elide=False
            )
            x += metrics.horizontalAdvance(part)

    def _text(
        self,
        painter: QPainter,
        rect: QRectF,
        text: str,
        role: TextRole,
        color: str,
        vertical: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter,
        *,
        elide: bool = True,
    ) -> None:
        theme = self._themes.theme
        font = theme.font(role)
        if elide:
            text = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
        painter.setFont(font)
        painter.setPen(theme.color(color))
        painter.drawText(rect, vertical | Qt.AlignmentFlag.AlignLeft, text)

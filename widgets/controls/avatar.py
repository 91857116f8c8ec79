"""Avatars: a rounded square with an initial, a picture, a mosaic of members, or only pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from widgets.theme import Theme, ThemeManager

from .painted import Painted, focus_frame

Presence = Literal["", "online", "busy", "away", "offline"]
_PRESENCE_TOKENS = {"online": "ok", "busy": "bad", "away": "warn", "offline": "text_3"}
PRESENCE_NAMES = {"online": "在线", "busy": "忙碌", "away": "离开", "offline": "离线"}


@dataclass(frozen=True)
class AvatarSpec:
    """What an avatar shows. `seed` (an id) fixes the colour and finds the own picture (`ThemeManager.faces`); a `color` token (such
    as "secret") overrides it; `icon` stands in for the initial; `members` make a mosaic; `pixelated` hides everything about the
    person, and nothing is asked for."""

    name: str = ""
    seed: str = ""
    picture: QPixmap | None = None
    members: tuple[AvatarSpec, ...] = ()
    presence: Presence = ""
    pixelated: bool = False
    color: str = ""
    icon: str = ""


def initial(name: str) -> str:
    """The character on the avatar: the first that is a letter, digit or han character."""
    return next((character.upper() for character in name if character.isalnum()), "?")


def _pixels(painter: QPainter, rect: QRectF, radius: float, theme: Theme) -> None:
    """The same pattern for everyone: nothing of the person remains."""
    count = theme.sizes.pixelate
    cell = rect.width() / count
    shades = [theme.color(name) for name in ("pixel_a", "pixel_b", "pixel_c")]
    picture = QPixmap(count, count)
    inner = QPainter(picture)
    for row in range(count):
        for column in range(count):
            inner.fillRect(column, row, 1, 1, shades[(row * 7 + column * 5 + row * column) % 3])
    inner.end()
    brush = QBrush(picture)
    brush.setTransform(QTransform().translate(rect.left(), rect.top()).scale(cell, cell))
    painter.setBrush(brush)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, radius, radius)


def _picture(painter: QPainter, rect: QRectF, radius: float, picture: QPixmap) -> None:
    side = min(picture.width(), picture.height())
    if side <= 0:
        return
    scale = rect.width() / side
    left = rect.left() - (picture.width() - side) / 2 * scale
    top = rect.top() - (picture.height() - side) / 2 * scale
    bare = picture
    if picture.devicePixelRatio() != 1:
        bare = QPixmap(picture)
        bare.setDevicePixelRatio(1)
    brush = QBrush(bare)
    brush.setTransform(QTransform().translate(left, top).scale(scale, scale))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setBrush(brush)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, radius, radius)


def _face(painter: QPainter, rect: QRectF, seed: str, themes: ThemeManager) -> bool:
    """Draw the own picture, which is as large as the square in the device's pixels; False while there is none."""
    if themes.faces is None or not seed:
        return False
    scale = painter.device().devicePixelRatioF()
    picture = themes.faces.picture(seed, round(rect.width() * scale))
    if picture is None:
        return False
    # On whole pixels of the device, or the picture would be blurred.
    onto = painter.deviceTransform()
    spot = onto.map(rect.topLeft())
    back, possible = onto.inverted()
    corner = back.map(QPointF(round(spot.x()), round(spot.y()))) if possible else rect.topLeft()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(QRectF(corner, rect.size()), picture, QRectF(picture.rect()))
    return True


def face_radius(side: float, theme: Theme) -> float:
    """The picture's 10 px on 40 px, in proportion for other sizes."""
    return max(2.0, side * theme.radius.card / theme.sizes.avatar)


def _members_of(seed: str, themes: ThemeManager) -> tuple[AvatarSpec, ...]:
    """Those who stand for a group, where more than one is known."""
    known = themes.faces.members(seed) if themes.faces is not None and seed else ()
    return tuple(AvatarSpec(name, id) for id, name in known) if len(known) > 1 else ()


def _mosaic(painter: QPainter, rect: QRectF, members: tuple[AvatarSpec, ...], themes: ThemeManager) -> None:
    theme = themes.theme
    painter.setBrush(theme.color("muted_badge"))
    painter.setPen(Qt.PenStyle.NoPen)
    radius = face_radius(rect.width(), theme)
    painter.drawRoundedRect(rect, radius, radius)
    count = min(4, len(members))
    gap = 2.0
    cell = (rect.width() - 3 * gap) / 2
    spots = {
        1: [(0.5, 0.5)],
        2: [(0, 0.5), (1, 0.5)],
        3: [(0.5, 0), (0, 1), (1, 1)],
        4: [(0, 0), (1, 0), (0, 1), (1, 1)],
    }[count]
    for member, (column, row) in zip(members, spots, strict=False):
        spot = QRectF(
            rect.left() + gap + column * (cell + gap), rect.top() + gap + row * (cell + gap), cell, cell
        )
        paint_avatar(painter, spot, member, themes)


def paint_avatar(painter: QPainter, rect: QRectF, spec: AvatarSpec, themes: ThemeManager) -> None:
    """Draw `spec` into the square `rect`."""
    theme = themes.theme
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = face_radius(rect.width(), theme)
    if spec.pixelated:
        _pixels(painter, rect, radius, theme)
    elif spec.picture is not None and not spec.picture.isNull():
        _picture(painter, rect, radius, spec.picture)
    elif _face(painter, rect, spec.seed, themes):
        pass
    elif members := spec.members or _members_of(spec.seed, themes):
        _mosaic(painter, rect, members, themes)
    else:
        painter.setBrush(
            theme.color(spec.color) if spec.color else theme.avatar_color(spec.seed or spec.name)
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
        tint = theme.color("on_secret" if spec.color.startswith("secret") else "on_avatar")
        if spec.icon:
            side = rect.width() / 2
            spot = QRectF(rect.center().x() - side / 2, rect.center().y() - side / 2, side, side)
            themes.icons.paint(painter, spec.icon, spot, tint)
        else:
            font = QFont(theme.font("body"))
            font.setPixelSize(max(7, round(rect.width() * 0.38)))
            painter.setFont(font)
            painter.setPen(tint)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initial(spec.name))
    if spec.presence and not spec.pixelated:
        size = theme.sizes.presence if rect.width() >= theme.sizes.avatar_small else theme.sizes.dot
        centre = QPointF(rect.right() - size * 0.18, rect.bottom() - size * 0.18)
        painter.setBrush(theme.color(_PRESENCE_TOKENS[spec.presence]))
        painter.setPen(QPen(theme.color("content"), 2))
        painter.drawEllipse(centre, size / 2, size / 2)
    painter.restore()


class Avatar(Painted):
    """An avatar as a widget. Signals: `clicked()` when `clickable`."""

    clicked = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        spec: AvatarSpec | None = None,
        size: int = 40,
        *,
        clickable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, parent)
        themes.faces_changed.connect(self.update)
        self._spec = spec or AvatarSpec()
        self._size = size
        self._clickable = clickable
        # The presence dot stands out of the square by two pixels.
        self.setFixedSize(size + 2, size + 2)
        if clickable:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name()

    @property
    def spec(self) -> AvatarSpec:
        """What is shown."""
        return self._spec

    def set_spec(self, spec: AvatarSpec) -> None:
        """Show somebody or something else."""
        self._spec = spec
        self._name()
        self.update()

    def _name(self) -> None:
        presence = PRESENCE_NAMES.get(self._spec.presence, "")
        label = "头像" if self._spec.pixelated else self._spec.name
        self.setAccessibleName(f"{label}，{presence}" if presence and not self._spec.pixelated else label)

    def sizeHint(self) -> QSize:
        return QSize(self._size + 2, self._size + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = QRectF(0, 0, self._size, self._size)
        paint_avatar(painter, rect, self._spec, self.themes)
        if self.hasFocus():
            focus_frame(painter, rect, face_radius(rect.width(), self.theme), self.theme)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if (
            self._clickable
            and event.button() == Qt.MouseButton.LeftButton
            and self.rect().contains(event.position().toPoint())
        ):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._clickable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
            return
        super().keyPressEvent(event)

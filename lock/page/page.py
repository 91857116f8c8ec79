"""The lock window: who is locked, how to unlock, and the security notice beside it (3.2.3.1.1, 3.2.3.5.2)."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from lock.policy.model import UNLOCK_TEXT, UnlockMethod
from widgets.controls import Avatar, AvatarSpec, PasswordField, button, label, surface
from widgets.theme import ThemeManager

from .appearance import DEFAULT, LockAppearance
from .ground import paint_ground, picture_of
from .scan import ScanPanel

NARROW = 900
"""Below this width the notice stands under the unlock form."""


@dataclass(frozen=True)
class LockedAs:
    """Who is locked out; nothing else of the account is shown."""

    name: str
    unit: str
    seed: str
    locked_at: str
    """Time of day, such as 14:03."""
    hint: str = ""
    """How the lock comes on, in one sentence."""


@dataclass(frozen=True)
class Ways:
    """What can be used to unlock just now. `reasons`: why a way cannot be used."""

    offered: tuple[UnlockMethod, ...] = (UnlockMethod.PASSCODE, UnlockMethod.PASSWORD)
    reasons: dict[UnlockMethod, str] | None = None

    def reason(self, method: UnlockMethod) -> str:
        """Why `method` is greyed out; empty when it can be used."""
        return (self.reasons or {}).get(method, "")


_ORDER = (UnlockMethod.PASSCODE, UnlockMethod.PASSWORD, UnlockMethod.PHONE, UnlockMethod.SYSTEM)
_PROMPTS = {UnlockMethod.PASSCODE: "输入解锁密码", UnlockMethod.PASSWORD: "输入账号密码"}


class LockPage(QWidget):
    """Signals: `tried(method, text)`, `chosen(method)` for ways without a text, `scan_left()` when the user turns from
    the QR picture to another way, `sign_out_wanted()`."""

    tried = Signal(str, str)
    chosen = Signal(str)
    scan_left = Signal()
    sign_out_wanted = Signal()

    def __init__(
        self, themes: ThemeManager, who: LockedAs, ways: Ways, appearance: LockAppearance = DEFAULT
    ) -> None:
        super().__init__()
        self._themes = themes
        self._who = who
        self._ways = ways
        self._method = next((way for way in ways.offered if way in _PROMPTS), None)
        self._wait_s = 0
        self._busy = False
        self._ground = QPixmap()
        self.setWindowTitle("政钉")
        self.setAccessibleName("政钉已锁定")
        theme = themes.theme
        self.setMinimumSize(theme.sizes.dialog, theme.sizes.picker_height)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.space.page, theme.space.page, theme.space.page, theme.space.page)
        self._grid.setHorizontalSpacing(theme.space.page * 2)
        self._grid.setVerticalSpacing(theme.space.section)
        self._form = self._make_form()
        self._notice = surface("lock")
        self._notice.setMaximumWidth(themes.theme.sizes.bubble_text_max)
        self._heading = label("", "display", "on-lock", wrap=True)
        self._caption = label("", "secondary", "on-lock-2")
        self._lines = label("", "body", "on-lock", wrap=True)
        self._fill_notice()
        self.show_appearance(appearance)
        self._countdown = QTimer(self)
        self._countdown.setInterval(1000)
        self._countdown.timeout.connect(self._count_down)
        self._lay_out(wide=True)
        self.setMinimumWidth(
            max(theme.sizes.dialog, self._form.minimumSizeHint().width()) + 2 * theme.space.page
        )

    def _make_form(self) -> QWidget:
        theme = self._themes.theme
        form = QWidget()
        form.setMinimumWidth(theme.sizes.toast)
        form.setMaximumWidth(theme.sizes.dialog)
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space.s)
        avatar = Avatar(self._themes, AvatarSpec(self._who.name, self._who.seed), theme.sizes.avatar_large)
        column.addWidget(avatar)
        column.addSpacing(theme.space.s)
        column.addWidget(label(self._who.name, "display", "on-lock"))
        self._status = label("", "body", "on-lock-2", wrap=True)
        column.addWidget(self._status)
        self.show_arrived(0)
        column.addSpacing(theme.space.s)
        self.field = PasswordField(self._themes, "", self, color="on_lock")
        self.field.edit.setProperty("ground", "lock")
        self.field.submitted.connect(self._try)
        self.go = button("解锁", "primary", "large")
        self.go.clicked.connect(self._try)
        row = QHBoxLayout()
        row.setSpacing(theme.space.s)
        row.addWidget(self.field, 1)
        row.addWidget(self.go)
        self.go.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        column.addLayout(row)
        self.scan = ScanPanel(self._themes)
        self.scan.again_wanted.connect(lambda: self.chosen.emit(UnlockMethod.PHONE.value))
        column.addWidget(self.scan)
        self._problem = label("", "secondary", "on-lock-bad", wrap=True)
        self._problem.setAccessibleName("提示")
        keep = self._problem.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._problem.setSizePolicy(keep)
        self._problem.setMinimumHeight(theme.line("secondary"))
        column.addWidget(self._problem)
        column.addLayout(self._make_ways())
        column.addSpacing(theme.space.m)
        column.addWidget(label(self._who.hint, "secondary", "on-lock-2", wrap=True))
        self._use(self._method)
        return form

    def _make_ways(self) -> QHBoxLayout:
        theme = self._themes.theme
        row = QHBoxLayout()
        row.setSpacing(theme.space.xxl)
        self.links: dict[UnlockMethod, QWidget] = {}
        for method in _ORDER:
            link = button(f"使用{UNLOCK_TEXT[method]}", "lock-link")
            link.clicked.connect(lambda _=False, method=method: self._choose(method))
            self.links[method] = link
            row.addWidget(link)
        self.leave = button("退出登录", "lock-link")
        self.leave.clicked.connect(self.sign_out_wanted)
        row.addWidget(self.leave)
        row.addStretch(1)
        return row

    def _fill_notice(self) -> None:
        theme = self._themes.theme
        column = QVBoxLayout(self._notice)
        column.setContentsMargins(
            theme.space.section, theme.space.section, theme.space.section, theme.space.section
        )
        column.setSpacing(theme.space.m)
        for one in (self._caption, self._heading, self._lines):
            column.addWidget(one)

    def _lay_out(self, *, wide: bool) -> None:
        for one in (self._form, self._notice):
            self._grid.removeWidget(one)
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.setRowStretch(0, 1)
        self._grid.setRowStretch(1, 0 if wide else 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if wide else 0)
        self._grid.addWidget(self._form, 0, 0, middle | Qt.AlignmentFlag.AlignHCenter)
        if wide:
            self._grid.addWidget(self._notice, 0, 1, middle)
        else:
            self._grid.addWidget(self._notice, 1, 0, Qt.AlignmentFlag.AlignTop)

    # What the controller tells.

    def show_appearance(self, appearance: LockAppearance) -> None:
        """Take the administrators' texts and picture, also while locked."""
        self._caption.setText(appearance.caption)
        self._heading.setText(appearance.heading)
        self._lines.setText("\n".join(appearance.lines))
        self._lines.setVisible(bool(appearance.lines))
        self._picture = picture_of(appearance.picture)
        self._ground = QPixmap()
        self.update()

    def show_arrived(self, count: int) -> None:
        """How many messages came since the lock; never what or from whom."""
        news = f"    新消息 {min(count, 999)}{'+' if count > 999 else ''} 条" if count else ""
        unit = f"{self._who.unit} · " if self._who.unit else ""
        self._status.setText(f"{unit}已锁定 {self._who.locked_at}{news}")

    @property
    def status_text(self) -> str:
        """The line under the name."""
        return self._status.text()

    def show_busy(self, busy: bool) -> None:
        """While a secret is being checked."""
        self._busy = busy
        self._refresh()

    def show_ways(self, offered: tuple[UnlockMethod, ...], reasons: dict[UnlockMethod, str]) -> None:
        """Other ways hold now (the store has just been closed, or the server forced the lock)."""
        self._ways = Ways(offered, reasons)
        if self._method in offered:
            self._show_links()  # What was typed meanwhile stays.
        else:
            self._use(next((way for way in offered if way in _PROMPTS), None))

    def show_scan_waiting(self) -> None:
        """A QR picture is being made."""
        self._use(UnlockMethod.PHONE)
        self.scan.show_waiting()

    def show_scan(self, url: str, code: str) -> None:
        """The QR picture, and digits to type on the phone instead."""
        self.scan.show_scan(url, code)

    def show_scan_problem(self, text: str) -> None:
        """There is no QR picture, or no longer."""
        self.scan.show_problem(text)

    def show_problem(self, text: str, *, wait_s: float = 0.0) -> None:
        """Say what was wrong; with `wait_s` the field stays off until the time is over."""
        self.field.clear()
        self._problem.setText(text)
        self._wait_s = max(0, int(wait_s + 0.999))
        if self._wait_s:
            self._say_wait()
            self._countdown.start()
        self._refresh()
        if not self._wait_s:
            self.field.edit.setFocus()

    # What the user does.

    def _choose(self, method: UnlockMethod) -> None:
        if self._method is UnlockMethod.PHONE:
            self.scan_left.emit()
        if method is UnlockMethod.PHONE:
            self._problem.setText("")
            self._use(method)
            self.scan.show_waiting()
            self.chosen.emit(method.value)
        elif method in _PROMPTS:
            self._problem.setText("")
            self._use(method)
            self.field.edit.setFocus()
        else:
            self.chosen.emit(method.value)

    def _use(self, method: UnlockMethod | None) -> None:
        self._method = method
        prompt = _PROMPTS.get(method, "") if method else ""
        self.field.clear()
        self.field.edit.setPlaceholderText(prompt)
        self.field.edit.setAccessibleName(prompt)
        typed = method in _PROMPTS
        self.field.setVisible(typed)
        self.go.setVisible(typed)
        self.scan.setVisible(method is UnlockMethod.PHONE)
        self._show_links()

    def _show_links(self) -> None:
        for way, link in self.links.items():
            reason = self._ways.reason(way)
            link.setVisible(way in self._ways.offered and way is not self._method)
            link.setEnabled(not reason)
            link.setToolTip(reason)
            link.setAccessibleDescription(reason)

    def _try(self) -> None:
        text = self.field.text()
        if self._method is None or self._busy or self._wait_s:
            return
        if not text:
            self._problem.setText(_PROMPTS[self._method] + "后再解锁。")
            return
        self._problem.setText("")
        self.tried.emit(self._method.value, text)

    def _count_down(self) -> None:
        self._wait_s -= 1
        if self._wait_s > 0:
            self._say_wait()
            return
        self._countdown.stop()
        self._problem.setText("现在可以重试。")
        self._refresh()
        self.field.edit.setFocus()

    def _say_wait(self) -> None:
        minutes, seconds = divmod(self._wait_s, 60)
        time_text = f"{minutes} 分 {seconds} 秒" if minutes else f"{seconds} 秒"
        self._problem.setText(f"密码错误次数过多，请在 {time_text}后重试。")

    def _refresh(self) -> None:
        free = not self._busy and not self._wait_s
        self.field.setEnabled(free)
        self.go.setEnabled(free)
        self.go.setText("正在解锁…" if self._busy else "解锁")

    # The window.

    def showEvent(self, event: QShowEvent) -> None:
        """The first thing anybody wants here is to type."""
        super().showEvent(event)
        self.field.edit.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        """A user who closes the lock window gets it out of the way, not what is behind; the program may still end."""
        if event.spontaneous():
            event.ignore()
            self.showMinimized()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the notice below when there is no room beside."""
        super().resizeEvent(event)
        wide = event.size().width() >= NARROW
        self._lay_out(wide=wide)
        # In a small window the way back in comes before the notice.
        self._notice.setVisible(wide or event.size().height() >= self._form.sizeHint().height() * 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground, from a picture of it: the field's blinking cursor repaints a part of it all the time."""
        ratio = self.devicePixelRatioF()
        if self._ground.isNull() or self._ground.size() != self.size() * ratio:
            self._ground = QPixmap(self.size() * ratio)
            self._ground.setDevicePixelRatio(ratio)
            ground = QPainter(self._ground)
            paint_ground(ground, QRectF(self.rect()), self._themes.theme, self._picture)
            ground.end()
        painter = QPainter(self)
        area = event.rect()
        source = QRectF(area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio)
        painter.drawPixmap(QRectF(area), self._ground, source)

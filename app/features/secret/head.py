"""Above a secret chat: masked face and name, the level, the protection in force here and on the other side."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from server_stub.contract.secret import PeerDevice, SecretChat, rank
from widgets.controls import Avatar, IconButton, label, pill
from widgets.guard import CaptureGuard, Level, Protection, ProtectionBadge
from widgets.theme import Theme, ThemeManager
from widgets.theme.stylesheet import restyle

from .levels import LOOKS
from .row import MASKED

MASKED_NAME = "＊＊＊"
BURN_CHOICES = (10, 30, 60, 300, 1800)


def burn_words(seconds: int) -> str:
    """30 秒, 5 分钟."""
    return f"{seconds} 秒" if seconds < 60 or seconds % 60 else f"{seconds // 60} 分钟"


class SecretHead(QFrame):
    """Signals: `level_wanted(SecretLevel)`, `burn_wanted(int)`, `clear_wanted()`, `hide_wanted()`, `lease_wanted()`."""

    level_wanted = Signal(object)
    burn_wanted = Signal(int)
    clear_wanted = Signal()
    hide_wanted = Signal()
    lease_wanted = Signal()

    def __init__(self, themes: ThemeManager, guard: CaptureGuard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._guard = guard
        self._chat: SecretChat | None = None
        self.setProperty("surface", "content")
        self.setProperty("line", "bottom")
        theme, space = themes.theme, themes.theme.space
        self.face = Avatar(themes, MASKED, theme.sizes.control)
        self.name = label(MASKED_NAME, "title")
        self.name.setAccessibleName("对方（已打码）")
        self.level = pill("", "neutral")
        self.badge = ProtectionBadge(guard)
        self.peer = pill("", "neutral")
        self.more = IconButton(themes, "more", "密聊设置")
        self.more.clicked.connect(self._menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.xl, 0, space.l, 0)
        row.setSpacing(space.m)
        row.addWidget(self.face)
        row.addWidget(self.name)
        for one in (self.level, self.badge.widget, self.peer):
            row.addWidget(one, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        row.addWidget(self.more)
        self._fit(theme)
        themes.changed.connect(self._fit)

    def _fit(self, theme: Theme) -> None:
        self.setFixedHeight(theme.grow(theme.sizes.header))

    def show_chat(self, chat: SecretChat, devices: list[PeerDevice], needs: str) -> None:
        """Level, and what really protects the other side's devices (`needs`: what the level asks for)."""
        self._chat = chat
        look = LOOKS[chat.level]
        _dress(self.level, f"{look.title} · {look.reading}", look.tone, look.explanation)
        words, tone, tip = peer_words(devices, needs)
        _dress(self.peer, words, tone, tip)

    def _menu(self) -> None:
        chat = self._chat
        if chat is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        levels = menu.addMenu("私密等级")
        group = QActionGroup(levels)
        for level, look in LOOKS.items():
            action = levels.addAction(self._themes.icons.icon(look.icon, look.color), look.title)
            action.setToolTip(look.explanation)
            action.setCheckable(True)
            action.setChecked(level is chat.level)
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, level=level: self.level_wanted.emit(level))
        burning = menu.addMenu("阅后销毁时间")
        times = QActionGroup(burning)
        for seconds in sorted({*BURN_CHOICES, chat.burn_s}):
            action = burning.addAction(burn_words(seconds))
            action.setCheckable(True)
            action.setChecked(seconds == chat.burn_s)
            times.addAction(action)
            action.triggered.connect(lambda _checked=False, seconds=seconds: self.burn_wanted.emit(seconds))
        menu.addSeparator()
        leased = self._guard.active_lease is not None
        menu.addAction("结束辅助工具例外" if leased else "辅助工具例外…").triggered.connect(self.lease_wanted)
        menu.addSeparator()
        menu.addAction(self._themes.icons.icon("flame"), "清空聊天记录").triggered.connect(self.clear_wanted)
        menu.addAction("移除会话").triggered.connect(self.hide_wanted)
        self._guard.register(menu, covers=False)
        menu.popup(
            self.more.mapToGlobal(QPoint(self.more.width() - menu.sizeHint().width(), self.more.height()))
        )


def peer_words(devices: list[PeerDevice], needs: str) -> tuple[str, str, str]:
    """Words, tone and tooltip of the other side's protection: of the devices connected the weakest, else the last known."""
    if not devices:
        return "对方防护未知", "neutral", "对方尚未在任何设备上打开过密聊。"
    online = [one for one in devices if one.online]
    shown = min(online or devices[:1], key=lambda one: rank(one.shielding.protection))
    level = Level.of_wire(shown.shielding.protection)
    words = shown.shielding.words or Protection(level).for_others
    lines = [
        f"{'在线' if one.online else '离线'}：{one.shielding.words or Protection(Level.of_wire(one.shielding.protection)).for_others}"
        for one in devices
    ]
    if shown.shielding.excepted_until and level is Level.NONE:
        return "对方 防截屏例外中", "bad", "\n".join(lines)
    weak = rank(shown.shielding.protection) < rank(needs)
    tone = "bad" if weak or level is Level.NONE else "neutral"
    return f"对方 {words}" + ("" if online else "（离线）"), tone, "\n".join(lines)


def _dress(one, words: str, tone: str, tip: str) -> None:
    one.setText(words)
    one.setToolTip(tip)
    if one.property("pill") != tone:
        one.setProperty("pill", tone)
        restyle(one)

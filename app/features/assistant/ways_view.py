"""What stands below a line that was taken as a search or as a deed: how it was taken, what was found, what would be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from offline_ai.retrieval.intent import Deed, DeedKind, Way
from widgets.controls import IconButton, button, label, pill, surface
from widgets.lists import PeopleDelegate, PeopleItem, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager

from .ports import Addressee

_TAKEN = {Way.SEARCH: "按搜索处理", Way.ACT: "按操作处理", Way.ASK: "按提问处理"}
_LONGEST = 2000
"""Characters of a message that is sent from here."""


class WayRow(QWidget):
    """How a line was taken, and the other ways, each one click. Signals: `chosen(Way)`, `removed()`."""

    chosen = Signal(object)
    removed = Signal()

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(themes.theme.space.s)
        self.taken = pill("", "neutral")
        self._row.addWidget(self.taken, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addStretch(1)
        self.remove = IconButton(themes, "trash", "删除这条记录")
        self.remove.clicked.connect(self.removed)
        self._row.addWidget(self.remove)
        self.others: dict[Way, QWidget] = {}

    def show_way(self, way: Way, others: Sequence[Way], *, kept: bool) -> None:
        """`others`: what it may be taken for instead; `kept`: it stands in the history and can be deleted from here."""
        self.remove.setVisible(kept)
        for old in self.others.values():
            old.hide()
            old.deleteLater()
        self.others = {}
        self.taken.setText(_TAKEN[way])
        for at, other in enumerate(others, 1):
            made = button(f"改为{other.label}", "link", "small")
            made.setAccessibleName(f"改为{other.label}")
            made.clicked.connect(lambda _checked=False, one=other: self.chosen.emit(one))
            self._row.insertWidget(at, made)
            self.others[other] = made
        self.show()


class FoundRows(QWidget):
    """What a search found, as high as its rows. Signals: `opened(item id)`, `more()` for the search window."""

    opened = Signal(str)
    more = Signal()

    def __init__(
        self, themes: ThemeManager, words: str, rows: Sequence[PeopleItem], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(themes.theme.space.xs)
        self.model = PeopleModel(parent=self)
        self.model.show_items(list(rows))
        self.rows = RowView(
            themes, PeopleDelegate(themes, two_lines=True), surface="content", name="搜索结果", uniform=False
        )
        self.rows.setModel(self.model)
        self.rows.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.rows.opened.connect(self._opened)
        self.nothing = label(f"没有找到“{words}”。可以换一个词，或用空格分开几个词再试。", "body", wrap=True)
        column.addWidget(self.nothing if not rows else self.rows)
        self.all = button("在搜索窗口中查看全部", "link", "small")
        self.all.clicked.connect(self.more)
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.addWidget(self.all)
        foot.addStretch(1)
        column.addLayout(foot)
        (self.rows if not rows else self.nothing).hide()
        themes.changed.connect(self._fit)
        self._fit()

    def _fit(self, *_: object) -> None:
        # The page scrolls, not the list in it.
        count = self.model.rowCount()
        self.rows.setFixedHeight(sum(self.rows.sizeHintForRow(row) for row in range(count)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _opened(self, index: QModelIndex) -> None:
        item = self.model.item(index)
        if isinstance(item, PersonItem):
            self.opened.emit(item.id)


class DeedCard(QWidget):
    """What would be done, to be agreed to. Signals: `agreed(Deed, Addressee or None)`, `declined()`."""

    agreed = Signal(object, object)
    declined = Signal()

    def __init__(
        self, themes: ThemeManager, deed: Deed, addressees: Sequence[Addressee], parent: QWidget | None = None
    ) -> None:
        """`addressees`: whom the target's name may mean."""
        super().__init__(parent)
        self._deed, self._addressees = deed, list(addressees)
        theme, space = themes.theme, themes.theme.space
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        box = surface("card")
        box.setMaximumWidth(theme.sizes.dialog)
        whole.addWidget(box)
        inside = QVBoxLayout(box)
        inside.setContentsMargins(space.l, space.m, space.l, space.m)
        inside.setSpacing(space.s)
        title, hint, go = _words(deed)
        inside.addWidget(label(title, "title", wrap=True))
        self.hint = label(hint, "secondary", "weak", wrap=True)
        self.hint.setVisible(bool(hint))
        inside.addWidget(self.hint)
        self.who = QComboBox()
        self.who.setAccessibleName("收件人")
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("消息内容")
        self.go = button(go, "primary")
        self.no = button("取消", "secondary")
        if deed.kind in (DeedKind.MESSAGE, DeedKind.CHAT):
            self._ask_whom(inside, deed)
        self.text.setVisible(deed.kind is DeedKind.MESSAGE)
        if deed.kind is DeedKind.MESSAGE:
            self.text.setPlaceholderText("写下要发送的内容")
            self.text.setPlainText(deed.text)
            self.text.setTabChangesFocus(True)
            self.text.setFixedHeight(theme.grow(theme.sizes.row + theme.sizes.control))
            self.text.textChanged.connect(self._check)
            inside.addWidget(self.text)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        row.addStretch(1)
        row.addWidget(self.no)
        row.addWidget(self.go)
        inside.addLayout(row)
        self.go.clicked.connect(self._agree)
        self.no.clicked.connect(self.declined)
        self._check()

    def _ask_whom(self, inside: QVBoxLayout, deed: Deed) -> None:
        for one in self._addressees:
            self.who.addItem(" · ".join(filter(None, (one.name, one.line))))
        if not self._addressees:
            self.hint.setText(f"没有找到叫“{deed.target}”的人或群聊，请核对姓名。")
            self.hint.setProperty("tone", "bad")
            self.hint.show()
        elif len(self._addressees) > 1:
            self.hint.setText(f"有 {len(self._addressees)} 个匹配的人或群聊，请选择。")
            self.hint.show()
        self.who.setVisible(bool(self._addressees))
        inside.addWidget(self.who)

    def _check(self) -> None:
        deed = self._deed
        ready = deed.kind not in (DeedKind.MESSAGE, DeedKind.CHAT) or bool(self._addressees)
        if deed.kind is DeedKind.MESSAGE:
            length = len(self.text.toPlainText().strip())
            ready = ready and 0 < length <= _LONGEST
            if length > _LONGEST:
                self.hint.setText(f"内容不超过 {_LONGEST} 字。")
                self.hint.show()
        self.go.setEnabled(ready)

    def _agree(self) -> None:
        if not self.go.isEnabled():
            return
        # Once: what was agreed to is not done twice.
        self.set_working(True)
        deed, whom = self._deed, None
        if self._addressees and deed.kind in (DeedKind.MESSAGE, DeedKind.CHAT):
            whom = self._addressees[max(0, self.who.currentIndex())]
            deed = replace(deed, target=whom.name)
        if deed.kind is DeedKind.MESSAGE:
            deed = replace(deed, text=self.text.toPlainText().strip())
        self.agreed.emit(deed, whom)

    def set_working(self, working: bool) -> None:
        """While it is done."""
        for one in (self.who, self.text, self.go, self.no):
            one.setEnabled(not working)
        if not working:
            self._check()


def _words(deed: Deed) -> tuple[str, str, str]:
    """Title, hint and the words of the button."""
    return {
        DeedKind.OPEN: (f"打开“{deed.target}”", "", "打开"),
        DeedKind.CHAT: (f"打开与“{deed.target}”的会话", "", "打开"),
        DeedKind.MESSAGE: (f"给“{deed.target}”发消息", "", "发送"),
        DeedKind.MEETING: (
            f"新建会议“{deed.text}”" if deed.text else "新建会议",
            "将打开会议信息表，填好时间、地点后保存才会建立。",
            "填写会议信息",
        ),
        DeedKind.LOCK: ("锁定客户端", "锁定后需要解锁才能继续使用。", "锁定"),
        DeedKind.QUIT: ("退出政钉", "退出后不再收到通知。", "退出"),
    }[deed.kind]

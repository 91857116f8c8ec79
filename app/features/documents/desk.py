"""The document desk: files at the left, the text in the middle, the tools at the right (3.2.5.2.1 to 3.2.5.2.6)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from offline_ai.documents.structure import Node
from widgets.controls import (
    ElidedLabel,
    EmptyState,
    FilterItem,
    FilterTabs,
    IconButton,
    label,
    surface,
)
from widgets.theme import ThemeManager

from .ask import AskPanel
from .facts import FactsPanel
from .mind import MindPanel
from .model import OPENABLE, SUFFIXES, OpenDocument
from .panel import Panel
from .parts import DropArea
from .proof import ProofPanel
from .service import DocumentService
from .summary import SummaryPanel
from .text_view import DocumentText, Mark
from .words import WordsPanel

TOOLS = (
    FilterItem("summary", "摘要"),
    FilterItem("mind", "脑图"),
    FilterItem("ask", "问答"),
    FilterItem("words", "敏感词"),
    FilterItem("proof", "核稿"),
    FilterItem("facts", "要素"),
)
_KEY = Qt.ItemDataRole.UserRole
LOCAL = "文件只在本机处理，不会上传。"
SHARED = "选用模型后，摘要、脑图、问答和纪要的文字会交给本单位配置的模型；标有密级的文件不会。"
MOST_FILES = 30

Work = Callable[[Coroutine[Any, Any, Any], str, "Callable[[str], None] | None"], None]


class DeskPage(DropArea):
    """`work(job, doing, failed)` runs jobs with progress and cancel; `tell(text, kind)` shows a toast."""

    def __init__(
        self,
        service: DocumentService,
        themes: ThemeManager,
        work: Work,
        tell: Callable[[str, str], None],
        progress: Callable[[float], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.service, self.themes = service, themes
        self._work, self._tell, self._progress = work, tell, progress
        self.files: dict[str, OpenDocument] = {}
        self._current = ""
        self._count = 0
        self.text = DocumentText(themes)
        self.panels: dict[str, Panel] = {
            "summary": SummaryPanel(themes, self),
            "mind": MindPanel(themes, self),
            "ask": AskPanel(themes, self),
            "words": WordsPanel(themes, self),
            "proof": ProofPanel(themes, self),
            "facts": FactsPanel(themes, self),
        }
        self._build()
        self.dropped.connect(lambda paths: self.open_files([Path(path) for path in paths]))

    # building

    def _build(self) -> None:
        themes = self.themes
        self.nothing = EmptyState(
            themes,
            "file",
            "打开一份公文",
            f"把文件拖到这里，或点下面的按钮；可以一次打开几份。{LOCAL}",
            "打开文件…",
        )
        self.nothing.acted.connect(self.ask_open)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self._left())
        self.split.addWidget(self._middle())
        self.split.addWidget(self._right())
        sizes = themes.theme.sizes
        self.split.setSizes([sizes.list_min, sizes.dialog_wide - 40, sizes.dialog + 20])
        self.split.setStretchFactor(1, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.nothing)
        self.stack.addWidget(self.split)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _left(self) -> QWidget:
        themes, space = self.themes, self.themes.theme.space
        left = surface("list", "right")
        left.setMinimumWidth(themes.theme.sizes.detail + 20)
        column = QVBoxLayout(left)
        column.setContentsMargins(space.m, space.m, space.m, space.m)
        column.setSpacing(space.s)
        head = QHBoxLayout()
        head.addWidget(label("文件", "secondary", "strong"))
        head.addStretch(1)
        add = IconButton(themes, "plus", "打开文件", size=26, icon_size=16)
        add.clicked.connect(self.ask_open)
        self.close_button = IconButton(themes, "close", "关闭当前文件", size=26, icon_size=16)
        self.close_button.clicked.connect(self.close_current)
        head.addWidget(add)
        head.addWidget(self.close_button)
        self.list = QListWidget()
        self.list.setProperty("plain", True)
        self.list.setAccessibleName("打开的文件，勾选的参与问答和要素提取")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.currentItemChanged.connect(lambda item, _last: self._show(item.data(_KEY) if item else ""))
        self.list.itemChanged.connect(self._ticked)
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setProperty("plain", True)
        self.tree.setAccessibleName("公文结构")
        self.tree.setIndentation(themes.theme.space.l)
        self.tree.itemClicked.connect(self._outline_clicked)
        self.tree.itemActivated.connect(self._outline_clicked)
        column.addLayout(head)
        column.addWidget(self.list, 2)
        column.addWidget(label("结构", "secondary", "strong"))
        column.addWidget(self.tree, 3)
        return left

    def _middle(self) -> QWidget:
        space = self.themes.theme.space
        middle = surface("content")
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, space.s, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(space.xl, 0, space.xl, 0)
        self.name = ElidedLabel(self.themes, "", "title", "text")
        self.about = label("", "caption", "weak")
        head.addWidget(self.name, 1)
        head.addWidget(self.about)
        column.addLayout(head)
        column.addWidget(self.text, 1)
        return middle

    def _right(self) -> QWidget:
        space = self.themes.theme.space
        right = surface("content", "left")
        right.setMinimumWidth(self.themes.theme.sizes.list + 60)
        column = QVBoxLayout(right)
        column.setContentsMargins(space.l, space.m, space.l, space.m)
        column.setSpacing(space.s)
        self.tabs = FilterTabs(self.themes, TOOLS)
        self.tabs.current_changed.connect(self.show_tool)
        self.tools = QStackedWidget()
        for panel in self.panels.values():
            panel.jump_wanted.connect(self.jump)
            panel.marks_changed.connect(self._show_marks)
            self.tools.addWidget(panel)
        column.addWidget(self.tabs)
        column.addWidget(self.tools, 1)
        return right

    # what its tools ask

    @property
    def current(self) -> OpenDocument | None:
        return self.files.get(self._current)

    @property
    def chosen(self) -> list[OpenDocument]:
        return [one for one in self.files.values() if one.chosen]

    def work(
        self, job: Coroutine[Any, Any, Any], doing: str, failed: Callable[[str], None] | None = None
    ) -> None:
        self._work(job, doing, failed)

    def tell(self, text: str, kind: str = "ok") -> None:
        self._tell(text, kind)

    def say_where(self, shared: bool) -> None:
        """Whether what lies here may go to the organisation's model."""
        text = f"把文件拖到这里，或点下面的按钮；可以一次打开几份。{SHARED if shared else LOCAL}"
        self.nothing.set_texts("打开一份公文", text, "打开文件…")

    # files

    def ask_open(self) -> None:
        """Choose files."""
        dialog = QFileDialog(self, "打开公文", "", f"{OPENABLE};;所有文件 (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.open_files([Path(name) for name in names]))
        dialog.open()

    def open_files(self, paths: list[Path]) -> None:
        """Open several, one after another; a file that lies open already comes to the front."""
        known = {one.path: one for one in self.files.values()}
        fresh = [path for path in paths if path not in known and path.suffix.lower() in SUFFIXES]
        other = [path for path in paths if path.suffix.lower() not in SUFFIXES]
        if other:
            self.tell(f"不能打开“{other[0].name}”：没有读取这种文件的办法。", "warn")
        if len(self.files) + len(fresh) > MOST_FILES:
            self.tell(f"最多同时打开 {MOST_FILES} 份文件，请先关闭一些。", "warn")
            return
        for path in paths:
            if path in known:
                self._select(known[path].key)
        if fresh:
            self.work(self._open(fresh), "打开文件")

    async def _open(self, paths: list[Path]) -> None:
        for number, path in enumerate(paths):

            def told(value: float, at: int = number) -> None:
                self._progress((at + value) / len(paths))

            document, outline = await self.service.open(path, told)
            self._count += 1
            one = OpenDocument(f"d{self._count}", path, document, outline)
            self.files[one.key] = one
            item = QListWidgetItem(one.name)
            item.setData(_KEY, one.key)
            item.setToolTip(str(path))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked)
            self.list.addItem(item)
            self._select(one.key)
        self.stack.setCurrentWidget(self.split)

    def _select(self, key: str) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(_KEY) == key:
                self.list.setCurrentRow(row)

    def close_current(self) -> None:
        """Take the current file off the desk."""
        row = self.list.currentRow()
        if row >= 0:
            self.files.pop(self._current, None)
            self.list.takeItem(row)
        if not self.files:
            self._current = ""
            self.stack.setCurrentWidget(self.nothing)
            self.panels["ask"].clear_talk()  # type: ignore[attr-defined]

    def _ticked(self, item: QListWidgetItem) -> None:
        one = self.files.get(item.data(_KEY))
        if one is not None and one.chosen != (item.checkState() == Qt.CheckState.Checked):
            one.chosen = not one.chosen
            self._refresh()

    def _show(self, key: str) -> None:
        self._current = key
        one = self.current
        self.text.show_document(one.document if one is not None else None)
        self.name.setText(one.name if one is not None else "")
        self.about.setText(_about(one) if one is not None else "")
        self.tree.clear()
        if one is not None:
            self.tree.addTopLevelItems([_branch(node) for node in one.outline])
            self.tree.expandAll()
        self._refresh()

    def _refresh(self) -> None:
        panel = self.panels[self.tabs.current]
        panel.refresh()
        self._show_marks()

    # tools

    def show_tool(self, key: str) -> None:
        """Bring a tool to the front."""
        self.tabs.set_current(key)
        self.tools.setCurrentWidget(self.panels[key])
        self._refresh()

    def _show_marks(self) -> None:
        panel = self.panels[self.tabs.current]
        marks: list[Mark] = panel.marks() if isinstance(panel, WordsPanel | ProofPanel) else []
        self.text.show_marks(marks)

    def jump(self, key: str, start: int, end: int) -> None:
        """Show a place, of another file too."""
        if key in self.files and key != self._current:
            self._select(key)
        self.text.jump(start, end)

    def _outline_clicked(self, item: QTreeWidgetItem) -> None:
        one = self.current
        offset = item.data(0, _KEY)
        block = one.document.block_at(offset) if one is not None else None
        if block is not None:
            self.text.jump(offset, block.end)


def _branch(node: Node) -> QTreeWidgetItem:
    item = QTreeWidgetItem([node.text])
    item.setData(0, _KEY, node.offset)
    item.setToolTip(0, node.text)
    item.addChildren([_branch(child) for child in node.children])
    return item


def _about(one: OpenDocument) -> str:
    pages = max((block.page or 0 for block in one.document.blocks), default=0)
    text = f"{len(one.document.text)} 字"
    if pages:
        text += f" · {pages} 页"
    if one.document.format == "ocr":
        text += f" · 文字识别 {one.document.confidence:.0%}"
    return text

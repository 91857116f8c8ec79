"""知识库: bases, who may see each, and the documents in them; files are read on this machine, their text is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.session.knowledge import KnowledgeCalls
from app.shell.org_picker import OrgPicker, OrgSource, Picked
from offline_ai.errors import OfflineAIError
from server_stub.contract.errors import ApiError
from server_stub.contract.knowledge import (
    NAME_LONGEST,
    BaseSetting,
    KnowledgeBase,
    KnowledgeBases,
    NewDocument,
    Viewer,
)
from server_stub.contract.permissions import Subject
from widgets.controls import ConfirmDialog, Dialog, EmptyNote, EmptyState, button, label, reading_table
from widgets.theme import ThemeManager

from .reading import FileReader
from .tab import Tab, fill

FILES = "资料 (*.docx *.doc *.wps *.pdf *.txt *.md *.xlsx *.xls *.pptx *.png *.jpg *.jpeg)"
_KINDS = {Subject.EVERYONE: "所有人", Subject.UNIT: "单位（含下级）", Subject.PERSON: "人员"}
_ID = Qt.ItemDataRole.UserRole


class NameDialog(Dialog):
    """The name of a base."""

    def __init__(self, themes: ThemeManager, title: str, name: str, parent: KnowledgeTab) -> None:
        super().__init__(themes, title, parent)
        self.field = QLineEdit(name)
        self.field.setMaxLength(NAME_LONGEST)
        self.field.setAccessibleName("知识库名称")
        self.field.setPlaceholderText("例如：公文写作规范")
        self.content.addWidget(self.field)
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("保存", "primary", default=True, slot=self.accept)
        self.field.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.go.setEnabled(bool(name))


class KnowledgeTab(Tab):
    """Every change is saved, and in force, at once."""

    def __init__(self, knowledge: KnowledgeCalls, directory: OrgSource, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._knowledge, self._directory = knowledge, directory
        self.reader = FileReader()
        self.bases: list[KnowledgeBase] = []
        self.dialog: Dialog | OrgPicker | None = None
        self.setAcceptDrops(True)
        desk = QWidget()
        whole = QHBoxLayout(desk)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(self.themes.theme.space.xl)
        whole.addLayout(self._left(), 1)
        whole.addLayout(self._right(), 3)
        self.empty = EmptyState(
            self.themes,
            "folder",
            "还没有知识库",
            "新建一个知识库，选择谁可以看，再放入资料。\n助手回答时只用提问人可见的资料。",
            "新建知识库…",
        )
        """Instead of the desk while there is no base at all."""
        self.empty.acted.connect(lambda: self._name(None))
        self.stack = QStackedWidget()
        self.stack.addWidget(desk)
        self.stack.addWidget(self.empty)
        self.column.addWidget(self.stack, 1)
        self._show_current()

    def _left(self) -> QVBoxLayout:
        space = self.themes.theme.space
        column = QVBoxLayout()
        column.setSpacing(space.s)
        bar = QHBoxLayout()
        bar.setSpacing(space.s)
        self.make, self.rename, self.drop = (
            button("新建…", "primary"),
            button("改名…"),
            button("删除", "danger"),
        )
        for one in (self.make, self.rename, self.drop):
            bar.addWidget(one)
        bar.addStretch(1)
        column.addLayout(bar)
        self.list = QListWidget()
        self.list.setAccessibleName("知识库")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        column.addWidget(self.list, 1)
        self.list.currentRowChanged.connect(lambda _row: self._show_current())
        self.make.clicked.connect(lambda: self._name(None))
        self.rename.clicked.connect(lambda: self._name(self.current))
        self.drop.clicked.connect(self._ask_drop)
        return column

    def _right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(self.themes.theme.space.s)
        head, second = QHBoxLayout(), QHBoxLayout()
        for row in (head, second):
            row.setSpacing(self.themes.theme.space.s)
        head.addWidget(label("可见范围", "title"))
        head.addStretch(1)
        self.everyone, self.choose = button("所有人"), button("选择单位或人员…")
        self.hide_from = button("移除所选", "danger")
        for one in (self.everyone, self.choose, self.hide_from):
            head.addWidget(one)
        column.addLayout(head)
        self.note = label("", "caption", "weak", wrap=True)
        column.addWidget(self.note)
        self.viewers = reading_table(self.themes, ("对象", "名称"), "可见范围", stretch=1)
        self.nobody = EmptyNote(
            self.themes, self.viewers, "还没有人可以看。点“所有人”或“选择单位或人员…”，助手才会用到这个知识库"
        )
        column.addWidget(self.viewers, 2)
        second.addWidget(label("资料", "title"))
        second.addStretch(1)
        self.add, self.remove = button("添加文件…", "primary"), button("移除所选", "danger")
        second.addWidget(self.add)
        second.addWidget(self.remove)
        column.addLayout(second)
        self.table = reading_table(self.themes, ("名称", "字数", "添加时间"), "资料", stretch=0)
        self.nothing = EmptyNote(self.themes, self.table, "还没有资料。点“添加文件…”，或把文件拖到这里")
        column.addWidget(self.table, 3)
        column.addWidget(
            label(
                "可添加 docx、doc、wps、pdf、txt、md、xlsx、pptx 和图片，也可拖到这里；同名的替换。"
                "文件在本机读出文字，加密保存在服务器上，原件不上传。",
                "caption",
                "weak",
                wrap=True,
            )
        )
        self.everyone.clicked.connect(lambda: self._give([Viewer(subject=Subject.EVERYONE)]))
        self.choose.clicked.connect(self._pick)
        self.hide_from.clicked.connect(self._take)
        self.add.clicked.connect(self._ask_files)
        self.remove.clicked.connect(self._remove)
        for one in (self.viewers, self.table):
            one.itemSelectionChanged.connect(self._chosen)
        return column

    @property
    def current(self) -> KnowledgeBase | None:
        """The chosen base."""
        row = self.list.currentRow()
        return self.bases[row] if 0 <= row < len(self.bases) else None

    async def read(self) -> None:
        self._show(await self._knowledge.bases())

    def _show(self, found: KnowledgeBases, wanted: str = "") -> None:
        """`wanted`: the name to choose; else what was chosen stays."""
        before = self.current.id if self.current is not None else ""
        self.bases = found.bases
        self.list.blockSignals(True)
        self.list.clear()
        chosen = 0 if self.bases else -1
        for row, one in enumerate(self.bases):
            item = QListWidgetItem(f"{one.name}（{len(one.documents)} 份）")
            item.setToolTip(one.name)
            item.setData(_ID, one.id)
            self.list.addItem(item)
            if one.name == wanted or (not wanted and one.id == before):
                chosen = row
        self.list.setCurrentRow(chosen)
        self.list.blockSignals(False)
        self.stack.setCurrentIndex(0 if self.bases else 1)
        if self.bases:
            self.nobody.settle()
            self.nothing.settle()
        self._show_current()

    def _show_current(self) -> None:
        one = self.current
        for made in (self.rename, self.drop, self.everyone, self.choose, self.add):
            made.setEnabled(one is not None)
        viewers = one.viewers if one is not None else []
        fill(
            self.viewers,
            [
                [_KINDS[who.subject], "" if who.subject is Subject.EVERYONE else who.name or "（已不存在）"]
                for who in viewers
            ],
        )
        fill(
            self.table,
            [
                [
                    document.name,
                    f"{document.characters:,}",
                    datetime.fromtimestamp(document.added_at / 1000).strftime("%Y-%m-%d %H:%M"),
                ]
                for document in (one.documents if one is not None else [])
            ],
        )
        if one is None:
            note = ""
        elif not viewers:
            note = "还没有可见范围：任何人（包括管理员）提问时都用不到这个知识库。"
        else:
            note = "只有这些人提问时助手才会用到其中的资料；移除后立即生效，已有的回答也随之隐藏。"
        self.note.setText(note)
        self._chosen()

    def _chosen(self) -> None:
        self.hide_from.setEnabled(bool(self.viewers.selectedIndexes()))
        self.remove.setEnabled(bool(self.table.selectedIndexes()))

    # Bases.

    def _name(self, base: KnowledgeBase | None) -> None:
        title = "知识库改名" if base is not None else "新建知识库"
        dialog = NameDialog(self.themes, title, base.name if base is not None else "", self)
        dialog.accepted.connect(
            lambda: self.start(self._named(base, dialog.field.text().strip()), "保存知识库")
        )
        self._open(dialog)

    async def _named(self, base: KnowledgeBase | None, name: str) -> None:
        viewers = base.viewers if base is not None else []
        setting = BaseSetting(name=name, viewers=viewers)
        self._show(await self._knowledge.put(base.id if base is not None else "", setting), name)

    def _ask_drop(self) -> None:
        one = self.current
        if one is None:
            return
        dialog = ConfirmDialog(
            self.themes,
            "删除这个知识库？",
            f"“{one.name}”及其中的 {len(one.documents)} 份资料将被删除，用到它们的回答也不再显示。",
            accept="删除",
            danger=True,
            parent=self,
        )
        dialog.accepted.connect(lambda: self.start(self._dropped(one.id), "删除知识库"))
        self._open(dialog)

    async def _dropped(self, base_id: str) -> None:
        self._show(await self._knowledge.drop(base_id))

    def _open(self, dialog: Dialog | OrgPicker) -> None:
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    # Viewers.

    def _give(self, viewers: Sequence[Viewer]) -> None:
        one = self.current
        if one is None:
            return
        keys = {(who.subject, who.subject_id) for who in one.viewers}
        fresh = [who for who in viewers if (who.subject, who.subject_id) not in keys]
        self.start(self._replace(one, [*one.viewers, *fresh]), "保存可见范围")

    def _take(self) -> None:
        one = self.current
        if one is None:
            return
        rows = {index.row() for index in self.viewers.selectedIndexes()}
        kept = [who for row, who in enumerate(one.viewers) if row not in rows]
        self.start(self._replace(one, kept), "保存可见范围")

    async def _replace(self, one: KnowledgeBase, viewers: Sequence[Viewer]) -> None:
        setting = BaseSetting(name=one.name, viewers=list(viewers))
        self._show(await self._knowledge.put(one.id, setting))

    def _pick(self) -> None:
        async def accept(picked: list[Picked]) -> None:
            kinds = {"unit": Subject.UNIT, "person": Subject.PERSON}
            self._give([Viewer(subject=kinds[one.kind], subject_id=one.id) for one in picked])

        self._open(OrgPicker(self._directory, self.themes, "谁可以看", accept, confirm="添加", parent=self))

    # Documents.

    def _ask_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self, "添加资料", "", f"{FILES};;所有文件 (*)")
        self.add_files([Path(name) for name in names])

    def add_files(self, paths: Sequence[Path]) -> None:
        """Read and put in, one after the other."""
        one = self.current
        if one is not None and paths:
            self.start(self._added(one.id, list(paths)), "添加资料")

    async def _added(self, base_id: str, paths: list[Path]) -> None:
        """A file that cannot be read does not keep the others out."""
        bad: list[str] = []
        for number, path in enumerate(paths, 1):
            self.note.setText(f"正在读取 {path.name}（{number}/{len(paths)}）…")
            try:
                text = await self.reader.text(path)
                self._show(await self._knowledge.add(base_id, NewDocument(name=path.name, text=text)))
            except (OfflineAIError, ApiError) as error:
                bad.append(f"“{path.name}”没有添加：{error.message}")
        self._show_current()
        if len(bad) < len(paths):
            self.tell(f"已添加 {len(paths) - len(bad)} 份资料")
        if bad:
            self.note.setText("\n".join(bad))

    def _remove(self) -> None:
        one = self.current
        if one is None:
            return
        rows = {index.row() for index in self.table.selectedIndexes()}
        gone = [document.id for row, document in enumerate(one.documents) if row in rows]
        self.start(self._removed(gone), "移除资料")

    async def _removed(self, ids: list[str]) -> None:
        for document_id in ids:
            self._show(await self._knowledge.remove(document_id))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.current is not None and event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.add_files([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    async def end(self) -> None:
        """End the process that reads files."""
        await self.reader.close()

"""Mind map (3.2.5.2.1): made, zoomed, shown on the full screen, saved as a picture, made again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QImageWriter, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from offline_ai.documents.structure import Node
from offline_ai.models.origin import Origin
from widgets.controls import IconButton, button
from widgets.mindmap import MindMapView, MindNode
from widgets.theme import ThemeManager

from .model import OpenDocument
from .panel import Desk, Panel
from .parts import Head, origin_pill, wrapped


def tree(node: Node) -> MindNode:
    """The engine's tree as the widget's; a box's key is its place in the text."""
    return MindNode(node.text, node.offset, tuple(tree(child) for child in node.children))


class FullScreenMap(QWidget):
    """The map alone on the screen; Esc or the button closes it."""

    def __init__(self, themes: ThemeManager, root: MindNode, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("脑图")
        self.view = MindMapView(themes)
        self.leave = button("退出全屏（Esc）", "secondary", "small")
        self.leave.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.leave)
        column = QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        QShortcut(QKeySequence("Esc"), self, self.close)
        self.view.show_tree(root)


class MindPanel(Panel):
    """A click on a box shows its place in the text."""

    def __init__(self, themes: ThemeManager, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(
            themes,
            desk,
            "workbench",
            "生成脑图",
            "把公文的层次画成一棵树，可放大、全屏、存为图片。",
            "生成脑图",
            parent,
        )
        self.head = Head(themes)
        self.origin = QHBoxLayout()
        self.said = wrapped("", "secondary", "warn")
        self.again = self.head.add("重新生成")
        self.again.clicked.connect(self.start)  # type: ignore[attr-defined]
        self.view = MindMapView(themes)
        bar = QHBoxLayout()
        self.larger = IconButton(themes, "zoom-in", "放大")
        self.smaller = IconButton(themes, "zoom-out", "缩小")
        self.fit = IconButton(themes, "fit", "适合窗口")
        self.full = IconButton(themes, "screen", "全屏查看")
        self.save = IconButton(themes, "download", "下载为图片")
        self.larger.clicked.connect(lambda: self.view.zoom(1))
        self.smaller.clicked.connect(lambda: self.view.zoom(-1))
        self.fit.clicked.connect(self.view.fit)
        self.full.clicked.connect(self.open_full)
        self.save.clicked.connect(self._ask_save)
        for one in (self.larger, self.smaller, self.fit, self.full, self.save):
            bar.addWidget(one)
        bar.addStretch(1)
        self.view.node_clicked.connect(self._clicked)
        self.column.addWidget(self.head)
        self.column.addLayout(self.origin)
        self.column.addWidget(self.said)
        self.column.addLayout(bar)
        self.column.addWidget(self.view, 1)

    def start(self) -> None:
        one = self.desk.current
        if one is not None:
            self.desk.work(self._work(one), "生成脑图")

    async def _work(self, one: OpenDocument) -> None:
        variant = one.mapped
        one.mapped += 1
        found = await self.desk.service.mind_map(one.document, variant)
        one.mind, one.mind_by_model, one.mind_said = found
        self.refresh()

    def refresh(self) -> None:
        one = self.desk.current
        blocked = one is not None and bool(one.mind_said.reply)
        self.show_body(one is not None and (one.mind is not None or blocked))
        for tool in (self.larger, self.smaller, self.fit, self.full, self.save):
            tool.setEnabled(not blocked)
        while (item := self.origin.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        said = "" if one is None else one.mind_said.reply or one.mind_said.note
        self.said.setText(said)
        self.said.setVisible(bool(said))
        self.head.note.setText("")
        self.view.show_tree(tree(one.mind) if one is not None and one.mind is not None else None)
        if one is not None and one.mind is not None:
            self.head.note.setText(f"共 {one.mind.count()} 个节点")
            self.origin.addWidget(origin_pill(Origin.MODEL if one.mind_by_model else Origin.RULES))
            self.origin.addStretch(1)

    def _clicked(self, offset: int) -> None:
        one = self.desk.current
        block = one.document.block_at(offset) if one is not None else None
        if one is not None and block is not None:
            self.jump_wanted.emit(one.key, offset, max(block.end, offset + 1))

    def open_full(self) -> FullScreenMap | None:
        """Show the map on the whole screen."""
        one = self.desk.current
        if one is None or one.mind is None:
            return None
        window = FullScreenMap(self.themes, tree(one.mind), self)
        window.showFullScreen()
        return window

    def _ask_save(self) -> None:
        one = self.desk.current
        if one is None:
            return
        dialog = QFileDialog(
            self, "脑图存为图片", str(one.path.with_name(f"{one.path.stem}-脑图.png")), "图片 (*.png)"
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("png")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save_picture(Path(name)))
        dialog.open()

    def save_picture(self, target: Path) -> None:
        """Write the map as a PNG."""
        held = QBuffer()
        held.open(QBuffer.OpenModeFlag.WriteOnly)
        one = self.desk.current
        # A picture goes further than this page: what a model made says so on it.
        by_model = one is not None and one.mind_by_model
        caption = f"{Origin.MODEL.label} · {Origin.MODEL.notice}" if by_model else ""
        QImageWriter(held, b"png").write(self.view.picture(caption=caption))
        data = bytes(held.data().data())

        async def write() -> None:
            await self.desk.service.write(target, data)
            self.desk.tell("脑图已存为图片")

        self.desk.work(write(), "保存图片")

"""Asks before what was pasted or dropped goes out: what it is, and to whom (E091, E106)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from app.store.records import ConversationRow
from server_stub.contract.conversations import ConversationKind
from widgets.controls import Dialog, label
from widgets.lists import RowView
from widgets.theme import ThemeManager

from .file_rows import FileRowDelegate, FileRowsModel
from .sizes import size_text

MOST_ROWS = 5


@dataclass(frozen=True, slots=True)
class Brought:
    """One file or folder as its row shows it."""

    name: str
    note: str
    folder: bool


def facts_of(paths: Sequence[Path]) -> list[Brought]:
    """What lies at `paths` (reads the disk: not on the interface thread)."""
    found: list[Brought] = []
    for path in paths:
        try:
            folder, size = path.is_dir(), path.stat().st_size
        except OSError:
            found.append(Brought(path.name, "读不到，可能已被移走", False))
        else:
            found.append(Brought(path.name, "文件夹" if folder else size_text(size), folder))
    return found


def receivers(row: ConversationRow) -> str:
    """Who will have it, in a few words."""
    return f"群聊 · {row.member_count} 人" if row.kind is ConversationKind.GROUP else "单聊"


class SendDialog(Dialog):
    """Shows a picture or files; Enter sends, Esc leaves everything as it was. `accepted` means: send."""

    def __init__(self, themes: ThemeManager, row: ConversationRow, parent: QWidget | None = None) -> None:
        super().__init__(themes, f"发送给 {row.title}", parent)
        self.who = label(receivers(row), "secondary", "weak")
        self.content.addWidget(self.who)
        self.picture: QLabel | None = None
        self.model: FileRowsModel[Brought] | None = None
        self.add_button("取消", slot=self.reject)
        self.go = self.add_button("发送", "primary", default=True, slot=self.accept)
        self.go.setFocus()

    def show_picture(self, image: QImage) -> None:
        """The picture that would go, as large as the dialog allows."""
        theme = self.themes.theme
        room = QSize(theme.sizes.dialog - 2 * theme.space.xxl, theme.sizes.picture_max)
        ratio = self.devicePixelRatioF()
        small = image
        if image.width() > room.width() or image.height() > room.height():
            small = image.scaled(
                room * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            small.setDevicePixelRatio(ratio)
        self.picture = QLabel()
        self.picture.setAccessibleName(f"图片，{image.width()} × {image.height()} 像素")
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setPixmap(QPixmap.fromImage(small))
        self.content.addWidget(self.picture)
        self.content.addWidget(label(f"{image.width()} × {image.height()} 像素", "caption", "weak"))

    def show_files(self, files: Sequence[Brought]) -> None:
        """The files that would go; called again when their sizes are known."""
        if self.model is None:
            self.model = FileRowsModel[Brought](self)
            delegate = FileRowDelegate(self.themes)
            view = RowView(self.themes, delegate, surface="content", name="要发送的文件")
            view.setModel(self.model)
            view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            rows = min(MOST_ROWS, len(files)) * delegate.height(files[0])
            view.setFixedHeight(rows + 2 * self.themes.theme.space.xs)
            self.content.addWidget(view)
            if len(files) > MOST_ROWS:
                self.content.addWidget(label(f"共 {len(files)} 项", "caption", "weak"))
        self.model.show_items(files)

    def place_over(self, owner: QWidget) -> None:
        """In the middle of the conversation that it sends to."""
        self.adjustSize()
        self.move(owner.mapToGlobal(owner.rect().center()) - QPoint(self.width() // 2, self.height() // 2))

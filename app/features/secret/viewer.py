"""Pictures, PDF files and texts of secret messages, seen from memory: nothing is written to the disk to be opened."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QCloseEvent, QFont, QImage, QPainter, QPaintEvent, QTextDocument
from PySide6.QtWidgets import QScrollArea, QWidget

from app.session.secret import Burnt, SecretBody
from server_stub.contract.secret import AnySecret, SecretFile, SecretPicture
from widgets.controls import Dialog, WatermarkOverlay
from widgets.controls.painted import Painted
from widgets.guard import CaptureGuard, HoldToReveal
from widgets.theme import ThemeManager

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif"})
TEXTS = frozenset({".txt", ".md", ".csv", ".log"})
VIEWABLE = PICTURES | TEXTS | {".pdf"}
REFUSED = "密聊只支持图片、PDF 和文本文件：其他格式须先写到磁盘才能打开，无法保证不留痕迹。"
_MOST_PAGES = 50
_HELD = "按住鼠标或空格键查看，松开即隐藏"


def can_view(name: str) -> bool:
    """Whether a file can be shown without writing it anywhere."""
    return Path(name).suffix.lower() in VIEWABLE


def pages_of(content: AnySecret, data: bytes, width: int, ink: str, font: QFont) -> list[QImage]:
    """The pages as pictures `width` pixels wide; an empty list for what cannot be shown."""
    name = content.name if isinstance(content, SecretFile) else ""
    suffix = Path(name).suffix.lower()
    if isinstance(content, SecretPicture) or suffix in PICTURES:
        image = QImage.fromData(data)
        return [] if image.isNull() else [image]
    if suffix == ".pdf":
        return _pdf_pages(data, width)
    if suffix in TEXTS:
        return [_text_page(data, width, ink, font)]
    return []


def _pdf_pages(data: bytes, width: int) -> list[QImage]:
    import pypdfium2

    made: list[QImage] = []
    try:
        document = pypdfium2.PdfDocument(io.BytesIO(data))
    except pypdfium2.PdfiumError:
        return []
    try:
        for number in range(min(len(document), _MOST_PAGES)):
            page = document[number]
            scale: Any = width / max(1.0, page.get_width())
            bitmap = page.render(scale=scale, rev_byteorder=True)
            picture = bitmap.to_pil().convert("RGB")
            image = QImage(
                picture.tobytes(),
                picture.width,
                picture.height,
                picture.width * 3,
                QImage.Format.Format_RGB888,
            )
            made.append(image.copy())
    finally:
        document.close()
    return made


def _text_page(data: bytes, width: int, ink: str, font: QFont) -> QImage:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(coding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = data.decode("utf-8", "replace")
    document = QTextDocument()
    document.setDefaultFont(font)
    document.setPlainText(text[:200_000])
    document.setTextWidth(width)
    image = QImage(
        QSize(width, min(30_000, round(document.size().height()))), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setPen(ink)
    document.drawContents(painter)
    painter.end()
    return image


class _Pages(Painted):
    """All pages below each other; painted while held where the level asks for it."""

    def __init__(self, themes: ThemeManager, guard: CaptureGuard, body: SecretBody, *, held: bool) -> None:
        super().__init__(themes)
        self._body = body
        self._pages: list[QImage] = []
        self.hold = HoldToReveal(self, guard) if held else None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAccessibleName("密聊内容")
        self._lay()

    def _lay(self) -> None:
        space, sizes = self.theme.space, self.theme.sizes
        width = sizes.dialog_wide
        try:
            content, data = self._body.look()
        except Burnt:
            return
        self._pages = pages_of(content, data, width, self.theme.color("text").name(), self.theme.font("body"))
        height = space.m
        for page in self._pages:
            height += self._height(page) + space.m
        self.setFixedSize(width, max(height, sizes.picture_max))

    def _height(self, page: QImage) -> int:
        return round(page.height() * min(1.0, self.theme.sizes.dialog_wide / max(1, page.width())))

    def forget(self) -> None:
        """Drop the pictures."""
        for page in self._pages:
            page.fill(0)
        self._pages = []
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.fillRect(self.rect(), theme.color("canvas"))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_2"))
        if not self._pages:
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, "内容已销毁，或无法显示。")
            return
        if self.hold is not None and not self.hold.is_held:
            painter.drawText(QRectF(self.visibleRegion().boundingRect()), Qt.AlignmentFlag.AlignCenter, _HELD)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        top = theme.space.m
        for page in self._pages:
            height = self._height(page)
            width = min(self.width(), page.width())
            painter.drawImage(QRectF((self.width() - width) / 2, top, width, height), page)
            top += height + theme.space.m


class SecretViewer(Dialog):
    """Closes by itself when the message burns, when its page goes, and when the window loses the user."""

    def __init__(
        self,
        themes: ThemeManager,
        guard: CaptureGuard,
        body: SecretBody,
        *,
        held: bool,
        mark: str,
        on_close: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(themes, "查看密聊内容", parent, width=themes.theme.sizes.dialog_wide)
        self._on_close = on_close
        self._guard = guard
        self.pages = _Pages(themes, guard, body, held=held)
        area = QScrollArea()
        area.setWidget(self.pages)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setMinimumHeight(themes.theme.sizes.picker_height)
        area.setMinimumWidth(themes.theme.sizes.dialog_wide + themes.theme.sizes.scroll)
        self.content.addWidget(area)
        self.mark = WatermarkOverlay(themes, area.viewport(), mark, style="spread")
        self.add_button("关闭", "secret", default=True, slot=self.reject)
        guard.register(self)

    def done(self, arg__1: int) -> None:
        self._end()
        super().done(arg__1)

    def closeEvent(self, arg__1: QCloseEvent) -> None:
        self._end()
        super().closeEvent(arg__1)

    def _end(self) -> None:
        self.pages.forget()
        self._guard.unregister(self)
        self._on_close()

"""Files looked at inside the program: text and PDF, from memory, page by page (E101)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFontDatabase, QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.shell.tasks import Tasks
from widgets.controls import ElidedLabel, EmptyState, IconButton, button, label
from widgets.theme import ThemeManager

SIZE = (860, 720)
TEXTS = frozenset({"txt", "md", "csv", "log", "json", "xml", "ini", "yaml", "yml"})
PICTURES = frozenset({"png", "jpg", "jpeg", "bmp", "gif", "webp"})
MOST_BYTES = 32 * 1024 * 1024
MOST_CHARACTERS = 2_000_000
PAGES_KEPT = 8
ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)


def preview_kind(name: str, size: int) -> str:
    """ "text", "pdf", "picture", or "" for what opens in another program."""
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if size > MOST_BYTES:
        return ""
    if ending in TEXTS:
        return "text"
    if ending in PICTURES:
        return "picture"
    return "pdf" if ending == "pdf" else ""


def read_text(data: bytes) -> str:
    """Text in whichever of the usual encodings it is; at most two million characters."""
    for encoding in ("utf-8-sig", "gb18030", "utf-16"):
        try:
            return data.decode(encoding)[:MOST_CHARACTERS]
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")[:MOST_CHARACTERS]


class PdfPages(QAbstractScrollArea):
    """The pages of a PDF one below the other; only those in view are drawn, in a thread. Signals: `page_changed(first page)`.

    `open(data)` raises ValueError for what is no PDF, or one with a password.
    """

    page_changed = Signal(int)

    def __init__(self, themes: ThemeManager, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes, self._tasks = themes, tasks
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pdf")
        """PDFium knows one thread at a time."""
        self._document: Any = None
        self._sizes: list[tuple[float, float]] = []
        self._tops: list[float] = []
        self._images: OrderedDict[tuple[int, int], QImage] = OrderedDict()
        self._wanted: set[tuple[int, int]] = set()
        self._turn = asyncio.Lock()
        self.zoom = 1.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("PDF 页面")
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._scrolled())

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self._sizes)

    async def open(self, data: bytes) -> None:
        """Take the document."""

        def load() -> list[tuple[float, float]]:
            import pypdfium2

            try:
                self._document = pypdfium2.PdfDocument(data)
                return [self._document.get_page_size(place) for place in range(len(self._document))]
            except pypdfium2.PdfiumError as error:
                raise ValueError("not a readable PDF") from error

        self._sizes = await asyncio.get_running_loop().run_in_executor(self._thread, load)
        self._lay_out()

    def close_document(self) -> None:
        """Let go of it; what is still being drawn is forgotten."""

        def drop() -> None:
            if self._document is not None:
                self._document.close()

        self._thread.submit(drop)
        self._thread.shutdown(wait=False)

    def set_zoom(self, zoom: float) -> None:
        """1.0 is as wide as the window."""
        bar = self.verticalScrollBar()
        share = bar.value() / max(1, bar.maximum())
        self.zoom = zoom
        self._lay_out()
        bar.setValue(round(share * bar.maximum()))

    # Places.

    def _width(self) -> float:
        return max(80.0, (self.viewport().width() - 2 * self._themes.theme.space.l) * self.zoom)

    def _height(self, place: int) -> float:
        wide, high = self._sizes[place]
        return self._width() * high / max(1.0, wide)

    def _lay_out(self) -> None:
        top, gap = float(self._themes.theme.space.l), float(self._themes.theme.space.m)
        self._tops = []
        for place in range(len(self._sizes)):
            self._tops.append(top)
            top += self._height(place) + gap
        bar, across = self.verticalScrollBar(), self.horizontalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._themes.theme.space.page)
        bar.setRange(0, max(0, round(top) - self.viewport().height()))
        spare = round(self._width()) + 2 * self._themes.theme.space.l - self.viewport().width()
        across.setRange(0, max(0, spare))
        across.setPageStep(self.viewport().width())
        self.viewport().update()

    def _in_view(self) -> list[int]:
        low = self.verticalScrollBar().value()
        high = low + self.viewport().height()
        return [n for n, top in enumerate(self._tops) if top < high and top + self._height(n) > low]

    def _scrolled(self) -> None:
        view = self._in_view()
        if view:
            self.page_changed.emit(view[0])

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def resizeEvent(self, arg__1: QResizeEvent) -> None:
        super().resizeEvent(arg__1)
        self._lay_out()

    # Drawing.

    def paintEvent(self, arg__1: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self.viewport())
        painter.fillRect(arg__1.rect(), theme.color("canvas"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        width = self._width()
        left = (
            max(float(theme.space.l), (self.viewport().width() - width) / 2)
            - self.horizontalScrollBar().value()
        )
        pixels = round(width * self.devicePixelRatioF())
        for place in self._in_view():
            top = self._tops[place] - self.verticalScrollBar().value()
            rect = QRectF(left, top, width, self._height(place))
            image = self._images.get((place, pixels)) or self._nearest(place)
            if image is None:
                painter.fillRect(rect, theme.color("raised"))
            else:
                painter.drawImage(rect, image)
            self._want(place, pixels)

    def _nearest(self, place: int) -> QImage | None:
        return next((image for (page, _), image in self._images.items() if page == place), None)

    def _want(self, place: int, pixels: int) -> None:
        key = (place, pixels)
        if key in self._images or key in self._wanted or self._document is None:
            return
        self._wanted.add(key)
        self._tasks.start(self._draw(key), "显示页面", on_error=lambda _error, _doing: None)

    async def _draw(self, key: tuple[int, int]) -> None:
        place, pixels = key

        def work() -> QImage:
            page = self._document[place]
            bitmap = page.render(
                scale=pixels / max(1.0, self._sizes[place][0]), rev_byteorder=True, prefer_bgrx=True
            )
            form = QImage.Format.Format_RGBX8888
            image = QImage(bitmap.buffer, bitmap.width, bitmap.height, bitmap.stride, form).copy()
            page.close()
            return image

        image = None
        try:
            async with self._turn:
                # Scrolled past meanwhile: it is drawn when it comes into view again.
                if place in self._in_view():
                    image = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._wanted.discard(key)
        if image is not None:
            self._images[key] = image
            while len(self._images) > PAGES_KEPT:
                self._images.popitem(last=False)
            self.viewport().update()


class FilePreview(QWidget):
    """One file. Give it `give_text` or `await give_pdf`. Signals: `save_wanted()`, `outside_wanted()` (another program)."""

    save_wanted = Signal()
    outside_wanted = Signal()

    def __init__(self, themes: ThemeManager, name: str, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(name)
        self.setProperty("surface", "content")
        space = themes.theme.space
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(themes.theme.font("body").pixelSize())
        self.text.setFont(fixed)
        self.text.setAccessibleName("文件内容")
        self.pages = PdfPages(themes, tasks)
        self.wait = EmptyState(themes, "file", "正在取文件…", "取到后会显示在这里。")
        self.stack = QStackedWidget()
        for one in (self.wait, self.text, self.pages):
            self.stack.addWidget(one)
        self.where = label("", "caption")
        self.smaller = IconButton(themes, "zoom-out", "缩小（Ctrl+-）")
        self.larger = IconButton(themes, "zoom-in", "放大（Ctrl++）")
        self.smaller.clicked.connect(lambda: self._zoom(-1))
        self.larger.clicked.connect(lambda: self._zoom(1))
        self.outside = button("用其他程序打开")
        self.outside.clicked.connect(self.outside_wanted)
        self.save = button("另存为…")
        self.save.clicked.connect(self.save_wanted)
        head = QHBoxLayout()
        head.setContentsMargins(space.xl, space.m, space.xl, space.m)
        head.setSpacing(space.s)
        head.addWidget(ElidedLabel(themes, name, "title", "text"), 1)
        for one in (self.where, self.smaller, self.larger, self.outside, self.save):
            head.addWidget(one)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.stack, 1)
        self.pages.page_changed.connect(self._show_page)
        self._pdf_tools(False)
        self.resize(*SIZE)

    def _pdf_tools(self, shown: bool) -> None:
        for one in (self.where, self.smaller, self.larger):
            one.setVisible(shown)

    def give_text(self, text: str) -> None:
        """Show text."""
        self.text.setPlainText(text)
        self.stack.setCurrentWidget(self.text)
        self.text.setFocus()

    async def give_pdf(self, data: bytes) -> None:
        """Show a PDF. Raises ValueError when it cannot be read."""
        await self.pages.open(data)
        self.stack.setCurrentWidget(self.pages)
        self._pdf_tools(True)
        self._show_page(0)
        self.pages.setFocus()

    def fail(self, words: str) -> None:
        """Say why it is not shown."""
        self.wait.set_texts("没有显示", words)
        self.stack.setCurrentWidget(self.wait)

    def _show_page(self, place: int) -> None:
        self.where.setText(f"第 {place + 1} / {self.pages.count} 页")

    def _zoom(self, step: int) -> None:
        if self.stack.currentWidget() is self.text:
            self.text.zoomIn(step)
            return
        place = min(range(len(ZOOMS)), key=lambda n: abs(ZOOMS[n] - self.pages.zoom)) + step
        self.pages.set_zoom(ZOOMS[max(0, min(len(ZOOMS) - 1, place))])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif held and event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(1)
        elif held and event.key() == Qt.Key.Key_Minus:
            self._zoom(-1)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.pages.close_document()
        super().closeEvent(event)

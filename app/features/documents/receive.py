"""Intelligent receiving (3.2.5.2.7): the picture at the left, the registration form at the right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from offline_ai.documents.model import Box
from offline_ai.models.origin import Origin
from offline_ai.official.receiving import FIELDS, Registration
from widgets.controls import EmptyState, IconButton, button, label, pill, surface
from widgets.theme import ThemeManager
from widgets.viewer.canvas import PictureCanvas

from .desk import Work
from .parts import DropArea, origin_pill
from .service import DocumentService

SCANS = "扫描件、照片和 PDF (*.pdf *.png *.jpg *.jpeg *.webp *.bmp *.tif *.tiff *.docx *.doc *.wps)"


class ScanCanvas(PictureCanvas):
    """A page with a frame round the place of a field."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(themes, parent)
        self.box: Box | None = None
        self.setAccessibleName("来文图片")

    def mark(self, box: Box | None) -> None:
        """Frame a place of the shown page."""
        self.box = box
        self.update()

    def box_rect(self) -> QRectF:
        """Where the frame stands on the canvas."""
        if self.box is None:
            return QRectF()
        page = self.picture_rect()
        return QRectF(
            page.left() + self.box.left * page.width(),
            page.top() + self.box.top * page.height(),
            (self.box.right - self.box.left) * page.width(),
            (self.box.bottom - self.box.top) * page.height(),
        ).adjusted(-4, -3, 4, 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.box is None:
            return
        painter = QPainter(self)
        ground = self.theme.color("brand")
        ground.setAlpha(40)
        painter.setBrush(ground)
        painter.setPen(QPen(self.theme.color("brand"), 2))
        painter.drawRoundedRect(self.box_rect(), 3, 3)


class Field(QLineEdit):
    """One field of the form."""

    def __init__(self, name: str, entered: Callable[[str], None]) -> None:
        super().__init__()
        self.name, self._entered = name, entered
        self.setAccessibleName(name)

    def focusInEvent(self, arg__1: QFocusEvent) -> None:
        super().focusInEvent(arg__1)
        self._entered(self.name)


class ReceivePage(DropArea):
    """Open a scan; what was recognised fills the form, and each field shows where it stands."""

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
        self._service, self._themes = service, themes
        self._work, self._tell, self._progress = work, tell, progress
        self.form: Registration | None = None
        self._pages: list[QImage] = []
        self._page = 0
        self.path = Path()
        self._right_turns = 0
        self.canvas = ScanCanvas(themes)
        self.fields: dict[str, Field] = {}
        self.hints: dict[str, QWidget] = {}
        self._build()
        self.dropped.connect(lambda paths: self.open_scan(Path(paths[0])))

    def _build(self) -> None:
        themes, space = self._themes, self._themes.theme.space
        self.nothing = EmptyState(
            themes,
            "image",
            "智能收文",
            "打开纸质来文的扫描件、照片、传真或 PDF，自动识别并填好收文登记签。识别在本机进行。",
            "打开扫描件…",
        )
        self.nothing.acted.connect(self.ask_open)
        left = surface("canvas")
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        bar = QHBoxLayout()
        bar.setContentsMargins(space.m, space.xs, space.m, 0)
        self.back = IconButton(themes, "chevron-left", "上一页")
        self.next = IconButton(themes, "chevron-right", "下一页")
        self.back.clicked.connect(lambda: self.show_page(self._page - 1))
        self.next.clicked.connect(lambda: self.show_page(self._page + 1))
        self.page_label = label("", "caption", "weak")
        larger = IconButton(themes, "zoom-in", "放大")
        smaller = IconButton(themes, "zoom-out", "缩小")
        fit = IconButton(themes, "fit", "适合窗口")
        self.turn = IconButton(themes, "rotate", "向右旋转 90° 并重新识别")
        self.turn.clicked.connect(self.turn_right)
        larger.clicked.connect(lambda: self.canvas.zoom(1))
        smaller.clicked.connect(lambda: self.canvas.zoom(-1))
        fit.clicked.connect(self.canvas.fit)
        for one in (self.back, self.page_label, self.next, larger, smaller, fit, self.turn):
            bar.addWidget(one)
        bar.addStretch(1)
        column.addLayout(bar)
        column.addWidget(self.canvas, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(left)
        self.split.addWidget(self._right())
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([themes.theme.sizes.picker, themes.theme.sizes.dialog + 60])
        self.stack = QStackedWidget()
        self.stack.addWidget(self.nothing)
        self.stack.addWidget(self.split)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _right(self) -> QWidget:
        space = self._themes.theme.space
        right = surface("content", "left")
        column = QVBoxLayout(right)
        column.setContentsMargins(space.xl, space.m, space.xl, space.l)
        column.setSpacing(space.m)
        head = QHBoxLayout()
        head.addWidget(label("收文登记签", "title", "strong"))
        head.addWidget(origin_pill(Origin.RULES))
        head.addStretch(1)
        column.addLayout(head)
        self.quality = label("", "caption", "weak", wrap=True)
        column.addWidget(self.quality)
        grid = QFormLayout()
        grid.setSpacing(space.s)
        grid.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for name in FIELDS:
            field = Field(name, self.show_place)
            hint = pill("请核对", "warn")
            hint.hide()
            field.textEdited.connect(lambda _text, one=hint: one.hide())
            row = QHBoxLayout()
            row.setSpacing(space.s)
            row.addWidget(field, 1)
            row.addWidget(hint)
            grid.addRow(label(name, "secondary", "weak"), row)
            self.fields[name], self.hints[name] = field, hint
        inner = QWidget()
        inner.setProperty("surface", "content")
        inner.setLayout(grid)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(inner)
        column.addWidget(scroll, 1)
        foot = QHBoxLayout()
        self.another = button("打开另一份…")
        self.another.clicked.connect(self.ask_open)
        self.save = button("登记到表格…", "primary")
        self.save.clicked.connect(self._ask_save)
        foot.addWidget(self.another)
        foot.addStretch(1)
        foot.addWidget(self.save)
        column.addLayout(foot)
        return right

    def ask_open(self) -> None:
        """Choose a scan."""
        dialog = QFileDialog(self, "打开扫描件", "", f"{SCANS};;所有文件 (*)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.open_scan(Path(name)))
        dialog.open()

    def open_scan(self, path: Path) -> None:
        """Recognise a file and fill the form."""
        self._work(self._open(path, 0), "识别来文", None)

    def turn_right(self) -> None:
        """The direction was told wrong: turn all pages and read them again."""
        if self.form is not None and self.form.recognised:
            self._work(self._open(self.path, (self._right_turns + 1) % 4), "识别来文", None)

    async def _open(self, path: Path, right: int) -> None:
        form = await self._service.receive(path, date.today(), self._progress, right=right)
        self.path, self._right_turns = path, right
        self.show_form(form)

    def show_form(self, form: Registration) -> None:
        """Show what was recognised."""
        self.form = form
        self._pages = [QImage.fromData(data) for data in form.pages]
        unsure = 0
        for element in form.fields:
            self.fields[element.name].setText(element.value)
            self.fields[element.name].setCursorPosition(0)
            ask = bool(element.value) and not element.sure and element.name != "份数"
            self.hints[element.name].setVisible(ask)
            unsure += ask
        how = f"文字识别，可信度 {form.document.confidence:.0%}" if form.recognised else "直接读取文字"
        self.quality.setText(
            f"{how}；点一栏可在左侧看到出处。" + (f"有 {unsure} 栏请核对。" if unsure else "")
        )
        self.stack.setCurrentWidget(self.split)
        self.show_page(0)
        self.fields["来文单位"].setFocus()
        self.show_place("来文单位")

    def show_page(self, number: int) -> None:
        """Show one page of the scan, from 0."""
        count = len(self._pages)
        self._page = max(0, min(number, count - 1))
        self.canvas.show_image(self._pages[self._page] if count else QImage())
        self.canvas.mark(None)
        self.turn.setEnabled(self.form is not None and self.form.recognised)
        self.page_label.setText(f"{self._page + 1} / {count}" if count else "没有图片")
        self.back.setEnabled(self._page > 0)
        self.next.setEnabled(self._page + 1 < count)

    def show_place(self, name: str) -> None:
        """Frame where a field was read."""
        if self.form is None:
            return
        box = next((element.box for element in self.form.fields if element.name == name), None)
        if box is not None and box.page - 1 != self._page and box.page <= len(self._pages):
            self.show_page(box.page - 1)
        self.canvas.mark(box if self._pages else None)

    def values(self) -> list[tuple[str, str]]:
        """The form as the clerk left it."""
        return [(name, field.text().strip()) for name, field in self.fields.items()]

    def _ask_save(self) -> None:
        dialog = QFileDialog(self, "登记到表格（已有的表格会追加一行）", "收文登记.xlsx", "表格 (*.xlsx)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setDefaultSuffix("xlsx")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.register_to(Path(name)))
        dialog.open()

    def register_to(self, target: Path) -> None:
        """Append the form to a sheet."""

        async def write() -> None:
            await self._service.export_form(self.values(), target)
            self._tell(f"已登记到“{target.name}”", "ok")

        self._work(write(), "登记", None)

"""Output: format, frame, paper, with a preview of the sheet; written in the background. Source: 3.1.6.4.3."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import msgspec
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from meeting_seat_designer.editor.dialogs.printing import print_sheets
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.engine.geometry import FRAMES
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.exports.export import export_plan
from meeting_seat_designer.exports.options import PlanOptions
from meeting_seat_designer.exports.page import plan_page, plan_pages
from meeting_seat_designer.exports.papers import PAPERS, choose_paper
from meeting_seat_designer.exports.pictures import image
from widgets.controls import Dialog, LoadingButton, label
from widgets.controls.painted import Painted, round_rect
from widgets.theme import ThemeManager

FORMATS = {
    "pdf": "PDF 文件（打印）",
    "png": "PNG 图片",
    "jpg": "JPG 图片",
    "svg": "SVG 矢量图",
    "xlsx": "Excel 座位表和签到表",
}
_PREVIEW_PIXELS = 900
_REST_MS = 150


class SheetPreview(Painted):
    """A sheet of paper, as large as fits."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes)
        self.picture = QImage()
        self.text = "正在生成预览…"
        self.setAccessibleName("输出预览")
        self.setMinimumSize(themes.theme.sizes.dialog, themes.theme.sizes.dialog)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_picture(self, picture: QImage, text: str = "") -> None:
        """Show a sheet, or a text where there is none."""
        self.picture, self.text = picture, text
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        round_rect(painter, area, theme.radius.control, theme.color("canvas"))
        if self.picture.isNull():
            painter.setPen(theme.color("text_2"))
            painter.setFont(theme.font("secondary"))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.text)
            return
        room = area.adjusted(theme.space.l, theme.space.l, -theme.space.l, -theme.space.l)
        scale = min(room.width() / self.picture.width(), room.height() / self.picture.height())
        wide, high = self.picture.width() * scale, self.picture.height() * scale
        sheet = QRectF(room.center().x() - wide / 2, room.center().y() - high / 2, wide, high)
        painter.drawImage(sheet, self.picture)
        painter.setPen(theme.color("line_strong"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(sheet)


class OutputDialog(Dialog):
    """`choose(title, suggested, kinds)` asks where to write and returns a name or ""."""

    def __init__(
        self, editing: Editing, themes: ThemeManager, choose: Callable[[str, str, str], str], parent: QWidget
    ) -> None:
        super().__init__(themes, "导出座位图", parent, width=themes.theme.sizes.picker)
        self._editing, self.choose = editing, choose
        self._asked = 0
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.formats = self._box("格式", FORMATS)
        self.frames = self._box("视角", FRAMES)
        self.frames.setCurrentIndex(self.frames.findData(editing.frame))
        self.papers = self._box(
            "纸张", {"auto": "自动（名字看得清的最小纸张）", **{name: name for name in PAPERS}}
        )
        self.tiles = self._box(
            "拼接打印", {"": "不拼接", **{name: f"拼成多张 {name}" for name in ("A4", "A3")}}
        )
        self.by = self._box("签到表", {"unit": "按单位", "seat": "按座位"})
        self.dpi = QSpinBox()
        self.dpi.setRange(72, 600)
        self.dpi.setValue(200)
        self.dpi.setSuffix(" 点/英寸")
        self.dpi.setAccessibleName("分辨率")
        self._form = QFormLayout()
        self._form.setSpacing(themes.theme.space.s)
        for text, field in (
            ("格式", self.formats),
            ("视角", self.frames),
            ("纸张", self.papers),
            ("拼接打印", self.tiles),
            ("分辨率", self.dpi),
            ("签到表", self.by),
        ):
            self._form.addRow(label(text, "secondary", "weak"), field)
        self.told = label("", "caption", "weak", wrap=True)
        self._form.addRow(self.told)
        self.preview = SheetPreview(themes)
        row = QHBoxLayout()
        row.setSpacing(themes.theme.space.l)
        row.addLayout(self._form, 2)
        row.addWidget(self.preview, 3)
        self.content.addLayout(row, 1)
        self.add_button("取消", slot=self.reject)
        self.print_button = self.add_button("打印…", slot=self.ask_printer)
        self.go = LoadingButton(themes, "导出…")
        self.go.setDefault(True)
        self.go.clicked.connect(self.ask)
        self.foot.addWidget(self.go)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.draw)
        for field in (self.formats, self.frames, self.papers, self.tiles):
            field.currentIndexChanged.connect(self._changed)
        self._changed()
        self.draw()

    def _box(self, name: str, choices: dict[str, str]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        for key, text in choices.items():
            box.addItem(text, key)
        return box

    def _changed(self) -> None:
        kind = self.formats.currentData()
        for field, used in (
            (self.frames, kind != "xlsx"),
            (self.papers, kind != "xlsx"),
            (self.tiles, kind == "pdf"),
            (self.dpi, kind in ("png", "jpg")),
            (self.by, kind == "xlsx"),
        ):
            self._form.setRowVisible(field, used)
        self.print_button.setVisible(kind == "pdf")
        self._rest.start()

    def draw(self) -> None:
        """Draw the preview in the background."""
        self._asked += 1
        number = self._asked
        if self.formats.currentData() == "xlsx":
            self.told.setText("")
            self.preview.show_picture(QImage(), "Excel 文件含座位表（按座位）和签到表，签到表留有签名栏。")
            return
        frozen = msgspec.json.encode(self._editing.document)
        options = PlanOptions(frame=self.frames.currentData())
        paper = self.papers.currentData()

        def work() -> tuple[QImage, str]:
            document = msgspec.json.decode(frozen, type=Document)
            sheet = choose_paper(document, options.frame, paper)
            drawing = plan_page(document, options, sheet.width, sheet.height)
            dpi = max(30, round(_PREVIEW_PIXELS * 25.4 / max(sheet.width, sheet.height)))
            way = "横向" if sheet.width > sheet.height else "纵向"
            return image(drawing, dpi), f"{sheet.name} {way}，{sheet.width:g} × {sheet.height:g} 毫米"

        self._editing.work.run(work, lambda result: self._drawn(number, *result), self._failed, owner=self)

    def _drawn(self, number: int, picture: QImage, text: str) -> None:
        if number == self._asked:
            self.preview.show_picture(picture)
            self.told.setText(text)

    def _failed(self, error: Exception) -> None:
        text = error.text if isinstance(error, SeatingError) else "无法生成，请换一种格式或纸张重试"
        self.preview.show_picture(QImage(), text)

    def ask_printer(self) -> None:
        """Ask which printer, then print the sheet (tiling is for the PDF)."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.print_on(printer))
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()

    def print_on(self, printer: QPrinter) -> None:
        """Print in the background on the chosen paper."""
        frozen = msgspec.json.encode(self._editing.document)
        options = PlanOptions(frame=self.frames.currentData(), printed=date.today().isoformat())
        paper = self.papers.currentData()

        def work() -> int:
            document = msgspec.json.decode(frozen, type=Document)
            sheet = choose_paper(document, options.frame, paper)
            sheets = plan_pages(document, options, sheet.width, sheet.height)
            print_sheets(sheets, printer)
            return len(sheets)

        def done(count: int) -> None:
            self._editing.said.emit(f"已送往打印机，共 {count} 张", "ok")

        self._editing.work.run(work, done, self._failed, owner=self)

    def ask(self) -> None:
        """Ask where to, then write."""
        kind = self.formats.currentData()
        document = self._editing.document
        title = document.meeting.title or document.room.name
        name = re.sub(r'[\\/:*?"<>|\s]+', "_", f"{title}-座位图") + f".{kind}"
        target = self.choose("导出到", name, f"{FORMATS[kind]} (*.{kind})")
        if target:
            self.write(Path(target if target.lower().endswith(f".{kind}") else f"{target}.{kind}"))

    def write(self, target: Path) -> None:
        """Write the file in the background and close."""
        frozen = msgspec.json.encode(self._editing.document)
        kind, frame, paper = (box.currentData() for box in (self.formats, self.frames, self.papers))
        tile = self.tiles.currentData() if kind == "pdf" else ""
        by, dpi = self.by.currentData(), self.dpi.value()
        self.go.set_loading(True, "正在导出…")

        def work() -> None:
            document = msgspec.json.decode(frozen, type=Document)
            export_plan(document, target, kind, frame=frame, paper=paper, tile=tile, by=by, dpi=dpi)

        def done(_result: None) -> None:
            self._editing.said.emit(f"已导出到 {target.name}", "ok")
            self.accept()

        def failed(error: Exception) -> None:
            self.go.set_loading(False)
            self._editing.said.emit(
                error.text if isinstance(error, SeatingError) else "导出没有成功，请换个位置重试", "bad"
            )

        self._editing.work.run(work, done, failed, owner=self)

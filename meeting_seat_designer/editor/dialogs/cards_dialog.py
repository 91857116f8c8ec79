"""Name cards (座牌): style, content, font, order, with a preview sheet by sheet. Source: 3.1.6.4.6."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from meeting_seat_designer.cards.export import card_sheets, export_cards
from meeting_seat_designer.cards.items import ORDERS
from meeting_seat_designer.cards.presets import (
    CONTENTS,
    PRESETS,
    CardPreset,
    copy_of,
    read_preset,
    write_preset,
)
from meeting_seat_designer.editor.dialogs.output_dialog import SheetPreview
from meeting_seat_designer.editor.dialogs.printing import print_sheets
from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.editor.panels.parts import number
from meeting_seat_designer.engine.codec import clone
from meeting_seat_designer.engine.errors import SeatingError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.exports.fonts import FONT_NAMES
from meeting_seat_designer.exports.pictures import image
from widgets.controls import Dialog, IconButton, LoadingButton, button, label
from widgets.theme import ThemeManager

_PREVIEW_DPI = 72
_REST_MS = 150
_STYLE = "座牌样式 (*.json)"


class CardsDialog(Dialog):
    """`preset` is the style being edited. `choose_file`, `choose_target` ask for files (see DialogDesk)."""

    def __init__(
        self,
        editing: Editing,
        themes: ThemeManager,
        choose_file: Callable[[str, str], str],
        choose_target: Callable[[str, str, str], str],
        parent: QWidget,
    ) -> None:
        super().__init__(themes, "座牌", parent, width=themes.theme.sizes.picker)
        self._editing = editing
        self.choose_file, self.choose_target = choose_file, choose_target
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.preset: CardPreset = copy_of(next(iter(PRESETS)))
        self.page = 0
        self.pages = 0
        self._asked = 0
        self._filling = False
        self.styles = self._box("样式", {key: preset.label for key, preset in PRESETS.items()})
        self.styles.activated.connect(self._style)
        self.contents = self._box("内容", CONTENTS)
        self.fonts = self._box("字体", {name: name for name in FONT_NAMES})
        self.orders = self._box("打印顺序", ORDERS)
        self.spread = QCheckBox("两字姓名拉宽到三字")
        self.code = QCheckBox("印座位号")
        self.marks = QCheckBox("印折线和裁切线")
        self.width_field = number(themes, "纸片宽", self.preset.width, 20, 1189, self._sized)
        self.height_field = number(themes, "纸片高", self.preset.height, 20, 1189, self._sized)
        form = QFormLayout()
        form.setSpacing(themes.theme.space.s)
        for text, field in (
            ("样式", self.styles),
            ("内容", self.contents),
            ("姓名字体", self.fonts),
            ("打印顺序", self.orders),
            ("纸片宽", self.width_field),
            ("纸片高", self.height_field),
        ):
            form.addRow(label(text, "secondary", "weak"), field)
        for check in (self.spread, self.code, self.marks):
            form.addRow(check)
            check.toggled.connect(lambda _on: self._edited())
        for box in (self.contents, self.fonts, self.orders):
            box.activated.connect(lambda _index: self._edited())
        files = QHBoxLayout()
        files.setSpacing(themes.theme.space.xs)
        self.open_style = button("打开样式…", size="small")
        self.open_style.clicked.connect(self._open_style)
        self.save_style = button("保存样式…", size="small")
        self.save_style.clicked.connect(self._save_style)
        files.addWidget(self.open_style)
        files.addWidget(self.save_style)
        files.addStretch(1)
        form.addRow(files)
        self.told = label("", "caption", "weak", wrap=True)
        self.warned = label("", "caption", "warn", wrap=True)
        form.addRow(self.told)
        form.addRow(self.warned)
        self.preview = SheetPreview(themes)
        self.before = IconButton(themes, "chevron-left", "上一张")
        self.before.clicked.connect(lambda: self.turn(-1))
        self.after = IconButton(themes, "chevron-right", "下一张")
        self.after.clicked.connect(lambda: self.turn(1))
        self.count = label("", "secondary", "weak")
        pager = QHBoxLayout()
        pager.addStretch(1)
        for one in (self.before, self.count, self.after):
            pager.addWidget(one)
        pager.addStretch(1)
        sheet = QVBoxLayout()
        sheet.addWidget(self.preview, 1)
        sheet.addLayout(pager)
        row = QHBoxLayout()
        row.setSpacing(themes.theme.space.l)
        row.addLayout(form, 2)
        row.addLayout(sheet, 3)
        self.content.addLayout(row, 1)
        self.add_button("取消", slot=self.reject)
        self.print_button = self.add_button("打印…", slot=self.ask_printer)
        self.go = LoadingButton(themes, "导出 PDF…")
        self.go.setDefault(True)
        self.go.clicked.connect(self.ask)
        self.foot.addWidget(self.go)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.draw)
        self._show_preset()
        self.draw()

    def _box(self, name: str, choices: dict[str, str]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        for key, text in choices.items():
            box.addItem(text, key)
        return box

    # the style

    def _style(self, _index: int) -> None:
        key = self.styles.currentData()
        if key in PRESETS:
            self.preset = copy_of(key)
            self._show_preset()
            self._rest.start()

    def _show_preset(self) -> None:
        self._filling = True
        preset = self.preset
        self.contents.setCurrentIndex(self.contents.findData(preset.content))
        if self.fonts.findData(preset.font) < 0:
            self.fonts.addItem(preset.font, preset.font)
        self.fonts.setCurrentIndex(self.fonts.findData(preset.font))
        for check, on in (
            (self.spread, preset.spread),
            (self.code, preset.seat_code),
            (self.marks, preset.marks),
        ):
            check.setChecked(on)
        self.width_field.setValue(preset.width)
        self.height_field.setValue(preset.height)
        self._filling = False

    def _edited(self) -> None:
        if self._filling:
            return
        preset = self.preset
        preset.content, preset.font = self.contents.currentData(), self.fonts.currentData()
        preset.spread, preset.seat_code = self.spread.isChecked(), self.code.isChecked()
        preset.marks = self.marks.isChecked()
        self._rest.start()

    def _sized(self, _value: float) -> None:
        """Faces, folds and cuts keep their share of the piece."""
        preset = self.preset
        if self._filling or (self.width_field.value(), self.height_field.value()) == (
            preset.width,
            preset.height,
        ):
            return
        across = self.width_field.value() / preset.width
        down = self.height_field.value() / preset.height
        for face in preset.faces:
            face.x, face.w = face.x * across, face.w * across
            face.y, face.h = face.y * down, face.h * down
        preset.folds = [fold * down for fold in preset.folds]
        preset.cuts = [cut * down for cut in preset.cuts]
        preset.stamp = preset.stamp * down if preset.stamp > 0 else preset.stamp
        preset.width, preset.height = self.width_field.value(), self.height_field.value()
        self._rest.start()

    def _open_style(self) -> None:
        name = self.choose_file("打开座牌样式", _STYLE)
        if name:
            self._editing.work.run(lambda: read_preset(Path(name)), self._opened, self._failed, owner=self)

    def _opened(self, preset: CardPreset) -> None:
        self.preset = preset
        self.styles.addItem(preset.label or preset.id, "")
        self.styles.setCurrentIndex(self.styles.count() - 1)
        self._show_preset()
        self.draw()

    def _save_style(self) -> None:
        name = self.choose_target("保存座牌样式", f"{self.preset.label or '座牌样式'}.json", _STYLE)
        if name:
            preset = clone(self.preset)
            target = Path(name if name.endswith(".json") else f"{name}.json")
            self._editing.work.run(
                lambda: write_preset(target, preset),
                lambda _result: self._editing.said.emit(f"样式已保存到 {target.name}", "ok"),
                self._failed,
                owner=self,
            )

    # the sheets

    def turn(self, step: int) -> None:
        """Show another sheet."""
        page = max(0, min(self.pages - 1, self.page + step))
        if page != self.page:
            self.page = page
            self.draw()

    def draw(self) -> None:
        """Compose all cards in the background and show one sheet."""
        self._asked += 1
        asked, page, order = self._asked, self.page, self.orders.currentData()
        frozen = msgspec.json.encode(self._editing.document)
        preset = clone(self.preset)

        def work() -> tuple[QImage, int, int, int, list[str]]:
            sheets = card_sheets(msgspec.json.decode(frozen, type=Document), preset, order)
            shown = min(page, len(sheets.pages) - 1)
            return (
                image(sheets.pages[shown], _PREVIEW_DPI),
                shown,
                len(sheets.pages),
                sheets.count,
                sheets.warnings,
            )

        self._editing.work.run(work, lambda result: self._drawn(asked, *result), self._failed, owner=self)

    def _drawn(
        self, asked: int, picture: QImage, page: int, pages: int, count: int, warned: list[str]
    ) -> None:
        if asked != self._asked:
            return
        self.page, self.pages = page, pages
        self.preview.show_picture(picture)
        self.count.setText(f"第 {page + 1} / {pages} 张")
        self.before.setEnabled(page > 0)
        self.after.setEnabled(page + 1 < pages)
        self.told.setText(f"共 {count} 个座牌，{pages} 张 {self.preset.paper} 纸")
        self.warned.setText("\n".join(warned[:4]))
        self.warned.setVisible(bool(warned))
        self.go.setEnabled(True)
        self.print_button.setEnabled(True)

    def _failed(self, error: Exception) -> None:
        text = error.text if isinstance(error, SeatingError) else "无法生成座牌，请换一种样式重试"
        self.preview.show_picture(QImage(), text)
        self.count.setText("")
        self.go.set_loading(False)
        self.go.setEnabled(False)
        self.print_button.setEnabled(False)

    def ask_printer(self) -> None:
        """Ask which printer, then print every sheet in order."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.print_on(printer))
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()

    def print_on(self, printer: QPrinter) -> None:
        """Print in the background."""
        frozen = msgspec.json.encode(self._editing.document)
        preset, order = clone(self.preset), self.orders.currentData()
        self.print_button.setEnabled(False)

        def work() -> int:
            sheets = card_sheets(msgspec.json.decode(frozen, type=Document), preset, order)
            print_sheets(sheets.pages, printer)
            return len(sheets.pages)

        def done(count: int) -> None:
            self.print_button.setEnabled(True)
            self._editing.said.emit(f"已送往打印机，共 {count} 张", "ok")

        self._editing.work.run(work, done, self._failed, owner=self)

    def ask(self) -> None:
        """Ask where to, then write."""
        title = self._editing.document.meeting.title or self._editing.document.room.name
        name = re.sub(r'[\\/:*?"<>|\s]+', "_", f"{title}-座牌") + ".pdf"
        target = self.choose_target("导出座牌", name, "PDF 文件 (*.pdf)")
        if target:
            self.write(Path(target if target.lower().endswith(".pdf") else f"{target}.pdf"))

    def write(self, target: Path) -> None:
        """Write the PDF in the background and close."""
        frozen = msgspec.json.encode(self._editing.document)
        preset, order = clone(self.preset), self.orders.currentData()
        self.go.set_loading(True, "正在导出…")

        def work() -> int:
            document = msgspec.json.decode(frozen, type=Document)
            return export_cards(document, target, preset, order=order).count

        def done(count: int) -> None:
            self._editing.said.emit(f"{count} 个座牌已导出到 {target.name}", "ok")
            self.accept()

        self._editing.work.run(work, done, self._failed, owner=self)

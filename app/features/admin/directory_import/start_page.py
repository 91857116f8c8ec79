"""Where an import begins: drop or choose a file, or fetch the template first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.shell.problems import Problem
from widgets.controls import Banner, Painted, button, label
from widgets.theme import ThemeManager

STEPS = (
    "下载模板，一人一行填写姓名、手机号和所在单位；一人多职时每个职务一行。已有通讯录的，可先导出现有的，改好再导入。",
    "选择填好的文件。服务器逐行核对并给出预览：谁新增、谁变更、哪一行哪一列有问题、怎么改。此时不写入任何内容。",
    "全部正确就一次导入；有错的可以改好重新选择，也可以只导入正确的行。写入要么全部成功，要么什么都不变。",
)


class DropZone(Painted):
    """Signals: `dropped(list[Path])`; `clicked()`."""

    dropped = Signal(object)
    clicked = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(themes)
        self._over = False
        self.setAcceptDrops(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("把表格拖到这里，或点按选择文件")
        theme, space = themes.theme, themes.theme.space
        self.setMinimumHeight(theme.grow(theme.sizes.detail))
        column = QVBoxLayout(self)
        column.setContentsMargins(space.xl, space.xl + theme.sizes.icon_hero, space.xl, space.xl)
        column.setSpacing(space.s)
        column.addStretch(1)
        for words, role in (("把表格拖到这里", "title"), (".xlsx 或 .csv，最多 40 万行、64 MB", "caption")):
            line = label(words, role)  # type: ignore[arg-type]
            line.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(line)
        self.choose = button("选择文件…", "primary")
        self.choose.clicked.connect(self.clicked)
        column.addSpacing(space.xs)
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("brand" if self._over else "line_strong"), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(theme.color("brand_weak" if self._over else "list"))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.radius.card, theme.radius.card
        )
        side = theme.sizes.icon_hero * 0.8
        spot = QRectF((self.width() - side) / 2, theme.space.xl, side, side)
        self.themes.icons.paint(painter, "upload", spot, "brand_text" if self._over else "text_3")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._over = True
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._over = False
        self.update()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)


class StartPage(QScrollArea):
    """Signals: `chosen(list[Path])`, `choose_wanted()`, `template_wanted()`, `export_wanted()`."""

    chosen = Signal(object)
    choose_wanted = Signal()
    template_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme, space = themes.theme, themes.theme.space
        body = QWidget()
        outer = QHBoxLayout(body)
        outer.setContentsMargins(space.section, space.xxl, space.section, space.xxl)
        host = QWidget()
        host.setMaximumWidth(theme.sizes.dialog_wide + theme.sizes.panel // 2)
        outer.addWidget(host, 100)
        outer.addStretch(1)
        column = QVBoxLayout(host)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        head = QHBoxLayout()
        head.setSpacing(space.s)
        head.addWidget(label("导入通讯录", "headline"), 1)
        self.template = button("下载模板…")
        self.export = button("导出现有通讯录…")
        for one in (self.template, self.export):
            head.addWidget(one)
        column.addLayout(head)
        self.notice = Banner(themes, "", "bad")
        self.notice.hide()
        column.addWidget(self.notice)
        self.zone = DropZone(themes)
        column.addWidget(self.zone)
        self.create_units = QCheckBox("自动新建不存在的单位")
        self.create_units.setAccessibleDescription("不勾选时，文件中写错的单位名称会作为错误列出")
        column.addWidget(self.create_units)
        column.addWidget(
            label(
                "首次导入请勾选。平时建议不勾选：单位名称写错时会列为错误，而不会多出一个单位。",
                "caption",
                wrap=True,
            )
        )
        column.addSpacing(space.s)
        for number, words in enumerate(STEPS, 1):
            line = QHBoxLayout()
            line.setSpacing(space.m)
            mark = label(str(number), "body", "brand")
            mark.setFixedWidth(space.l)
            line.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(label(words, "secondary", wrap=True), 1)
            column.addLayout(line)
        column.addStretch(1)
        self.setWidget(body)
        self.zone.dropped.connect(self.chosen)
        self.zone.clicked.connect(self.choose_wanted)
        self.template.clicked.connect(self.template_wanted)
        self.export.clicked.connect(self.export_wanted)

    def say(self, problem: Problem | None, kind: str = "bad") -> None:
        """Show a sentence over the zone, or none."""
        self.notice.setVisible(problem is not None)
        if problem is not None:
            self.notice.say(problem.text, kind)  # type: ignore[arg-type]

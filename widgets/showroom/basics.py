"""Gallery pages of the standard and the small controls."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets.controls import (
    Avatar,
    AvatarSpec,
    Badge,
    Banner,
    Chip,
    ElidedLabel,
    EmptyState,
    FilterItem,
    FilterTabs,
    IconButton,
    LoadingButton,
    Painted,
    PasswordField,
    ProgressBar,
    ProgressLine,
    ProgressRing,
    SearchField,
    Skeleton,
    Switch,
    button,
    label,
    pill,
)
from widgets.theme import ThemeManager


def page(themes: ThemeManager) -> tuple[QWidget, QVBoxLayout]:
    """An empty page and its column."""
    made = QWidget()
    column = QVBoxLayout(made)
    space = themes.theme.space
    column.setContentsMargins(space.section, space.xxl, space.section, space.xxl)
    column.setSpacing(space.l)
    return made, column


def row(*widgets: QWidget) -> QHBoxLayout:
    """Side by side, to the left."""
    made = QHBoxLayout()
    for one in widgets:
        made.addWidget(one)
    made.addStretch(1)
    return made


def buttons(themes: ThemeManager) -> QWidget:
    """Buttons of every kind, size and state."""
    made, column = page(themes)
    kinds = {
        "primary": "发送",
        "secondary": "座牌",
        "ghost": "取消",
        "danger": "删除",
        "link": "查看全部",
        "secret": "密聊",
    }
    for size in ("", "small", "large"):
        column.addLayout(row(*(button(text, kind, size) for kind, text in kinds.items())))
    off = [button(text, kind) for kind, text in kinds.items()]
    for one in off:
        one.setEnabled(False)
    column.addLayout(row(*off))
    with_icon = [button(text, kind) for kind, text in (("primary", "新建会议"), ("secondary", "导出"))]
    with_icon[0].setIcon(themes.icons.icon("plus", "on_brand"))
    with_icon[1].setIcon(themes.icons.icon("download", "text"))
    busy = LoadingButton(themes, "登录")
    busy.set_loading(True, "正在登录…")
    focused = QPushButton("有焦点")
    focused.setProperty("kind", "primary")
    column.addLayout(row(*with_icon, busy, focused))
    names = ("search", "phone", "video", "shield", "more", "pin", "mute", "settings")
    icon_buttons = [IconButton(themes, name, name) for name in names]
    icon_buttons[3].setCheckable(True)
    icon_buttons[3].setChecked(True)
    icon_buttons[5].setEnabled(False)
    icon_buttons[6].set_badge(8)
    column.addLayout(row(*icon_buttons))
    column.addLayout(row(*(pill(text, tone) for text, tone in (
        ("国密加密", "ok"), ("主会场", "brand"), ("2 处提醒", "warn"), ("已撤销", "bad"), ("最高", "secret"), ("草稿", "neutral"),
    ))))  # fmt: skip
    for role in ("display", "headline", "title", "body", "secondary", "caption", "micro"):
        column.addWidget(label(f"城区防汛调度工作群 Ag 0371（{role}）", role))
    column.addStretch(1)
    return made


def fields(themes: ThemeManager) -> QWidget:
    """Everything that is filled in."""
    made, column = page(themes)
    form = QFormLayout()
    form.setHorizontalSpacing(themes.theme.space.l)
    form.setVerticalSpacing(themes.theme.space.m)
    wrong = QLineEdit("1380000")
    wrong.setProperty("state", "error")
    off = QLineEdit("不能修改")
    off.setEnabled(False)
    hint = QLineEdit()
    hint.setPlaceholderText("账号或手机号")
    combo = QComboBox()
    combo.addItems(["市政府办公室", "市应急管理局", "市自然资源和规划局"])
    spin = QSpinBox()
    spin.setValue(12)
    password = PasswordField(themes)
    password.edit.setText("secret")
    text = QPlainTextEdit("汛期 24 小时值守，重要情况用 DING。\n第二行")
    text.setFixedHeight(72)
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setValue(40)
    for name, widget in (
        ("搜索", SearchField(themes, "搜索人、群、消息、文件", "Ctrl+K")),
        ("单行", QLineEdit("王建国")),
        ("提示", hint),
        ("有误", wrong),
        ("停用", off),
        ("密码", password),
        ("下拉", combo),
        ("数字", spin),
        ("时间", QDateTimeEdit()),
        ("多行", text),
        ("滑块", slider),
    ):
        form.addRow(label(name, "secondary"), widget)
    column.addLayout(form)
    checks = [QCheckBox("记住账号"), QCheckBox("已选中"), QCheckBox("部分"), QCheckBox("停用")]
    checks[1].setChecked(True)
    checks[2].setTristate(True)
    checks[2].setCheckState(Qt.CheckState.PartiallyChecked)
    checks[3].setEnabled(False)
    radios = [QRadioButton("Enter 发送"), QRadioButton("Ctrl+Enter 发送")]
    radios[0].setChecked(True)
    switches = [Switch(themes, "开", True), Switch(themes, "关"), Switch(themes, "停用", True)]
    switches[2].setEnabled(False)
    column.addLayout(row(*checks, *radios, *switches))
    column.addStretch(1)
    return made


def containers(themes: ThemeManager) -> QWidget:
    """Tabs, table, tree, group box, progress."""
    made, column = page(themes)
    tabs = QTabWidget()
    table = QTableWidget(12, 4)
    table.setHorizontalHeaderLabels(["姓名", "单位", "职务", "状态"])
    table.verticalHeader().hide()
    table.horizontalHeader().setStretchLastSection(True)
    table.setShowGrid(False)
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    people = ("王建国", "赵敏", "孙丽华", "李强", "陈伟", "周明")
    for number in range(12):
        for place, text in enumerate((people[number % 6], "市应急局", "副局长", "在线")):
            table.setItem(number, place, QTableWidgetItem(text))
    table.selectRow(2)
    tabs.addTab(table, "人员")
    tree = QTreeWidget()
    tree.setHeaderHidden(True)
    root = QTreeWidgetItem(["河南省郑州市"])
    for name in ("市政府办公室", "市应急管理局", "中原区"):
        child = QTreeWidgetItem([name])
        child.addChild(QTreeWidgetItem(["综合处"]))
        root.addChild(child)
    tree.addTopLevelItem(root)
    tree.expandAll()
    names = QListWidget()
    names.addItems(["第一项", "第二项", "第三项"])
    names.setCurrentRow(1)
    tabs.addTab(QWidget(), "单位")
    tabs.addTab(QWidget(), "日志")
    tabs.setFixedHeight(260)
    column.addWidget(tabs)
    group = QGroupBox("通知")
    inner = QVBoxLayout(group)
    inner.addWidget(QCheckBox("显示消息内容"))
    inner.addWidget(QCheckBox("播放提示音"))
    side = QHBoxLayout()
    for one in (tree, names, group):
        one.setFixedHeight(180)
        side.addWidget(one)
    column.addLayout(side)
    bar = QProgressBar()
    bar.setValue(62)
    column.addWidget(bar)
    lines = ProgressLine(themes, "正在导入 1,204 人，已完成 62%")
    lines.set_progress(0.62)
    column.addWidget(lines)
    column.addStretch(1)
    return made


def small(themes: ThemeManager) -> QWidget:
    """Avatars, badges, chips, tabs, rings, long names."""
    made, column = page(themes)
    specs = [
        AvatarSpec(name, name)
        for name in ("王建国", "赵敏", "孙丽华", "李强", "陈伟", "周明", "Alice", "8 号楼")
    ]
    column.addLayout(row(*(Avatar(themes, spec) for spec in specs)))
    states = [AvatarSpec("王", "王", presence=one) for one in ("online", "busy", "away", "offline")]
    mosaic = [AvatarSpec(name="群", members=tuple(specs[:count])) for count in (1, 2, 3, 4)]
    hidden = [AvatarSpec("王", pixelated=True), AvatarSpec("密聊", color="secret", icon="shield")]
    column.addLayout(row(*(Avatar(themes, spec) for spec in (*states, *mosaic, *hidden))))
    column.addLayout(row(*(Avatar(themes, specs[0], size) for size in (24, 36, 40, 48, 72))))
    column.addLayout(
        row(
            *(Badge(themes, count) for count in (1, 12, 99, 100)),
            Badge(themes, 7, "muted"),
            Badge(themes, 3, "secret"),
        )
    )
    items = [
        FilterItem("all", "全部"),
        FilterItem("unread", "未读", 12),
        FilterItem("at", "@我"),
        FilterItem("group", "群聊"),
        FilterItem("single", "单聊"),
    ]
    column.addWidget(FilterTabs(themes, items))
    narrow = FilterTabs(themes, items)
    narrow.setFixedWidth(260)
    column.addWidget(narrow)
    column.addLayout(row(Chip(themes, "王建国"), Chip(themes, "市应急管理局", removable=False)))
    long = ElidedLabel(
        themes, "河南省郑州市中原区桐柏路街道办事处防汛抗旱指挥部办公室应急值守调度工作群（2026 年汛期）"
    )
    long.setFixedWidth(300)
    column.addWidget(long)
    column.addLayout(
        row(ProgressRing(themes, 0.35), ProgressRing(themes, None), ProgressRing(themes, 1.0, 40, "ok"))
    )
    bar = ProgressBar(themes, 0.4)
    column.addWidget(bar)
    column.addWidget(ProgressBar(themes, None))
    column.addStretch(1)
    return made


def states(themes: ThemeManager) -> QWidget:
    """Banners, empty state and skeletons."""
    made, column = page(themes)
    for kind, text in (
        ("info", "已离线，正在显示本机保存的内容"),
        ("ok", "已恢复连接"),
        ("warn", "高远缺少职级，未参与排座"),
        ("bad", "与服务器的连接已断开，发出的消息会在恢复后自动送出"),
    ):
        column.addWidget(Banner(themes, text, kind, "重试", closable=kind != "bad"))  # type: ignore[arg-type]
    grid = QGridLayout()
    grid.setSpacing(themes.theme.space.l)
    empty = EmptyState(
        themes, "message", "还没有会话", "从通讯录找到同事，点“发消息”就可以开始。", "打开通讯录"
    )
    grid.addWidget(empty, 0, 0)
    grid.addWidget(Skeleton(themes, "list"), 0, 1)
    grid.addWidget(Skeleton(themes, "bubbles"), 0, 2)
    column.addLayout(grid, 1)
    return made


class _IconSheet(Painted):
    CELL = 72

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("content"))
        painter.setFont(self.theme.font("micro"))
        columns = max(1, self.width() // self.CELL)
        for number, name in enumerate(self.themes.icons.names()):
            left, top = number % columns * self.CELL, number // columns * self.CELL
            self.themes.icons.paint(painter, name, QRectF(left + 24, top + 12, 24, 24), "text_2")
            painter.setPen(self.theme.color("text_2"))
            room = QRectF(left, top + 42, self.CELL, 16)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name)


def icons(themes: ThemeManager) -> QWidget:
    """The whole icon set."""
    return _IconSheet(themes)

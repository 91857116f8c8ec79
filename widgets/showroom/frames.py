"""Gallery pages of what frames other widgets: rail, split layout, toasts, dialogs, watermark."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from widgets.controls import (
    AvatarSpec,
    ConfirmDialog,
    ErrorDialog,
    IconButton,
    NavigationRail,
    RailItem,
    SplitLayout,
    ToastHost,
    WatermarkOverlay,
    label,
    pill,
    surface,
)
from widgets.theme import ThemeManager

PLACES = (
    RailItem("message", "message", "消息"),
    RailItem("contacts", "contacts", "通讯录"),
    RailItem("ding", "ding", "DING"),
    RailItem("calendar", "calendar", "日程"),
    RailItem("todo", "todo", "待办"),
    RailItem("meeting", "meeting", "会议"),
    RailItem("drive", "drive", "云盘"),
    RailItem("workbench", "workbench", "工作台"),
    RailItem("assistant", "assistant", "助手"),
)
BOTTOM = (RailItem("lock", "lock", "锁定", selectable=False), RailItem("settings", "settings", "设置"))


def rail(themes: ThemeManager) -> NavigationRail:
    """The product's rail with fake badges."""
    made = NavigationRail(themes, PLACES, BOTTOM, AvatarSpec("李强", "liqiang", presence="online"))
    made.set_badge("message", 12)
    made.set_badge("todo", 128)
    return made


def chat_header(themes: ThemeManager) -> QWidget:
    """The line above a conversation."""
    made = surface("content", "bottom")
    made.setFixedHeight(themes.theme.grow(themes.theme.sizes.header))
    row = QHBoxLayout(made)
    row.setContentsMargins(themes.theme.space.xl, 0, themes.theme.space.l, 0)
    row.setSpacing(themes.theme.space.m)
    row.addWidget(label("城区防汛调度工作群", "title"))
    row.addWidget(label("86 人", "caption"))
    row.addWidget(pill("国密加密", "ok"))
    row.addStretch(1)
    for name, text in (
        ("search", "搜索"),
        ("phone", "语音"),
        ("video", "视频"),
        ("shield", "密聊"),
        ("more", "更多"),
    ):
        row.addWidget(IconButton(themes, name, text))
    return made


def shell(themes: ThemeManager) -> QWidget:
    """Rail, list, content and panel with a watermark."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addWidget(rail(themes))
    split = SplitLayout(themes)
    content = surface("content")
    column = QVBoxLayout(content)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(chat_header(themes))
    column.addStretch(1)
    split.set_list(surface("list", "right"))
    split.set_content(content)
    panel = surface("panel", "left")
    inner = QVBoxLayout(panel)
    inner.addWidget(label("群公告", "body"))
    card = surface("card")
    text = QVBoxLayout(card)
    text.addWidget(
        label("汛期 24 小时值守，重要情况用 DING。值班电话 0371-00000000。", "secondary", wrap=True)
    )
    inner.addWidget(card)
    inner.addStretch(1)
    split.set_panel(panel, open_now=True)
    row.addWidget(split, 1)
    WatermarkOverlay(themes, content, "李强 3721")
    return made


def toasts(themes: ThemeManager) -> QWidget:
    """Three toasts over a page."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.addWidget(QLabel(""), 1)
    host = ToastHost(themes, made)

    def show() -> None:
        host.show("已复制", "ok")
        host.show("“三季度用地指标.xlsx”已存到“下载”", "info", "打开文件夹")
        host.show("没有送出：网络已断开。恢复后会自动重发。", "bad")

    QTimer.singleShot(0, show)
    return made


def confirm(themes: ThemeManager) -> QWidget:
    """A question."""
    return ConfirmDialog(
        themes, "退出登录？", "退出后不再收到新消息，本机保存的内容仍然加密保存。", "退出登录"
    )


def danger(themes: ThemeManager) -> QWidget:
    """A question about something that cannot be undone."""
    text = "“三季度用地指标.xlsx”会从所有成员的云盘中消失，不能恢复。"
    return ConfirmDialog(themes, "删除文件？", text, "删除", danger=True)


def error(themes: ThemeManager) -> QWidget:
    """An error with its detail unfolded."""
    made = ErrorDialog(
        themes,
        "文件没有上传",
        "磁盘空间不足。请清理 D 盘，或在“设置 - 数据”里换一个位置，然后重试。",
        "OSError: [Errno 28] No space left on device\nfile: 三季度用地指标.xlsx\nsize: 20,971,520 B",
        "重试",
    )
    made.fold.setChecked(True)
    return made

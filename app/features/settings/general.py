"""General settings and notifications (E156, E162): they hold for this profile on this computer."""

from __future__ import annotations

from app.preferences import Preferences
from widgets.controls import Banner, Switch
from widgets.theme import ThemeManager

from .parts import SettingsSection, choice
from .service import Autostart

THEME_CHOICES = (("system", "跟随系统"), ("light", "浅色"), ("dark", "深色"), ("contrast", "高对比度"))
FONT_CHOICES = (("small", "小"), ("standard", "标准"), ("large", "大"), ("extra", "特大"))
SEND_CHOICES = (
    ("enter", "Enter 发送，Ctrl+Enter 换行"),
    ("ctrl_enter", "Ctrl+Enter 发送，Enter 换行"),
)


class GeneralSection(SettingsSection):
    """Look, writing, starting."""

    def __init__(self, themes: ThemeManager, preferences: Preferences, autostart: Autostart) -> None:
        super().__init__(themes, "通用")
        self._autostart = autostart
        values = preferences.values
        look = self.add_group("外观")
        self.theme_box = choice(THEME_CHOICES, values.theme, "主题")
        self.theme_box.activated.connect(lambda _n: preferences.set(theme=self.theme_box.currentData()))
        look.add_row("主题", control=self.theme_box)
        self.font_box = choice(FONT_CHOICES, values.font_size, "字体大小")
        self.font_box.activated.connect(lambda _n: preferences.set(font_size=self.font_box.currentData()))
        look.add_row("字体大小", "聊天、列表和按钮的文字一起变化", self.font_box)
        writing = self.add_group("聊天")
        self.send_box = choice(SEND_CHOICES, values.send_key, "发送消息")
        self.send_box.activated.connect(lambda _n: preferences.set(send_key=self.send_box.currentData()))
        writing.add_row("发送消息", control=self.send_box)
        self.links = Switch(themes, "发送链接时附上网页标题", values.link_previews)
        self.links.toggled.connect(lambda on: preferences.set(link_previews=on))
        writing.add_row(
            "发送链接时附上网页标题", "输入网址时由这台电脑读取该网页；接收人的电脑不访问它", self.links
        )
        self.file_texts = Switch(themes, "查找聊天文件的内容", values.file_texts)
        self.file_texts.toggled.connect(lambda on: preferences.set(file_texts=on))
        writing.add_row(
            "查找聊天文件的内容",
            "空闲时读取本机已收发的文档，供搜索和助手查找；文字只存在本机的加密库里，关闭后立即清除",
            self.file_texts,
        )
        start = self.add_group("启动和关闭")
        self.tray = Switch(themes, "关闭窗口后继续接收消息", values.close_to_tray)
        self.tray.toggled.connect(lambda on: preferences.set(close_to_tray=on))
        start.add_row("关闭窗口后继续接收消息", "窗口收到托盘；桌面没有托盘时，关闭窗口即退出", self.tray)
        self.start = Switch(themes, "开机后自动启动", False)
        if autostart.available:
            start.add_row("开机后自动启动", control=self.start)
        self.problem = Banner(themes, "自动启动没有设置成功，请检查主文件夹是否可写。", "bad")
        self.problem.hide()
        self.column.addWidget(self.problem)
        self.finish()
        self.start.toggled.connect(self._set_autostart)

    def entered(self) -> None:
        """The desktop's own settings may have changed it."""
        self.start.blockSignals(True)
        self.start.setChecked(self._autostart.available and self._autostart.is_on())
        self.start.blockSignals(False)

    def _set_autostart(self, on: bool) -> None:
        try:
            self._autostart.set_on(on)
            self.problem.hide()
        except OSError:
            self.problem.show()
            self.entered()


class NotificationSection(SettingsSection):
    """Whether and how new messages are announced."""

    def __init__(self, themes: ThemeManager, preferences: Preferences) -> None:
        super().__init__(themes, "通知")
        values = preferences.values
        group = self.add_group()
        self.on = Switch(themes, "新消息通知", values.notifications)
        group.add_row("新消息通知", "在桌面右下角或通知中心提示；免打扰的会话只在有人 @我 时提示", self.on)
        self.text = Switch(themes, "通知中显示消息内容", values.notification_text)
        group.add_row("通知中显示消息内容", "关闭后只提示“收到一条新消息”，适合有旁人的办公室", self.text)
        self.text.setEnabled(values.notifications)
        self.on.toggled.connect(lambda on: preferences.set(notifications=on))
        self.on.toggled.connect(self.text.setEnabled)
        self.text.toggled.connect(lambda on: preferences.set(notification_text=on))
        self.finish()

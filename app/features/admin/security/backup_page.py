"""Backup and restore of all keys, by two administrators with a share each (3.3.4)."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from widgets.controls import button
from widgets.theme import ThemeManager

from .service import KeyConsole
from .twofold import AskTwofold
from .twofold_page import TwofoldSection

_KINDS = "密钥备份 (*.zdkey);;所有文件 (*)"


class BackupSection(TwofoldSection):
    """Ask for a backup or a restore; confirm those of others; take shares and files."""

    def __init__(self, service: KeyConsole, themes: ThemeManager, parent: QWidget | None = None) -> None:
        explanation = (
            "备份文件加密保存，两位管理员各持一份密钥分量，合在一起才能打开。请定期备份，并在另一台机器上演练恢复。"
            "恢复只补回缺失的密钥，已销毁的不会复活。"
        )
        super().__init__(service, themes, "备份与恢复", explanation, ("backup", "restore"), parent)
        self.restore, self.backup = button("恢复…"), button("备份全部密钥…", "primary")
        self.restore.clicked.connect(self._ask_restore)
        self.backup.clicked.connect(self._ask_backup)
        self.tools.addWidget(self.restore)
        self.tools.addWidget(self.backup)
        self.add_list("备份与恢复的申请")

    def _ask_backup(self) -> None:
        words = "另一位管理员确认后开始备份。完成后请下载文件，并各自领取密钥分量。"
        dialog = AskTwofold(self.themes, "backup", words, lambda: "", self.window())
        self.ask(dialog, lambda one: self.service.backup(one.reason.text().strip()), "发起备份")

    def _ask_restore(self) -> None:
        words = "选择备份文件，并输入您保管的密钥分量；另一位管理员确认时输入另一份。"
        dialog = AskTwofold(self.themes, "restore", words, lambda: self.ask_open(_KINDS), self.window())
        self.ask(
            dialog,
            lambda one: self.service.restore(one.path, one.share.text().strip(), one.reason.text().strip()),
            "发起恢复",
        )

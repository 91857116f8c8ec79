"""Behind the own picture at the top left: status, picture, focus, the rail's order (E059, E067, E068, E069, E148)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMenu

from app.features.chat.avatar_pictures import square_png
from app.features.chat.group_code import PersonCodeDialog
from app.features.chat.list_arrangement import ListArrangement
from app.features.chat.list_arranging import ListArranging
from app.features.chat.presence import presence_of, state_text
from app.features.chat.service import ChatService
from app.features.chat.status_dialog import StatusDialog
from app.session.session import Session
from app.shell.tasks import Tasks
from app.shell.window import MainWindow
from app.store.changes import Change
from widgets.controls import AvatarSpec
from widgets.theme import ThemeManager


class OwnMenu(QObject):
    """Signals: `settings_wanted()`. Shows the own picture and status on the rail, and arranges the rail."""

    settings_wanted = Signal()

    def __init__(
        self,
        session: Session,
        chat: ChatService,
        themes: ThemeManager,
        tasks: Tasks,
        window: MainWindow,
        places: list[tuple[str, str]],
    ) -> None:
        """`places`: key and title of the rail's places, in their usual order; the first cannot be hidden."""
        super().__init__(window)
        self._session, self._chat, self._themes, self._tasks = session, chat, themes, tasks
        self._window, self._places = window, places
        self._picture_id = session.me.avatar_file
        self.arranging = ListArranging(chat, themes, tasks, window)
        self.arranging.changed.connect(self._arrange)
        self._subscriptions = [
            session.store.changes.listen(self._changed, table="statuses"),
            session.store.changes.listen(self._changed, table="people"),
        ]
        window.rail.avatar_clicked.connect(self.open)

    def start(self) -> None:
        """Read how the rail is arranged."""
        self.arranging.start()
        self._tasks.start(self._read(), "读取个人资料")

    def close(self) -> None:
        """Stop listening."""
        self.arranging.close()
        for one in self._subscriptions:
            one.close()

    def _changed(self, change: Change) -> None:
        if not change.keys or self._session.me.id in change.keys:
            self._tasks.start(self._read(), "读取个人资料")

    async def _read(self) -> None:
        card = (await self._chat.people([self._session.me.id])).get(self._session.me.id)
        if card is not None:
            self._picture_id = card.avatar_file
        self._show()

    def _show(self) -> None:
        me = self._session.me
        spec = AvatarSpec(me.name, me.id, presence=presence_of(self._chat, me.id))
        self._window.rail.avatar.set_spec(spec)
        self._window.rail.avatar.setToolTip(f"{me.name}，{state_text(self._chat, me.id)}")

    def _arrange(self, arrangement: ListArrangement) -> None:
        keys = [key for key, _title in self._places]
        self._window.rail.arrange(arrangement.rail.shown(keys), keys)

    def open(self) -> None:
        """Open the menu beside the picture."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("个人状态…").triggered.connect(self.ask_status)
        menu.addAction("更换头像…").triggered.connect(self.choose_picture)
        if self._picture_id:
            menu.addAction("恢复默认头像").triggered.connect(lambda: self.set_picture(b""))
        menu.addAction("我的二维码…").triggered.connect(self.show_code)
        menu.addSeparator()
        focus = menu.addAction("专注模式")
        focus.setCheckable(True)
        focus.setChecked(self.arranging.now.focus)
        focus.triggered.connect(lambda on: self.arranging.set_focus(on=on))
        menu.addAction("自定义导航栏…").triggered.connect(self.customise_rail)
        menu.addSeparator()
        menu.addAction("账号设置").triggered.connect(self.settings_wanted)
        avatar = self._window.rail.avatar
        menu.popup(avatar.mapToGlobal(QPoint(avatar.width(), 0)))

    def customise_rail(self) -> None:
        """Ask which places the rail shows, and in what order."""
        self.arranging.customise("rail", "自定义导航栏", self._places, (self._places[0][0],))

    def show_code(self) -> PersonCodeDialog:
        """Show the own QR code."""
        dialog = PersonCodeDialog(self._themes, self._session.me, self._window)
        dialog.open()
        return dialog

    def ask_status(self) -> None:
        """Ask for the own status."""
        now = self._session.personal.status_of(self._session.me.id)
        StatusDialog(self._session.personal, self._themes, now, self._session.now_ms, self._window).open()

    def choose_picture(self) -> None:
        """Ask for a picture on the disk."""
        dialog = QFileDialog(
            self._window, "选择头像", str(Path.home()), "图片 (*.png *.jpg *.jpeg *.bmp *.webp)"
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.set_picture(square_png(QImage(name))))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def set_picture(self, data: bytes) -> None:
        """Put a picture on the own card; no data takes it off."""
        self._tasks.start(self._set_picture(data), "更换头像")

    async def _set_picture(self, data: bytes) -> None:
        await self._session.pictures.set_own_picture(data)
        await self._read()

"""Meeting rooms in the meeting page: made, opened in the editor, kept in versions, removed (3.1.6.1)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from app.session.states import NetworkError
from app.shell.tasks import Tasks
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.engine.codec import from_plain
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.templates import template
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.meetings import BuildingChange, Room
from widgets.controls import ConfirmDialog, ToastHost
from widgets.theme import ThemeManager

from .dialogs import ConflictDialog, RoomForm
from .pickers import OrgPickers
from .room_versions import RoomVersionsDialog
from .server_service import ServerPlans
from .service import FilePlans


class Host(Protocol):
    """The page, as far as rooms need it."""

    tasks: Tasks
    toasts: ToastHost
    editor: SeatEditor | None

    def window(self) -> QWidget:
        """Dialogs stand over it."""
        ...

    async def reload(self) -> Any:
        """Read the lists again."""
        ...

    async def leave(self) -> None:
        """Close the open editor and wait until it is saved."""
        ...

    def show_editor(self, plan: str, editor: SeatEditor) -> None:
        """Show an editor over the lists."""
        ...


class RoomDesk:
    """What the page does with rooms. `unit`: id and name for new ones; `folder`: where layouts lie while they are edited,
    and what did not reach the server stays until it does."""

    def __init__(
        self,
        page: Host,
        server: ServerPlans,
        themes: ThemeManager,
        pickers: OrgPickers,
        unit: tuple[str, str],
        folder: Path,
    ) -> None:
        self._page, self._server = page, server
        self._themes, self._pickers, self._unit = themes, pickers, unit
        self._files = FilePlans(folder)
        self._room: Room | None = None

    def is_open(self, plan: str) -> bool:
        """Whether what the editor shows is a room."""
        return self._room is not None and self._room.id == plan

    def known(self, ident: str) -> Room | None:
        """The room with this id."""
        return next((one for one in self._server.rooms.rooms if one.id == ident), None)

    def ask(self) -> None:
        """Ask for a new room."""
        buildings = self._server.rooms.buildings
        RoomForm(self._themes, self._pickers, buildings, self._unit, self.make, self._page.window()).open()

    def make(self, unit_id: str, building: str, name: str, floor: str, kind: str) -> None:
        """Make a room and open its layout."""

        async def work() -> None:
            house = next((one for one in self._server.rooms.buildings if one.name == building), None)
            if building and house is None:
                house = await self._server.calls.make_building(BuildingChange(unit_id=unit_id, name=building))
            document = template(kind)
            document.room.name, document.room.floor, document.room.building = name, floor, building
            room = await self._server.save_room("", 0, unit_id, house.id if house else "", document)
            await self.show(room)

        self._page.tasks.start(work(), "新建会议室")

    def open(self, room: Room) -> None:
        """Open a room's layouts."""
        self._page.tasks.start(self.show(room), "打开会议室")

    async def show(self, room: Room) -> None:
        """Open a room's layouts: what was changed here and did not reach the server, else the server's."""
        page = self._page
        await page.leave()
        left = room.may_edit and await asyncio.to_thread(self._unsent, room.id)
        if not left:
            await self._take(room.id)
        path, opened = await self._files.open(room.id)
        editor = SeatEditor(
            opened.document,
            self._themes,
            path if room.may_edit else None,
            recovered=opened.recovered,
            back=True,
            directory=self._pickers,
        )
        editor.editing.set_mode("layout")
        editor.bar.extras.append(("历史版本…", lambda: self.ask_versions(room)))
        self._room = room
        page.show_editor(room.id, editor)
        if not room.may_edit:
            editor.toasts.show("您只能查看这个会议室，修改不会保存。", "info")
        elif left:
            editor.toasts.show("这是您上次的修改，返回时保存到服务器。", "info")

    def _unsent(self, ident: str) -> bool:
        """Whether the room's file holds changes that the server has not. In a thread."""
        note = self._files.note(ident)
        if note is None or not self._files.has(ident):
            return False
        entry = self._files.entry(ident)
        return not entry.damaged and (entry.unsaved or self._files.read(ident)[1] != note.digest)

    async def left(self, plan: str) -> None:
        """The editor of a room is gone: bring its changes up; somebody else's change in between is asked about."""
        room, self._room = self._room, None
        if room is None or not room.may_edit or not await asyncio.to_thread(self._unsent, plan):
            return
        try:
            await self._send(room)
        except NetworkError:
            self._page.toasts.show(f"“{room.name}”已保存在本机，联网后同步", "warn")
        except ApiError as error:
            if error.code is not ErrorCode.CONFLICT:
                raise
            self._ask_conflict(room)
        else:
            self._page.toasts.show(f"“{room.name}”已保存", "ok")

    async def _send(self, room: Room, base: int = 0) -> Room:
        """Save over the version that the file was made from, or `base`. Raises NetworkError and ApiError."""
        note = await asyncio.to_thread(self._files.note, room.id)
        document, _digest = await asyncio.to_thread(self._files.read, room.id)
        version = base or (note.base if note is not None else room.version)
        saved = await self._server.save_room(room.id, version, room.unit_id, room.building_id, document)
        await asyncio.to_thread(self._files.put, room.id, document, saved.version)
        return saved

    async def send_waiting(self) -> None:
        """Bring up what did not reach the server before the client ended, locked or lost the connection."""
        for ident in await asyncio.to_thread(self._files.ids):
            room = self.known(ident)
            if room is None or not room.may_edit or self.is_open(ident):
                continue
            if not await asyncio.to_thread(self._unsent, ident):
                continue
            try:
                await self._send(room)
            except (NetworkError, ApiError):
                continue  # It is asked about when the room is opened and left.
            self._page.toasts.show(f"“{room.name}”上次的修改已保存到服务器", "ok")
            await self._server.load_rooms()

    def _ask_conflict(self, room: Room) -> None:
        page = self._page
        text = (
            f"您编辑期间，“{room.name}”已被他人保存为新版本。选“以我的为准”，对方的版本仍在历史版本中；"
            "选“放弃我的修改”，您这次的修改不再保留。稍后处理时，修改留在本机。"
        )

        async def mine() -> None:
            await self._server.load_rooms()
            newest = self.known(room.id)
            await self._send(room, newest.version if newest is not None else 0)
            await page.reload()

        async def theirs() -> None:
            await self._take(room.id)
            await page.reload()

        ConflictDialog(
            self._themes,
            ("会议室已被他人修改", text),
            lambda: page.tasks.start(mine(), "保存会议室"),
            lambda: page.tasks.start(theirs(), "放弃修改"),
            page.window(),
            give_up="放弃我的修改",
        ).open()

    async def _take(self, ident: str) -> None:
        got = await self._server.calls.room(ident)
        document = from_plain(Document, got.document)
        await asyncio.to_thread(self._files.put, ident, document, got.room.version)

    # Versions.

    def ask_versions(self, room: Room) -> None:
        """Show who saved the room when, and what it looked like."""
        self._page.tasks.start(self._ask_versions(room), "历史版本")

    async def _ask_versions(self, room: Room) -> None:
        found = await self._server.calls.room_versions(room.id)

        async def load(version: int) -> Document:
            return from_plain(Document, (await self._server.calls.room(room.id, version)).document)

        def restore(version: int) -> None:
            self._page.tasks.start(self.restore(room, version), "恢复历史版本")

        newest = await load(found[0].version)
        RoomVersionsDialog(
            self._themes,
            room.name,
            found,
            newest,
            load,
            restore if room.may_edit else None,
            self._page.window(),
        ).open()

    async def restore(self, room: Room, version: int) -> None:
        """An old version becomes the newest; what is open is saved as a version before that."""
        was_open = self.is_open(room.id)
        await self._page.leave()
        got = await self._server.calls.room(room.id, version)
        document = from_plain(Document, got.document)
        document.room.name = got.room.name
        saved = await self._server.save_room(
            room.id, got.room.version, got.room.unit_id, got.room.building_id, document
        )
        await asyncio.to_thread(self._files.put, room.id, document, saved.version)
        await self._page.reload()
        if was_open:
            await self.show(saved)
        words = f"已恢复第 {version} 版的布局，存为第 {saved.version} 版"
        host = self._page.editor.toasts if self._page.editor is not None else self._page.toasts
        host.show(words, "ok")

    def ask_remove(self, room: Room) -> None:
        """Ask before a room goes from the list."""
        page = self._page
        text = f"“{room.name}”将从列表移除。已建的会议和各版本布局不受影响。"
        dialog = ConfirmDialog(self._themes, "移除会议室", text, "移除", danger=True, parent=page.window())

        async def work() -> None:
            await self._server.calls.remove_room(room.id)
            await page.reload()

        dialog.accepted.connect(lambda: page.tasks.start(work(), "移除会议室"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

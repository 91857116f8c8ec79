"""The meeting pages: the list, and the seating editor over four kinds of rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.features.meeting.absences import AbsenceDialog
from app.features.meeting.announce import AnnounceDialog, TakenDialog
from app.features.meeting.check_in_window import CheckInWindow
from app.features.meeting.dialogs import MeetingForm
from app.features.meeting.pickers import OrgPickers
from app.features.meeting.publish_dialog import PublishDialog
from app.features.meeting.room_versions import RoomVersionsDialog
from app.features.meeting.server_page import ServerMeetingPage
from app.features.meeting.service import FilePlans
from app.features.meeting.view import MeetingPage
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.engine.edits.seating import LockSeats, PinPerson, Unseat
from meeting_seat_designer.engine.files import save
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.tables.people_io import write_people
from meeting_seat_designer.engine.templates import template
from server_stub.contract.meetings import Version
from widgets.theme import ThemeManager

from . import meeting_plans
from .contacts_service import ShowcaseContacts
from .meeting_service import DAY, MEETINGS, NOON, ShowcaseMeetings, recipients

WINDOW = (1302, 768)
SCREEN = (1600, 900)
"""The page area of a main window of 1366 × 768."""


async def _editor(themes: ThemeManager, document: Document) -> SeatEditor:
    editor = SeatEditor(document, themes, back=True, publish=True, check_in=True)
    editor.resize(*WINDOW)
    editor.show()
    editor.view.setFocus()
    await _settled(editor)
    return editor


async def _settled(editor: SeatEditor) -> None:
    """Until what works in the background has told its result."""
    if editor.editing.work.busy:
        done = asyncio.Event()
        editor.editing.work.idle.connect(done.set)
        await done.wait()
        editor.editing.work.idle.disconnect(done.set)
    await asyncio.sleep(0.2)


def _seat(editor: SeatEditor, number: int) -> str:
    return [look.id for look in editor.scene.looks.values() if look.text][number]


async def theatre(themes: ThemeManager, _data: Path) -> QWidget:
    editor = await _editor(themes, meeting_plans.theatre())
    seats = [look.id for look in editor.scene.looks.values()]
    editor.editing.run(Unseat(seats[-6:-4]))
    editor.editing.run(LockSeats([seats[8], seats[9]]))
    editor.editing.select([_seat(editor, 58)])
    await _settled(editor)
    return editor


async def hall(themes: ThemeManager, _data: Path) -> QWidget:
    editor = await _editor(themes, meeting_plans.hall())
    editor.editing.select([_seat(editor, 96)])
    editor.bar.say_kept("已保存到服务器")
    await _settled(editor)
    return editor


async def u_shape(themes: ThemeManager, _data: Path) -> QWidget:
    editor = await _editor(themes, meeting_plans.u_shape())
    editor.editing.select([_seat(editor, 2)])
    await _settled(editor)
    return editor


async def hollow(themes: ThemeManager, _data: Path) -> QWidget:
    editor = await _editor(themes, meeting_plans.hollow())
    seat = _seat(editor, 6)
    person = editor.editing.person_at(seat)
    if person is not None:
        editor.editing.run(PinPerson(person.id, seat))
    editor.editing.select([seat])
    await _settled(editor)
    return editor


async def layout(themes: ThemeManager, _data: Path) -> QWidget:
    editor = await _editor(themes, meeting_plans.u_shape())
    editor.editing.set_mode("layout")
    editor.editing.select(["r1"])
    await _settled(editor)
    return editor


async def arrange(themes: ThemeManager, _data: Path) -> QWidget:
    document = meeting_plans.hollow()
    document.people[3].status = "leave"
    document.people += meeting_plans.people(54, seed=8)[52:]
    for number, person in enumerate(document.people[-2:], 900):
        person.id = f"p{number:04}"
    editor = await _editor(themes, document)
    editor.dialogs.arrange("least")
    return await _dialog(editor)


async def _dialog(editor: SeatEditor) -> QWidget:
    await _settled(editor)
    dialog = editor.dialogs.opened
    if dialog is None:
        return editor
    dialog.resize(dialog.sizeHint())
    return dialog


async def rules(themes: ThemeManager, _data: Path) -> QWidget:
    editor = await _editor(themes, meeting_plans.theatre())
    editor.dialogs.rules()
    return await _dialog(editor)


async def output(themes: ThemeManager, _data: Path) -> QWidget:
    editor = await _editor(themes, meeting_plans.theatre())
    editor.dialogs.output()
    return await _dialog(editor)


async def cards(themes: ThemeManager, _data: Path) -> QWidget:
    editor = await _editor(themes, meeting_plans.u_shape())
    editor.dialogs.cards()
    return await _dialog(editor)


async def templates(themes: ThemeManager, _data: Path) -> QWidget:
    editor = await _editor(themes, meeting_plans.u_shape())
    editor.dialogs.templates()
    return await _dialog(editor)


async def people(themes: ThemeManager, data: Path) -> QWidget:
    path = data / "名单.xlsx"
    await asyncio.to_thread(write_people, path, meeting_plans.people(240))
    editor = await _editor(themes, template("theatre"))
    editor.dialogs.choose_file = lambda _title, _kinds: str(path)
    editor.dialogs.import_people()
    return await _dialog(editor)


async def plans(themes: ThemeManager, data: Path) -> QWidget:
    folder = data / "seating"
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    for number, make in enumerate((meeting_plans.theatre, meeting_plans.hollow, meeting_plans.u_shape)):
        await asyncio.to_thread(save, make(), folder / f"2026112{number}.seating.json")
    page = MeetingPage(FilePlans(folder), themes)
    page.resize(*WINDOW)
    page.show()
    await page.tasks.settle()
    return page


async def empty(themes: ThemeManager, data: Path) -> QWidget:
    page = MeetingPage(FilePlans(data / "none"), themes)
    page.resize(*WINDOW)
    page.show()
    await page.tasks.settle()
    return page


def _page(themes: ThemeManager, data: Path) -> ServerMeetingPage:
    service: Any = ShowcaseMeetings(data / "seating")
    book = ShowcaseContacts()
    pickers = OrgPickers(book, themes)
    page = ServerMeetingPage(service, themes, pickers, ("u1", "市政府办公室"), data / "rooms")
    page.resize(*WINDOW)
    page.show()
    return page


async def meetings(themes: ThemeManager, data: Path) -> QWidget:
    page = _page(themes, data)
    await page.tasks.settle()
    return page


async def rooms(themes: ThemeManager, data: Path) -> QWidget:
    page = _page(themes, data)
    await page.tasks.settle()
    page.choose("rooms")
    return page


async def my_seats(themes: ThemeManager, data: Path) -> QWidget:
    page = _page(themes, data)
    await page.tasks.settle()
    page.choose("seats")
    return page


async def my_seat(themes: ThemeManager, data: Path) -> QWidget:
    page = _page(themes, data)
    await page.tasks.settle()
    page.open_seat("m2")
    await page.tasks.settle()
    return page


async def meeting_form(themes: ThemeManager, data: Path) -> QWidget:
    page = _page(themes, data)
    await page.tasks.settle()
    page.ask_meeting(page._server.rooms.rooms[1])
    return list(page.findChildren(MeetingForm))[-1]


async def publish(themes: ThemeManager, _data: Path) -> QWidget:
    host = QWidget()
    dialog = PublishDialog(themes, recipients(), lambda *_said: None, host)
    dialog.host = host  # type: ignore[attr-defined]
    dialog.show()
    return dialog


async def announce(themes: ThemeManager, _data: Path) -> QWidget:
    host = QWidget()
    meeting = next(one for one in MEETINGS if one.untold)
    dialog = AnnounceDialog(themes, meeting, recipients(), lambda _sms: None, host)
    dialog.host = host  # type: ignore[attr-defined]
    dialog.show()
    return dialog


async def taken(themes: ThemeManager, _data: Path) -> QWidget:
    host = QWidget()
    words = "“第一会议室”在 2026-11-26 09:00–11:00 已安排“防汛抗旱工作调度会”。"
    dialog = TakenDialog(themes, words, lambda _reason: None, host)
    dialog.host = host  # type: ignore[attr-defined]
    dialog.show()
    return dialog


async def room_versions(themes: ThemeManager, _data: Path) -> QWidget:
    host = QWidget()
    who = ("李强", "冯雪", "李强", "王建国", "李强", "李强")
    versions = [Version(version=6 - n, at=NOON - n * n * DAY // 3, by=name) for n, name in enumerate(who)]

    async def load(_version: int) -> Document:
        document = meeting_plans.hall()
        document.people, document.plan.seats = [], {}
        return document

    newest = meeting_plans.u_shape()
    newest.people, newest.plan.seats = [], {}
    newest.layouts.append(structs.replace(newest.layouts[0], id="l2", name="回形"))
    dialog = RoomVersionsDialog(themes, "第一会议室", versions, newest, load, lambda _version: None, host)
    dialog.host = host  # type: ignore[attr-defined]
    dialog.show()
    dialog.list.setCurrentRow(2)
    await dialog.tasks.settle()
    return dialog


async def check_in(themes: ThemeManager, data: Path) -> QWidget:
    service: Any = ShowcaseMeetings(data / "seating")
    window = CheckInWindow(service, themes, "m1", service.calls.document)
    window.resize(*SCREEN)
    window.show()
    done = asyncio.Event()
    window.updated.connect(done.set)
    await done.wait()
    await asyncio.sleep(0.3)
    return window


async def absences(themes: ThemeManager, _data: Path) -> QWidget:
    host = QWidget()
    dialog = AbsenceDialog(themes, meeting_plans.theatre(), lambda _ids, _seated, _least: None, host)
    dialog.host = host  # type: ignore[attr-defined]
    dialog.show()
    for row in (1, 4):
        dialog.list.item(row).setCheckState(Qt.CheckState.Checked)
    return dialog


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "meeting-plans": plans,
    "meeting-empty": empty,
    "meeting-meetings": meetings,
    "meeting-rooms": rooms,
    "meeting-my-seats": my_seats,
    "meeting-my-seat": my_seat,
    "meeting-form": meeting_form,
    "meeting-publish": publish,
    "meeting-announce": announce,
    "meeting-taken": taken,
    "meeting-room-versions": room_versions,
    "meeting-check-in": check_in,
    "meeting-absences": absences,
    "meeting-theatre": theatre,
    "meeting-hall": hall,
    "meeting-u": u_shape,
    "meeting-hollow": hollow,
    "meeting-layout": layout,
    "meeting-arrange": arrange,
    "meeting-rules": rules,
    "meeting-import": people,
    "meeting-templates": templates,
    "meeting-output": output,
    "meeting-cards": cards,
}

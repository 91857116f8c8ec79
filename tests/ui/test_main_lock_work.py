"""What somebody is in the middle of when the lock falls: sealed at once, and there again after the unlock (3.2.3.1.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from bed.duo import Duo
from bed.duo_fixtures import duo, office_template
from bed.meetings import person, plain, room
from bed.office import PASSWORD
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from test_main_lock import LockingDesk, seen

from app.workspace import CHAT, DOCUMENTS, MEETING, Workspace
from meeting_seat_designer.engine.edits.people import AddPeople
from meeting_seat_designer.engine.edits.seating import Arrange
from server_stub.contract.meetings import MeetingChange, RoomChange

__all__ = ["duo", "office_template"]

CANARY = "锁前未存盘"


@asynccontextmanager
async def signed_in(duo: Duo, home: Path, who: str) -> AsyncIterator[tuple[LockingDesk, Workspace]]:
    """Not a fixture: between that and its test Qt would work while no loop runs, and what arrives then is lost."""
    desk = LockingDesk(home, duo.url)
    await desk.start()
    try:
        workspace = await desk.sign_in(who, PASSWORD)
        await desk.until(lambda: desk.client.lock and desk.client.lock.controller)
        yield desk, workspace
    finally:
        await desk.end()


def done(desk: LockingDesk) -> bool:
    shutting = desk.client.lock.controller._shutting
    return shutting is not None and shutting.done()


async def lock_and_unlock(desk: LockingDesk, trigger: str = "button") -> tuple[bytes, Workspace]:
    """Every byte of the account's folder while it is locked, and the workspace after the password."""
    client = desk.client
    workspace = client.workspace
    folder = workspace.session.store.folder.path
    workspace.lock_wanted.emit(trigger)
    page = client.lock.page
    assert page is not None
    assert seen() == ["政钉"]
    await desk.until(lambda: client.workspace is None and done(desk))
    files = [one for one in folder.rglob("*") if one.is_file()]
    locked = b"".join(one.read_bytes() for one in files)
    assert not [one.name for one in files if one.suffix == ".json" and "seating" in one.name]
    page.field.edit.setText(PASSWORD)
    QTest.keyClick(page.field.edit, Qt.Key.Key_Return)
    await desk.until(lambda: client.workspace is not None and client.workspace.window.isVisible())
    return locked, client.workspace


@pytest.mark.clause("3.2.3.1.2")
async def test_a_plan_in_the_middle_of_a_change_is_sealed_and_stands_open_again(
    qapp, duo: Duo, tmp_path: Path
):
    async with signed_in(duo, tmp_path / "home", "admin") as (desk, workspace):
        page = workspace.window.show_page(MEETING)
        unit = workspace.session.me.posts[0].unit_id
        plan = await page._server.create_meeting(MeetingChange(title="全市防汛会", unit_id=unit), "theatre")
        await page.reload()
        page.open_plan(plan)
        await desk.until(lambda: page.editor is not None)
        editor = page.editor
        editor.editing.run(AddPeople([person("p1", CANARY), person("p2", "李乙")]))
        editor.editing.run(Arrange("all"))
        # Nothing of this was saved: the lock falls before the first autosave.
        assert editor.keeper.unsaved
        assert not [
            one for one in page._server.files.ids() if CANARY in page._server.files._path(one).read_text()
        ]
        seats = dict(editor.editing.document.plan.seats)
        assert len(seats) == 2

        locked, workspace = await lock_and_unlock(desk)
        assert CANARY.encode() not in locked
        assert "全市防汛会".encode() not in locked

        page = workspace.window.page(MEETING)
        assert workspace.window.current == MEETING
        await desk.until(lambda: page.editor is not None)
        assert page.plan == plan
        document = page.editor.editing.document
        assert [one.name for one in document.people] == [CANARY, "李乙"]
        assert document.plan.seats == seats
        # It can be published, as before the lock, and goes to the server with the next save.
        assert page.editor.bar.publish.isVisible()
        page.editor.bar.back.click()
        await desk.until(lambda: page.editor is None and not page.tasks._running)
        kept = await page._server.calls.plan(plan)
        assert CANARY in str(kept.document)


@pytest.mark.clause("3.2.3.1.2")
async def test_a_room_in_the_middle_of_a_change_is_sealed_and_nothing_of_it_is_lost(
    qapp, duo: Duo, tmp_path: Path
):
    async with signed_in(duo, tmp_path / "home", "admin") as (desk, workspace):
        page = workspace.window.show_page(MEETING)
        unit = workspace.session.me.posts[0].unit_id
        made = await page._server.calls.save_room(
            "", RoomChange(unit_id=unit, document=plain(room("机要会议室", "u")))
        )
        await page.reload()
        page._room_desk.open(made)
        await desk.until(lambda: page.editor is not None)
        editor = page.editor
        editor.laying.select_all()
        editor.laying.rotate(90)
        locked, workspace = await lock_and_unlock(desk)
        assert "机要会议室".encode() not in locked

        page = workspace.window.page(MEETING)
        await desk.until(lambda: page.editor is not None)
        assert page.plan == made.id
        assert page.editor.editing.document.current().regions[0].angle == 90
        page.editor.bar.back.click()
        await desk.until(lambda: page.editor is None and not page.tasks._running)
        assert (await page._server.calls.room(made.id)).room.version == 2


@pytest.mark.clause("3.2.3.1.2")
async def test_a_draft_is_kept_encrypted_and_stands_in_its_conversation_again(qapp, duo: Duo, tmp_path: Path):
    async with signed_in(duo, tmp_path / "home", "liqiang") as (desk, workspace):
        feng = await duo.sign_in("fengxue")
        chat = await workspace.session.conversations.open_single(feng.me.id)
        workspace.open_conversation(chat)
        composer = workspace.chat.conversation.composer
        await desk.until(composer.isVisible)
        QTest.keyClicks(composer.edit, "draft before the lock")
        composer.edit.insertPlainText(CANARY)
        text = composer.text()
        # A page of its own was left open over it: that is where the user was.
        workspace.window.show_page(DOCUMENTS)
        locked, workspace = await lock_and_unlock(desk, "tray")
        assert CANARY.encode() not in locked
        assert b"draft before the lock" not in locked
        assert workspace.window.current == DOCUMENTS
        assert workspace.chat.current_conversation == chat
        workspace.window.show_page(CHAT)
        composer = workspace.chat.conversation.composer
        await desk.until(lambda: composer.text() == text)
        # Nobody was written to.
        assert await feng.store.read(lambda db: db.all("SELECT 1 FROM messages")) == []

"""The client's life over a real server process: sign in, talk, be notified, sign out, come back offline, end."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from bed.meetings import arranged, person
from client_bed import SECONDS, Desk
from demo_bed import Running, start_demo
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.client import Client
from app.features.admin.security.backup_page import BackupSection
from app.features.chat.avatar_pictures import square_png
from app.features.chat.conversation_rows import UNREAD_KEY
from app.features.chat.view import ChatPage
from app.session.accounts import Accounts
from app.session.meetings import MeetingCalls
from app.session.organisation_api import OrganisationApi
from app.session.states import LinkState, SignInStep
from app.shell.collector import Collector
from app.store.queries import messages, pictures
from app.workspace import CHAT, CONSOLE, CONTACTS, MEETING, SETTINGS, Workspace
from meeting_seat_designer.engine.codec import to_plain
from meeting_seat_designer.engine.templates import template
from server_stub.contract.directory_admin import PersonChange, PersonFieldKind
from server_stub.contract.keys import CONSOLE_LINK
from server_stub.contract.meetings import LINK, MeetingChange, PublishPlan


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = start_demo(tmp_path_factory.mktemp("server"))
    yield running
    running.process.stop()


@pytest.fixture(autouse=True)
def collector(qapp):
    """As in the program: garbage is collected on this thread only."""
    made = Collector()
    yield made
    made.close()


def at_desks(test):
    """Give the test two desks and clear them inside its own coroutine.

    Between a test and its fixtures' end pytest-qt lets Qt work while no loop runs; whatever then still lives would fail.
    """

    async def run(server: Running, tmp_path: Path) -> None:
        made = [Desk(tmp_path / name, server.process.url) for name in ("a", "b")]
        try:
            await test(*made, server)
        finally:
            for desk in made:
                await desk.end()

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    run.pytestmark = getattr(test, "pytestmark", [])
    return run


def shown(workspace: Workspace) -> ChatPage:
    page = workspace.chat
    assert isinstance(page, ChatPage)
    return page


@pytest.mark.clause("E001", "E175", "E176")
@at_desks
async def test_two_people_sign_in_and_a_message_is_announced_and_answered_from_the_note(one, two, server):
    await one.start()
    await two.start()
    first = await one.sign_in(*server.login(0))
    second = await two.sign_in(*server.login(1))
    assert first.window.current == CHAT
    assert first.window.isVisible()
    for desk, workspace in ((one, first), (two, second)):
        await desk.until(lambda w=workspace: w.session.link_state is LinkState.ONLINE)
    chat = await first.session.conversations.open_single(second.session.me.id)
    await first.session.send.text(chat, "今晚值班名单请核对")
    await two.until(lambda: two.centre.notes)
    note = two.centre.notes[-1]
    assert (note.target, note.title, note.text) == (chat, first.session.me.name, "今晚值班名单请核对")
    two.centre.on_reply(chat, " 已核对 ")
    await one.until(lambda: one.centre.notes)
    assert one.centre.notes[-1].text == "已核对"
    await two.until(lambda: chat in two.centre.withdrawn)
    one.centre.on_open(chat)
    assert shown(first).current_conversation == chat


@pytest.mark.clause("E148", "E080")
@at_desks
async def test_a_new_picture_of_a_person_appears_on_the_other_side_and_stays_without_the_server(
    one, two, server
):
    await one.start()
    await two.start()
    first = await one.sign_in(*server.login(0))
    second = await two.sign_in(*server.login(1))
    for desk, workspace in ((one, first), (two, second)):
        await desk.until(lambda w=workspace: w.session.link_state is LinkState.ONLINE)
    chat = await first.session.conversations.open_single(second.session.me.id)
    await first.session.send.text(chat, "请看我的新头像")
    await two.until(lambda: shown(second).list.model.row_of(chat) >= 0)

    def face(desk: Desk) -> int:
        faces, me = desk.themes.faces, first.session.me.id
        picture = faces.picture(me, 40) if faces is not None else None
        return picture.toImage().pixel(20, 20) if picture is not None else 0

    for color in (QColor("#c01010"), QColor("#1010c0")):
        image = QImage(300, 200, QImage.Format.Format_RGB32)
        image.fill(color)
        first.own.set_picture(square_png(image))
        for desk in (one, two):
            await desk.until(lambda d=desk, wanted=color.rgb(): face(d) == wanted)
    view = shown(second).list.view
    await two.until(
        lambda: any(
            view.grab().toImage().pixelColor(x, y) == color
            for y in range(0, view.height(), 4)
            for x in range(0, 80, 4)
        )
    )
    # The picture is in the store: another start reads it from there.
    kept = await second.session.pictures.faces([chat, first.session.me.id])
    assert len(set(kept.values())) == 1
    stored = await second.session.store.read(lambda db: pictures.get(db, kept[chat].picture))
    assert QImage.fromData(stored or b"").pixelColor(20, 20) == color


@at_desks
async def test_no_note_for_what_one_looks_at(one, two, server):
    await one.start()
    await two.start()
    first = await one.sign_in(*server.login(0))
    second = await two.sign_in(*server.login(1))
    chat = await first.session.conversations.open_single(second.session.me.id)
    await two.until(lambda: second.session.link_state is LinkState.ONLINE)
    second.open_conversation(chat)
    second.window.bring_up()
    await two.until(second.window.isActiveWindow)
    arrived: list[str] = []
    second.session.arrived.connect(lambda arrival: arrived.append(arrival.text))
    await first.session.send.text(chat, "看得见")
    await two.until(lambda: arrived == ["看得见"])
    await second.tasks.settle()
    assert two.centre.notes == []


@at_desks
async def test_the_window_opens_from_the_store_without_a_server_and_goes_on_with_it(one, two, server):
    await one.start()
    first = await one.sign_in(*server.login(0))
    me = first.session.me
    await one.until(lambda: first.session.link_state is LinkState.ONLINE)
    rows = await first.chat_service.overview()
    chat = next(row.id for row in rows if row.writable)
    first.open_conversation(chat)
    composer = shown(first).conversation.composer
    await one.until(lambda: composer.isVisible() and composer.edit.isEnabled())
    await shown(first).conversation.tasks.settle()
    QTest.keyClicks(composer.edit, "half a sentence")
    first.window.quit()
    await asyncio.wait_for(one.run, SECONDS)
    # The same account while its server cannot be reached: a port where nothing listens.
    entries = Accounts(one.profile, one.keys).entries()
    assert [entry.signed_in for entry in entries] == [True]
    dead = "http://127.0.0.1:9"
    Accounts(one.profile, one.keys).moved(entries[0].key, dead)
    one.url = dead
    client = await one.start()
    assert client.login is None
    again = client.workspace
    assert again.session.me == me
    await one.until(again.window.link_line.isVisible)
    assert (await again.chat_service.draft(chat)).text == "half a sentence"
    again.session.move_to(server.process.url)
    await one.until(lambda: again.session.link_state is LinkState.ONLINE)
    assert not again.window.link_line.isVisible()


@pytest.mark.clause("E007")
@at_desks
async def test_signing_out_leads_back_to_the_login_page(one, two, server):
    client = await one.start()
    first = await one.sign_in(*server.login(0))
    await one.until(lambda: first.session.link_state is LinkState.ONLINE)
    await first._settings_service.sign_out()
    await one.until(lambda: client.login is not None)
    assert client.workspace is None
    assert Accounts(one.profile, one.keys).entries()[0].signed_in is False
    second = await one.sign_in(*server.login(0))
    assert second is not first


@pytest.mark.clause("E007")
@at_desks
async def test_a_device_signed_out_from_elsewhere_says_so_on_the_login_page(one, two, server):
    client = await one.start()
    await two.start()
    first = await one.sign_in(*server.login(0))
    await one.until(lambda: first.session.link_state is LinkState.ONLINE)
    other = await two.sign_in(*server.login(0))
    sessions = await other.session.api.sessions()
    victim = next(info for info in sessions if not info.current and info.online)
    await other.session.api.end_session(victim.id)
    await one.until(lambda: client.login is not None and client.login.sign_in.notice.words)
    assert client.workspace is None
    result = await client._accounts.resume(Accounts(one.profile, one.keys).entries()[0].key)
    assert result.step is SignInStep.REFUSED


@pytest.mark.clause("E007")
@at_desks
async def test_a_device_signed_out_while_it_was_off_says_so_however_early_it_hears_of_it(one, two, server):
    """The session works before its windows listen: on a slow start it is over before there is a window."""
    await one.start()
    await two.start()
    first = await one.sign_in(*server.login(0))
    await one.until(lambda: first.session.link_state is LinkState.ONLINE)
    first.window.quit()
    await asyncio.wait_for(one.run, SECONDS)
    other = await two.sign_in(*server.login(0))
    for info in await other.session.api.sessions():
        if not info.current:
            await other.session.api.end_session(info.id)
    enter = Client._enter

    async def late(self, session, info) -> None:
        await one.until(lambda: session.ended_text)
        await enter(self, session, info)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "_enter", late)
        client = await one.start()
        await one.until(lambda: client.login is not None and client.login.sign_in.notice.words)
    assert client.workspace is None


@pytest.mark.clause("E164")
@at_desks
async def test_contacts_and_settings_lead_where_they_should(one, two, server):
    await one.start()
    first = await one.sign_in(*server.login(0))
    await one.until(lambda: first.session.link_state is LinkState.ONLINE)
    window = first.window
    await one.until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    await one.until(lambda: window.current == CONTACTS)
    contacts = window.page(CONTACTS)
    await contacts.tasks.settle()
    assert contacts.people_model.people
    colleague = next(p for p in contacts.people_model.people if p.id != first.session.me.id)
    contacts.message_wanted.emit(colleague.id)
    await one.until(lambda: shown(first).current_conversation)
    assert window.current == CHAT
    first.open_settings("storage")
    settings = window.page(SETTINGS)
    await settings.settle()
    assert settings.storage.database.text().endswith(("KB", "MB"))
    assert settings.about._service.about.organisation
    # What is said of a service account there holds for its conversation.
    first.open_settings("services")
    await settings.settle()
    service_id, switch = next(iter(settings.services.announce.items()))
    assert switch.isChecked()
    switch.click()
    await one.until(lambda: (row := shown(first).list.model.get(service_id)) is not None and row.muted)


@pytest.mark.clause("3.1.3.8", "3.1.3.11")
@at_desks
async def test_an_open_card_follows_what_administrators_make_of_cards(one, two, server):
    await one.start()
    await two.start()
    first = await one.sign_in(*server.login(-1))
    second = await two.sign_in(*server.login(1))
    for desk, workspace in ((one, first), (two, second)):
        await desk.until(lambda w=workspace: w.session.link_state is LinkState.ONLINE)
    assert first.session.is_admin
    contacts = second.window.show_page(CONTACTS)
    await contacts.tasks.settle()
    person = next(p for p in contacts.people_model.people if p.id != second.session.me.id)
    contacts._person_chosen(person)
    await contacts.tasks.settle()

    def words() -> list[str]:
        return [label.text() for label in contacts.card.findChildren(QLabel)]

    assert "手机" in words()
    organisation = OrganisationApi(first.session.api.http)
    before = await organisation.settings()
    kind = PersonFieldKind(name="工号", on_card=True)
    made = await organisation.set_settings(
        msgspec.structs.replace(before, fields=[kind], card=["rank", "posts"])
    )
    # Another order and visibility of what there was shows by itself.
    await two.until(lambda: "手机" not in words())
    record = await organisation.person(person.id)
    await organisation.change_person(
        person.id, PersonChange(version=record.person.version, fields={made.fields[0].id: "GH-1"})
    )
    await two.until(lambda: {"工号", "GH-1"} <= set(words()))
    renamed = msgspec.structs.replace(made.fields[0], name="工作证号")
    await organisation.set_settings(msgspec.structs.replace(made, fields=[renamed]))
    await two.until(lambda: "工作证号" in words() and "工号" not in words())
    await organisation.set_settings(before)
    await two.until(lambda: "手机" in words() and "工作证号" not in words())


@pytest.mark.clause("E055")
@at_desks
async def test_a_message_is_found_on_this_machine_and_shown_in_its_place(one, two, server):
    await one.start()
    first = await one.sign_in(*server.login(0))
    await one.until(lambda: first.session.link_state is LinkState.ONLINE)
    rows = await first.chat_service.overview()
    chat = next(row.id for row in rows if row.writable)
    told = asyncio.Event()
    listening = first.chat_service.listen(lambda _change: told.set(), table="messages")
    await first.session.send.text(chat, "泵站备用电源已经核实")
    while await first.chat_service.pending(chat):
        # What the server has is in the index.
        told.clear()
        if await first.chat_service.pending(chat):
            await told.wait()
    listening.close()
    dialog = first.search.open()
    dialog.search.edit.insert("备用电源已经核实")
    await one.until(lambda: dialog.model.rowCount() > 0)
    QTest.keyClick(dialog.search.edit, Qt.Key.Key_Return)
    assert shown(first).current_conversation == chat


@at_desks
async def test_closing_the_login_window_ends_the_program(one, two, server):
    client = await one.start()
    client.login.close()
    await asyncio.wait_for(one.run, SECONDS)


@pytest.mark.clause("3.1.6.4.4", "3.1.6.4.5", "E013")
@at_desks
async def test_a_published_seat_arrives_in_the_chat_and_its_button_opens_the_plan_here(one, two, server):
    await one.start()
    await two.start()
    first = await one.sign_in(*server.login(0))
    second = await two.sign_in(*server.login(1))
    await two.until(lambda: second.session.link_state is LinkState.ONLINE)
    calls = MeetingCalls(first.session.api.http)
    guest = second.session.me
    attends = arranged(template("u"), [person(guest.id, guest.name, user_id=guest.id)])
    made = await calls.save_meeting(
        "", MeetingChange(title="工作例会", unit_id=first.session.me.posts[0].unit_id)
    )
    saved = await calls.save_plan(made.id, 0, to_plain(attends))
    await calls.publish(made.id, PublishPlan(plan_version=saved.plan_version))
    code = attends.seat_map()[next(iter(attends.plan.seats))][1].code
    await two.until(lambda: any(code in note.text for note in two.centre.notes))
    note = next(note for note in two.centre.notes if code in note.text)
    two.centre.on_open(note.target)
    page = shown(second)
    assert page.current_conversation == note.target
    row = (await second.session.store.read(lambda db: messages.newest(db, note.target, 1)))[0]
    assert row.content.title == f"您的座位：{code}"
    page.notice_wanted.emit(row.content.link)
    assert second.window.current == MEETING
    seats = second.window.page(MEETING).seats
    await two.until(lambda: seats.plan is not None)
    assert seats.plan.seat.text() == f"您的座位：{code}"


@pytest.mark.clause("3.1.6.4.5")
@at_desks
async def test_the_button_of_a_seat_notice_opens_the_plan_here_and_refuses_strangers(one, two, server):
    from app.features.meeting.server_page import ServerMeetingPage

    del two
    await one.start()
    workspace = await one.sign_in(*server.login(0))
    await one.until(lambda: workspace.session.link_state is LinkState.ONLINE)
    workspace._open_address(f"{LINK}0198d5b2-0000-7000-8000-000000000000")
    page = workspace.window.page(MEETING)
    assert workspace.window.current == MEETING
    assert isinstance(page, ServerMeetingPage)
    await one.until(lambda: any("不在这次会议的接收人" in toast.text.text() for toast in page.toasts.toasts))
    assert page.tabs.current == "seats"


@pytest.mark.clause("3.3.4")
@at_desks
async def test_the_button_of_a_key_request_opens_its_page_in_the_console(one, two, server):
    await one.start()
    await two.start()
    admin, colleague = await one.sign_in(*server.login(-1)), await two.sign_in(*server.login(0))
    admin._open_address(f"{CONSOLE_LINK}key-backup")
    assert admin.window.current == CONSOLE
    assert isinstance(admin.window.page(CONSOLE).section("key-backup"), BackupSection)
    colleague._open_address(f"{CONSOLE_LINK}key-backup")
    assert colleague.window.current == CHAT, "there is no console for others"


@pytest.mark.clause("E105")
@at_desks
async def test_who_missed_a_hundred_messages_begins_at_the_first_of_them(one, two, server):
    await one.start()
    first = await one.sign_in(*server.login(0))
    other = (await first.session.directory.search(server.accounts[1].name, 5)).people[0]
    chat = await first.session.conversations.open_single(other.id)
    await first.session.send.text(chat, "先看这一条")
    for number in range(130):
        await first.session.send.text(chat, f"第 {number} 条")
    for _ in range(2000):
        if not await first.chat_service.pending(chat):
            break
        await asyncio.sleep(0.02)
    # A machine that was away the whole time: what lies before the newest page is fetched when it is gone to.
    await two.start()
    second = await two.sign_in(*server.login(1))
    await two.until(lambda: second.session.link_state is LinkState.ONLINE)
    second.open_conversation(chat)
    view = shown(second).conversation
    await two.until(lambda: view.list.row_rect(UNREAD_KEY).isValid())
    keys = [row.key for row in view.list.rows]
    after = view.message_actions.message(keys[keys.index(UNREAD_KEY) + 1])
    assert view.feed is not None
    # The first that is not his own: what he wrote himself, elsewhere or before, is no news to him.
    place, me = view.feed.first_unread, second.session.me.id
    while (
        row := await second.session.store.read(lambda db, at=place: messages.get(db, chat, at))
    ) is not None:
        if row.sender_id != me:
            break
        place += 1
    assert row is not None
    assert after.seq == place
    assert view.list.has_newer
    view.list.go_to_newest()
    await two.until(lambda: view.list.rows and view.list.rows[-1].text == "第 129 条")

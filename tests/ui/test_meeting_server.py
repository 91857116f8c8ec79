"""Meetings of the server in real windows: a clerk's whole way from a list to the check-in, conflicts, offline work, rooms."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import cv2
import httpx
import pypdfium2
import pytest
from bed.duo import Duo, make_office, running_duo, until
from bed.meetings import person, plain, room
from bed.oa import MEETING, TOKEN, OaSimulator
from bed.waits import until as wait
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.features.contacts.service import SessionContacts
from app.features.meeting.absences import AbsenceDialog, MarkDialog
from app.features.meeting.announce import AnnounceDialog, TakenDialog
from app.features.meeting.dialogs import ConflictDialog, MeetingForm, RoomForm
from app.features.meeting.oa_dialog import OaDialog
from app.features.meeting.pickers import OrgPickers
from app.features.meeting.plan_rows import _state
from app.features.meeting.publish_dialog import PublishDialog
from app.features.meeting.room_versions import RoomVersionsDialog
from app.features.meeting.server_page import ServerMeetingPage
from app.features.meeting.server_service import ServerPlans
from app.features.meeting.versions import VersionsDialog
from app.session.session import Session
from app.store.database import Reader
from app.store.queries import messages
from meeting_seat_designer.engine.edits.layouts import SetRoom
from meeting_seat_designer.engine.edits.people import AddPeople
from meeting_seat_designer.engine.edits.seating import Arrange, SwapSeats
from meeting_seat_designer.engine.tables.people_io import write_people
from server_stub.contract.content import NoticeContent
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.meetings import RoomChange
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager


@pytest.fixture(scope="module")
def template_office(tmp_path_factory):
    folder = tmp_path_factory.mktemp("office") / "server"
    asyncio.run(make_office(folder))
    return folder


@pytest.fixture
def oa():
    made = OaSimulator()
    for number, name in enumerate(("王甲", "李乙", "张丙")):
        made.change("added", id=f"{number}", name=name, unit="水利局", rank="一级科员")
    yield made
    made.close()


def page_of(path, picture):
    """The first page of a PDF as a picture."""
    document = pypdfium2.PdfDocument(path)
    document[0].render(scale=2).to_pil().save(picture)
    document.close()
    return picture


class Clerk:
    """The meeting page of a signed-in person in a shown window."""

    def __init__(self, session: Session, folder) -> None:
        self.session = session
        themes = ThemeManager(animations=False)
        self.service = ServerPlans(session, folder / "meetings")
        post = session.me.posts[0]
        self.page = ServerMeetingPage(
            self.service,
            themes,
            OrgPickers(SessionContacts(session), themes),
            (post.unit_id, post.unit_name),
            folder / "meeting-rooms",
        )
        self.page.resize(1302, 768)
        self.page.show()

    async def until(self, condition, seconds: float = 30):
        """Wait until `condition()` is true; its value."""
        return await wait(condition, seconds)

    async def dialog(self, kind):
        """The dialog of this class that is open."""

        def find():
            for host in (self.page, self.page.check_in):
                found = (
                    [one for one in host.findChildren(kind) if one.isVisible()] if host is not None else []
                )
                if found:
                    return found[-1]
            return None

        return await self.until(find)

    async def settled(self) -> None:
        await asyncio.wait_for(self.page.tasks.settle(), 60)

    async def meeting(self, title: str, kind: str = "theatre") -> None:
        """Make a meeting with the form and wait for the editor."""
        self.page.new.click()
        form = await self.dialog(MeetingForm)
        form.title.setText(title)
        form.layout_choice.setCurrentIndex(form.layout_choice.findData(kind))
        form.go.click()
        await self.until(lambda: self.page.editor is not None)
        await self.settled()

    async def published(self) -> None:
        await self.settled()
        self.page.editor.bar.publish.click()
        (await self.dialog(PublishDialog)).go.click()
        await self.until(lambda: self.page.editor.editing.document.plan.published is not None)
        await self.settled()


@asynccontextmanager
async def clerk_of(duo: Duo, who: str, folder):
    session = await duo.sign_in(who)
    clerk = Clerk(session, folder / who)
    await clerk.settled()
    try:
        yield clerk
    finally:
        await clerk.page.close_down()
        clerk.page.close()
        clerk.page.deleteLater()


@pytest.mark.clause("3.1.6.4", "3.1.6.3.1", "3.1.6.4.1", "3.1.6.4.2", "3.1.6.4.4", "3.1.6.4.5", "3.1.6.4.8")
async def test_a_clerk_goes_from_240_names_to_the_late_change(
    qapp, template_office, tmp_path, record_property
):
    people = [
        person(f"r{n}", f"参会{n:03}", unit=f"单位{n % 24:02}", phone=f"1370000{n:04}", external=True)
        for n in range(240)
    ]
    path = tmp_path / "名单.xlsx"
    write_people(path, people)
    took: dict[str, float] = {}
    async with running_duo(tmp_path, template_office) as duo, clerk_of(duo, "admin", tmp_path) as clerk:
        page = clerk.page
        begin = time.perf_counter()
        await clerk.meeting("全市安全生产工作会议", "hall")
        editor = page.editor
        took["meeting"] = time.perf_counter() - begin

        begin = time.perf_counter()
        editor.dialogs.choose_file = lambda _title, _kinds: str(path)
        editor.people.import_asked.emit()
        dialog = editor.dialogs.opened
        await clerk.until(dialog.go.isEnabled)
        dialog.go.click()
        assert len(editor.editing.document.people) == 240
        took["import"] = time.perf_counter() - begin

        # One of the list's names is a colleague, one only bears the name of one.
        fengxue = person("f", "冯雪", unit="市应急管理局", number=1)
        editor.editing.run(AddPeople([fengxue, person("l", "李强", unit="别的单位")]))
        fengxue = next(one for one in editor.editing.document.people if one.id == "f")

        begin = time.perf_counter()
        editor.bar.arrange.click()
        preview = editor.dialogs.opened
        await clerk.until(preview.apply.isEnabled)
        preview.apply.click()
        took["arrange"] = time.perf_counter() - begin
        document = editor.editing.document
        assert len(document.plan.seats) == 242

        begin = time.perf_counter()
        editor.bar.publish.click()
        (await clerk.dialog(ConfirmDialog)).accept_button.click()
        publish = await clerk.dialog(PublishDialog)
        assert fengxue.user_id
        assert fengxue.post == "科员"
        assert "1 人将收到聊天消息" in publish.told.text()
        publish.go.click()
        await clerk.settled()
        took["publish"] = time.perf_counter() - begin
        assert document.plan.published.version == 1
        meeting = await clerk.service.calls.meeting(page.plan)
        assert (meeting.published, meeting.published_plan) == (1, meeting.plan_version)

        begin = time.perf_counter()
        editor.bar.check_in.click()
        window = await clerk.until(lambda: page.check_in)
        await clerk.until(lambda: window.expected == 242 and window.qr.text)
        took["check-in window"] = time.perf_counter() - begin
        assert window.reach.isVisible(), "a code that leads to this machine alone is said to"
        token = window.address.rsplit("/", 1)[1]
        seats = {who: seat for seat, who in document.plan.seats.items()}
        async with httpx.AsyncClient(trust_env=False, verify=False) as phone:
            for n in range(5):
                answer = await phone.post(
                    f"{duo.url}/api/v1/check-in/{token}", json={"phone": f"1370000{n:04}"}
                )
                assert answer.status_code == 200, answer.text
        scanned = time.perf_counter()
        await clerk.until(lambda: window.present == 5)
        took["scan to screen"] = time.perf_counter() - scanned
        assert window.counted.text() == "5 / 242"
        assert window.list.count() == 5
        came = {seats[f"r{n}"] for n in range(5) if f"r{n}" in seats}
        assert came
        looks = window.preview.plan
        await clerk.until(lambda: all(looks.looks[seat].style == "present" for seat in came))
        window.by_hand.click()
        by_hand = await clerk.dialog(MarkDialog)
        by_hand.search.edit.setText("冯雪")
        by_hand.search.query_changed.emit("冯雪")
        by_hand.go.click()
        await clerk.until(lambda: window.present == 6)

        # 缺席递补 over the first row: everyone behind moves up, and those who change side are named.
        window.absent.click()
        absence = await clerk.dialog(AbsenceDialog)
        absence.list.item(0).setCheckState(Qt.CheckState.Checked)
        assert "向前递补" in absence.told.text()
        absence.reject()

        # The late change.
        taken = [seat for seat, who in document.plan.seats.items() if who not in document.plan.checkins]
        fengxue_seat = seats[fengxue.id]
        other = next(seat for seat in taken if seat != fengxue_seat)
        begin = time.perf_counter()
        editor.editing.run(SwapSeats(fengxue_seat, other))
        await page.save(editor)
        await clerk.settled()
        editor.bar.publish.click()
        publish = await clerk.dialog(PublishDialog)
        changed = [item.text(0) for item, one in publish._items() if one.change]
        assert len(changed) == 2
        assert "冯雪" in changed
        publish.go.click()
        await clerk.settled()
        took["late change"] = time.perf_counter() - begin
        assert took["late change"] < 10
        code = document.seat_map()[other][1].code

        async with clerk_of(duo, "fengxue", tmp_path) as own:
            await own.until(lambda: own.page.seats.list.count() == 1)
            assert not own.page._server.can_publish
            # The notice's button leads here.
            own.page.open_seat(page.plan)
            view = await own.until(lambda: own.page.seats.plan)
            assert view.seat.text() == f"您的座位：{code}"
            assert view.preview.editing.selection == [other]
            view.search.query_changed.emit("参会001")
            assert view.preview.editing.selection == [seats["r1"]]
        async with clerk_of(duo, "liqiang", tmp_path) as outsider:
            with pytest.raises(ApiError) as refused:
                await outsider.service.calls.seat_plan(page.plan)
            assert refused.value.code is ErrorCode.FORBIDDEN
            outsider.page.open_seat(page.plan)
            await outsider.settled()
            assert outsider.page.seats.plan is None
            assert any("不在这次会议的接收人" in one.text.text() for one in outsider.page.toasts.toasts)
    for step, seconds in took.items():
        record_property(step, round(seconds, 3))
        print(f"{step}: {seconds:.2f} s")


@pytest.mark.clause("3.1.6.4.2")
async def test_work_goes_on_offline_and_a_conflict_loses_nothing(qapp, template_office, tmp_path):
    async with running_duo(tmp_path, template_office) as duo, clerk_of(duo, "admin", tmp_path) as clerk:
        page = clerk.page
        await clerk.meeting("防汛会商")
        plan = page.plan
        page.editor.editing.run(AddPeople([person("a", "甲"), person("b", "乙")]))
        page.editor.bar.back.click()
        await clerk.until(lambda: page.editor is None)
        await clerk.settled()
        assert (await clerk.service.calls.plan(plan)).version == 2

        # Somebody else saves meanwhile; this desk had the plan open.
        page.open_plan(plan)
        await clerk.settled()
        theirs = await clerk.service.calls.plan(plan)
        changed = dict(theirs.document)
        changed["people"] = [*changed["people"], {"id": "c", "name": "丙"}]
        await clerk.service.calls.save_plan(plan, theirs.version, changed)
        page.editor.editing.run(AddPeople([person("d", "丁")]))
        page.editor.save()
        conflict = await clerk.dialog(ConflictDialog)
        conflict.theirs.click()
        await clerk.until(lambda: page.model.total == 2)
        await clerk.settled()
        titles = {entry.title: entry for entry in page.model.all()}
        mine = titles["防汛会商（我的修改）"]
        assert {one.name for one in clerk.service.files.read(mine.id)[0].people} == {"甲", "乙", "丁"}
        assert {one.name for one in clerk.service.files.read(plan)[0].people} == {"甲", "乙", "丙"}

        # Offline: the plan opens, is changed and saved; it is brought up when the connection is there again.
        await duo.kill_server()
        page.open_plan(plan)
        await clerk.until(lambda: page.editor is not None)
        page.editor.editing.run(AddPeople([person("e", "戊")]))
        page.editor.bar.back.click()
        await clerk.until(lambda: page.editor is None)
        await clerk.settled()
        entry = next(one for one in page.model.all() if one.id == plan)
        assert entry.sync == "waiting"
        await duo.start_server()
        await clerk.until(lambda: not clerk.service.offline and not page.model.all()[0].sync, 60)
        await clerk.settled()
        newest = await clerk.service.calls.plan(plan)
        assert {one["name"] for one in newest.document["people"]} == {"甲", "乙", "丙", "戊"}

        # Once more somebody else is faster; this time what is here wins, and theirs stays among the versions.
        page.open_plan(plan)
        await clerk.until(lambda: page.editor is not None)
        await clerk.settled()
        await clerk.service.calls.save_plan(plan, newest.version, changed)
        page.editor.editing.run(AddPeople([person("f", "己")]))
        page.editor.save()
        (await clerk.dialog(ConflictDialog)).mine.click()
        await clerk.settled()
        won = await clerk.service.calls.plan(plan)
        assert {one["name"] for one in won.document["people"]} == {"甲", "乙", "丙", "戊", "己"}
        dict(page.editor.bar.extras)["历史版本…"]()
        history = await clerk.dialog(VersionsDialog)
        assert history.list.count() == won.version
        assert history.list.item(0).text().endswith("系统管理员")
        history.list.setCurrentRow(1)
        history.take.click()
        await clerk.settled()
        page.editor.bar.back.click()
        await clerk.until(lambda: page.editor is None)
        await clerk.settled()
        titles = {entry.title: entry for entry in page.model.all()}
        taken = titles[f"防汛会商（第 {won.version - 1} 版）"]
        assert {one.name for one in clerk.service.files.read(taken.id)[0].people} == {"甲", "乙", "丙"}


@pytest.mark.clause("3.1.6.4.4", "3.1.6.4.7", "3.1.6.4.8")
async def test_the_code_can_be_scanned_and_absences_are_filled_with_who_changes_side(
    qapp, template_office, tmp_path, monkeypatch
):
    # The server process takes its settings from the environment.
    monkeypatch.setenv("ZHENGDING_SERVER_PUBLIC_ADDRESS", "https://zd.example.gov.cn/")
    async with running_duo(tmp_path, template_office) as duo, clerk_of(duo, "admin", tmp_path) as clerk:
        page = clerk.page
        # A plan of this machine becomes a meeting when it is published.
        page.new_plan("主席团会议", "u")
        await clerk.until(lambda: page.editor is not None)
        await clerk.settled()
        people = [person(f"a{n}", f"委员{n}", number=n + 1, phone=f"1370000{n:04}") for n in range(7)]
        page.editor.editing.run(AddPeople(people))
        page.editor.editing.run(Arrange("all"))
        page.editor.bar.publish.click()
        form = await clerk.dialog(MeetingForm)
        assert form.title.text() == "主席团会议"
        form.go.click()
        # Nobody of the list is in the directory. Leaving the question publishes nothing, and it comes again.
        question = await clerk.dialog(ConfirmDialog)
        question.reject()
        await clerk.until(lambda: not question.isVisible())
        await clerk.settled()
        assert not [one for one in page.findChildren(PublishDialog) if one.isVisible()]
        page.editor.bar.publish.click()
        # Published all the same.
        (await clerk.dialog(ConfirmDialog)).refuse_button.click()
        publish = await clerk.dialog(PublishDialog)
        publish.list.topLevelItem(3).setCheckState(0, Qt.CheckState.Unchecked)
        assert "已移除 1 人" in publish.told.text()
        publish.sms.setChecked(False)
        publish.go.click()
        await clerk.until(lambda: page.editor is not None and page.editor.editing.document.plan.published)
        await clerk.settled()
        assert clerk.service.is_meeting(page.plan)

        page.editor.bar.check_in.click()
        window = await clerk.until(lambda: page.check_in)
        await clerk.until(lambda: window.qr.text)
        assert window.address.startswith("https://zd.example.gov.cn/m/check-in/")
        assert not window.reach.isVisible()
        sheet = tmp_path / "code.pdf"
        window.choose_target = lambda _suggested: str(sheet)
        window.print.click()
        shot = tmp_path / "qr.png"
        window.qr.grab().save(str(shot))
        for picture in (shot, page_of(sheet, tmp_path / "sheet.png")):
            text, _corners, _straight = cv2.QRCodeDetector().detectAndDecode(cv2.imread(str(picture)))
            assert text == window.address
        old = window.address
        window.renew.click()
        await clerk.until(lambda: window.address != old)

        await clerk.until(lambda: window.expected == 7)
        window.absent.click()
        absence = await clerk.dialog(AbsenceDialog)
        first = next(
            absence.list.item(row)
            for row in range(absence.list.count())
            if absence.list.item(row).text().startswith("委员0")
        )
        first.setCheckState(Qt.CheckState.Checked)
        assert "换边" in absence.told.text()
        sides = absence.sides
        assert sides
        before = dict(page.editor.editing.document.plan.seats)
        absence.go.click()
        after = page.editor.editing.document.plan.seats
        seat_of = {who: seat for seat, who in after.items()}
        assert "a0" not in seat_of
        assert seat_of["a1"] == {who: seat for seat, who in before.items()}["a0"]
        await clerk.settled()
        await clerk.until(lambda: window.document.plan.seats == after)
        assert (await clerk.service.calls.meeting(page.plan)).expected == 6
        found = await clerk.service.recipients(page.plan)
        changed = {one.attendee_id: one.change for one in found.recipients if one.change}
        assert changed["a0"] == "gone"
        # Whoever was taken off the recipients is told of nothing.
        assert {one[0] for one in sides} - {"a3"} <= set(changed)
        assert "a3" not in changed
        window.close()
        await clerk.until(lambda: page.check_in is None)


@pytest.mark.clause("3.1.6.1.1", "3.1.6.1.2", "3.1.6.2.2", "3.1.6.3.1")
async def test_rooms_are_made_laid_out_and_used_and_the_organisation_is_picked_from(
    qapp, template_office, tmp_path
):
    async with running_duo(tmp_path, template_office) as duo, clerk_of(duo, "admin", tmp_path) as clerk:
        page = clerk.page
        page.tabs.set_current("rooms")
        page.choose("rooms")
        page.new.click()
        form = await clerk.dialog(RoomForm)
        form.store()
        assert "请填写会议室名称" in form.wrong.text()
        form.name.setText("第一会议室")
        form.building.setCurrentText("行政中心")
        form.template.setCurrentIndex(form.template.findData("u"))
        form.go.click()
        await clerk.until(lambda: page.editor is not None)
        editor = page.editor
        assert editor.editing.mode == "layout"
        editor.laying.select_all()
        editor.laying.rotate(90)
        editor.bar.back.click()
        await clerk.until(lambda: page.rooms.cards)
        await clerk.settled()
        (card,) = page.rooms.cards
        assert (card.room.name, card.room.building_name, card.room.version) == ("第一会议室", "行政中心", 2)

        # A meeting in it starts with its layout; a second one at the same time warns of the room.
        for title in ("早会", "同时的会"):
            page.choose("rooms")
            page.rooms.cards[0].meet.click()
            ask = await clerk.dialog(MeetingForm)
            assert ask.room.currentData() == card.room.id
            ask.title.setText(title)
            ask.go.click()
            if title == "同时的会":
                # The room is taken: said at once, and used all the same only with a reason.
                taken = await clerk.dialog(TakenDialog)
                assert "已安排“早会”" in taken.words.text()
                assert not taken.go.isEnabled()
                taken.reason.setText("两会合并召开")
                taken.go.click()
            await clerk.until(lambda: page.editor is not None)
            await clerk.settled()
            assert page.editor.editing.document.current().regions[0].angle == 90
            if title == "早会":
                page.editor.bar.back.click()
                await clerk.until(lambda: page.editor is None)
                await clerk.settled()
        editor = page.editor
        await clerk.until(lambda: any(one.code == "double_booked" for one in editor.editing.warnings))
        warning = next(one for one in editor.editing.warnings if one.code == "double_booked")
        before = await clerk.service.calls.meeting(page.plan)
        # The fix moves the meeting behind the other, on the server as well.
        editor.editing.fix(warning.fix)
        await page.save(editor)
        await clerk.settled()
        moved = await clerk.service.calls.meeting(page.plan)
        assert moved.starts_at == before.ends_at
        assert await clerk.service.calls.overlaps(page.plan) == []

        # People: a whole unit is ticked, with rank and post from the directory.
        editor.people.pick_asked.emit()
        picker = page._pickers.opened
        top = await clerk.until(lambda: picker.tree.topLevelItem(0))
        await clerk.until(lambda: top.childCount() > 1)
        bureau = next(
            top.child(row) for row in range(top.childCount()) if top.child(row).text(0) == "市应急管理局"
        )
        bureau.setCheckState(0, Qt.CheckState.Checked)
        picker.go.click()
        people = await clerk.until(lambda: editor.editing.document.people)
        assert {(one.name, one.unit, one.post) for one in people} == {
            ("王建国", "市应急管理局", "副局长"),
            ("冯雪", "市应急管理局", "科员"),
        }
        assert all(one.user_id for one in people)

        # Department order from the tree, with change and removal.
        editor.dialogs.rules()
        rules = editor.dialogs.opened
        rules._directory.pick_units(rules, rules._picked)
        units = page._pickers.opened
        top = await clerk.until(lambda: units.tree.topLevelItem(0))
        await clerk.until(lambda: top.childCount() > 1)
        for row in range(top.childCount()):
            if top.child(row).text(0) in ("市应急管理局", "中原区"):
                top.child(row).setCheckState(0, Qt.CheckState.Checked)
        units.go.click()
        chosen = await clerk.until(lambda: editor.editing.document.rules.departments)
        assert {(one.name, bool(one.id)) for one in chosen} == {("市应急管理局", True), ("中原区", True)}
        await clerk.settled()
        rules.reject()


@pytest.mark.clause("3.1.6.1.1", "3.1.6.1.2")
async def test_an_older_layout_of_a_room_is_looked_at_and_comes_back_as_a_new_version(
    qapp, template_office, tmp_path
):
    async with running_duo(tmp_path, template_office) as duo, clerk_of(duo, "admin", tmp_path) as clerk:
        page = clerk.page
        unit = clerk.session.me.posts[0].unit_id
        made = await clerk.service.calls.save_room(
            "", RoomChange(unit_id=unit, document=plain(room("第一会议室", "u")))
        )
        await page.reload()
        page.choose("rooms")
        page.rooms.cards[0].edit.click()
        await clerk.until(lambda: page.editor is not None)
        page.editor.laying.select_all()
        page.editor.laying.delete()
        empty = page.editor.editing.document.current().regions
        assert empty == []
        page.editor.bar.back.click()
        await clerk.until(lambda: page.editor is None)
        await clerk.settled()
        assert page.rooms.cards[0].room.version == 2
        assert page.rooms.cards[0].room.layouts[0].seats == 0

        # From the open editor with one more change that is not saved yet: nothing of it is lost.
        page.rooms.cards[0].edit.click()
        await clerk.until(lambda: page.editor is not None)
        page.editor.editing.run(SetRoom(name="第一会议室", floor="3 层"))
        dict(page.editor.bar.extras)["历史版本…"]()
        dialog = await clerk.dialog(RoomVersionsDialog)
        rows = [dialog.list.item(row).text() for row in range(dialog.list.count())]
        assert [one.split("\n")[0] for one in rows] == ["第 2 版（当前）", "第 1 版"]
        assert all(one.endswith("系统管理员") for one in rows)
        await dialog.tasks.settle()
        assert not dialog.go.isEnabled()
        assert dialog.preview.editing.seats == {}
        dialog.list.setCurrentRow(1)
        await dialog.tasks.settle()
        seats = sum(len(one.seats) for one in room("", "u").layouts[0].regions)
        assert len(dialog.preview.editing.seats) == seats
        assert f"{seats} 座" in dialog.about.text()
        dialog.go.click()
        await clerk.until(lambda: page.editor is not None and page.editor.editing.seats)
        await clerk.settled()
        assert len(page.editor.editing.seats) == seats
        found = await clerk.service.calls.room_versions(made.id)
        assert [one.version for one in found] == [4, 3, 2, 1]
        third = await clerk.service.calls.room(made.id, 3)
        assert third.document["room"]["floor"] == "3 层"
        assert (await clerk.service.calls.room(made.id)).room.layouts[0].seats == seats


@pytest.mark.clause("3.1.6.1.1")
async def test_a_room_that_somebody_else_saved_meanwhile_is_asked_about_and_nothing_is_lost(
    qapp, template_office, tmp_path
):
    async with running_duo(tmp_path, template_office) as duo, clerk_of(duo, "admin", tmp_path) as clerk:
        page = clerk.page
        unit = clerk.session.me.posts[0].unit_id
        wanted = RoomChange(unit_id=unit, document=plain(room("第一会议室", "u")))
        made = await clerk.service.calls.save_room("", wanted)
        await page.reload()
        page.choose("rooms")
        for answer in ("later", "mine"):
            page.rooms.cards[0].edit.click()
            await clerk.until(lambda: page.editor is not None)
            if answer == "later":
                page.editor.laying.select_all()
                page.editor.laying.rotate(90)
                other = structs.replace(wanted, base_version=1)
                await clerk.service.calls.save_room(made.id, other)
            assert page.editor.editing.document.current().regions[0].angle == 90
            page.editor.bar.back.click()
            dialog = await clerk.dialog(ConflictDialog)
            getattr(dialog, answer).click()
            await clerk.settled()
        assert page.rooms.cards[0].room.version == 3
        # The next one is undone in favour of the server's.
        page.rooms.cards[0].edit.click()
        await clerk.until(lambda: page.editor is not None)
        page.editor.laying.select_all()
        page.editor.laying.rotate(90)
        await clerk.service.calls.save_room(made.id, structs.replace(wanted, base_version=3))
        page.editor.bar.back.click()
        (await clerk.dialog(ConflictDialog)).theirs.click()
        await clerk.settled()
        page.rooms.cards[0].edit.click()
        await clerk.until(lambda: page.editor is not None)
        await clerk.settled()
        assert page.editor.editing.document.current().regions[0].angle == 0


@pytest.mark.clause("3.1.6.4.4", "3.1.6.4.5")
async def test_another_time_is_told_and_a_cancelled_meeting_is_seen_by_clerk_and_seated(
    qapp, template_office, tmp_path
):
    async with running_duo(tmp_path, template_office) as duo, clerk_of(duo, "admin", tmp_path) as clerk:
        page = clerk.page
        await clerk.meeting("全市安全生产工作会议", "conference")
        plan, editor = page.plan, page.editor
        feng = await duo.sign_in("fengxue")
        people = [
            person(feng.me.id, "冯雪", user_id=feng.me.id),
            person("x1", "外请专家", external=True, phone="13900001111"),
            person("x2", "老同志", external=True, notify="paper"),
        ]
        editor.editing.run(AddPeople(people))
        editor.editing.run(Arrange("all"))
        await clerk.published()

        # Another time and place in the form: who is told is shown, and telling is what Enter does.
        editor.bar.meeting_asked.emit()
        form = await clerk.dialog(MeetingForm)
        form.start.setDateTime(form.start.dateTime().addDays(1))
        form.place.setText("大礼堂")
        form.go.click()
        ask = await clerk.dialog(AnnounceDialog)
        assert ask.windowTitle() == "会议时间和地点已变更"
        assert sorted(ask.names()) == ["冯雪", "外请专家", "老同志"]
        assert ask.counted.text() == "1 人将收到聊天消息，1 人将收到短信，1 人需另行通知"
        assert ask.go.isDefault()
        ask.later.click()
        await clerk.settled()
        # Put off: said in the list, and told from there.
        editor.bar.back.click()
        await clerk.until(lambda: page.editor is None)
        await clerk.settled()
        entry = next(one for one in page.model.all() if one.id == plan)
        assert _state(entry)[0] == "时间地点已变更，还没有通知"
        menu = page.menu_for(entry)
        next(one for one in menu.actions() if one.text().startswith("通知")).trigger()
        ask = await clerk.dialog(AnnounceDialog)
        ask.go.click()
        await clerk.settled()
        await until(feng, lambda db: "会议时间和地点有变更，请留意" in notices(db))
        entry = next(one for one in page.model.all() if one.id == plan)
        assert _state(entry)[0] == "已发布第 1 版"

        # Cancelled: the question says who hears of it; the clerk's list, the message and the own seats say so.
        page.ask_remove(entry)
        sure = await clerk.dialog(ConfirmDialog)
        assert "2 人会收到取消通知" in sure.text.text()
        sure.accept()
        await clerk.until(lambda: [_state(one)[0] for one in page.model.all()] == ["已取消，点开可恢复"])
        own = Clerk(feng, tmp_path / "feng")
        await own.settled()
        await until(feng, lambda db: "会议已取消" in notices(db))
        own.page.choose("seats")
        pills = [one.text() for one in own.page.seats.findChildren(QLabel)]
        assert "已取消" in pills
        own.page.open_seat(plan)
        await own.until(lambda: own.page.seats.plan is not None)
        assert "已取消" in [one.text() for one in own.page.seats.plan.findChildren(QLabel)]
        await own.page.close_down()
        own.page.close()
        own.page.deleteLater()

        # Restored, it opens as before; everybody is told of the seat anew.
        page.open_plan(plan)
        again = await clerk.dialog(ConfirmDialog)
        again.accept()
        await clerk.until(lambda: [_state(one)[0] for one in page.model.all()] == ["已发布第 1 版"])
        await clerk.settled()
        page.open_plan(plan)
        await clerk.until(lambda: page.editor is not None)
        await clerk.settled()
        page.editor.bar.publish.click()
        publish = await clerk.dialog(PublishDialog)
        assert publish.told.text() == "1 人将收到聊天消息，1 人将收到短信"


def notices(db: Reader) -> list[str]:
    """Titles of what services such as 会务 wrote."""
    rows = [
        one for chat in db.all("SELECT id FROM conversations") for one in messages.newest(db, chat[0], 50)
    ]
    return [one.content.title for one in rows if isinstance(one.content, NoticeContent)]


@pytest.mark.clause("3.1.6.3.2")
async def test_the_oa_list_and_its_changes_come_into_the_plan(qapp, template_office, tmp_path, oa):
    async with running_duo(tmp_path, template_office) as duo, clerk_of(duo, "admin", tmp_path) as clerk:
        page = clerk.page
        await clerk.meeting("OA 会议")
        editor = page.editor

        async def sync() -> OaDialog:
            text = {name: slot for name, slot in editor.bar.extras}
            text["从 OA 同步参会人员…"]()
            dialog = await clerk.dialog(OaDialog)
            if not dialog.address.text():
                dialog.address.setText(oa.url)
                dialog.token.setText(TOKEN)
                dialog.number.setText(MEETING)
            dialog.act()
            await clerk.until(lambda: dialog.go.text() in ("应用", "完成") or dialog.notice.isVisible())
            return dialog

        first = await sync()
        assert "新增 3 人" in first.told.text()
        first.act()
        assert len(editor.editing.document.people) == 3
        editor.editing.run(Arrange("all"))
        oa.change("cancelled", id="2")
        oa.change("changed", id="0", name="王甲", unit="水利局", rank="二级巡视员")
        oa.change("added", id="9", name="赵丁", unit="财政局", rank="一级科员")
        second = await sync()
        assert second.address.text() == oa.url, "address and token are remembered in the encrypted store"
        assert "新增 1 人，取消 1 人，变动 1 人" in second.told.text()
        second.act()
        # Who must move is offered at once.
        await clerk.until(lambda: editor.dialogs.opened is not None)
        arrange = editor.dialogs.opened
        await clerk.until(arrange.apply.isEnabled)
        arrange.apply.click()
        seated = {editor.editing.people[who].name for who in editor.editing.document.plan.seats.values()}
        assert seated == {"王甲", "李乙", "赵丁"}
        await page.save(editor)
        await clerk.settled()
        saved = await clerk.service.calls.meeting(page.plan)
        assert (saved.oa_id, saved.seated) == (MEETING, 3)
        assert (saved.title, saved.place) == ("工作会议", "第一会议室")

"""The key pages of the console over a real server: two administrators, each in a window of his own (3.3.4)."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bed.duo import PASSWORD, QUICK, MemoryPort, until_online
from bed.duo import until as until_store
from bed.office import Office, fill
from bed.ready_server import ReadyServer
from bed.waits import until
from bed.world import ServerProcess
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from app.console import console_entries
from app.features.admin.security.twofold import AskTwofold, ConfirmTwofold, ShareDialog
from app.features.admin.security.words import action, check, target
from app.features.admin.view import ConsolePage
from app.session.accounts import Accounts
from app.session.session import Session
from app.shell.collector import Collector
from app.store.folders import Home
from app.store.queries import conversations, messages
from app.store.records import MessageState
from server_stub.app import Server
from server_stub.config import Settings
from server_stub.contract.content import NoticeContent
from server_stub.contract.keys import CONSOLE_LINK
from widgets.theme import ThemeManager

SECONDS = 40


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys-server")

    async def make() -> None:
        made = await asyncio.to_thread(Server, Settings(data=folder))
        await made.start()
        office = Office(made, 0)
        await fill(office)
        await office.add_staff("第二管理员", "admin2", "12000000010", [("绿城市", "管理员")], is_admin=True)
        await made.close()

    asyncio.run(make())
    process = ReadyServer(folder)
    yield process
    process.stop()


@pytest.fixture(autouse=True)
def collector(qapp):
    """As in the program: garbage is collected on this thread only."""
    made = Collector()
    yield made
    made.close()


def press(control) -> None:
    assert control.isVisible()
    assert control.isEnabled()
    QTest.mouseClick(control, Qt.MouseButton.LeftButton)


async def dialog(kind: type[QDialog]):
    """The dialog of a kind that stands open."""
    return await until(
        lambda: next(
            (one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()), None
        )
    )


@dataclass
class Admin:
    """An administrator with a console."""

    session: Session
    page: ConsolePage
    told: list[str] = field(default_factory=list)

    @classmethod
    async def sign_in(cls, folder: Path, url: str, login: str) -> "Admin":
        accounts = Accounts(Home(folder / login).profile(), MemoryPort(), cost=QUICK, heartbeat=1.0)
        session = (await accounts.sign_in(url, login, PASSWORD)).session
        assert session is not None
        await until_online(session)
        themes, told = ThemeManager(animations=False), []
        made: list[ConsolePage] = []

        def go(key: str):
            made[0].open_section(key)
            return made[0].section(key)

        made.append(ConsolePage(console_entries(session, themes, told.append, show_section=go), themes))
        made[0].resize(1280, 760)
        made[0].show()
        return cls(session, made[0], told)

    async def open(self, key: str):
        """Go to a section and wait until it has read."""
        self.page.open_section(key)
        section = self.page.section(key)
        await section.tasks.settle()
        assert not section.problem.isVisible(), section.problem.label.text()
        return section

    async def close(self) -> None:
        await self.page.close_page()
        self.page.hide()
        self.page.deleteLater()
        await self.session.close()


def with_two(test):
    """Give the test two administrators and close them inside its own coroutine."""

    async def run(server: ServerProcess, tmp_path: Path) -> None:
        admins = [await Admin.sign_in(tmp_path, server.url, login) for login in ("admin", "admin2")]
        try:
            await test(*admins, tmp_path)
        finally:
            for one in admins:
                await one.close()

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    run.pytestmark = getattr(test, "pytestmark", [])
    return run


async def confirm(section, kind: str, text: str = "") -> None:
    """As the second: press 确认执行… on the newest waiting request of a kind, and what the dialog asks for."""
    section.entered()
    one = await until(
        lambda: next((r for r in section.list.requests if (r.kind, r.state) == (kind, "waiting")), None)
    )
    press(section.list.buttons[one.id, "confirm"])
    asked = await dialog(ConfirmTwofold)
    if text:
        assert not asked.go.isEnabled()
        asked.edit.setText(text)
    press(asked.go)
    await until(lambda: any(r.id == one.id and r.state == "done" for r in section.list.requests))


def test_names_of_the_server_are_put_into_words():
    assert check("device 2: poker") == "2 号机随机数扑克检验"
    assert check("device 1") == "1 号机离线"
    assert check("SM2") == "SM2"
    assert target("conversation 0192f3c1") == "会话 0192f3c1"
    assert target("conversation #4") == "会话密钥 #4"
    assert target("all") == "全部"
    assert action("destroy_done") == "紧急销密：完成"
    assert action("never_heard") == "never_heard"


@pytest.mark.clause("3.3.4")
@with_two
async def test_devices_algorithms_keys_and_rotation_are_shown_and_changed(
    first: Admin, second: Admin, tmp_path
):
    devices = await first.open("key-devices")
    assert [one.up for one in devices.shown.devices] == [True]
    assert "自检通过" in devices.verdict.label.text()
    assert "随机数重复检验" in devices.verdict.label.text()
    algorithms = await first.open("algorithms")
    rows = [
        [algorithms.table.item(r, c).text() for c in range(6)] for r in range(algorithms.table.rowCount())
    ]
    used = {row[0]: row[4] for row in rows if row[3] == "正在使用"}
    assert set(used) == {"SM2 签名", "SM3 杂凑", "SM4-GCM 加密"}
    assert all(float(speed.split()[0].replace(",", "")) > 0 for speed in used.values())

    group = await first.session.conversations.create_group([second.session.me.id], "密钥演练群")
    keys = await first.open("keys")
    names = [keys.working.item(row, 0).text() for row in range(keys.working.rowCount())]
    assert "密钥演练群" in names
    assert group not in str(names)
    before = keys.keks.rowCount()
    keys.tabs._choose("policy")
    keys.days.setValue(90)
    press(keys.save)
    await keys.tasks.settle()
    assert (await first.session.api.http.raw("GET", "/security/rotation")).json()["conversation_days"] == 90
    press(keys.rotate)
    press((await dialog(QDialog)).accept_button)
    await until(lambda: keys.keks.rowCount() == before + 1)
    states = [keys.keks.item(row, 2).text() for row in range(keys.keks.rowCount())]
    assert states == ["已归档", "使用中"]


def notices(db) -> list[NoticeContent]:
    """What an administrator was told in 工作通知, the newest last."""
    chats = [row for row in conversations.overview(db) if row.title == "工作通知"]
    rows = [row for chat in chats for row in messages.newest(db, chat.id)]
    return [row.content for row in rows if isinstance(row.content, NoticeContent)]


@pytest.mark.clause("3.3.4")
@with_two
async def test_a_destruction_is_tried_out_asked_for_and_confirmed_by_the_other(
    first: Admin, second: Admin, tmp_path
):
    group = await first.session.conversations.create_group([second.session.me.id], "待销毁群")
    client_id = await first.session.send.text(group, "此条将被销毁")

    def state(db):
        found = messages.by_client_ids(db, group, [client_id])
        return found[0].state if found and found[0].seq else None

    async def message_is(wanted: MessageState) -> None:
        await until_store(second.session, lambda db: state(db) is wanted, SECONDS)

    await message_is(MessageState.OPENED)
    keys = await first.open("keys")
    row = next(r for r in range(keys.working.rowCount()) if keys.working.item(r, 0).text() == "待销毁群")
    keys.working.selectRow(row)
    press(keys.destroy_button)
    page = first.page.section("key-destruction")
    await page.tasks.settle()
    assert page.conversation.currentText() == "待销毁群"
    assert not page.go.isEnabled(), "the dry run comes first"
    press(page.try_out)
    await until(page.result.isVisible)
    assert "没有改动任何内容" in page.result.label.text()
    assert "涉及 2 人" in page.result.label.text()
    page.reason.setText("演练")
    press(page.go)
    await page.tasks.settle()
    (asked,) = [one for one in page.list.requests if one.state == "waiting"]
    assert (asked.id, "confirm") not in page.list.buttons, "nobody confirms his own request"
    await until_store(second.session, notices, SECONDS)
    (notice,) = await second.session.store.read(notices)
    assert notice.title == "密钥操作待您确认"
    assert "系统管理员 发起了“紧急销密”，原因：演练" in notice.text
    assert notice.link == f"{CONSOLE_LINK}key-destruction"
    assert await first.session.store.read(notices) == [], "who asked is not told of it"
    assert await first.session.store.read(state) is MessageState.OPENED
    await confirm(await second.open("key-destruction"), "destroy", "销毁")
    await message_is(MessageState.DESTROYED)
    page.entered()
    await until(lambda: any(one.id == asked.id and one.state == "done" for one in page.list.requests))


@pytest.mark.clause("3.3.4")
@with_two
async def test_backup_restore_single_key_and_audit_go_by_both(first: Admin, second: Admin, tmp_path):
    await first.session.conversations.create_group([second.session.me.id], "备份群")
    mine, other = await first.open("key-backup"), await second.open("key-backup")
    press(mine.backup)
    ask = await dialog(AskTwofold)
    why = "月度例行备份；" + "另按市应急管理局的要求，" * 8 + "报分管领导同意"
    ask.reason.setText("  ")
    assert not ask.go.isEnabled(), "no reason, nothing to confirm"
    ask.reason.setText(why)
    assert ask.go.isEnabled()
    press(ask.go)
    await mine.tasks.settle()
    await confirm(other, "backup")
    mine.entered()
    done = await until(lambda: next((r for r in mine.list.requests if r.state == "done"), None))
    shares = []
    for section in (mine, other):
        press(await until(lambda section=section: section.list.buttons.get((done.id, "share"))))
        shown = await dialog(ShareDialog)
        shares.append(shown.text.toPlainText())
        shown.accept()
        await section.tasks.settle()
    assert len(set(shares)) == 2
    file = tmp_path / "备份.zdkey"
    mine.ask_save = lambda _name, _kinds: str(file)
    press(mine.list.buttons[done.id, "file"])
    await until(file.exists)
    # A share that was taken is not given again: the page says so.
    press(mine.list.buttons[done.id, "share"])
    await until(mine.problem.isVisible)
    assert "已领取过" in mine.problem.label.text()
    press(mine.restore)
    ask = await dialog(AskTwofold)
    assert not ask.go.isEnabled()
    ask.file.setText(str(file))
    ask.share.setText(shares[0])
    ask.reason.setText("恢复演练")
    press(ask.go)
    await mine.tasks.settle()
    await confirm(other, "restore", shares[1])

    keys = await first.open("keys")
    names = [keys.working.item(r, 0).text() for r in range(keys.working.rowCount())]
    keys.working.selectRow(names.index("备份群"))
    press(keys.export)
    ask = await dialog(AskTwofold)
    ask.reason.setText("移交会话")
    press(ask.go)
    await keys.tasks.settle()
    assert not keys.problem.isVisible()
    theirs = await second.open("keys")
    theirs._go_to("single")
    await confirm(theirs, "export")

    audit = await first.open("key-audit")
    kinds = {audit.table.item(row, 2).text() for row in range(audit.table.rowCount())}
    assert {"密钥备份：完成", "密钥恢复：完成", "导出单个密钥：完成", "领取密钥分量"} <= kinds
    # What a narrow column cuts off stands whole below the table.
    assert not audit.detail.isVisible()
    asked = next(r for r in range(audit.table.rowCount()) if audit.table.item(r, 6).text() == why)
    audit.table.selectRow(asked)
    assert audit.detail.isVisible()
    assert why in audit.detail.text()
    press(audit.check)
    await until(audit.verdict.isVisible)
    assert "校验通过" in audit.verdict.label.text()
    audit.kind.setCurrentIndex(audit.kind.findData("backup_done"))
    audit.entered()
    await audit.tasks.settle()
    assert {audit.table.item(row, 2).text() for row in range(audit.table.rowCount())} == {"密钥备份：完成"}
    assert not audit.detail.isVisible()
    target = tmp_path / "审计.csv"
    audit.ask_save = lambda _name, _kinds: str(target)
    press(audit.export)
    await until(target.exists)
    assert "backup_done" in target.read_text(encoding="utf-8-sig")

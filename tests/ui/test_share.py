"""分享到会话: files, words and links from outside, by command line, link, another start of the program, and by a drop on a row."""

import asyncio
from pathlib import Path

import pytest
from bed.waits import until
from client_bed import Desk
from demo_bed import start_demo
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.features.chat.group_join import JoinDialog
from app.features.chat.share_dialog import ShareDialog
from app.features.chat.view import ChatPage
from app.main import parse
from app.preferences import Preferences
from app.session.files import FileRefused
from app.session.states import LinkState
from app.shell.collector import Collector
from app.shell.share import MOST_FILES, Share, of_files, of_link, pack, unpack
from app.shell.single import SingleInstance
from app.shell.tasks import Tasks
from app.showcase import chats
from app.showcase.chat_service import ShowcaseChat
from app.store.queries import messages
from app.workspace import Workspace
from server_stub.contract.content import FileContent, TextContent
from widgets.theme import ThemeManager


@pytest.mark.clause("E057")
def test_a_link_brings_words_and_web_addresses_and_never_a_file() -> None:
    link = "zhengding://share?text=%E8%AF%B7%E7%9C%8B&url=https%3A%2F%2Fwww.zhengzhou.gov.cn%2Fa"
    assert of_link(link) == Share(text="请看\nhttps://www.zhengzhou.gov.cn/a")
    for nasty in ("file%3A%2F%2F%2Fetc%2Fpasswd", "javascript%3Aalert(1)", "%2Fetc%2Fpasswd"):
        assert of_link(f"zhengding://share?url={nasty}&file={nasty}&files={nasty}") == Share()
    assert of_link("https://example.com/share?text=a") == Share()
    assert of_link("zhengding://group/abc") == Share(link="zhengding://group/abc")


@pytest.mark.clause("E057")
def test_the_command_line_names_files_as_they_lie(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = parse(["--profile", "two", "--share", "通知.pdf", (tmp_path / "b c.txt").as_uri(), "通知.pdf"])
    assert options.share.files == (tmp_path / "通知.pdf", tmp_path / "b c.txt")
    assert parse(["zhengding://share?text=hi"]).share == Share(text="hi")
    assert not parse([]).share
    # What another start hands over is read with care.
    share = Share((tmp_path / "a",), "words", "zhengding://group/x")
    assert unpack(pack(share)) == share
    assert not unpack("activate")
    assert unpack('{"type":"share","files":["relative/path"]}') == Share()
    many = of_files([f"/tmp/{n}" for n in range(200)])
    assert (len(many.files), many.left_out) == (MOST_FILES, 150)
    # The rest is not forgotten on the way to the running program, nor while it waits behind the sign-in.
    assert unpack(pack(many)) == many
    again = many.and_also(of_files(["/tmp/0", "/tmp/other"]))
    assert (again.files, again.left_out) == (many.files, 151)


@pytest.mark.clause("E057")
def test_a_second_start_hands_many_long_paths_to_the_first(tmp_path: Path, qtbot) -> None:
    first, second = SingleInstance(tmp_path), SingleInstance(tmp_path)
    assert first.claim()
    share = of_files([f"/home/office/{'很长的文件夹名' * 8}/{n:03}-{'附件' * 20}.docx" for n in range(50)])
    assert len(pack(share).encode()) > 10_000
    with qtbot.waitSignal(first.woken, timeout=10_000) as woken:
        assert not second.claim(pack(share))
    assert unpack(woken.args[0]) == share
    first.release()


# Over a service in memory.


class Bench:
    """A shown chat page."""

    def __init__(self, qtbot, folder: Path) -> None:
        self.service = ShowcaseChat()
        self.errors: list[str] = []
        self.tasks = Tasks(lambda _error, doing: self.errors.append(doing))
        self.page = ChatPage(
            self.service, ThemeManager(animations=False), Preferences(folder / "p.json"), self.tasks
        )
        self.page.resize(1302, 700)
        qtbot.addWidget(self.page)
        self.page.show()

    async def settle(self) -> None:
        for _ in range(3):
            await self.tasks.settle()
            await self.page.conversation.tasks.settle()
            await asyncio.sleep(0)


@pytest.fixture
async def bench(qtbot, tmp_path):
    made = Bench(qtbot, tmp_path)
    await until(made.page.isVisible)
    await made.settle()
    return made


def files_in(folder: Path) -> list[Path]:
    """Two files and a folder to share."""
    (folder / "资料").mkdir()
    (folder / "资料" / "一.txt").write_text("一", encoding="utf-8")
    for name in ("甲.txt", "乙.txt"):
        (folder / name).write_text(name, encoding="utf-8")
    return [folder / "甲.txt", folder / "乙.txt", folder / "资料"]


@pytest.mark.clause("E057")
async def test_files_and_words_go_to_the_chosen_and_a_second_try_repeats_nothing(bench, tmp_path) -> None:
    paths = files_in(tmp_path)
    dialog = bench.page.share(paths, "请各单位查收\nhttps://example.com")
    assert dialog.windowTitle() == "分享到会话"
    assert dialog.shown.text().splitlines() == ["甲.txt、乙.txt、资料", "请各单位查收 https://example.com"]
    await dialog.tasks.settle()
    dialog.choose("c-zhao", "赵敏")
    dialog.choose(chats.FLOOD, "群")
    dialog.note.setText("今天下班前")
    refused: list[Path] = []
    send_files = bench.service.send_files

    async def once(conversation_id, wanted, *, quote=None) -> None:
        if wanted[0].name == "乙.txt" and not refused:
            refused.append(wanted[0])
            raise FileRefused("“乙.txt”已不在原来的位置。")
        await send_files(conversation_id, wanted, quote=quote)

    bench.service.send_files = once
    dialog.go.click()
    await until(dialog.notice.isVisible)
    assert "乙.txt" in dialog.notice.label.text()
    done: list[int] = []
    dialog.finished.connect(done.append)
    dialog.go.click()
    await until(lambda: done == [1])
    sent = [call for call in bench.service.calls if call[0] in ("send_files", "send_folder")]
    assert [(call[1][0], call[0]) for call in sent] == [
        ("c-zhao", "send_files"),
        ("c-zhao", "send_files"),
        ("c-zhao", "send_folder"),
        (chats.FLOOD, "send_files"),
        (chats.FLOOD, "send_files"),
        (chats.FLOOD, "send_folder"),
    ]
    texts = [
        one.content.text for one in bench.service.messages["c-zhao"] if isinstance(one.content, TextContent)
    ]
    assert texts[-2:] == ["请各单位查收\nhttps://example.com", "今天下班前"]
    await bench.page.close_page()


@pytest.mark.clause("E057")
async def test_more_files_than_are_sent_at_once_are_told_of(bench, tmp_path) -> None:
    share = of_files([str(tmp_path / f"附件{n:03}.txt") for n in range(80)])
    for file in share.files:
        file.write_text("附件", encoding="utf-8")
    dialog = bench.page.share(share.files, share.text, left_out=share.left_out)
    assert dialog.too_many.isVisible()
    told = dialog.too_many.label.text()
    assert "80 个文件" in told
    assert "前 50 个" in told
    assert "其余 30 个" in told
    await dialog.tasks.settle()
    dialog.choose("c-zhao", "赵敏")
    done: list[int] = []
    dialog.finished.connect(done.append)
    dialog.go.click()
    await until(lambda: done == [1])
    assert len([call for call in bench.service.calls if call[0] == "send_files"]) == 50
    # Nothing is said where all go.
    dialog = bench.page.share(share.files[:50], "")
    assert not dialog.too_many.isVisible()
    dialog.reject()
    await bench.page.close_page()


@pytest.mark.clause("E057", "E091")
async def test_files_dropped_on_a_row_go_there_and_nowhere_else(bench, tmp_path) -> None:
    view, model = bench.page.list.view, bench.page.list.model
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in files_in(tmp_path)[:2]])

    def drop_on(conversation_id: str) -> bool:
        spot = view.visualRect(model.index(model.row_of(conversation_id), 0)).center()
        kinds = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view.viewport(), QDragEnterEvent(QPoint(spot), *kinds))
        move = QDragMoveEvent(QPoint(spot), *kinds)
        move.ignore()
        QApplication.sendEvent(view.viewport(), move)
        before = view.grab().toImage()
        drop = QDropEvent(spot.toPointF(), *kinds)
        drop.ignore()
        QApplication.sendEvent(view.viewport(), drop)
        # The row under the pointer is marked while the files hang over it.
        assert (before != view.grab().toImage()) is move.isAccepted()
        return drop.isAccepted()

    # A service number takes no files.
    assert not drop_on("c-hw")
    assert drop_on("c-zhao")
    await bench.settle()
    assert bench.page.current_conversation == "c-zhao"
    # The hand may have slipped by a row: who is meant to have it is asked first.
    asked = bench.page.conversation.writing.asking
    assert asked.heading.text() == "发送给 赵敏"
    assert "send_files" not in [name for name, _ in bench.service.calls]
    asked.go.click()
    await bench.settle()
    sent = [call[1] for call in bench.service.calls if call[0] == "send_files"]
    assert sent == [("c-zhao", (tmp_path / "甲.txt",)), ("c-zhao", (tmp_path / "乙.txt",))]
    await bench.page.close_page()


@pytest.mark.clause("E119", "E058", "E165")
async def test_a_groups_link_and_a_persons_link_are_looked_at(bench) -> None:
    bench.page.join_by("zhengding://person/p-zhao")
    await bench.settle()
    await until(lambda: bench.page.current_conversation == "c-zhao")
    bench.page.join_by("zhengding://group/00000000-0000-7000-8000-000000000000")
    dialog = bench.page.findChild(JoinDialog) or bench.page.window().findChild(JoinDialog)
    assert dialog is not None
    assert dialog._wanted == "00000000-0000-7000-8000-000000000000"
    await dialog.tasks.settle()
    dialog.reject()
    await bench.page.close_page()


# Over a real server.


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    running = start_demo(tmp_path_factory.mktemp("server"))
    yield running
    running.process.stop()


@pytest.fixture(autouse=True)
def collector(qapp):
    """As in the program: garbage is collected on this thread only."""
    made = Collector()
    yield made
    made.close()


def share_dialog(workspace: Workspace) -> ShareDialog | None:
    """The dialog of a workspace."""
    return workspace.window.findChild(ShareDialog)


@pytest.mark.clause("E057")
async def test_what_was_shared_before_the_sign_in_waits_and_arrives_sealed(demo, tmp_path) -> None:
    marker = "公文内容标记-" + "七" * 40
    shared = tmp_path / "outside" / "会议纪要.txt"
    shared.parent.mkdir()
    shared.write_text(marker, encoding="utf-8")
    one, two = (Desk(tmp_path / name, demo.process.url) for name in ("a", "b"))
    try:
        await one.start()
        await two.start()
        client = one.client
        client.heard(pack(of_files([str(shared)])))
        first = await one.sign_in(*demo.login(0))
        second = await two.sign_in(*demo.login(1))
        for desk, workspace in ((one, first), (two, second)):
            await desk.until(lambda w=workspace: w.session.link_state is LinkState.ONLINE)
        await one.until(lambda: share_dialog(first) is not None)
        dialog = share_dialog(first)
        chat = await first.session.conversations.open_single(second.session.me.id)
        dialog.choose(chat, second.session.me.name)
        done: list[int] = []
        dialog.finished.connect(done.append)
        dialog.go.click()
        await one.until(lambda: done == [1])
        came: list[FileContent] = []

        async def look() -> None:
            rows = await second.session.store.read(lambda db: messages.newest(db, chat, 5))
            came.extend(row.content for row in rows if isinstance(row.content, FileContent))

        looking = second.session.store.changes.listen(
            lambda _change: second.tasks.start(look(), "look") and None, table="messages"
        )
        await look()
        await two.until(lambda: any(one.file.name == "会议纪要.txt" for one in came))
        looking.close()
        content = next(one for one in came if one.file.name == "会议纪要.txt")
        target = tmp_path / "saved.txt"
        await second.chat_service.save_file(content.file.file_id, target)
        assert target.read_text(encoding="utf-8") == marker
        # Nothing of it lies in clear in what the sender's program keeps.
        kept = [path for path in (tmp_path / "a").rglob("*") if path.is_file()]
        assert kept
        assert not [path for path in kept if marker.encode() in path.read_bytes()]
        # While the program runs, another start with words asks at once.
        client.heard(pack(Share(text="请看 https://example.com")))
        await one.until(lambda: (found := share_dialog(first)) is not None and "请看" in found.shown.text())
    finally:
        for desk in (one, two):
            await desk.end()

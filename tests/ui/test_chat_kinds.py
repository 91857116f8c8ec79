"""The richer kinds of messages in the open conversation: shown, opened, said, forwarded, put together; over a service in memory."""

from __future__ import annotations

import math
import struct
from array import array
from dataclasses import replace
from pathlib import Path

import pytest
from bed.waits import until
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.features.chat.contributed import MessageEntry, MessageFacts, PlusEntry
from app.features.chat.conversation_menu import Situation, entries_of
from app.features.chat.conversation_plus import LocationDialog, MarkdownDialog, coordinates_of
from app.features.chat.conversation_rows import UNSUPPORTED
from app.features.chat.conversation_view import ConversationView
from app.features.chat.forward_dialog import PERSON, ForwardDialog
from app.features.chat.record_view import RecordWindow, record_rows
from app.features.chat.sound import NO_MICROPHONE, NO_TRANSCRIBER, Recording, SoundUnavailable
from app.features.chat.sound_qt import Recorded
from app.features.chat.tools import ChatTools
from app.features.chat.voice_format import RATE
from app.preferences import Preferences
from app.session.kinds import VideoFacts
from app.showcase import chats
from app.showcase.chat_service import ShowcaseChat
from app.showcase.kinds_pages import kinds_chat, record
from app.showcase.office import ME, NOW_MS
from app.store.records import MessageState
from server_stub.contract.content import (
    FileContent,
    LinkPreview,
    LocationContent,
    MarkdownContent,
    MergedContent,
    TextContent,
)
from server_stub.contract.conversations import MemberRole
from widgets.chat.laid import PartKind
from widgets.chat.rows import RowKind
from widgets.controls import ConfirmDialog
from widgets.theme import ThemeManager

FLOOD = chats.FLOOD


def speech(seconds: float, rate: int = RATE) -> bytes:
    """16-bit samples that swell and fade, as speech does."""
    return array(
        "h",
        (
            int(12_000 * math.sin(n * 0.07) * abs(math.sin(n * 3.0 / rate)))
            for n in range(int(seconds * rate))
        ),
    ).tobytes()


class FedRecorder:
    """A microphone whose sound the test gives (see sound.Recorder); the recording is made as the real one makes it."""

    def __init__(self) -> None:
        self.heard: Recorded | None = None

    def start(self, level, ended) -> None:
        self.heard = Recorded(level, ended)

    def feed(self, pcm: bytes) -> None:
        assert self.heard is not None
        for place in range(0, len(pcm), 3200):
            self.heard.take(pcm[place : place + 3200])

    def stop(self) -> Recording | None:
        heard, self.heard = self.heard, None
        return heard.recording() if heard is not None else None

    def cancel(self) -> None:
        self.heard = None


class SteppedPlayer:
    """A loudspeaker that goes on when the test says so (see sound.Player)."""

    def __init__(self) -> None:
        self.played: list[tuple[bytes, str, float]] = []
        self.moved = self.ended = None
        self.at = 0.0
        self.running = False

    def play(self, data, media_type, at, moved, ended) -> None:
        self.played.append((data, media_type, at))
        self.moved, self.ended, self.at, self.running = moved, ended, at, True

    def go(self, place: float) -> None:
        self.at = place
        self.moved(place)

    def stop(self) -> float:
        self.running = False
        return self.at


class Clerk:
    """Writes speech down (see sound.Transcriber)."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, str]] = []
        self.problem = ""

    async def transcribe(self, data: bytes, media_type: str) -> str:
        self.heard.append((data, media_type))
        if self.problem:
            raise SoundUnavailable(self.problem)
        return "泵站三号机组已恢复。"


class Pages:
    """Asks no network (see tools.LinkPreviews)."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def fetch(self, url: str) -> LinkPreview | None:
        self.asked.append(url)
        return LinkPreview(url=url, title="汛情通报") if "plan" in url else None


class Todo:
    """Another feature's entries."""

    def __init__(self) -> None:
        self.made: list[MessageFacts] = []
        self.begun: list[str] = []

    def entries(self, message: MessageFacts) -> list[MessageEntry]:
        return [MessageEntry("todo", "转为待办", "todo", self._make)] if message.text else []

    def plus_entries(self, conversation_id: str) -> list[PlusEntry]:
        return [PlusEntry("ding", "DING", "ding", self._begin)]

    async def _make(self, message: MessageFacts) -> None:
        self.made.append(message)

    async def _begin(self, conversation_id: str) -> None:
        self.begun.append(conversation_id)


@pytest.fixture
async def chat() -> ShowcaseChat:
    return kinds_chat()


@pytest.fixture
def todo() -> Todo:
    return Todo()


@pytest.fixture
def tools(todo) -> ChatTools:
    async def facts(_path: Path) -> VideoFacts:
        return VideoFacts(320, 180, 4000, b"")

    return ChatTools(
        recorder=FedRecorder(),
        player=SteppedPlayer(),
        transcriber=Clerk(),
        previews=Pages(),
        film_facts=facts,
        message_actions=[todo],
        plus=[todo],
    )


@pytest.fixture
def given() -> list[str]:
    return []


@pytest.fixture
async def make(qtbot, tmp_path, chat, tools, given):
    views: list[ConversationView] = []

    async def build(with_tools: ChatTools | None = tools) -> ConversationView:
        made = ConversationView(
            chat,
            ThemeManager(animations=False),
            Preferences(tmp_path / "preferences.json"),
            opener=lambda url: given.append(url.toString()) is None,
            tools=with_tools,
        )
        views.append(made)
        made.resize(760, 720)
        made.show()
        made.activateWindow()
        qtbot.waitExposed(made)
        made.open(FLOOD)
        await made.tasks.settle()
        return made

    yield build
    for view in views:
        await view.finish()
        view.close()
        view.deleteLater()


def key(number: int) -> str:
    return f"{FLOOD}-{number}"


def row_of(view: ConversationView, name: str):
    return view.list.rows[view.list.store.place(name)]


def calls(chat: ShowcaseChat, name: str) -> list[tuple[object, ...]]:
    return [arguments for called, arguments in chat.calls if called == name]


def said(view: ConversationView) -> str:
    return view.toasts.toasts[-1].text.text()


def click_part(view: ConversationView, name: str, kind: PartKind, data: str = "") -> None:
    view.list.show_row(name, flash=False)
    laid = view.list.store.laid(view.list.store.place(name))
    part = next(part for part in laid.parts if part.kind is kind and data in ("", part.data))
    spot = part.rect.center() + QPointF(0, view.list.row_rect(name).top())
    QTest.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=spot.toPoint())


def shown(view: ConversationView, kind) -> list:
    return [one for one in view.findChildren(kind) if one.isVisible()]


def dialog_of(view: ConversationView, kind):
    found = shown(view, kind)
    assert found, kind
    return found[-1]


# Shown.


@pytest.mark.clause("E092", "E093", "E094", "E098", "E099", "E100", "E103", "E104")
async def test_each_kind_is_shown_and_an_unknown_one_says_so(make):
    view = await make()
    kinds = {number: row_of(view, key(number)) for number in range(1, 12)}
    assert kinds[1].kind is RowKind.VOICE
    assert (kinds[1].voice.length, len(kinds[1].voice.levels)) == ("14″", 64)
    assert kinds[1].text.startswith("二七路隧道积水")
    assert kinds[3].picture.film
    assert kinds[3].picture.note == "1:05"
    assert kinds[4].file.folder
    assert kinds[4].file.note.startswith("26 个文件")
    assert (kinds[5].card.title, kinds[5].card.foot) == ("陈伟", "个人名片")
    assert kinds[6].card.lines == ("二七区二七路与陇海路交叉口", "34.75213°N，113.66541°E")
    assert kinds[7].card.foot == "聊天记录 · 共 5 条"
    assert [(chip.emoji, chip.label, chip.mine) for chip in kinds[8].chips][:2] == [
        ("👍", "5", True),
        ("🙏", "郑涛", False),
    ]
    assert kinds[9].link.title.startswith("绿城市 2026")
    assert kinds[10].text == UNSUPPORTED == "此消息需要升级客户端查看"
    assert kinds[10].muted
    # None of it is drawn out of its row, at any width.
    for width in (360, 520, 760, 1200):
        view.resize(width, 720)
        QApplication.processEvents()
        for row in view.list.rows:
            laid = view.list.store.laid(view.list.store.place(row.key))
            for rect in [laid.bubble, laid.waves, laid.link, *(spot for spot, _ in laid.chips)]:
                if rect is not None:
                    assert rect.left() >= 0, (width, row.key)
                    assert rect.right() <= view.list.viewport().width(), (width, row.key)
                    assert rect.bottom() <= laid.height + 1, (width, row.key)


@pytest.mark.clause("3.1.2.2")
async def test_markdown_is_shown_as_text_that_fetches_and_runs_nothing(make, chat, given):
    view = await make()
    row = row_of(view, key(8))
    assert row.text.startswith("今晚值守安排\n")
    assert "**" not in row.text
    assert "`" not in row.text
    text = "![x](http://10.0.0.1/a.png) <img src=http://10.0.0.1/b> [跑](javascript:alert(1)) [看](https://a.gov.cn/)"
    chat.receive(FLOOD, "p-wang", MarkdownContent(title="", text=text))
    await until(lambda: view.list.rows[-1].text.startswith("[图片]"))
    targets = [span.target for span in view.list.rows[-1].spans if span.target]
    assert "javascript:alert(1)" not in " ".join(targets)
    assert "https://a.gov.cn/" in targets
    assert not given


# Voice.


@pytest.mark.clause("E092")
async def test_speaking_sends_what_was_said_and_a_slip_sends_nothing(make, chat, tools):
    view = await make()
    recorder: FedRecorder = tools.recorder  # type: ignore[assignment]
    QTest.mouseClick(view.composer.voice_button, Qt.MouseButton.LeftButton)
    assert view.composer.voice.isVisible()
    assert not view.composer.edit.isVisible()
    recorder.feed(speech(2.4))
    assert view.composer.voice.time.text() == "0:02"
    QTest.keyClick(view.composer.voice, Qt.Key.Key_Return)
    await view.tasks.settle()
    assert calls(chat, "send_voice") == [(FLOOD, 2400, "audio/wav")]
    assert view.composer.edit.isVisible()
    await until(lambda: view.list.rows[-1].kind is RowKind.VOICE)
    sent = view.list.rows[-1]
    assert max(sent.voice.levels) == 255
    # It is a sound file that any program opens: µ-law, 16 kHz, as long as what was said.
    data = chat.picture
    assert data[:4] == b"RIFF"
    form, channels, rate = struct.unpack("<HHI", data[20:28])
    assert (form, channels, rate) == (7, 1, RATE)
    assert len(data) == pytest.approx(2.4 * RATE, abs=100)
    # Too short, given up, and no longer than a minute.
    view.writing.voice.begin()
    recorder.feed(speech(0.3))
    view.composer.voice.sent.emit()
    await view.tasks.settle()
    assert "太短" in said(view)
    view.writing.voice.begin()
    recorder.feed(speech(1.5))
    QTest.keyClick(view.composer.voice, Qt.Key.Key_Escape)
    view.writing.voice.begin()
    recorder.feed(speech(62))
    assert view.composer.voice.time.text() == "1:00"
    view.close_conversation()
    await view.tasks.settle()
    assert len(calls(chat, "send_voice")) == 1
    assert recorder.heard is None


@pytest.mark.clause("E092")
async def test_one_voice_plays_at_a_time_with_its_progress_and_goes_on_where_it_stopped(make, chat, tools):
    view = await make()
    player: SteppedPlayer = tools.player  # type: ignore[assignment]
    chat.picture = b"RIFFsound"
    click_part(view, key(1), PartKind.VOICE)
    await until(lambda: bool(player.played))
    player.go(0.4)
    assert row_of(view, key(1)).voice.progress == 0.4
    assert row_of(view, key(1)).voice.playing
    click_part(view, key(2), PartKind.VOICE)
    await until(lambda: len(player.played) == 2)
    assert not (row_of(view, key(1)).voice.playing)
    player.go(0.5)
    click_part(view, key(2), PartKind.VOICE)
    assert not player.running
    assert row_of(view, key(2)).voice.progress == 0.5
    click_part(view, key(2), PartKind.VOICE)
    await until(lambda: len(player.played) == 3)
    assert player.played[2] == (b"RIFFsound", "", 0.5)
    player.ended("")
    assert row_of(view, key(2)).voice.progress is None
    click_part(view, key(1), PartKind.VOICE)
    await until(lambda: len(player.played) == 4)
    player.ended("这段语音无法播放，可能已损坏。")
    assert "无法播放" in said(view)


@pytest.mark.clause("3.1.2.2")
async def test_speech_is_written_down_by_whoever_is_set_up_and_honestly_not_otherwise(make, chat, tools):
    view = await make()
    clerk: Clerk = tools.transcriber  # type: ignore[assignment]
    chat.picture = b"RIFFsound"
    view.message_actions.act(key(2), "transcribe")
    assert row_of(view, key(2)).voice.note == "正在转文字…"
    await view.tasks.settle()
    await until(lambda: row_of(view, key(2)).text == "泵站三号机组已恢复。")
    assert clerk.heard == [(b"RIFFsound", "")]
    view.message_actions.act(key(2), "copy")
    assert QGuiApplication.clipboard().text() == "泵站三号机组已恢复。"
    names = [
        entry.name for entry in entries_of(chat.messages[FLOOD][1], Situation(ME.id, NOW_MS, 120, True, True))
    ]
    assert "transcribe" not in names
    clerk.problem = "语音转文字服务没有响应，请稍后再试。"
    chat.messages[FLOOD][0] = replace(chat.messages[FLOOD][0], transcript="")
    view.message_actions.act(key(1), "transcribe")
    await view.tasks.settle()
    assert said(view) == clerk.problem
    assert row_of(view, key(1)).voice.note == ""


@pytest.mark.clause("E092", "3.1.2.2")
async def test_a_machine_without_microphone_loudspeaker_or_transcriber_says_so(make, chat):
    view = await make(ChatTools())
    QTest.mouseClick(view.composer.voice_button, Qt.MouseButton.LeftButton)
    assert said(view) == NO_MICROPHONE
    assert view.composer.edit.isVisible()
    view.message_actions.act(key(2), "transcribe")
    assert said(view) == NO_TRANSCRIBER
    view.message_actions.act(key(1), "play")
    await view.tasks.settle()
    assert "没有可用的声音输出" in said(view)


# Emoji.


@pytest.mark.clause("E103")
async def test_emoji_are_put_by_the_bar_and_by_the_chips(make, chat):
    view = await make()
    view.message_actions.act(key(11), "emoji")
    assert view.deeds.reactions is not None
    QTest.mouseClick(view.deeds.reactions.buttons[0], Qt.MouseButton.LeftButton)
    await view.tasks.settle()
    assert calls(chat, "react") == [(FLOOD, 11, "👍")]
    await until(lambda: [chip.emoji for chip in row_of(view, key(11)).chips] == ["👌", "👍"])
    click_part(view, key(11), PartKind.CHIP, "👍")
    await until(lambda: [chip.emoji for chip in row_of(view, key(11)).chips] == ["👌"])
    click_part(view, key(11), PartKind.CHIP, "👌")
    await until(lambda: row_of(view, key(11)).chips[0].mine)
    assert "李强" in row_of(view, key(11)).chips[0].people
    # The whole panel is behind the last button.
    view.message_actions.act(key(11), "emoji")
    bar = view.deeds.reactions
    assert bar is not None
    QTest.mouseClick(bar.more, Qt.MouseButton.LeftButton)
    assert bar.panel is not None
    bar.panel.chosen.emit("🎉")
    await view.tasks.settle()
    assert calls(chat, "react")[-1] == (FLOOD, 11, "🎉")


# Forwarding and choosing several.


@pytest.mark.clause("E104", "E022", "E023", "E024", "E025", "E092", "E096")
async def test_several_are_chosen_and_forwarded_one_by_one_or_as_a_record(make, chat):
    view = await make()
    view.message_actions.act(key(8), "select")
    assert view.choice_bar.isVisible()
    assert not view.composer.isVisible()
    for name in (key(9), key(11)):
        view.list.show_row(name, flash=False)
        spot = view.list.row_rect(name).center()
        QTest.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert view.list.choice.keys == [key(8), key(9), key(11)]
    assert view.choice_bar.count.text() == "已选 3 条"
    view.choice_bar.buttons["merge"].click()
    dialog = dialog_of(view, ForwardDialog)
    await dialog.tasks.settle()
    texts = [dialog.model.index(n, 0).data() for n in range(dialog.model.rowCount())]
    assert texts[0] == "最近聊天"
    dialog.choose("c-zhao", "赵敏")
    dialog.note.setText("供参考")
    dialog.go.click()
    await until(lambda: not shown(view, ForwardDialog))
    assert calls(chat, "forward_merged") == [
        (FLOOD, (8, 9, 11), ("c-zhao",), "城区防汛调度工作群的聊天记录", "供参考")
    ]
    assert not view.list.choice.active
    assert view.composer.isVisible()
    merged = chat.messages["c-zhao"][-1].content
    assert isinstance(merged, MergedContent)
    # One by one, to a colleague found by name and to a group made for it; latest targets come first.
    view.message_actions.act(key(11), "forward")
    dialog = dialog_of(view, ForwardDialog)
    await dialog.tasks.settle()
    assert dialog.model.index(0, 0).data() == "最近转发"
    assert dialog.model.index(1, 0).data() == "赵敏"
    dialog.tabs.set_current("group")
    dialog.tabs.current_changed.emit("group")
    groups = [dialog.model.index(n, 0).data() for n in range(dialog.model.rowCount())]
    assert "城区防汛调度工作群" in groups
    assert "赵敏" not in groups
    dialog.search.edit.setText("wuqian")
    dialog.search.query_changed.emit("wuqian")
    await dialog.tasks.settle()
    ids = [dialog.model.item(dialog.model.index(n, 0)) for n in range(dialog.model.rowCount())]
    assert [one.id for one in ids if getattr(one, "id", "").startswith(PERSON)]
    await dialog._made_group(["p-zheng", "p-sun"], "隧道封控组")
    assert list(dialog.chosen)[-1].startswith("c-group-")
    dialog.go.click()
    await until(lambda: not shown(view, ForwardDialog))
    assert calls(chat, "forward_each")[0][1] == (11,)
    # Voice stays where it was said, alone and among others.
    assert "forward" not in [
        entry.name for entry in entries_of(chat.messages[FLOOD][0], Situation(ME.id, NOW_MS, 120, True, True))
    ]
    view.message_actions.act(key(1), "select")
    view.list.choice.toggle(key(11))
    view.choice_bar.buttons["forward"].click()
    assert "不支持转发" in said(view)
    QTest.keyClick(view.list, Qt.Key.Key_Escape)
    assert not view.list.choice.active


@pytest.mark.clause("E104", "E108")
async def test_several_are_copied_and_deleted_here_after_a_question(make, chat):
    view = await make()
    view.message_actions.act(key(9), "select")
    view.list.choice.toggle(key(11))
    view.choice_bar.buttons["copy"].click()
    assert QGuiApplication.clipboard().text().endswith("郑涛：收到，农业路 22 点完成封控。")
    view.message_actions.act(key(9), "select")
    view.list.choice.toggle(key(11))
    view.choice_bar.buttons["remove"].click()
    dialog = dialog_of(view, ConfirmDialog)
    assert "只从这台电脑上删除" in dialog.text.text()
    dialog.refuse_button.click()
    assert calls(chat, "remove_here") == []
    view.choice_bar.buttons["remove"].click()
    dialog_of(view, ConfirmDialog).accept_button.click()
    await until(lambda: view.list.store.place(key(11)) < 0)
    assert calls(chat, "remove_here") == [(FLOOD, (9, 11))]
    assert view.list.store.place(key(8)) >= 0
    assert chat.messages[FLOOD][10].state is MessageState.REMOVED


@pytest.mark.clause("E104")
async def test_a_record_opens_in_a_window_of_its_own_and_the_one_inside_in_another(make, chat, tmp_path):
    view = await make()
    click_part(view, key(7), PartKind.CARD)
    first = next(one for one in QApplication.topLevelWidgets() if isinstance(one, RecordWindow))
    assert first.isVisible()
    assert (
        next(row.text for row in first.list.rows if row.kind is RowKind.TEXT)
        == "各区请于 17 点前报送值守表。"
    )
    first.list.card_clicked.emit("4")
    windows = [one for one in QApplication.topLevelWidgets() if isinstance(one, RecordWindow)]
    assert len(windows) == 2
    inner = next(one for one in windows if one is not first)
    assert len(inner.record.items) == 4
    inner.list.file_action.emit("1", "open")
    await view.tasks.settle()
    assert calls(chat, "open_file") == [("f-xls",)]
    first.list.context_menu.emit("0", QPoint(5, 5))
    menu = next(one for one in view.findChildren(QMenu) if one.isVisible())
    assert [one.text() for one in menu.actions()] == ["复制", "转发"]
    menu.close()
    await view.finish()
    assert not first.isVisible()
    # Whatever a sender writes into a record's times is shown as some day.
    hostile = replace_times(record(1), 1 << 62)
    assert record_rows(hostile)


def replace_times(merged: MergedContent, at: int) -> MergedContent:
    from msgspec.structs import replace as changed

    return changed(merged, items=[changed(item, sent_at=at) for item in merged.items])


# Cards, places, formatted text, the panel.


@pytest.mark.clause("E094", "E098", "E107")
async def test_cards_open_the_person_and_places_a_map(make, chat, given):
    view = await make()
    people: list[str] = []
    view.person_wanted.connect(people.append)
    click_part(view, key(5), PartKind.CARD)
    assert people == ["p-chen"]
    click_part(view, key(6), PartKind.CARD)
    assert given == [
        "https://uri.amap.com/marker?position=113.665410,34.752130&name="
        "%E4%BA%8C%E4%B8%83%E8%B7%AF%E4%B8%8B%E7%A9%BF%E9%9A%A7%E9%81%93&src=zhengding&callnative=0"
    ] or given[0].startswith("https://uri.amap.com/marker?position=113.665410,34.752130&name=二七路下穿隧道")
    view.message_actions.act(key(6), "copy-place")
    assert QGuiApplication.clipboard().text().endswith("34.752130,113.665410")


def test_coordinates_are_read_however_a_map_writes_them():
    assert coordinates_of("113.66541,34.75213") == (34.75213, 113.66541)
    assert coordinates_of("34.75213, 113.66541") == (34.75213, 113.66541)
    assert coordinates_of("https://uri.amap.com/marker?position=113.66541,34.75213&name=x") == (
        34.75213,
        113.66541,
    )
    assert coordinates_of("二七路 12 号") is None
    assert coordinates_of("213.66541,134.75213") is None


@pytest.mark.clause("E107", "E093", "E094", "E098", "E100", "3.1.2.2")
async def test_the_panel_sends_films_folders_cards_places_and_formatted_text(make, chat, tmp_path, todo):
    view = await make()
    QTest.mouseClick(view.composer.plus_button, Qt.MouseButton.LeftButton)
    assert view.plus.panel is not None
    labels = [one.text() for one in view.plus.panel.buttons]
    assert labels == ["视频", "文件夹", "名片", "位置", "格式文本", "语音", "DING"]
    QTest.keyClick(view.plus.panel.buttons[0], Qt.Key.Key_Right)
    assert view.plus.panel.buttons[1].hasFocus()
    view.plus.panel.buttons[-1].click()
    await view.tasks.settle()
    assert todo.begun == [FLOOD]
    view.plus.act("place")
    dialog = dialog_of(view, LocationDialog)
    dialog.where.setText("随便写写")
    dialog.name.setText("市民中心")
    dialog.go.click()
    assert dialog.isVisible()
    assert dialog.notice.isVisible()
    dialog.where.setText("113.66541,34.75213")
    dialog.go.click()
    await view.tasks.settle()
    (place,) = calls(chat, "send_location")
    assert place[1] == LocationContent(name="市民中心", latitude=34.75213, longitude=113.66541)
    view.plus.act("markdown")
    writer = dialog_of(view, MarkdownDialog)
    assert not writer.go.isEnabled()
    writer.edit.setPlainText("**今晚**到岗")
    assert writer.shown.rows[0].text == "今晚到岗"
    writer.go.click()
    await view.tasks.settle()
    assert calls(chat, "send_markdown") == [(FLOOD, "", "**今晚**到岗")]
    film = tmp_path / "积水.mp4"
    film.write_bytes(b"x")
    view.writing.send_files([film, tmp_path])
    await view.tasks.settle()
    assert calls(chat, "send_video") == [(FLOOD, film, VideoFacts(320, 180, 4000, b""))]
    assert calls(chat, "send_folder") == [(FLOOD, tmp_path)]


@pytest.mark.clause("E101")
async def test_a_text_file_opens_in_the_program_and_a_broken_pdf_says_so(make, chat):
    from app.features.chat.preview_view import FilePreview

    view = await make()
    chat.picture = "汛情通报".encode("gb18030")
    file = chats.file("f-text", "通报.txt", 8)
    view.files.act(file, "open", None)
    await view.tasks.settle()
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, FilePreview))
    assert window.text.toPlainText() == "汛情通报"
    chat.picture = b"%PDF nonsense"
    view.files.act(chats.file("f-pdf", "通报.pdf", 8), "open", None)
    await view.tasks.settle()
    broken = [
        one for one in QApplication.topLevelWidgets() if isinstance(one, FilePreview) and one is not window
    ]
    assert broken[-1].stack.currentWidget() is broken[-1].wait
    entries = [
        entry.name
        for entry in entries_of(
            replace(chat.messages[FLOOD][3], content=FileContent(file=file)),
            Situation(ME.id, NOW_MS, 120, True, True),
        )
    ]
    assert entries[:3] == ["open", "outside", "save"]
    await view.finish()
    assert not window.isVisible()


@pytest.mark.clause("E108", "3.1.2.2")
async def test_other_features_put_their_entries_into_the_menu(make, chat, todo):
    view = await make()
    view.message_actions.open_menu(key(11), QPoint(10, 10))
    menu = next(one for one in view.findChildren(QMenu) if one.isVisible())
    entry = next(one for one in menu.actions() if one.text() == "转为待办")
    entry.trigger()
    menu.close()
    await view.tasks.settle()
    (facts,) = todo.made
    assert (facts.seq, facts.sender_name, facts.text) == (11, "郑涛", "收到，农业路 22 点完成封控。")
    assert facts.conversation_title == "城区防汛调度工作群"
    assert isinstance(facts.content, TextContent)


@pytest.mark.clause("E099")
async def test_a_page_is_asked_while_writing_and_goes_along_unless_refused(make, chat, tools):
    view = await make()
    pages: Pages = tools.previews  # type: ignore[assignment]
    sent = lambda: [row.content for row in chat.messages[FLOOD] if row.sender_id == ME.id][-1]  # noqa: E731

    def write(text: str) -> None:
        view.composer.edit.setPlainText(text)
        assert view.writing.links._timer.isActive()
        view.writing.links._look()

    write("预案 https://zd.example.gov.cn/plan")
    await view.tasks.settle()
    assert view.composer.preview.isVisible()
    assert "汛情通报" in view.composer.preview.label.text()
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    await view.tasks.settle()
    assert sent().preview.title == "汛情通报"
    assert not view.composer.preview.isVisible()
    write("预案 https://zd.example.gov.cn/plan")
    await view.tasks.settle()
    view.composer.preview.close_button.click()
    QTest.keyClick(view.composer.edit, Qt.Key.Key_Return)
    await view.tasks.settle()
    assert sent().preview is None
    write("https://zd.example.gov.cn/other")
    await view.tasks.settle()
    assert not view.composer.preview.isVisible()
    assert pages.asked[-1] == "https://zd.example.gov.cn/other"


@pytest.mark.clause("3.1.2.2", "E108")
async def test_what_was_taken_back_is_edited_again_where_it_was_written_and_only_for_a_while(make, chat):
    view = await make()
    chat.queue(FLOOD, MarkdownContent(title="安排", text="**今晚**到岗"))
    await until(lambda: view.list.rows[-1].text.startswith("安排"))
    name = view.list.rows[-1].key
    # Sent "now": the showcase's clock stands still, so it may be taken back.
    view.message_actions.act(name, "recall")
    await view.tasks.settle()
    await until(lambda: row_of(view, name).kind is RowKind.RECALLED)
    assert [action.name for action in row_of(view, name).actions] == ["edit"]
    view.message_actions.act(name, "edit")
    writer = dialog_of(view, MarkdownDialog)
    assert (writer.title_edit.text(), writer.edit.toPlainText()) == ("安排", "**今晚**到岗")
    writer.reject()
    view.message_actions._forget(name)
    assert row_of(view, name).actions == ()
    view.message_actions.act(name, "edit")
    assert not shown(view, MarkdownDialog)


@pytest.mark.clause("E095", "E110")
async def test_everyone_is_offered_only_to_who_may_call_everyone(make, chat):
    from app.features.chat.conversation_reply import may_mention_all
    from server_stub.contract.group_rules import GroupRules, Who

    row, members = chat.conversations[FLOOD], chat.member_rows[FLOOD]
    plain = replace(row, owner_id="p-wang", rules=GroupRules(mention_all=Who.MANAGERS))
    assert not may_mention_all(plain, members, ME.id)
    assert may_mention_all(replace(plain, rules=GroupRules(mention_all=Who.ALL)), members, ME.id)
    assert may_mention_all(replace(plain, owner_id=ME.id), members, ME.id)
    chat.conversations[FLOOD] = plain
    chat.member_rows[FLOOD] = [
        replace(one, role=MemberRole.OWNER if one.person_id == "p-wang" else MemberRole.MEMBER)
        for one in members
    ]
    view = await make()
    source = view.composer.names.source
    assert source is not None
    assert "all" not in [option.id for option in source("")]
    # A draft of before: the words stay, nobody is called.
    view.composer.set_text("@所有人 到岗", {"all": "所有人"})
    view.composer._submit()
    await view.tasks.settle()
    assert calls(chat, "send_text")[-1][2] == ()

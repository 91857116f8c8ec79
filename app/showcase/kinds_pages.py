"""The richer kinds of messages, the choice of several, forwarding, records and emoji."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog, QWidget

from app.features.chat.conversation_plus import TILES, LocationDialog, MarkdownDialog
from app.features.chat.conversation_view import ConversationView
from app.features.chat.forward_dialog import ForwardDialog
from app.features.chat.record_view import RecordWindow
from app.features.chat.share_dialog import ShareDialog
from app.store.records import MessageRow, ReactionMark
from server_stub.contract.content import (
    CardContent,
    FileContent,
    FolderContent,
    ImageContent,
    LinkPreview,
    LocationContent,
    MarkdownContent,
    MergedContent,
    TextContent,
    Unknown,
    VideoContent,
    VoiceContent,
    encode_content,
)
from server_stub.contract.content_kinds import FolderEntry, MergedItem
from widgets.chat.plus_panel import PlusPanel, PlusTile
from widgets.theme import ThemeManager

from . import chats
from .chat_service import ShowcaseChat
from .conversation_pages import opened
from .office import ME, MINUTE, NOW_MS

KINDS = chats.FLOOD
PLAN = """## 今晚值守安排

1. **泵站**：双路供电，`3 号机组` 待命
2. **隧道**：二七路、农业路 22 点封控
   - 现场负责人：*赵敏*
- [x] 沙袋到位
- [ ] 备用电源试运行

> 重要情况用 DING 通知到人。

预案全文见 [防汛预案](https://zd.example.gov.cn/flood/plan)。"""


def waveform(count: int = 64) -> bytes:
    """Levels as of somebody speaking in three breaths."""
    return bytes(
        int(40 + 200 * abs(math.sin(n / 3.1)) * abs(math.sin(n / 9.5)) * (0.6 + 0.4 * math.sin(n * 1.7) ** 2))
        for n in range(count)
    )


def record(depth: int = 1) -> MergedContent:
    """A record that holds text, a file, a picture and, to a depth, another record."""
    at = NOW_MS - 26 * 60 * MINUTE
    items = [
        _item("p-wang", "王建国", at, TextContent(text="各区请于 17 点前报送值守表。")),
        _item("p-zhao", "赵敏", at + 4 * MINUTE, FileContent(file=chats.file("f-xls", "易涝点位清单（2026）.xlsx", 1_887_436))),
        _item("p-sun", "孙丽华", at + 9 * MINUTE, ImageContent(file=chats.file("f-road", "二七路隧道.jpg", 486_000), width=960, height=640, thumbnail=chats.sample_picture(240, 160))),
        _item("p-sun", "孙丽华", at + 9 * MINUTE, TextContent(text="二七路隧道积水 12 厘米，已开始抽排。")),
    ]  # fmt: skip
    if depth > 1:
        items.append(_item("p-zheng", "郑涛", at + 12 * MINUTE, record(depth - 1)))
    return MergedContent(title="城区防汛调度工作群的聊天记录", items=items)


def _item(who: str, name: str, at: int, content) -> MergedItem:
    return MergedItem(sender_id=who, sender_name=name, sent_at=at, content=encode_content(content))


def kinds_messages() -> list[MessageRow]:
    """One of each kind."""
    talk = chats.Script(KINDS)
    small = chats.sample_picture(240, 160)
    voice = VoiceContent(
        file=chats.file("f-voice", "语音.wav", 90_000), duration_ms=14_000, waveform=waveform()
    )
    talk.say("p-sun", 30, voice, transcript="二七路隧道积水十二厘米，已经开始抽排，预计半小时排完。")
    talk.say(ME.id, 29, replace_voice(voice, 4_000))
    talk.say(
        "p-zhao",
        27,
        VideoContent(
            file=chats.file("f-film", "积水点.mp4", 8_400_000),
            width=960,
            height=540,
            duration_ms=65_000,
            thumbnail=small,
        ),
    )
    talk.say(
        "p-zhao",
        26,
        FolderContent(
            file=chats.file("f-tree", "防汛值守资料", 41_000_000),
            entries=[FolderEntry(f"图纸/{n}.dwg", 1) for n in range(26)],
        ),
    )
    talk.say("p-wang", 24, CardContent(person_id="p-chen", name="陈伟", note="市大数据局 数据资源处 处长"))
    talk.say(
        "p-wang",
        23,
        LocationContent(
            name="二七路下穿隧道",
            address="二七区二七路与陇海路交叉口",
            latitude=34.75213,
            longitude=113.66541,
        ),
    )
    talk.say("p-zhou", 20, record(2))
    marks = (
        ReactionMark("👍", ("p-wang", "p-zhao", ME.id, "p-sun", "p-zhou")),
        ReactionMark("🙏", ("p-zheng",)),
        ReactionMark("💪", ("p-aji", ME.id)),
    )
    talk.say("p-wang", 12, MarkdownContent(title="今晚值守安排", text=PLAN), reactions=marks)
    preview = LinkPreview(
        url="https://zd.example.gov.cn/flood/plan",
        title="绿城市 2026 年度城区防汛应急预案（修订版）",
        description="为做好城区防汛工作，保障人民群众生命财产安全，依据《防洪法》等法律法规，结合本市实际制定本预案。",
        site="绿城市人民政府",
        thumbnail=small,
    )
    talk.say(ME.id, 8, TextContent(text="预案全文：https://zd.example.gov.cn/flood/plan", preview=preview))
    talk.say("p-aji", 2, "", content=Unknown(raw=b""))
    talk.say("p-zheng", 1, "收到，农业路 22 点完成封控。", reactions=(ReactionMark("👌", ("p-wang",)),))
    return talk.rows  # fmt: skip


def replace_voice(voice: VoiceContent, length: int) -> VoiceContent:
    """The same voice with another length."""
    return VoiceContent(file=voice.file, duration_ms=length, waveform=voice.waveform[::4])


def kinds_chat() -> ShowcaseChat:
    """The group with one message of each kind."""
    chat = ShowcaseChat()
    chat.messages[KINDS] = kinds_messages()
    chat.unsent[KINDS] = []
    chat.drafts.clear()
    row = chat.conversations[KINDS]
    chat.conversations[KINDS] = replace(
        row, last_seq=11, read_seq=11, unread=0, mentioned=False, announcement=""
    )
    return chat


async def _open(themes: ThemeManager, data: Path) -> ConversationView:
    return await opened(themes, data, KINDS, kinds_chat())


async def kinds(themes: ThemeManager, data: Path) -> QWidget:
    return await _open(themes, data)


async def kinds_above(themes: ThemeManager, data: Path) -> QWidget:
    view = await _open(themes, data)
    view.list.verticalScrollBar().setValue(0)
    return view


async def choice(themes: ThemeManager, data: Path) -> QWidget:
    view = await _open(themes, data)
    view.message_actions.act(f"{KINDS}-8", "select")
    view.list.choice.toggle(f"{KINDS}-11")
    return view


async def sharing(themes: ThemeManager, _data: Path) -> QWidget:
    async def deliver(_conversation_id: str, _path: Path) -> None:
        return

    names = ["关于做好汛期值班的通知.pdf", "值守名单.xlsx", "现场照片"]
    files = [Path(f"/home/office/{name}") for name in (*names, *(f"附件{n}.docx" for n in range(47)))]
    made = ShareDialog(ShowcaseChat(), themes, files, "请各单位今天下班前反馈", deliver, left_out=30)
    made.show()
    await made.tasks.settle()
    made.choose("c-zhao", "赵敏")
    return made


async def forwarding(themes: ThemeManager, data: Path) -> QWidget:
    view = await _open(themes, data)
    view.deeds.forward([row for row in view.feed.window.rows if row.seq in (6, 8)], merged=True)  # type: ignore[union-attr]
    dialog: ForwardDialog | None = view.findChild(ForwardDialog)
    if dialog is None:
        raise RuntimeError("the dialog did not open")
    await dialog.tasks.settle()
    dialog.choose(chats.FLOOD, "城区防汛调度工作群")
    return _alone(dialog, view)


def _alone(dialog: QDialog, view: QWidget) -> QWidget:
    dialog.setParent(None)
    dialog.resize(dialog.sizeHint())
    dialog.show()
    view.hide()
    return dialog


async def record_window(themes: ThemeManager, data: Path) -> QWidget:
    window = RecordWindow(themes, record(2), lambda _window: None)
    window.show()
    return window


async def reacting(themes: ThemeManager, data: Path) -> QWidget:
    from app.features.chat.reaction_bar import ReactionBar

    view = await _open(themes, data)
    bar = ReactionBar(themes, ["🎉"], view)
    bar.setProperty("surface", "raised")
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    bar.adjustSize()
    bar.move(QPoint(70, 440))
    bar.show()
    return view


async def plus(themes: ThemeManager, data: Path) -> QWidget:
    view = await _open(themes, data)
    panel = PlusPanel(themes, [*TILES, PlusTile("ding", "DING", "ding")], view)
    panel.setProperty("surface", "raised")
    panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    panel.adjustSize()
    panel.move(QPoint(230, 640 - panel.height()))
    panel.show()
    return view


async def speaking(themes: ThemeManager, data: Path) -> QWidget:
    view = await _open(themes, data)
    view.composer.set_recording(True)
    for number, level in enumerate(waveform(90)):
        view.composer.voice.show_level(level / 255, number * 100)
    return view


async def linking(themes: ThemeManager, data: Path) -> QWidget:
    view = await _open(themes, data)
    view.composer.set_text("预案 https://zd.example.gov.cn/flood/plan")
    view.composer.set_preview("链接：绿城市 2026 年度城区防汛应急预案（修订版）")
    return view


async def place(themes: ThemeManager, data: Path) -> QWidget:
    dialog = LocationDialog(themes, lambda _place: None)
    dialog.name.setText("市民中心 3 号楼")
    dialog.where.setText("互助路")
    dialog.go.click()
    dialog.show()
    return dialog


async def formatted(themes: ThemeManager, data: Path) -> QWidget:
    dialog = MarkdownDialog(themes, lambda _title, _text: None)
    dialog.edit.setPlainText(PLAN)
    dialog.show()
    return dialog


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "chat-kinds": kinds,
    "chat-kinds-above": kinds_above,
    "chat-choice": choice,
    "chat-forward": forwarding,
    "chat-share": sharing,
    "chat-record": record_window,
    "chat-react": reacting,
    "chat-plus": plus,
    "chat-voice": speaking,
    "chat-link": linking,
    "chat-place": place,
    "chat-markdown": formatted,
}

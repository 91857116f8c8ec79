"""The richer kinds of messages between two real windows over a real server process."""

import asyncio
import subprocess

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from test_main_client import at_desks, collector, server, shown  # noqa: F401 - fixtures

from app.features.chat.contributed import MessageEntry, MessageFacts
from app.features.chat.forward_dialog import ForwardDialog
from app.features.chat.record_view import RecordWindow
from app.session.states import LinkState
from widgets.chat.rows import RowKind


class Todo:
    """Another feature's entry in the message menu (3.1.2.2)."""

    def __init__(self) -> None:
        self.made: list[MessageFacts] = []

    def entries(self, message: MessageFacts) -> list[MessageEntry]:
        return [MessageEntry("todo", "转为待办", "todo", self._make)]

    async def _make(self, message: MessageFacts) -> None:
        self.made.append(message)


def bubbles(view, count: int = 2):
    """The newest rows that somebody said; the demo's people have talked before."""
    return [row for row in view.list.rows if row.is_bubble][-count:]


@pytest.mark.clause("E093", "E100", "E103", "E104", "E108", "3.1.2.2")
@pytest.mark.qt_log_ignore("pipewire", "PulseAudio", "ALSA", "No audio", "Could not open", "Could not load")
@at_desks
async def test_richer_messages_between_two_windows(one, two, server):  # noqa: F811
    await one.start()
    await two.start()
    first = await one.sign_in(*server.login(0))
    second = await two.sign_in(*server.login(1))
    for desk, workspace in ((one, first), (two, second)):
        await desk.until(lambda w=workspace: w.session.link_state is LinkState.ONLINE)
    todo = Todo()
    first.message_actions.append(todo)
    chat = await first.session.conversations.open_single(second.session.me.id)
    first.open_conversation(chat)
    mine = shown(first).conversation
    await one.until(mine.composer.isVisible)
    tree = one.home.server.parent / "防汛资料"
    await asyncio.to_thread(tree.mkdir, parents=True)
    (tree / "说明.txt").write_text("说明", encoding="utf-8")
    clip = tree.parent / "积水点.mp4"
    await asyncio.to_thread(
        subprocess.run,
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=10:duration=2", "-c:v", "mpeg4", str(clip)],
        check=True,
    )  # fmt: skip
    mine.writing.send_files([clip])
    await two.until(lambda: [note.text for note in two.centre.notes] == ["[视频]"])
    mine.writing.send_files([tree])
    await two.until(lambda: [note.text for note in two.centre.notes][1:] == ["[文件夹] 防汛资料"])
    second.open_conversation(chat)
    theirs = shown(second).conversation
    await two.until(lambda: [row.kind for row in bubbles(theirs)] == [RowKind.PICTURE, RowKind.FILE])
    film, folder = bubbles(theirs)
    assert film.picture.film
    assert (film.picture.width, film.picture.height, film.picture.note) == (320, 180, "0:02")
    assert film.picture.thumbnail
    assert folder.file.note.startswith("1 个文件")
    # The other puts an emoji to it; it is under the message in both windows.
    theirs.message_actions.act(film.key, "emoji")
    QTest.mouseClick(theirs.deeds.reactions.buttons[0], Qt.MouseButton.LeftButton)
    for desk, view in ((two, theirs), (one, mine)):
        await desk.until(lambda v=view: [chip.emoji for row in v.list.rows for chip in row.chips] == ["👍"])
    # The folder is written as a folder.
    content = theirs.message_actions.message(folder.key).content
    target = two.home.server.parent / "收到"
    await asyncio.to_thread(target.mkdir, parents=True)
    theirs.deeds.save_folder_to(content, target)
    await two.until((target / "防汛资料" / "说明.txt").exists)
    # Both are chosen and forwarded as a record, which opens in a window at the other end.
    theirs.message_actions.act(film.key, "select")
    theirs.list.choice.toggle(folder.key)
    theirs.choice_bar.buttons["merge"].click()
    dialog = next(one for one in theirs.findChildren(ForwardDialog) if one.isVisible())
    await dialog.tasks.settle()
    dialog.choose(chat, "")
    dialog.go.click()
    await one.until(lambda: any(row.kind is RowKind.CARD for row in mine.list.rows))
    record = next(row for row in mine.list.rows if row.kind is RowKind.CARD)
    assert record.card.foot == "聊天记录 · 共 2 条"
    mine.list.card_clicked.emit(record.key)
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, RecordWindow))
    assert [row.kind for row in window.list.rows if row.is_bubble] == [RowKind.PICTURE, RowKind.FILE]
    window.close()
    # What another feature added is in the menu of the real window.
    mine.message_actions.act(folder.key, "contributed:todo")
    await one.until(lambda: bool(todo.made))
    assert todo.made[0].text == "[文件夹] 防汛资料"
    # Deleted here only.
    theirs.deeds._remove(chat, [theirs.message_actions.message(film.key).seq])
    await two.until(lambda: theirs.list.store.place(film.key) < 0)
    assert mine.list.store.place(film.key) >= 0

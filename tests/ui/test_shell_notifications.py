"""Notifications: when one is worth showing, and what a click or a reply in it does, on a real session bus."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest
from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

from app.shell.notifications import Note, Notifier
from app.shell.notifications_dbus import NAME, PATH, DBusCentre


class Recorder:
    """A way of showing notes that always works."""

    can_reply = False

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.withdrawn: list[str] = []

    async def show(self, note: Note) -> bool:
        self.notes.append(note)
        return True

    async def withdraw(self, target: str) -> None:
        self.withdrawn.append(target)

    async def close(self) -> None:
        return


class Desktop:
    """A notification server on the test's bus, as a desktop has one."""

    def __init__(self, bus: MessageBus, capabilities: list[str]) -> None:
        self.bus = bus
        self.capabilities = capabilities
        self.shown: asyncio.Queue[list[Any]] = asyncio.Queue()
        self.closed: list[int] = []
        bus.add_message_handler(self._handle)

    def _handle(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != NAME:
            return None
        if message.member == "GetCapabilities":
            return Message.new_method_return(message, "as", [self.capabilities])
        if message.member == "Notify":
            self.shown.put_nowait(message.body)
            return Message.new_method_return(message, "u", [message.body[1] or 41])
        self.closed.append(message.body[0])
        return Message.new_method_return(message)

    async def signal(self, member: str, signature: str, body: list[Any]) -> None:
        await self.bus.send(Message.new_signal(PATH, NAME, member, signature, body))


@asynccontextmanager
async def desktop(address: str, capabilities: list[str]):
    bus = await MessageBus(bus_address=address, bus_type=BusType.SESSION).connect()
    await bus.request_name(NAME)
    yield Desktop(bus, capabilities)
    await bus.release_name(NAME)
    bus.disconnect()
    await bus.wait_for_disconnect()


def notifier(
    centre: Recorder, *, enabled: bool = True, with_text: bool = True, watched: str = ""
) -> Notifier:
    return Notifier(
        [centre],
        enabled=lambda: enabled,
        with_text=lambda: with_text,
        is_watched=lambda target: target == watched,
    )


@pytest.mark.clause("E162")
async def test_a_message_is_told_unless_one_looks_at_it():
    centre = Recorder()
    assert await notifier(centre).tell(Note("c", "赵敏", "已经核好了"))
    assert not await notifier(centre, watched="c").tell(Note("c", "赵敏", "x"))
    assert not await notifier(centre, enabled=False).tell(Note("c", "赵敏", "x"))
    assert [note.text for note in centre.notes] == ["已经核好了"]


@pytest.mark.clause("E075", "E085")
async def test_muted_conversations_are_silent_except_when_one_is_named():
    centre = Recorder()
    assert not await notifier(centre).tell(Note("c", "群", "x"), muted=True)
    assert await notifier(centre).tell(Note("c", "群", "@李强"), muted=True, mentioned=True)


async def test_the_text_can_be_kept_out_and_is_cut():
    centre = Recorder()
    await notifier(centre, with_text=False).tell(Note("c", "赵敏", "密码是 123"))
    await notifier(centre).tell(Note("c", "赵敏", "长" * 500))
    assert centre.notes[0].text == "收到一条新消息"
    assert len(centre.notes[1].text) == 120
    # What the program itself says is nobody's message.
    await notifier(centre, with_text=False).tell(
        Note("program", "政钉仍在运行", "退出请右击托盘图标。", private=False)
    )
    assert centre.notes[2].text == "退出请右击托盘图标。"


@pytest.mark.clause("E162")
async def test_a_click_jumps_and_a_reply_is_passed_on(session_bus):
    opened: list[str] = []
    replies: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    centre = DBusCentre(opened.append, lambda target, text: replies.put_nowait((target, text)))
    async with desktop(session_bus, ["actions", "inline-reply", "body-markup"]) as server:
        assert await centre.show(Note("c-1", "赵敏", "<b>请查收</b>"))
        shown = await asyncio.wait_for(server.shown.get(), 5)
        assert shown[3:5] == ["赵敏", "&lt;b&gt;请查收&lt;/b&gt;"]
        assert shown[5] == ["default", "打开", "inline-reply", "回复"]
        assert centre.can_reply
        await server.signal("ActionInvoked", "us", [41, "default"])
        await server.signal("NotificationReplied", "us", [41, "好的"])
        assert await asyncio.wait_for(replies.get(), 5) == ("c-1", "好的")
        assert opened == ["c-1"]
        assert await centre.show(Note("c-1", "赵敏", "再看一下"))
        assert (await asyncio.wait_for(server.shown.get(), 5))[1] == 41
        await centre.withdraw("c-1")
        assert server.closed == [41]
        await centre.close()


async def test_work_notices_and_the_programs_own_words_offer_no_reply_and_take_none(session_bus):
    opened: asyncio.Queue[str] = asyncio.Queue()
    replies: list[str] = []
    centre = DBusCentre(opened.put_nowait, lambda _target, text: replies.append(text))
    async with desktop(session_bus, ["actions", "inline-reply"]) as server:
        assert await centre.show(Note("c-work", "工作通知", "公文处理", answerable=False))
        assert (await asyncio.wait_for(server.shown.get(), 5))[5] == ["default", "打开"]
        await server.signal("NotificationReplied", "us", [41, "好的"])
        await server.signal("ActionInvoked", "us", [41, "default"])
        assert await asyncio.wait_for(opened.get(), 5) == "c-work"
        assert replies == []
        await centre.close()


async def test_without_a_notification_server_the_next_way_is_taken(session_bus):
    recorder = Recorder()
    centre = DBusCentre(lambda _target: None, lambda _target, _text: None)
    both = Notifier(
        [centre, recorder], enabled=lambda: True, with_text=lambda: True, is_watched=lambda _t: False
    )
    assert await both.tell(Note("c", "赵敏", "在吗"))
    assert len(recorder.notes) == 1
    await both.close()

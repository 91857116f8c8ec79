"""The websocket gateway over real sockets: sign-in, devices, presence, bad peers, slow readers."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import msgspec
import pytest
from bed.chat import RunningChat, Wire, running_chat

from server_stub.bus import TOPIC_SESSION_ENDED
from server_stub.contract.content import TextContent
from server_stub.contract.events import MessageEvent
from server_stub.contract.frames import (
    MAX_FRAME_BYTES,
    Ack,
    Bye,
    EventFrame,
    Hello,
    Nack,
    Ping,
    Pong,
    Presence,
    Send,
    Typing,
    TypingFrame,
    Watch,
)
from server_stub.contract.ids import uuid7
from server_stub.gateway import connection as connection_module
from server_stub.gateway.framing import Opcode, client_frame
from server_stub.storage.engine import embedded_engine

BODY = b"\x01\x00\x00\x00\x01" + b"\x5a" * 60


@pytest.fixture
async def server(tmp_path: Path):
    async with running_chat(embedded_engine(tmp_path / "server.db", b"\x07" * 32), tmp_path) as running:
        yield running


async def pair(server: RunningChat):
    anna, bo = server.town.add("王建国"), server.town.add("赵敏")
    async with server.http(anna) as http:
        answer = await http.post("/conversations/single", json={"person_id": bo.id})
    return anna, bo, answer.json()["id"]


async def bye_of(wire: Wire) -> Bye:
    bye = await wire.take(Bye)
    while await wire.next() is not None:
        pass
    assert wire.close_code is not None
    return bye


async def test_hello_must_come_first_be_right_and_be_in_time(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    server.chat.gateway._hello_seconds = 0.2
    wire = await server.bare()
    assert (await bye_of(wire)).error.code == "unauthenticated"
    server.chat.gateway._hello_seconds = 10
    cases = [
        (Ping(t=1), "unauthenticated"),
        (Hello(access_token=anna.token, protocol=99), "bad_request"),
        (Hello(access_token="nonsense"), "unauthenticated"),
    ]
    for frame, code in cases:
        wire = await server.bare()
        wire.send(frame)
        assert (await bye_of(wire)).error.code == code
        await wire.close()
    server.town.expired_tokens.add(anna.token)
    wire = await server.bare()
    wire.send(Hello(access_token=anna.token))
    assert (await bye_of(wire)).error.code == "token_expired"
    await wire.close()
    assert server.chat.gateway.connection_count == 0


async def test_only_our_clients_are_let_in(server: RunningChat) -> None:
    with pytest.raises(ConnectionRefusedError, match="404"):
        await server.bare("/api/v1/other")
    with pytest.raises(ConnectionRefusedError, match="403"):
        await server.bare(headers="Origin: https://evil.example\r\n")
    wire = await server.bare("/api/v1/ws?x=1")
    await wire.close()


async def test_every_device_gets_what_another_sends(server: RunningChat) -> None:
    anna, bo, chat = await pair(server)
    desk, phone = await server.connect(anna), await server.connect(server.town.second_device(anna))
    theirs = await server.connect(bo)
    desk.send(Send(client_id=uuid7(), conversation_id=chat, body=BODY))
    ack = await desk.take(Ack)
    for wire in (phone, theirs):
        event = (await wire.take(EventFrame)).event
        assert isinstance(event, MessageEvent)
        assert (event.message.seq, event.message.body) == (ack.seq, BODY)
    # The device that sent has its ack and needs no event.
    desk.send(Ping(t=42))
    assert (await desk.next()).t == 42


async def test_welcome_names_the_newest_event(server: RunningChat) -> None:
    anna, _bo, chat = await pair(server)
    wire = await server.connect(anna)
    wire.send(Send(client_id=uuid7(), conversation_id=chat, body=BODY))
    ack = await wire.take(Ack)
    again = await server.connect(anna)
    assert again.welcome is not None
    assert again.welcome.event_id == ack.event_id
    assert again.welcome.session_id == anna.session_id


async def test_an_ended_session_is_closed_at_once(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    phone = server.town.second_device(anna)
    first, second = await server.connect(anna), await server.connect(phone)
    await server.bus.publish(TOPIC_SESSION_ENDED, anna.session_id.encode())
    assert (await bye_of(first)).error.code == "unauthenticated"
    second.send(Ping(t=1))
    assert isinstance(await second.next(), Pong)


async def test_a_silent_peer_is_closed_and_a_ping_of_any_kind_keeps_it(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    server.chat.gateway._silence_seconds = 0.6
    silent, talking, pinging = [await server.connect(anna) for _ in range(3)]

    async def keep() -> None:
        while True:
            talking.send(Ping(t=1))
            pinging.send_bytes(client_frame(b"hi", Opcode.PING))
            await asyncio.sleep(0.1)

    keeper = asyncio.get_running_loop().create_task(keep())
    assert (await bye_of(silent)).error.detail == "no heartbeat"
    keeper.cancel()
    assert isinstance(await talking.next(), Pong)
    assert server.chat.gateway.connection_count == 2


async def test_typing_reaches_the_other_end_of_a_single_chat_only(server: RunningChat) -> None:
    anna, bo, chat = await pair(server)
    eve = server.town.add("外人")
    mine, theirs, outside = [await server.connect(one) for one in (anna, bo, eve)]
    outside.send(Typing(conversation_id=chat))
    mine.send(Typing(conversation_id=chat))
    frame = await theirs.take(TypingFrame)
    assert (frame.conversation_id, frame.person_id) == (chat, anna.id)
    assert theirs.frames == []


async def test_presence_follows_the_first_and_the_last_device(server: RunningChat) -> None:
    anna, bo = server.town.add("王建国"), server.town.add("赵敏")
    watcher = await server.connect(anna)
    watcher.send(Watch(person_ids=[bo.id, anna.id]))
    assert await watcher.take(Presence) == Presence(online=[anna.id], offline=[bo.id])
    desk = await server.connect(bo)
    assert await watcher.take(Presence) == Presence(online=[bo.id], offline=[])
    phone = await server.connect(server.town.second_device(bo))
    await desk.close()
    watcher.send(Ping(t=1))
    await watcher.take(Pong)
    assert watcher.frames == []
    await phone.close()
    assert await watcher.take(Presence) == Presence(online=[], offline=[bo.id])
    watcher.send(Watch(person_ids=[uuid7() for _ in range(201)]))
    assert (await bye_of(watcher)).error.code == "bad_request"


def malformed(random_: random.Random) -> bytes:
    """Bytes that are no frame of ours, of many kinds."""
    choice = random_.randrange(12)
    junk = random_.randbytes(random_.randrange(1, 80))
    good = msgspec.msgpack.encode({"type": "ping", "t": 1})
    if choice == 0:
        return client_frame(junk)
    if choice == 1:
        return client_frame(b"hello", Opcode.TEXT)
    if choice == 2:
        return client_frame(good[: random_.randrange(0, len(good))])
    if choice == 3:
        return b"\x82\x05hello"
    if choice == 4:
        return client_frame(good, random_.choice([3, 4, 7, 11, 15]))
    if choice == 5:
        return bytes([0xC2]) + client_frame(good)[1:]
    if choice == 6:
        return client_frame(good, Opcode.CONTINUATION)
    if choice == 7:
        return client_frame(good, Opcode.BINARY, final=False) + client_frame(good)
    if choice == 8:
        return client_frame(b"x", Opcode.PING, final=False)
    if choice == 9:
        return client_frame(msgspec.msgpack.encode({"type": random_.choice(["welcome", "", "x", "hello"])}))
    if choice == 10:
        return client_frame(msgspec.msgpack.encode({"type": "send", "client_id": 5, "body": "text"}))
    return client_frame(b"\x91" * 60_000)


async def test_malformed_frames_end_their_connection_with_a_reason_and_disturb_nobody(
    server: RunningChat,
) -> None:
    anna, bo, chat = await pair(server)
    steady, theirs = await server.connect(anna), await server.connect(bo)
    random_ = random.Random(20260101)
    reasons = set()
    for _ in range(2000):
        wire = await server.bare()
        if random_.random() < 0.5:
            wire.send(Hello(access_token=anna.token))
            await wire.next()
        wire.send_bytes(malformed(random_))
        bye = await bye_of(wire)
        reasons.add(bye.error.code)
        assert wire.close_code in {1002, 1008}
        await wire.close()
    assert reasons <= {"bad_request", "unauthenticated"}
    steady.send(Send(client_id=uuid7(), conversation_id=chat, body=BODY))
    assert (await steady.take(Ack)).seq == 1
    assert isinstance((await theirs.take(EventFrame)).event, MessageEvent)


async def test_oversized_frames_are_refused_before_they_are_read(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    for data in (
        b"\x82\xff" + (2**62).to_bytes(8, "big") + b"mask",
        client_frame(b"x" * (MAX_FRAME_BYTES + 1)),
        client_frame(b"x" * 700_000, final=False) + client_frame(b"x" * 700_000, Opcode.CONTINUATION),
    ):
        wire = await server.connect(anna)
        wire.send_bytes(data)
        bye = await bye_of(wire)
        assert bye.error.code == "too_large"
        assert wire.close_code == 1009


async def test_fragments_and_pings_between_them_are_put_together(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    wire = await server.connect(anna)
    frame = wire.codec.encode(Ping(t=7))
    data = (
        client_frame(frame[:3], final=False)
        + client_frame(b"p", Opcode.PING)
        + client_frame(frame[3:5], Opcode.CONTINUATION, final=False)
        + client_frame(frame[5:], Opcode.CONTINUATION)
    )
    for at in range(len(data)):
        wire.send_bytes(data[at : at + 1])
        await wire.writer.drain()
    assert (await wire.take(Pong)).t == 7


async def test_bad_messages_are_refused_one_by_one(server: RunningChat) -> None:
    anna, _bo, chat = await pair(server)
    wire = await server.connect(anna)
    cases = {
        "a b": (chat, BODY, [], "bad_request"),
        "\u738b": (chat, BODY, [], "bad_request"),
        "c" * 65: (chat, BODY, [], "bad_request"),
        "empty": (chat, b"", [], "bad_request"),
        "unsealed": (chat, b"plain text", [], "bad_request"),
        "epoch": (chat, b"\x01\x00\x00\x00\x09" + b"x" * 60, [], "conflict"),
        "big": (chat, BODY + b"x" * 600_000, [], "too_large"),
        "nul": ("\x00", BODY, [], "not_found"),
        "nowhere": (uuid7(), BODY, [], "not_found"),
        "files": (chat, BODY, [uuid7()], "not_found"),
        "twice": (chat, BODY, ["x", "x"], "bad_request"),
        "many": (chat, BODY, [uuid7() for _ in range(101)], "bad_request"),
    }
    for client_id, (conversation_id, body, file_ids, code) in cases.items():
        wire.send(Send(client_id=client_id, conversation_id=conversation_id, body=body, file_ids=file_ids))
        nack = await wire.take(Nack)
        assert (nack.client_id, nack.error.code) == (client_id, code)
    wire.send(Send(client_id="fine", conversation_id=chat, body=BODY))
    assert (await wire.take(Ack)).seq == 1


async def test_a_slow_reader_is_bounded_and_delays_nobody(
    server: RunningChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "MAX_QUEUE_BYTES", 300_000)
    anna, bo, chat = await pair(server)
    mine, theirs = await server.connect(anna), await server.connect(bo)
    slow = await server.connect(server.town.second_device(bo))
    slow.writer.transport.pause_reading()
    worst = 0
    for index in range(200):
        body = b"\x01\x00\x00\x00\x01" + bytes(60_000)
        mine.send(Send(client_id=f"m-{index}", conversation_id=chat, body=body))
        assert (await mine.take(Ack)).seq == index + 1
        assert (await theirs.take(EventFrame)).event.message.seq == index + 1
        theirs.raw.clear()
        held = [one.queued_bytes for one in server.chat.gateway._all]
        worst = max(worst, *held)
        if len(held) == 2:
            break
    assert worst <= 300_000
    assert len(server.chat.gateway._all) == 2
    slow.writer.transport.resume_reading()
    # What had left for the socket arrives whole, then the reason.
    seen = []
    while (frame := await slow.next()) is not None:
        seen.append(frame)
    seqs = [frame.event.message.seq for frame in seen if isinstance(frame, EventFrame)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert isinstance(seen[-1], Bye)
    assert seen[-1].error.code == "overloaded"


async def test_a_connection_that_sends_without_waiting_is_paused_not_dropped(server: RunningChat) -> None:
    anna, _bo, chat = await pair(server)
    wire = await server.connect(anna)
    count = 3000
    for index in range(count):
        wire.send(Send(client_id=f"m-{index}", conversation_id=chat, body=BODY))
    for index in range(count):
        ack = await wire.take(Ack)
        assert ack.seq == index + 1


async def test_the_server_says_goodbye_when_it_stops(tmp_path: Path) -> None:
    async with running_chat(embedded_engine(tmp_path / "server.db", b"\x07" * 32), tmp_path) as server:
        anna = server.town.add("王建国")
        wire = await server.connect(anna)
        await server.chat.close()
        assert (await bye_of(wire)).error.code == "unavailable"
        server.chat._collecting = None


async def test_texts_pass_unchanged(server: RunningChat) -> None:
    anna, bo, chat = await pair(server)
    mine, theirs = await server.connect(anna), await server.connect(bo)
    client_id = uuid7()
    body = server.seal(anna, chat, client_id, TextContent(text="你好 🙂\n第二行"))
    mine.send(Send(client_id=client_id, conversation_id=chat, body=body))
    assert (await theirs.take(EventFrame)).event.message.body == body

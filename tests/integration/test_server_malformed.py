"""Bad input of every kind, at every endpoint and on the websocket: refused with a reason, never a failure inside."""

from __future__ import annotations

import asyncio
import enum
import random
import re
import types
import typing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bed.chat import Wire
from bed.office import Office, SignedInAs, running_office

from server_stub.contract.frames import Ack, Bye, EventFrame, Hello, Send, Welcome
from server_stub.contract.ids import uuid7
from server_stub.gateway.framing import Opcode, client_frame
from server_stub.http.endpoint import Access, Endpoint

BODY = b"\x01\x00\x00\x00\x01" + b"\x5a" * 60
FRAMES = 10_000


@pytest.fixture(params=["sqlcipher", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL for the server's settings; empty for the embedded database."""
    if request.param == "sqlcipher":
        return ""
    return request.getfixturevalue("fresh_postgres")(driver="")


@pytest.fixture
async def office(tmp_path: Path, database: str):
    async with running_office(tmp_path, database=database) as running:
        yield running


@pytest.fixture
async def embedded(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


RAW_BODIES = [
    b"",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"{",
    b"{}",
    b'{"a":1}',
    b"\xff\xfe",
    b"\x00",
    b'{"login": "\\ud800"}',
    b'{"login": "\\u0000"}',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"login":1e400}',
    b'{"login":"x","login":"y"}',
]


async def test_bodies_that_are_no_request_are_refused_everywhere(office: Office) -> None:
    member = (await office.sign_in("fengxue")).http
    asked = 0
    for endpoint in office.server.endpoints:
        if endpoint.body is None or endpoint.body is bytes:
            continue
        for raw in RAW_BODIES:
            http = office.client() if endpoint.access is Access.PUBLIC else member
            answer = await http.request(endpoint.method, office.url + path_of(endpoint, "x"), content=raw)
            asked += 1
            assert 400 <= answer.status_code < 500 or (raw == b"{}" and answer.status_code < 500), (
                endpoint.path,
                raw[:40],
                answer.text,
            )
            assert answer.status_code != 404 or answer.json()["code"] == "not_found"
    assert asked > 200


def path_of(endpoint: Endpoint, value: str) -> str:
    return re.sub(r"\{[^}]+\}", value, endpoint.path)


STRINGS = ["", " ", "x" * 300, "王🙂\u202e", "a\x00b", "../..", "%00", "' OR 1=1 --", "\ud7ff\ue000", "-1"]
NUMBERS = [0, -1, 1, 2**31, 2**53, 2**63 - 1, -(2**63), 2**63, 2**64]


def values_of(kind: Any, chance: random.Random, deep: int = 0) -> Any:
    """A value of a contract type with extreme parts."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return values_of(chance.choice(typing.get_args(kind)), chance, deep)
    if origin is list:
        count = chance.choice([0, 1, 3, 600]) if deep < 2 else 1
        return [values_of(typing.get_args(kind)[0], chance, deep + 1) for _ in range(count)]
    if origin is dict:
        return {values_of(str, chance): values_of(typing.get_args(kind)[1], chance, deep + 1)}
    if kind is str:
        return chance.choice([*STRINGS, uuid7()])
    if kind is bool:
        return chance.random() < 0.5
    if kind is int:
        return chance.choice(NUMBERS)
    if kind is float:
        return chance.choice([0.0, -1.5, 1e308])
    if kind is bytes:
        return chance.choice(["", "AAAA", "not base64!", "AAAA" * 200])
    if kind is type(None):
        return None
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = msgspec.structs.fields(kind)
        return {
            field.encode_name: values_of(field.type, chance, deep + 1)
            for field in fields
            if field.required or chance.random() < 0.7
        }
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return chance.choice([*[one.value for one in kind], "unknown"])
    return chance.choice([None, 1, "x"])


async def test_requests_of_the_right_form_with_extreme_values_never_break_the_server(office: Office) -> None:
    chance = random.Random(20261124)
    admin = await office.sign_in("admin")
    seen: set[int] = set()
    for endpoint in office.server.endpoints:
        if endpoint.path in ("/api/v1/auth/sign-out",):
            continue
        for _ in range(16 if endpoint.body is not None else 6):
            arguments: dict[str, Any] = {}
            if endpoint.body is bytes:
                arguments = {
                    "content": chance.randbytes(10),
                    "headers": {"x-chunk-sm3": chance.choice(["", "é", "0" * 64])},
                }
                arguments["headers"] = {k: v.encode("latin-1") for k, v in arguments["headers"].items()}
            elif endpoint.body is not None:
                arguments = {"content": msgspec.json.encode(values_of(endpoint.body, chance))}
            params = {
                name: chance.choice([*STRINGS, *NUMBERS, "true"])
                for name, query in endpoint.query.items()
                if query.required or chance.random() < 0.5
            }
            value = chance.choice(
                ["x", "%00", "%2e%2e", "0", "-1", "99999999999999999999", "%F0%9F%99%82", uuid7()]
            )
            answer = await admin.http.request(
                endpoint.method, office.url + path_of(endpoint, value), params=params, **arguments
            )
            seen.add(answer.status_code)
            assert answer.status_code < 500, (endpoint.method, endpoint.path, arguments, params, answer.text)
    assert {400, 404} <= seen


# The websocket.


def malformed(chance: random.Random) -> bytes:
    """Bytes that no client of ours would send after its hello."""
    good = msgspec.msgpack.encode({"type": "ping", "t": 1})
    junk = chance.randbytes(chance.randrange(1, 80))
    kinds = [
        lambda: client_frame(b"\xc1" + junk),
        lambda: client_frame(b"hello", Opcode.TEXT),
        lambda: client_frame(good[: chance.randrange(0, len(good))]),
        lambda: b"\x82\x05hello",
        lambda: client_frame(good, chance.choice([3, 4, 7, 11, 15])),
        lambda: bytes([0xC2]) + client_frame(good)[1:],
        lambda: client_frame(good, Opcode.CONTINUATION),
        lambda: client_frame(good, Opcode.BINARY, final=False) + client_frame(good),
        lambda: client_frame(b"x", Opcode.PING, final=False),
        lambda: client_frame(msgspec.msgpack.encode({"type": chance.choice(["welcome", "", "x", "bye"])})),
        lambda: client_frame(msgspec.msgpack.encode({"type": "send", "client_id": 5, "body": "text"})),
        lambda: client_frame(b"\x91" * 60_000),
        lambda: client_frame(msgspec.msgpack.encode({"type": "watch", "person_ids": ["x"] * 201})),
        lambda: client_frame(b"\x81\xa4type\xa2\xff\xfe"),
        lambda: client_frame(msgspec.msgpack.encode({"type": "hello", "access_token": "x", "protocol": 1})),
        lambda: b"\x82\xff" + (2**62).to_bytes(8, "big") + b"mask",
    ]
    return chance.choice(kinds)()


async def one_bad_peer(office: Office, token: str, data: bytes) -> Bye:
    """Sign in, send bad bytes, and return the reason that the server gave before it closed."""
    wire = await Wire.open(office.port)
    try:
        wire.send(Hello(access_token=token))
        await wire.take(Welcome)
        wire.send_bytes(data)
        bye = await wire.take(Bye)
        while await wire.next() is not None:
            pass
        assert wire.close_code in {1002, 1008, 1009}
        return bye
    finally:
        await wire.close()


async def pair(office: Office) -> tuple[SignedInAs, SignedInAs, str]:
    anna, bo = await office.sign_in("wangjianguo"), await office.sign_in("fengxue")
    made = await anna.http.post("/conversations/single", json={"person_id": office.staff["fengxue"].id})
    return anna, bo, made.json()["id"]


@pytest.mark.timeout(300)
async def test_ten_thousand_malformed_frames_each_close_their_connection_with_a_reason(
    embedded: Office,
) -> None:
    anna, bo, chat = await pair(embedded)
    bad = await embedded.sign_in("liqiang")
    mine, theirs = await embedded.wire(), await embedded.wire()
    for wire, who in ((mine, anna), (theirs, bo)):
        wire.send(Hello(access_token=who.access_token))
        await wire.take(Welcome)
    chance = random.Random(11)
    reasons: dict[str, int] = {}
    sent = 0
    for start in range(0, FRAMES, 50):
        byes = await asyncio.gather(
            *(one_bad_peer(embedded, bad.access_token, malformed(chance)) for _ in range(50))
        )
        for bye in byes:
            assert bye.error.detail
            reasons[bye.error.code] = reasons.get(bye.error.code, 0) + 1
        if start % 1000 == 0:
            # Two others talk on in the middle of it.
            mine.send(Send(client_id=uuid7(), conversation_id=chat, body=BODY))
            sent += 1
            assert (await mine.take(Ack)).seq == sent
            assert (await theirs.take(EventFrame)).event.message.seq == sent
    assert sum(reasons.values()) == FRAMES
    assert set(reasons) == {"bad_request", "too_large"}
    assert embedded.server.chat.gateway.connection_count == 2
    assert (await anna.http.get("/me")).status_code == 200


async def test_frames_of_the_right_form_with_extreme_values_never_end_in_a_failure(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    anna, _bo, chat = await pair(office)
    chance = random.Random(12)
    made = [
        lambda: {"type": "send", "client_id": s(), "conversation_id": c(), "body": b(), "file_ids": [s()]},
        lambda: {"type": "read", "conversation_id": c(), "seq": n()},
        lambda: {"type": "delivered", "conversation_id": c(), "seq": n()},
        lambda: {"type": "typing", "conversation_id": c()},
        lambda: {"type": "watch", "person_ids": [s() for _ in range(chance.choice([0, 1, 200]))]},
        lambda: {"type": "ping", "t": n()},
    ]

    def s() -> str:
        return chance.choice([*STRINGS, uuid7()])

    def c() -> str:
        return chance.choice([chat, *STRINGS])

    def b() -> bytes:
        return chance.choice([b"", BODY, b"x", chance.randbytes(100)])

    def n() -> int:
        return chance.choice([0, -1, 1, 2**53, 2**63 - 1, -(2**63)])

    wire = await office.wire()
    wire.send(Hello(access_token=anna.access_token))
    await wire.take(Welcome)
    for _ in range(400):
        wire.send_bytes(client_frame(msgspec.msgpack.encode(chance.choice(made)())))
    # Everything before it was taken in order: this one is acknowledged last.
    last = uuid7()
    wire.send(Send(client_id=last, conversation_id=chat, body=BODY))
    await wire.take(Ack, where=lambda ack: ack.client_id == last)
    assert (await anna.http.get("/me")).status_code == 200
    await office.server.chat.conversations.cursors.settled()
    failures = [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
    assert [record.getMessage() for record in failures] == []

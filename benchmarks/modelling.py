"""msgspec against what else could carry our frames: json with checked dataclasses, and pydantic where it is installed.

pydantic is no dependency of ours, not even for development; without it the peer columns say so. The standard library's
json with hand-checked dataclasses is what one would write without any library.
"""

from __future__ import annotations

import base64
import importlib
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import msgspec  # noqa: E402

from server_stub.contract.conversations import Message  # noqa: E402
from server_stub.contract.directory import Person, Post  # noqa: E402
from server_stub.contract.events import MessageEvent  # noqa: E402
from server_stub.contract.frames import AnyClientFrame, EventFrame, Send, ServerFrameCodec  # noqa: E402
from server_stub.contract.ids import uuid7  # noqa: E402

BODY = bytes(range(256)) + bytes(44)
PAGE = 500


def microseconds(work: Callable[[], object], *, seconds: float = 0.6) -> float:
    """Median over rounds of the time of one call."""
    count = 1
    while True:
        began = time.perf_counter()
        for _ in range(count):
            work()
        spent = time.perf_counter() - began
        if spent > 0.02:
            break
        count *= 4
    rounds = []
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        began = time.perf_counter()
        for _ in range(count):
            work()
        rounds.append((time.perf_counter() - began) / count)
    return statistics.median(rounds) * 1e6


# What one writes by hand.


@dataclass(frozen=True, slots=True)
class PlainSend:
    """`Send` as a dataclass."""

    client_id: str
    conversation_id: str
    body: bytes
    file_ids: list[str]


def plain_decode(data: bytes) -> PlainSend:
    """Decode and check a `send` frame by hand."""
    found = json.loads(data)
    if not isinstance(found, dict) or found.get("type") != "send":
        raise ValueError("type")
    client_id, conversation_id = found["client_id"], found["conversation_id"]
    file_ids = found.get("file_ids", [])
    if not isinstance(client_id, str) or not isinstance(conversation_id, str):
        raise TypeError("id")
    if not isinstance(file_ids, list) or not all(isinstance(one, str) for one in file_ids):
        raise TypeError("file_ids")
    return PlainSend(client_id, conversation_id, base64.b64decode(found["body"], validate=True), file_ids)


@dataclass(frozen=True, slots=True)
class PlainPost:
    """`Post` as a dataclass."""

    unit_id: str
    unit_name: str
    title: str
    main: bool


@dataclass(frozen=True, slots=True)
class PlainPerson:
    """`Person` as a dataclass."""

    id: str
    name: str
    pinyin: str
    phone: str
    posts: list[PlainPost]


def plain_people(data: bytes) -> list[PlainPerson]:
    """Decode and check a page of people by hand."""
    people: list[PlainPerson] = []
    for one in json.loads(data):
        posts = []
        for post in one["posts"]:
            if not isinstance(post["main"], bool):
                raise TypeError("main")
            posts.append(
                PlainPost(str(post["unit_id"]), str(post["unit_name"]), str(post["title"]), post["main"])
            )
        people.append(
            PlainPerson(str(one["id"]), str(one["name"]), str(one["pinyin"]), str(one["phone"]), posts)
        )
    return people


def page_of_people() -> list[Person]:
    """A page as the directory answers it."""
    return [
        Person(
            id=uuid7(),
            name="王建国",
            pinyin="wangjianguo",
            initials="wjg",
            phone=f"120{index:08}",
            rank="一级调研员",
            posts=[
                Post(
                    unit_id=uuid7(),
                    unit_name="综合处",
                    unit_path="绿城市 / 市应急管理局 / 综合处",
                    title="处长",
                    main=True,
                )
            ],
        )
        for index in range(PAGE)
    ]


def ours(send: Send, event: EventFrame, people: list[Person]) -> dict[str, float]:
    """msgspec on our own types."""
    pack, unpack = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(AnyClientFrame)
    json_out, json_in = msgspec.json.Encoder(), msgspec.json.Decoder(list[Person])
    sent, page, codec = pack.encode(send), json_out.encode(people), ServerFrameCodec()
    evented = pack.encode(event)
    return {
        "decode a send frame µs": microseconds(lambda: unpack.decode(sent)),
        "encode an event frame µs": microseconds(lambda: pack.encode(event)),
        "decode an event frame µs": microseconds(lambda: codec.decode(evented)),
        "decode 500 people µs": microseconds(lambda: json_in.decode(page)),
        "encode 500 people µs": microseconds(lambda: json_out.encode(people)),
    }


def by_hand(send: Send, event: EventFrame, people: list[Person]) -> dict[str, float]:
    """json and dataclasses."""
    sent = json.dumps(
        {
            "type": "send",
            "client_id": send.client_id,
            "conversation_id": send.conversation_id,
            "body": base64.b64encode(send.body).decode(),
        }
    ).encode()
    rows = msgspec.to_builtins(people)
    for row in rows:
        row.setdefault("posts", [])
    page = json.dumps(rows, ensure_ascii=False).encode()
    values = msgspec.to_builtins(event)
    return {
        "decode a send frame µs": microseconds(lambda: plain_decode(sent)),
        "encode an event frame µs": microseconds(lambda: json.dumps(values).encode()),
        "decode 500 people µs": microseconds(lambda: plain_people(page)),
        "encode 500 people µs": microseconds(lambda: json.dumps(rows, ensure_ascii=False).encode()),
    }


def with_pydantic(send: Send, people: list[Person]) -> dict[str, float]:
    """pydantic's own fast path (JSON in Rust); nothing where it is not installed."""
    try:
        pydantic: Any = importlib.import_module("pydantic")
    except ImportError:
        return {}
    text, flag = (str, ...), (bool, ...)
    p_send = pydantic.create_model(
        "Send", type=text, client_id=text, conversation_id=text, body=(pydantic.Base64Bytes, ...)
    )
    p_post = pydantic.create_model(
        "Post", unit_id=text, unit_name=text, unit_path=text, title=text, main=flag
    )
    p_person = pydantic.create_model(
        "Person",
        id=text,
        name=text,
        pinyin=text,
        initials=text,
        phone=text,
        rank=text,
        posts=(list[p_post], ...),
    )
    pages = pydantic.TypeAdapter(list[p_person])
    sent = msgspec.json.encode({"type": "send", **msgspec.to_builtins(send)})
    page = msgspec.json.encode(people)
    models = pages.validate_json(page)
    return {
        "decode a send frame µs": microseconds(lambda: p_send.model_validate_json(sent)),
        "decode 500 people µs": microseconds(lambda: pages.validate_json(page)),
        "encode 500 people µs": microseconds(lambda: pages.dump_json(models)),
    }


def run() -> dict[str, Any]:
    """All on one core; the bar is a third of the hand-written decoder's time."""
    send = Send(client_id=uuid7(), conversation_id=uuid7(), body=BODY)
    message = Message(
        conversation_id=send.conversation_id,
        seq=7,
        event_id=9,
        client_id=send.client_id,
        sender_id=uuid7(),
        sent_at=1_790_000_000_000,
        body=BODY,
    )
    event = EventFrame(event=MessageEvent(event_id=9, message=message))
    people = page_of_people()
    figures = ours(send, event, people)
    plain = by_hand(send, event, people)
    figures["× json and dataclasses, decoding people"] = (
        plain["decode 500 people µs"] / figures["decode 500 people µs"]
    )
    other = with_pydantic(send, people)
    peer: dict[str, Any] = {f"json+dataclasses: {name}": round(value, 2) for name, value in plain.items()}
    peer |= {f"pydantic: {name}": round(value, 2) for name, value in other.items()}
    if not other:
        peer["pydantic"] = "未安装（不是本产品的依赖）"
    return {
        "name": "modelling",
        "unit": "",
        "figures": {name: round(value, 2) for name, value in figures.items()},
        "bar": {"× json and dataclasses, decoding people": {"min": 3}},
        "peer": peer,
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

"""A conversation of 1,000,000 messages in the encrypted store: opening it, scrolling back, finding a two-character word.

The store is built once, by the product's own writing, and kept under .run/ (some minutes, 260 MB).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app.store.database import Reader, Writer  # noqa: E402
from app.store.folders import AccountFolder  # noqa: E402
from app.store.migrations import STEPS  # noqa: E402
from app.store.queries import conversations, messages, places, ranges, search, secrets  # noqa: E402
from app.store.records import MessageRow, MessageState  # noqa: E402
from app.store.store import Store  # noqa: E402
from server_stub.contract.content import TextContent  # noqa: E402
from server_stub.contract.conversations import Conversation, ConversationKind, Message  # noqa: E402

MESSAGES = int(os.environ.get("ZD_BENCH_MESSAGES", "1000000"))
CHAT, ME = "01920000-0000-7000-8000-000000000001", "me"
WINDOW, SCROLLED, BATCH = 60, 10_000, 10_000
RARE = "鲲鹏"
QUERIES = (
    ("common word", "会议", ""),
    ("rare word", RARE, ""),
    ("pair of words", "防汛 值班", ""),
    ("word in one chat", "材料", CHAT),
)
WORDS = (
    "会议",
    "防汛",
    "值班",
    "请示",
    "报告",
    "材料",
    "附件",
    "通知",
    "明天",
    "下午",
    "收到",
    "已办",
    "转发",
    "核对",
)
TAILS = (
    "请各单位按要求落实",
    "尽快反馈",
    "详见文件第三页",
    "谢谢",
    "辛苦了",
    "王主任已经批示",
    "周五之前报送",
)


def folder() -> AccountFolder:
    """Where the built store lies; another size or schema is another store."""
    mark = hashlib.sha256(f"{MESSAGES} {len(STEPS)}".encode()).hexdigest()[:8]
    return AccountFolder(ROOT / ".run" / "bench" / f"store-{mark}")


def key() -> bytes:
    """The synthetic store's key: there is nothing to protect in it."""
    return hashlib.sha256(b"benchmark").digest()


def write(db: Writer, first: int, count: int, chance: random.Random) -> None:
    """Append messages as the sync does."""
    for seq in range(first, first + count):
        words = chance.sample(WORDS, 3)
        text = f"{'，'.join(words)}{chance.choice(TAILS)}（{seq} 号）"
        if seq % 25_000 == 0:
            text += RARE
        message = Message(
            conversation_id=CHAT,
            seq=seq,
            event_id=seq,
            client_id=f"c{seq:09}",
            sender_id=ME if seq % 3 == 0 else f"p{seq % 40}",
            sent_at=1_700_000_000_000 + seq * 20_000,
        )
        messages.put(db, message, MessageState.OPENED, TextContent(text=text), me=ME)
    number = places.number_of(db, CHAT)
    assert number is not None
    ranges.add(db, number, first, first + count - 1)


async def build() -> float:
    """Make the store unless it is there; returns the seconds it took."""
    place = folder()
    done = place.path / "built"
    if done.exists():
        return 0.0
    shutil.rmtree(place.path, ignore_errors=True)
    started = time.perf_counter()
    store = await Store.open(place, key())
    chance = random.Random(11)
    chat = Conversation(
        id=CHAT, kind=ConversationKind.GROUP, name="全市防汛工作群", last_seq=MESSAGES, event_id=1
    )
    await store.write(
        lambda db: (secrets.put(db, secrets.PERSON_ID, ME.encode()), conversations.put(db, chat))
    )
    for first in range(1, MESSAGES + 1, BATCH):
        count = min(BATCH, MESSAGES + 1 - first)
        await store.write(lambda db, first=first, count=count: write(db, first, count, chance))
    await store.close()
    done.touch()
    return time.perf_counter() - started


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    """Milliseconds, and what came of it."""
    started = time.perf_counter()
    found = await work()
    return (time.perf_counter() - started) * 1000, found


async def measure() -> dict[str, float]:
    """Open the store anew several times, so that its page cache is as cold as at the client's start."""
    opening: list[float] = []
    window: list[float] = []
    finding: dict[str, list[float]] = {}
    pages: list[float] = []
    for round_ in range(5):
        took, store = await timed(lambda: Store.open(folder(), key()))
        opening.append(took)
        try:
            took, rows = await timed(lambda store=store: store.read(_first))
            assert len(rows) == WINDOW
            window.append(took)
            for name, text, chat in QUERIES:
                took, hits = await timed(
                    lambda store=store, text=text, chat=chat: store.read(
                        lambda db: search.hits(db, text, conversation_id=chat, limit=50), background=True
                    )
                )
                assert len(hits) >= min(30, MESSAGES // 25_000), (name, len(hits))
                finding.setdefault(name, []).append(took)
            if round_ == 0:
                pages = await _scroll(store, rows[0].seq)
        finally:
            await store.close()
    return {
        "open the store": round(max(opening), 1),
        "first window, worst": round(max(window), 1),
        "page while scrolling, p50": round(statistics.median(pages), 2),
        "page while scrolling, p95": round(statistics.quantiles(pages, n=20)[18], 2),
        **{f"find a {name}, worst": round(max(took), 1) for name, took in finding.items()},
    }


def _first(db: Reader) -> list[MessageRow]:
    """What a view reads before it paints an opened conversation."""
    conversations.get(db, CHAT)
    messages.pending(db, CHAT)
    return messages.newest(db, CHAT, WINDOW)


async def _scroll(store: Store, seq: int) -> list[float]:
    """Read page after page backwards from `seq`; milliseconds of each."""
    pages: list[float] = []
    while seq > max(1, MESSAGES - SCROLLED):
        took, page = await timed(
            lambda seq=seq: store.read(lambda db: messages.before(db, CHAT, seq, WINDOW))
        )
        pages.append(took)
        seq = page[0].seq
    return pages


async def _all() -> dict[str, Any]:
    took = await build()
    size = folder().database.stat().st_size
    figures: dict[str, Any] = {"messages": MESSAGES, "file, MB": round(size / 1e6)}
    if took:
        figures["building, s"] = round(took)
    return figures | await measure()


def run() -> dict[str, Any]:
    """The worst of five cold openings of the store; pages over 10,000 messages scrolled."""
    figures = asyncio.run(_all())
    bar: dict[str, Any] = {name: {"max": 100} for name in figures if name.startswith("find ")}
    bar |= {"first window, worst": {"max": 50}, "page while scrolling, p95": {"max": 8}}
    return {"name": "store_open", "unit": "ms", "figures": figures, "bar": bar, "peer": {}}


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

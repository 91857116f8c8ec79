"""A message that comes a second time under another number is known, however long ago the first came."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from app.store.folders import AccountFolder
from app.store.queries import conversations, messages, secrets
from app.store.records import MessageState
from app.store.store import Store
from server_stub.contract.content import TextContent
from server_stub.contract.conversations import Conversation, ConversationKind, Message

KEY = bytes(range(32))
CHAT, OTHER = (f"01920000-0000-7000-8000-00000000000{digit}" for digit in "12")
COUNT = 2500


def message(seq: int, chat: str = CHAT) -> Message:
    return Message(
        conversation_id=chat,
        seq=seq,
        event_id=seq,
        client_id=f"c{seq:05}",
        sender_id="li",
        sent_at=1_790_000_000_000 + seq,
    )


def copy_of(seq: int, **changes: object) -> Message:
    return msgspec.structs.replace(message(seq), seq=COUNT + 1, event_id=COUNT + 1, **changes)


@pytest.fixture
async def store(tmp_path: Path):
    made = await Store.open(AccountFolder(tmp_path / "account"), KEY)

    def fill(db) -> None:
        secrets.put(db, secrets.PERSON_ID, b"me")
        for chat in (CHAT, OTHER):
            conversations.put(
                db,
                Conversation(id=chat, kind=ConversationKind.GROUP, name="群", last_seq=COUNT, event_id=COUNT),
            )
        for seq in range(1, COUNT + 1):
            text = TextContent(text="同意")
            messages.put(db, message(seq), MessageState.OPENED, text, me="me")

    await made.write(fill)
    yield made
    await made.close()


@pytest.mark.clause("3.3.4")
@pytest.mark.parametrize("seq", [1, COUNT // 2, COUNT])
async def test_a_copy_of_any_message_is_known(store: Store, seq: int) -> None:
    found = await store.read(lambda db: messages.replayed(db, [copy_of(seq)]))
    assert found == {(CHAT, COUNT + 1)}


async def test_what_only_looks_alike_is_no_copy(store: Store) -> None:
    others = [
        copy_of(1, client_id="c99999"),
        copy_of(2, sender_id="feng"),
        copy_of(3, conversation_id=OTHER),
        # The message itself, fetched once more.
        message(4),
    ]
    for one in others:
        assert await store.read(lambda db, one=one: messages.replayed(db, [one])) == set()


async def test_of_two_in_one_batch_the_later_is_the_copy(store: Store) -> None:
    first = msgspec.structs.replace(copy_of(1), client_id="new")
    later = msgspec.structs.replace(first, seq=COUNT + 2)
    found = await store.read(lambda db: messages.replayed(db, [later, first]))
    assert found == {(CHAT, COUNT + 2)}


async def test_a_change_of_an_old_message_finds_it(store: Store) -> None:
    rows = await store.read(lambda db: messages.by_client_ids(db, CHAT, ["c00001", "c00002"]))
    assert [row.seq for row in rows] == [1, 2]
    assert await store.read(lambda db: messages.by_client_ids(db, OTHER, ["c00001"])) == []

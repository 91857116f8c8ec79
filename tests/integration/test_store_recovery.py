"""Damage, old and new versions, keys: the store never loses what was not sent, and never lies in clear."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bed.duo import QUICK, Duo, MemoryPort, history, texts, until, until_count

from app.store import migrate as migrating
from app.store.changes import Change
from app.store.commands import SendCommand
from app.store.connection import Connection, connect
from app.store.database import Reader
from app.store.errors import SlotsDamaged, StoreInUse, StoreTooNew, WrongPasscode
from app.store.folders import AccountFolder
from app.store.keyring_port import NoKeyring
from app.store.migrations import STEPS
from app.store.queries import conversations, drafts, messages, outbox, preferences, secrets, sync_state
from app.store.records import Draft, MessageState
from app.store.slots import KeySlots, SlotKind
from app.store.store import Store
from server_stub.contract.content import TextContent, encode_content
from server_stub.contract.conversations import Conversation, ConversationKind, Message

KEY = bytes(range(32))
CHAT = "01920000-0000-7000-8000-000000000001"


async def filled(folder: AccountFolder, count: int = 3000) -> Store:
    """A store with a conversation, a draft, a preference, secrets and two unsent messages."""
    store = await Store.open(folder, KEY)

    def work(db) -> None:
        secrets.put(db, secrets.PERSON_ID, b"me")
        chat = Conversation(
            id=CHAT, kind=ConversationKind.GROUP, name="防汛专班", last_seq=count, event_id=count
        )
        conversations.put(db, chat)
        for seq in range(1, count + 1):
            message = Message(
                conversation_id=CHAT,
                seq=seq,
                event_id=seq,
                client_id=f"c{seq}",
                sender_id="other",
                sent_at=1_790_000_000_000 + seq,
            )
            text = TextContent(text=f"第 {seq} 条：请各单位按要求落实，尽快反馈")
            messages.put(db, message, MessageState.OPENED, text, me="me")
        drafts.put(db, Draft(conversation_id=CHAT, text="没写完的话", updated_at=1))
        preferences.put(db, "theme", "dark")
        sync_state.put(db, sync_state.POSITION, count)
        for name in ("甲", "乙"):
            command = SendCommand(encode_content(TextContent(text=f"未发出 {name}")))
            outbox.add(db, f"unsent-{name}", CHAT, command, 1)

    await store.write(work)
    return store


def unsent(db: Reader) -> list[str]:
    return texts(messages.pending(db, CHAT))


def damage(file: Path, *, start: float, length: int) -> None:
    """Overwrite a part of the file with noise, as a bad sector would."""
    with file.open("r+b") as handle:
        handle.seek(int(file.stat().st_size * start) // 4096 * 4096)
        handle.write(os.urandom(length))


@pytest.mark.parametrize("where", [0.0, 0.3, 0.6], ids=["head", "middle", "later"])
async def test_a_damaged_file_is_set_aside_and_what_can_be_read_comes_over(tmp_path: Path, where: float):
    folder = AccountFolder(tmp_path / "account")
    await (await filled(folder)).close()
    damage(folder.database, start=where, length=64 * 1024)
    store = await Store.open(folder, KEY)
    try:
        # Damage that opening does not meet is found by whoever reads there.
        rows = await store.read(lambda db: messages.newest(db, CHAT, 5000))
        assert store.recovery is not None
        assert store.recovery.quarantined.exists()
        assert await store.read(unsent) == ["未发出 甲", "未发出 乙"]
        assert await store.read(lambda db: secrets.get(db, secrets.PERSON_ID)) == b"me"
        if where:
            assert len(rows) > 1000, "most rows lie outside the damage"
        assert all(row.content is not None for row in rows)
        assert await store.read(lambda db: sync_state.get(db, sync_state.POSITION)) == 0, "all is asked anew"
    finally:
        await store.close()


async def test_a_file_that_is_gone_leaves_unsent_messages_and_the_devices_identity(tmp_path: Path):
    folder = AccountFolder(tmp_path / "account")
    await (await filled(folder, 10)).close()
    folder.database.unlink()
    store = await Store.open(folder, KEY)
    try:
        assert store.recovery is not None
        assert store.recovery.unsent == 2
        assert await store.read(unsent) == ["未发出 甲", "未发出 乙"]
        assert await store.read(lambda db: secrets.get(db, secrets.PERSON_ID)) == b"me"
    finally:
        await store.close()


async def test_damage_met_while_open_is_mended_under_the_call_that_met_it(tmp_path: Path):
    folder = AccountFolder(tmp_path / "account")
    await (await filled(folder)).close()
    store = await Store.open(folder, KEY)
    told: list[Change] = []
    store.changes.listen(told.append, table="*")
    try:
        damage(folder.database, start=0.2, length=1024 * 1024)
        await store.read(lambda db: messages.newest(db, CHAT, 5000))
        await store.write(lambda db: preferences.put(db, "theme", "light"))
        assert await store.read(lambda db: preferences.get(db, "theme", "")) == "light"
        assert store.recovery is not None
        assert await store.read(unsent) == ["未发出 甲", "未发出 乙"]
    finally:
        await store.close()
    assert Change("*") in told


async def test_a_damaged_client_comes_back_with_its_history_and_its_unsent_messages(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    for number in range(60):
        await li.send.text(chat, f"以前 {number}")
    await until_count(feng, chat, 60)
    await until_count(li, chat, 60)
    await duo.kill_server()
    await li.send.text(chat, "断网时写的")
    database = li.store.folder.database
    await li.close()
    damage(database, start=0.0, length=database.stat().st_size)
    await duo.start_server()
    feng.network_hint()
    back = await duo.resume("liqiang")
    assert back.store.recovery is not None
    await until_count(feng, chat, 61)
    assert texts(await history(feng, chat)) == [*(f"以前 {n}" for n in range(60)), "断网时写的"]
    await until(back, lambda db: len(messages.newest(db, chat, 100)) >= 31)
    while (first := (await history(back, chat))[0].seq) > 1:
        await back.messages.load_older(chat, first)
    assert texts(await history(back, chat)) == texts(await history(feng, chat))


# Versions.


def _add_colour(connection: Connection) -> None:
    connection.execute("ALTER TABLE conversations ADD COLUMN colour TEXT NOT NULL DEFAULT ''")


def _fail(connection: Connection) -> None:
    connection.execute("ALTER TABLE conversations ADD COLUMN half TEXT")
    raise OSError("no space left")


async def test_an_older_file_is_brought_up_in_order_with_a_copy_kept(tmp_path: Path):
    folder = AccountFolder(tmp_path / "account")
    await (await filled(folder, 50)).close()
    connection = connect(folder.database, KEY)
    assert migrating.migrate(connection, folder.database, (*STEPS, _add_colour)) == len(STEPS)
    assert migrating.version_of(connection) == len(STEPS) + 1
    assert connection.execute("SELECT name, colour FROM conversations").fetchall() == [("防汛专班", "")]
    assert connection.execute("SELECT count(*) FROM messages").fetchone() == (50,)
    connection.close()
    copy = connect(folder.database.with_name(f"store.db.before-{len(STEPS)}"), KEY)
    assert migrating.version_of(copy) == len(STEPS)
    assert copy.execute("SELECT count(*) FROM messages").fetchone() == (50,)
    copy.close()


async def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path):
    folder = AccountFolder(tmp_path / "account")
    await (await filled(folder, 50)).close()
    connection = connect(folder.database, KEY)
    with pytest.raises(OSError, match="no space"):
        migrating.migrate(connection, folder.database, (*STEPS, _fail))
    connection.close()
    store = await Store.open(folder, KEY)
    try:
        assert store.recovery is None
        assert len(await store.read(lambda db: messages.newest(db, CHAT, 100))) == 50
    finally:
        await store.close()


async def test_a_file_of_a_newer_version_is_not_touched(tmp_path: Path):
    folder = AccountFolder(tmp_path / "account")
    await (await filled(folder, 5)).close()
    connection = connect(folder.database, KEY)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 7}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    before = folder.database.read_bytes()
    with pytest.raises(StoreTooNew) as refusal:
        await Store.open(folder, KEY)
    assert "升级" in refusal.value.text
    assert folder.database.read_bytes() == before


async def test_one_client_at_a_time_has_a_store(tmp_path: Path):
    folder = AccountFolder(tmp_path / "account")
    store = await filled(folder, 5)
    with pytest.raises(StoreInUse):
        await Store.open(folder, KEY)
    await store.close()
    await (await Store.open(folder, KEY)).close()


async def test_nothing_in_the_folder_is_readable_without_the_key(tmp_path: Path):
    folder = AccountFolder(tmp_path / "account")
    store = await filled(folder, 200)
    words = [
        word.encode(code)
        for word in ("没写完的话", "防汛专班", "请各单位", "未发出")
        for code in ("utf-8", "utf-16-le")
    ]
    for file in folder.path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert not any(word in content for word in words), file.name
    await store.close()
    # A wrong key reads as damage, and must not cost the real file: it is set aside, not deleted.
    other = await Store.open(folder, bytes(32))
    assert other.recovery is not None
    assert other.recovery.quarantined.exists()
    assert await other.read(conversations.all_ids) == []
    await other.close()


# Key slots.


async def test_each_slot_opens_the_same_key_and_a_wrong_secret_opens_none(tmp_path: Path):
    port = MemoryPort()
    slots = KeySlots(tmp_path / "slots.json", port, QUICK)
    key = await slots.create()
    await slots.set_passcode(key, "246810")
    await slots.set_password(key, "Passw0rd-2026")
    assert slots.kinds() == {SlotKind.KEYRING, SlotKind.PASSCODE, SlotKind.PASSWORD}
    assert await slots.open_with_keyring() == key
    assert await slots.open_with_passcode("246810") == key
    assert await slots.open_with_password("Passw0rd-2026") == key
    for attempt in ("246811", "Passw0rd-2026"):
        with pytest.raises(WrongPasscode):
            await slots.open_with_passcode(attempt)
    content = (tmp_path / "slots.json").read_bytes()
    assert key not in content
    assert key.hex().encode() not in content
    port.secrets.clear()
    assert await slots.open_with_keyring() is None
    assert await KeySlots(tmp_path / "slots.json", NoKeyring(), QUICK).open_with_keyring() is None
    assert await KeySlots(tmp_path / "slots.json", NoKeyring(), QUICK).open_with_passcode("246810") == key


async def test_a_torn_slot_file_is_read_from_its_second_copy(tmp_path: Path):
    slots = KeySlots(tmp_path / "slots.json", MemoryPort(), QUICK)
    key = await slots.create("246810")
    (tmp_path / "slots.json").write_text('{"version": 1, "slots": [')
    assert await slots.open_with_passcode("246810") == key
    (tmp_path / "slots.bak").write_text("")
    with pytest.raises(SlotsDamaged):
        await slots.open_with_passcode("246810")

"""Words of voice messages and of files in the local index: found, bounded, gone with their message, never read for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from app.session.file_reading import FileReading, Unreadable
from app.store.changes import Change
from app.store.database import Reader, Writer
from app.store.folders import AccountFolder
from app.store.migrations import STEPS, m0006_file_texts
from app.store.queries import (
    conversations,
    destroyed,
    file_texts,
    found_files,
    messages,
    places,
    search,
    secrets,
    transfers,
)
from app.store.queries.file_texts import Passage, TextState
from app.store.records import MessageState, TransferDirection, TransferState
from app.store.store import Store
from offline_ai.documents.legacy import OLE
from offline_ai.errors import UnreadableDocument
from offline_ai.retrieval.reading import ENDINGS, read_words
from server_stub.contract.content import FileContent, FileRef, TextContent
from server_stub.contract.content_kinds import VoiceContent
from server_stub.contract.conversations import Conversation, ConversationKind, Message

KEY = bytes(range(32))
CHAT = "01920000-0000-7000-8000-000000000001"


def file(name: str, size: int = 10) -> FileRef:
    return FileRef(file_id=f"f-{name}", key=b"k" * 16, name=name, size=size, digest=b"d" * 32)


def message(seq: int, event: int = 0, client: str = "") -> Message:
    return Message(
        conversation_id=CHAT,
        seq=seq,
        event_id=event or seq,
        client_id=client or f"c{seq}",
        sender_id="other",
        sent_at=1_790_000_000_000 + seq,
    )


def here(db: Writer, seq: int, ref: FileRef) -> None:
    """A message that brings a file, and the file on this machine."""
    messages.put(db, message(seq), MessageState.OPENED, FileContent(file=ref), me="me")
    transfers.start(
        db,
        ref,
        TransferDirection.DOWN,
        conversation_id=CHAT,
        state=TransferState.DONE,
        now_ms=1,
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(AccountFolder(tmp_path / "account"), KEY)

    def work(db: Writer) -> None:
        secrets.put(db, secrets.PERSON_ID, b"me")
        conversations.put(
            db, Conversation(id=CHAT, kind=ConversationKind.GROUP, name="防汛专班", last_seq=9, event_id=1)
        )

    await opened.write(work)
    yield opened
    await opened.close()


def found(db: Reader, text: str) -> list[int]:
    return [row.seq for _, row, _ in search.find(db, text)]


def tokens(db: Reader, table: str, word: str) -> int:
    return db.value(f"SELECT count(*) FROM {table} WHERE {table} MATCH ?", (f'"{word}"',))


@pytest.mark.clause("3.1.2.2", "E051")
@pytest.mark.parametrize("how", ["recalled", "removed", "cleared", "destroyed"])
async def test_what_a_voice_message_says_is_found_once_it_is_written_down(store: Store, how: str):
    voice = VoiceContent(file=file("v.opus"), duration_ms=3000)
    await store.write(lambda db: messages.put(db, message(1), MessageState.OPENED, voice, me="me"))
    assert await store.read(lambda db: found(db, "泵车")) == []
    await store.write(lambda db: messages.set_transcript(db, CHAT, 1, "抽水泵车下午到位"))
    assert await store.read(lambda db: found(db, "泵车")) == [1]
    assert (await store.read(lambda db: search.hits(db, "泵车")))[0].text == "抽水泵车下午到位"
    # Written down again: the old words are gone.
    await store.write(lambda db: messages.set_transcript(db, CHAT, 1, "吊车下午到位"))
    assert await store.read(lambda db: found(db, "泵车")) == []
    # The same message with a newer mark, and the index made anew, keep it.
    await store.write(lambda db: messages.put(db, message(1, 5), MessageState.OPENED, voice, me="me"))
    assert await store.read(lambda db: found(db, "吊车")) == [1]
    await store.write(search.rebuild)
    assert await store.read(lambda db: found(db, "吊车")) == [1]

    def gone(db: Writer) -> None:
        if how == "recalled":
            messages.put(db, message(1, 6), MessageState.RECALLED, None, me="me")
        elif how == "removed":
            messages.remove(db, CHAT, [1])
        elif how == "cleared":
            conversations.clear(db, CHAT, 1)
        else:
            number = places.number_of(db, CHAT)
            assert number is not None
            destroyed.take(db, CHAT, number, 1, 1)

    await store.write(gone)
    assert await store.read(lambda db: found(db, "吊车")) == []
    assert await store.read(lambda db: tokens(db, "search", "吊车")) == 0


async def test_transcripts_of_an_older_store_are_found_after_the_step(tmp_path: Path):
    from app.store import migrate as migrating
    from app.store.connection import connect
    from app.store.lifeline import Lifeline

    folder = AccountFolder(tmp_path / "account")
    folder.path.mkdir()
    connection = connect(folder.database, KEY)
    migrating.migrate(connection, folder.database, STEPS[: STEPS.index(m0006_file_texts.migrate)])
    connection.execute("INSERT INTO conversations(number, id, kind) VALUES(1, ?, 'group')", (CHAT,))
    voice = VoiceContent(file=file("v.opus"), duration_ms=3000)
    from server_stub.contract.content import encode_content

    connection.execute(
        """INSERT INTO messages(id, event_id, client_id, sender_id, sent_at, state, content)
           VALUES(?, 1, 'c1', 'other', 1790000000000, 0, ?)""",
        (places.message_id(1, 1), encode_content(voice)),
    )
    connection.execute("INSERT INTO transcripts VALUES(?, '抽水泵车下午到位')", (places.message_id(1, 1),))
    migrating.migrate(connection, folder.database)
    db = Writer(connection, Lifeline(folder.lifeline, KEY))
    assert found(db, "泵车") == [1]
    search.remove(db, places.message_id(1, 1))
    assert tokens(db, "search", "泵车") == 0
    connection.close()


class Scripted:
    """A reader of invented words; `stuck` never answers until it is cancelled."""

    endings: Sequence[str] = (".txt",)

    def __init__(self) -> None:
        self.read_names: list[str] = []
        self.at_once = self.most_at_once = 0
        self.cancels = 0
        self.started = asyncio.Event()
        self._let_go: asyncio.Future[None] | None = None

    async def read(self, data: bytes, name: str, most: int) -> tuple[str, list[Passage]]:
        self.read_names.append(name)
        self.at_once += 1
        self.started.set()
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if name == "stuck.txt":
                self._let_go = asyncio.get_running_loop().create_future()
                await self._let_go
                raise Unreadable("cancelled")
            if name == "bad.txt":
                raise Unreadable("damaged")
            text = data.decode()
            return text, [Passage(0, len(text), 3)]
        finally:
            self.at_once -= 1

    async def cancel(self) -> None:
        self.cancels += 1
        if self._let_go is not None and not self._let_go.done():
            self._let_go.set_result(None)

    async def rest(self) -> None: ...

    async def close(self) -> None: ...


class Cached:
    """Files whose words are their names; `gone` lies here no more."""

    async def read_here(self, ref: FileRef) -> bytes | None:
        return None if ref.name == "gone.txt" else f"《{ref.name}》写明泵车数量".encode()


@pytest.mark.clause("3.2.6.13")
async def test_files_are_read_one_after_the_other_the_newest_first_and_none_for_ever(store: Store):
    names = ["old.txt", "stuck.txt", "bad.txt", "gone.txt", "picture.png", "new.txt"]

    def work(db: Writer) -> None:
        for seq, name in enumerate(names, 1):
            here(db, seq, file(name))
        here(db, 7, file("huge.txt", file_texts.LARGEST + 1))

    await store.write(work)
    reader = Scripted()
    reading = FileReading(store, Cached(), reader, quiet=0.01, longest=0.2)  # type: ignore[arg-type]
    reading.set_on(True)
    await asyncio.wait_for(reading.caught_up.wait(), 10)
    assert reader.read_names == ["new.txt", "bad.txt", "stuck.txt", "old.txt"]
    assert (reader.most_at_once, reader.cancels) == (1, 1)
    hits = await store.read(lambda db: found_files.find(db, "泵车"))
    assert [(hit.name, hit.page) for hit in hits] == [("new.txt", 3), ("old.txt", 3)]
    # By name alone too, and within one conversation.
    (named,) = await store.read(lambda db: found_files.find(db, "picture", conversation_id=CHAT))
    assert (named.name, named.line) == ("picture.png", "")
    # What could not be read is not tried again; what comes new is read.
    reading.caught_up.clear()
    await store.write(lambda db: here(db, 8, file("next.txt")))
    await asyncio.wait_for(reading.caught_up.wait(), 10)
    assert reader.read_names[4:] == ["next.txt"]
    await reading.close()


async def test_closing_in_the_middle_of_a_file_keeps_nobody_waiting(store: Store):
    await store.write(lambda db: here(db, 1, file("stuck.txt")))
    reader = Scripted()
    reading = FileReading(store, Cached(), reader, quiet=0.01)  # type: ignore[arg-type]
    reading.set_on(True)
    await asyncio.wait_for(reader.started.wait(), 10)
    await asyncio.wait_for(reading.close(), 5)
    assert await store.read(lambda db: db.one("SELECT 1 FROM file_texts")) is None


async def test_closing_in_the_moment_of_a_change_keeps_nobody_waiting(store: Store):
    """A message that comes as the user signs out: the client then never got back to the login page."""
    reading = FileReading(store, Cached(), Scripted(), quiet=60)  # type: ignore[arg-type]
    reading.set_on(True)
    await store.read(lambda _db: None)  # Meanwhile it waits until nothing stirs.
    reading._changed(Change("messages", CHAT))
    # Waited for from outside: a cancellation of the wait itself would end what hangs.
    done, _ = await asyncio.wait([asyncio.ensure_future(reading.close())], timeout=5)
    assert done


async def test_a_forwarded_file_keeps_its_words_while_one_message_brings_it(store: Store):
    ref = file("清单.txt")

    def work(db: Writer) -> None:
        here(db, 1, ref)
        messages.put(db, message(2), MessageState.OPENED, FileContent(file=ref), me="me")
        assert file_texts.put(db, ref.file_id, TextState.READ, "泵车三十二台", [Passage(0, 6)])

    await store.write(work)
    await store.write(lambda db: messages.put(db, message(1, 7), MessageState.RECALLED, None, me="me"))
    (hit,) = await store.read(lambda db: found_files.find(db, "泵车"))
    assert hit.seq == 2
    await store.write(lambda db: messages.remove(db, CHAT, [2]))
    assert await store.read(lambda db: found_files.find(db, "泵车")) == []
    assert await store.read(lambda db: tokens(db, "file_search", "泵车")) == 0


async def test_all_texts_together_are_bounded_and_the_oldest_go(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(file_texts, "MOST_OF_ALL", 25)

    def work(db: Writer) -> None:
        for seq, name in enumerate(("甲.txt", "乙.txt", "丙.txt"), 1):
            here(db, seq, file(name))
            text = f"{name[0]}号泵车共有十二台"
            file_texts.put(db, f"f-{name}", TextState.READ, text, [Passage(0, len(text))])

    await store.write(work)
    assert {hit.name for hit in await store.read(lambda db: found_files.find(db, "泵车"))} == {
        "乙.txt",
        "丙.txt",
    }
    # The one that was dropped does not come back by itself.
    assert await store.read(lambda db: file_texts.waiting(db, (".txt",))) == []


async def test_the_words_go_with_the_file(store: Store):
    ref = file("清单.txt")

    def work(db: Writer) -> None:
        here(db, 1, ref)
        file_texts.put(db, ref.file_id, TextState.READ, "泵车三十二台", [Passage(0, 6)])
        messages.put(db, message(2), MessageState.OPENED, TextContent(text="另一条"), me="me")

    await store.write(work)
    await store.write(lambda db: transfers.remove(db, ref.file_id))
    assert await store.read(lambda db: tokens(db, "file_search", "泵车")) == 0
    assert [one.name for one in await store.read(lambda db: found_files.find(db, "清单"))] == ["清单.txt"]


def test_a_long_text_is_cut_and_passages_lie_exactly_in_it():
    lines = [f"第{n}条 泵车{n}台，由第{n}大队负责。" for n in range(1, 400)]
    words = read_words("\n\n".join(["  \t标题\t", *lines]).encode(), "清单.txt", 3000)
    assert words.cut
    assert len(words.text) <= 3000
    assert all(words.text[one.start : one.end] == one.text for one in words.passages)
    assert words.passages[-1].end == len(words.text)
    whole = read_words("\n".join(lines[:5]).encode(), "清单.txt", 3000)
    assert not whole.cut
    assert whole.text.endswith("第5大队负责。")


def test_formats_that_another_program_converts_are_not_read_unasked(monkeypatch) -> None:
    def converted(*_arguments: object) -> bytes:
        raise AssertionError("the opened words were handed to another program")

    monkeypatch.setattr("offline_ai.documents.extract.convert", converted)
    # By what is in them, whatever they are called.
    for data in (b"{\\rtf1\\ansi secret}", OLE + b"\0" * 2048):
        for name in ("清单.rtf", "清单.doc", "清单.txt", "清单.docx"):
            with pytest.raises(UnreadableDocument):
                read_words(data, name, 3000)
    assert not {".doc", ".wps", ".ppt", ".rtf"} & set(ENDINGS)

"""Talks with the assistant, newest first; and what of a talk may still be shown."""

from collections.abc import Collection

import msgspec

from app.store.database import Reader, Writer
from app.store.queries import conversations, messages
from app.store.records import MessageState
from server_stub.contract.content import file_refs

from .search import body_of


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A source: document key and place in its text. The text itself is kept for the user's own files only."""

    key: str
    title: str
    start: int
    end: int
    text: str = ""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A question with its answer. `material`: every document that the answer could be made from."""

    id: str
    talk_id: str
    at: int
    question: str
    answer: str = ""
    origin: str = "rules"
    """offline_ai.models.origin.Origin's value, or "fixed" for a fixed reply."""
    model: str = ""
    marks: tuple[Mark, ...] = ()
    material: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    state: str = "done"
    """done, stopped, failed."""
    problem: str = ""
    note: str = ""
    """What became of the pictures in the question."""
    searched: str = ""
    """How the question was made ready for the search, in words; empty where it was taken as it is."""
    follow_ups: tuple[str, ...] = ()
    vote: int = 0
    reason: str = ""
    way: str = ""
    """How the line was taken: search, act, ask; empty where nobody had to decide (a follow-up, a dropped file)."""
    words: str = ""
    """What a search looked for; what it found is found anew each time it is shown."""
    pictures: tuple[str, ...] = ()
    """Keys of pictures that go with the answer; the answer is not made of them."""
    withheld: bool = False
    """Set when shown: a source is no longer to be seen, so the answer is not either."""


class Talk(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with the assistant."""

    id: str
    title: str
    changed_at: int
    turns: int = 0


WITHHELD = "来源已撤回、销毁或不再对您可见，这条回答已隐藏。"
KNOWLEDGE = "k/"
"""Keys of documents in the organisation's knowledge bases: k/document."""
MESSAGE = "m/"
"""Keys of messages: m/conversation/sequence number; of files that a message brought: the same, # and the file's id.
Others are the user's own files."""


def message_key(conversation_id: str, seq: int, file_id: str = "") -> str:
    """The key of a message, or of a file that it brought."""
    return f"{MESSAGE}{conversation_id}/{seq}" + (f"#{file_id}" if file_id else "")


def place_of(key: str) -> tuple[str, int] | None:
    """Conversation and number behind a key; None for a file of the user's own."""
    if not key.startswith(MESSAGE):
        return None
    conversation_id, _, seq = key.removeprefix(MESSAGE).partition("#")[0].rpartition("/")
    return (conversation_id, int(seq)) if seq.isdigit() else None


def file_of(key: str) -> str:
    """The id of the file behind a key; empty for a message itself and for the user's own files."""
    return key.partition("#")[2] if key.startswith(MESSAGE) else ""


def is_guarded(key: str) -> bool:
    """Whether somebody else may take it out of sight: all but the user's own files."""
    return key.startswith((MESSAGE, KNOWLEDGE))


def knowledge_keys(db: Reader, talk_id: str = "") -> set[str]:
    """Documents of knowledge bases that answers of a talk, or of all, are made from: the server is asked about them."""
    where, values = (" WHERE talk_id = ?", (talk_id,)) if talk_id else ("", ())
    return {
        key
        for row in db.all(f"SELECT row FROM assistant_turns{where}", values)  # noqa: S608 - fixed texts
        for key in msgspec.msgpack.decode(row[0], type=Turn).material
        if key.startswith(KNOWLEDGE)
    }


def visible(db: Reader, keys: Collection[str], knowledge: Collection[str] = ()) -> set[str]:
    """The one oracle of the assistant: which of these the person may see now. Files are the user's own.

    A message: of a conversation that he is in, after what he cleared, neither recalled nor destroyed. A file of a chat:
    of such a message that still brings it. Of a knowledge base: what the server has just allowed (`knowledge`).
    """
    allowed = {key for key in keys if not is_guarded(key) or key in knowledge}
    places = {key: place for key in keys if (place := place_of(key)) is not None}
    rows = {
        row.id: row for row in conversations.overview(db, {one for one, _ in places.values()}, hidden=True)
    }
    for key, (conversation_id, seq) in places.items():
        row = rows.get(conversation_id)
        if row is None or row.left or row.dissolved or seq < row.first_seq:
            continue
        message = messages.get(db, conversation_id, seq)
        if message is None or message.recalled_by or message.state is not MessageState.OPENED:
            continue
        file_id = file_of(key)
        if file_id:
            if any(ref.file_id == file_id for ref in file_refs(message.content)):
                allowed.add(key)
        elif body_of(message):
            allowed.add(key)
    return allowed


def talks(db: Reader, text: str = "", knowledge: Collection[str] = ()) -> list[Talk]:
    """The newest first; with `text` those whose title, questions or visible answers hold it."""
    rows = db.all("SELECT id, title, changed_at FROM assistant_talks ORDER BY changed_at DESC, id DESC")
    found: list[Talk] = []
    wanted = text.strip().casefold()
    for id_, title, changed in rows:
        shown = turns(db, id_, knowledge) if wanted else []
        if wanted and wanted not in title.casefold():
            inside = (f"{turn.question}\n{turn.answer}".casefold() for turn in shown)
            if not any(wanted in one for one in inside):
                continue
        count = db.value("SELECT count(*) FROM assistant_turns WHERE talk_id = ?", (id_,))
        found.append(Talk(id=id_, title=title, changed_at=changed, turns=count))
    return found


def turns(db: Reader, talk_id: str, knowledge: Collection[str] = ()) -> list[Turn]:
    """In order, as they may be shown now."""
    kept = [
        msgspec.msgpack.decode(row[0], type=Turn)
        for row in db.all("SELECT row FROM assistant_turns WHERE talk_id = ? ORDER BY at, id", (talk_id,))
    ]
    keys = {key for turn in kept for key in (*turn.material, *turn.pictures)}
    allowed = visible(db, keys, knowledge) if keys else set()
    return [_shown(turn, allowed) for turn in kept]


def _shown(turn: Turn, allowed: Collection[str]) -> Turn:
    if all(key in allowed for key in turn.material):
        pictures = tuple(key for key in turn.pictures if key in allowed)
        return turn if pictures == turn.pictures else msgspec.structs.replace(turn, pictures=pictures)
    return msgspec.structs.replace(
        turn, answer=WITHHELD, marks=(), pictures=(), follow_ups=(), withheld=True, origin="fixed", model=""
    )


def put(db: Writer, turn: Turn, title: str) -> None:
    """Keep a turn; its talk is made with `title` where it is new, and becomes the newest."""
    if turn.withheld:
        raise ValueError("a withheld turn is never written back")
    db.run(
        """INSERT INTO assistant_talks(id, title, changed_at) VALUES(?, ?, ?)
           ON CONFLICT(id) DO UPDATE SET changed_at = max(changed_at, excluded.changed_at)""",
        (turn.talk_id, title, turn.at),
    )
    db.run(
        "INSERT OR REPLACE INTO assistant_turns(id, talk_id, at, row) VALUES(?, ?, ?, ?)",
        (turn.id, turn.talk_id, turn.at, msgspec.msgpack.encode(turn)),
    )


def vote(db: Writer, turn_id: str, value: int, reason: str) -> None:
    """Note thumbs up (1), down (-1) or none (0)."""
    row = db.one("SELECT row FROM assistant_turns WHERE id = ?", (turn_id,))
    if row is None:
        return
    turn = msgspec.structs.replace(msgspec.msgpack.decode(row[0], type=Turn), vote=value, reason=reason)
    db.run("UPDATE assistant_turns SET row = ? WHERE id = ?", (msgspec.msgpack.encode(turn), turn_id))


def rename(db: Writer, talk_id: str, title: str) -> None:
    """Give a talk another title."""
    db.run("UPDATE assistant_talks SET title = ? WHERE id = ?", (title, talk_id))


def remove_turn(db: Writer, turn_id: str) -> None:
    """Delete one answer with its question; a talk without any goes too."""
    row = db.one("SELECT talk_id FROM assistant_turns WHERE id = ?", (turn_id,))
    db.run("DELETE FROM assistant_turns WHERE id = ?", (turn_id,))
    if row and not db.one("SELECT 1 FROM assistant_turns WHERE talk_id = ?", (row[0],)):
        db.run("DELETE FROM assistant_talks WHERE id = ?", (row[0],))


def remove_talk(db: Writer, talk_id: str) -> None:
    """Delete a whole talk."""
    db.run("DELETE FROM assistant_turns WHERE talk_id = ?", (talk_id,))
    db.run("DELETE FROM assistant_talks WHERE id = ?", (talk_id,))

"""What belongs to the account alone: values, relations, and people's statuses."""

import json
from typing import Any

import msgspec

from app.store.database import Reader, Writer
from server_stub.contract.personal import PersonalItem, PersonStatus, Relation, RelationKind

_status = msgspec.msgpack.Decoder(PersonStatus)


def put_item(db: Writer, item: PersonalItem) -> None:
    """Take the server's value when it is not older than ours."""
    db.run(
        """INSERT INTO personal_items(name, value, event_id) VALUES(?, ?, ?)
           ON CONFLICT(name) DO UPDATE SET value = excluded.value, event_id = excluded.event_id
             WHERE excluded.event_id >= event_id""",
        (item.name, item.value, item.event_id),
    )
    db.changed("personal", keys=[item.name])


def set_item(db: Writer, name: str, value: str) -> None:
    """Show the user's own change at once; the server's row replaces it later."""
    db.run(
        """INSERT INTO personal_items(name, value, event_id) VALUES(?, ?, 0)
           ON CONFLICT(name) DO UPDATE SET value = excluded.value""",
        (name, value),
    )
    db.changed("personal", keys=[name])


def replace_items(db: Writer, items: list[PersonalItem]) -> None:
    """Take the server's whole list."""
    db.run("DELETE FROM personal_items")
    for item in items:
        put_item(db, item)
    db.changed("personal")


def items(db: Reader, prefix: str = "") -> dict[str, Any]:
    """Values whose names begin with `prefix`, decoded; removed and unreadable ones are left out."""
    found: dict[str, Any] = {}
    for name, value in db.all("SELECT name, value FROM personal_items WHERE value <> '' ORDER BY name"):
        if name.startswith(prefix):
            try:
                found[name] = json.loads(value)
            except ValueError:
                continue
    return found


def put_relation(db: Writer, relation: Relation) -> None:
    """Take the server's row when it is not older than ours."""
    db.run(
        """INSERT INTO relations(person_id, kind, removed, created_at, event_id) VALUES(?, ?, ?, ?, ?)
           ON CONFLICT(kind, person_id) DO UPDATE SET removed = excluded.removed,
             created_at = excluded.created_at, event_id = excluded.event_id WHERE excluded.event_id >= event_id""",
        (relation.person_id, relation.kind, relation.removed, relation.created_at, relation.event_id),
    )
    db.changed("relations", keys=[relation.person_id])


def set_relation(db: Writer, person_id: str, kind: RelationKind, on: bool, now_ms: int) -> None:
    """Show the user's own change at once; the server's row replaces it later."""
    db.run(
        """INSERT INTO relations(person_id, kind, removed, created_at, event_id) VALUES(?, ?, ?, ?, 0)
           ON CONFLICT(kind, person_id) DO UPDATE SET removed = excluded.removed,
             created_at = excluded.created_at""",
        (person_id, kind, not on, now_ms),
    )
    db.changed("relations", keys=[person_id])


def replace_relations(db: Writer, relations: list[Relation]) -> None:
    """Take the server's whole list."""
    db.run("DELETE FROM relations")
    for relation in relations:
        put_relation(db, relation)
    db.changed("relations")


def related(db: Reader, kind: RelationKind) -> list[str]:
    """People of one relation, the newest first."""
    rows = db.all(
        "SELECT person_id FROM relations WHERE kind = ? AND removed = 0 ORDER BY created_at DESC, person_id",
        (kind,),
    )
    return [row[0] for row in rows]


def kinds_of(db: Reader, person_id: str) -> set[RelationKind]:
    """What a person is to the account."""
    rows = db.all("SELECT kind FROM relations WHERE person_id = ? AND removed = 0", (person_id,))
    return {RelationKind(row[0]) for row in rows}


def put_status(db: Writer, status: PersonStatus) -> None:
    """Take a person's status when it is not older than ours."""
    db.run(
        """INSERT INTO statuses(person_id, row, event_id) VALUES(?, ?, ?)
           ON CONFLICT(person_id) DO UPDATE SET row = excluded.row, event_id = excluded.event_id
             WHERE excluded.event_id >= event_id OR event_id = 0""",
        (status.person_id, msgspec.msgpack.encode(status), status.event_id),
    )
    db.changed("statuses", keys=[status.person_id])


def set_status(db: Writer, status: PersonStatus) -> None:
    """Show the own status at once; the server's row replaces it later."""
    db.run(
        "INSERT OR REPLACE INTO statuses(person_id, row, event_id) VALUES(?, ?, 0)",
        (status.person_id, msgspec.msgpack.encode(status)),
    )
    db.changed("statuses", keys=[status.person_id])


def statuses(db: Reader) -> dict[str, PersonStatus]:
    """All statuses that are known."""
    return {id_: _status.decode(row) for id_, row in db.all("SELECT person_id, row FROM statuses")}

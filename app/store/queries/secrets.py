"""Small secrets of the account: device keys, tokens; also kept on the lifeline."""

from app.store.database import Reader, Writer

PERSON_ID = "person_id"


def get(db: Reader, name: str) -> bytes | None:
    """The secret, or None."""
    return db.value("SELECT value FROM secrets WHERE name = ?", (name,))


def put(db: Writer, name: str, value: bytes) -> None:
    """Keep a secret; empty forgets it."""
    if value:
        db.run("INSERT OR REPLACE INTO secrets(name, value) VALUES(?, ?)", (name, value))
    else:
        db.run("DELETE FROM secrets WHERE name = ?", (name,))
    db.lifeline.secret(name, value)


def all_of(db: Reader) -> dict[str, bytes]:
    """Every secret, for the lifeline."""
    return dict(db.all("SELECT name, value FROM secrets"))


def own_person_id(db: Reader) -> str:
    """Whose store this is; empty before the first sign-in is finished."""
    value = get(db, PERSON_ID)
    return value.decode() if value else ""

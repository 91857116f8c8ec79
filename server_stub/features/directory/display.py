"""How the directory is shown and searched, as administrators set it."""

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from server_stub.contract.directory_admin import DirectorySettings

from .tables import directory_settings, persons

_NAME = "settings"
_decoder = msgspec.json.Decoder(DirectorySettings)


def read_settings(connection: Connection) -> DirectorySettings:
    """Return what administrators set, or the defaults."""
    kept = connection.execute(
        select(directory_settings.c.value).where(directory_settings.c.name == _NAME)
    ).scalar_one_or_none()
    return DirectorySettings() if kept is None else _decoder.decode(kept)


def write_settings(connection: Connection, wanted: DirectorySettings) -> None:
    """Replace the settings."""
    connection.execute(delete(directory_settings).where(directory_settings.c.name == _NAME))
    connection.execute(insert(directory_settings).values(name=_NAME, value=msgspec.json.encode(wanted)))


def put_phone(connection: Connection, person_id: str, phone: str) -> None:
    """Write a number onto a card; the new version replaces the old in every cache."""
    connection.execute(
        update(persons).where(persons.c.id == person_id).values(phone=phone, version=persons.c.version + 1)
    )

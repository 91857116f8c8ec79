"""Writes an organisation into an empty server: units, people, posts and accounts."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from server_stub.contract.ids import uuid7

from .city import City

Spell = Callable[[str], tuple[str, str]]
"""Pinyin and initials of a name."""


@dataclass(frozen=True)
class Rows:
    """What is to be inserted, made before the write so that the writer is held briefly."""

    units: list[dict[str, object]]
    persons: list[dict[str, object]]
    posts: list[dict[str, object]]
    accounts: list[dict[str, object]]
    ids: dict[str, str]
    """Name → person id of the people named in the city's list; the first of each name."""


def rows_of(city: City, spell: Spell, logins: dict[str, str], password_hash: str) -> Rows:
    """Turn a city into rows. `logins`: name → login of those who get the demo password; others wait for activation."""
    unit_ids = [uuid7() for _ in city.units]
    paths: list[str] = []
    units: list[dict[str, object]] = []
    for unit, unit_id in zip(city.units, unit_ids, strict=True):
        above = paths[unit.parent] if unit.parent >= 0 else "/"
        paths.append(f"{above}{unit_id}/")
        units.append(
            {
                "id": unit_id,
                "parent_id": unit_ids[unit.parent] if unit.parent >= 0 else "",
                "path": paths[-1],
                "name": unit.name,
                "short_name": unit.short_name,
                "level": unit.level,
                "sort_order": unit.order,
            }
        )
    persons: list[dict[str, object]] = []
    posts: list[dict[str, object]] = []
    accounts: list[dict[str, object]] = []
    ids: dict[str, str] = {}
    taken: set[str] = set(logins.values())
    for number, person in enumerate(city.people):
        person_id = uuid7()
        pinyin, initials = spell(person.name)
        demo = person.name in logins and person.name not in ids
        ids.setdefault(person.name, person_id)
        login = logins[person.name] if demo else _free(pinyin, taken)
        taken.add(login)
        persons.append(
            {
                "id": person_id,
                "name": person.name,
                "pinyin": pinyin,
                "initials": initials[:40],
                "phone": person.phone,
                "rank": person.rank,
            }
        )
        for order, (unit, title) in enumerate(person.posts):
            posts.append(
                {
                    "person_id": person_id,
                    "unit_id": unit_ids[unit],
                    "title": title,
                    "main": order == 0,
                    "sort_order": number,
                }
            )
        accounts.append(
            {
                "person_id": person_id,
                "login": login,
                "phone": person.phone,
                "password_hash": password_hash if demo else "",
                "is_admin": person.name == "系统管理员",
            }
        )
    return Rows(units, persons, posts, accounts, ids)


def _free(pinyin: str, taken: set[str]) -> str:
    login, number = pinyin, 1
    while login in taken:
        number += 1
        login = f"{pinyin}{number}"
    return login


def write(
    connection: Connection,
    rows: Rows,
    *,
    insert_all: Callable[..., None],
    recount: Callable[[Connection], None],
    tables: tuple[object, object, object, object],
    now_ms: int,
) -> None:
    """Insert everything in one transaction; `tables` are units, persons, posts, accounts."""
    units, persons, posts, accounts = tables
    insert_all(connection, units, rows.units)
    insert_all(connection, persons, rows.persons)
    insert_all(connection, posts, rows.posts)
    insert_all(connection, accounts, [{**row, "created_at": now_ms} for row in rows.accounts])
    recount(connection)

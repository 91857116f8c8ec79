"""Accounts in bulk, for imports of the directory: all inside a transaction of the caller's."""

import re
import time
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from .tables import accounts

_BATCH = 2000


class AccountBook:
    """See directory.importing_plan.AccountBook. New accounts have no password: they wait for activation (E004)."""

    def by_login(self, connection: Connection, logins: Sequence[str]) -> dict[str, str]:
        """Return login → person id of those that exist."""
        rows = connection.execute(
            select(accounts.c.login, accounts.c.person_id).where(accounts.c.login.in_(logins))
        )
        return {row.login: row.person_id for row in rows}

    def by_phone(self, connection: Connection, phones: Sequence[str]) -> dict[str, list[str]]:
        """Return phone → person ids of those that exist."""
        found: dict[str, list[str]] = {}
        for row in connection.execute(
            select(accounts.c.phone, accounts.c.person_id).where(accounts.c.phone.in_(phones))
        ):
            found.setdefault(row.phone, []).append(row.person_id)
        return found

    def logins_of(self, connection: Connection, person_ids: Sequence[str]) -> dict[str, str]:
        """Return person id → login."""
        rows = connection.execute(
            select(accounts.c.person_id, accounts.c.login).where(accounts.c.person_id.in_(person_ids))
        )
        return {row.person_id: row.login for row in rows}

    def add(self, connection: Connection, rows: Sequence[tuple[str, str, str]]) -> None:
        """Add accounts: person id, login, phone. A login that ends in "*" is made free with a number."""
        taken: set[str] = set()
        if any(login.endswith("*") for _person, login, _phone in rows):
            taken = set(connection.scalars(select(accounts.c.login)))
            taken |= {login for _person, login, _phone in rows if not login.endswith("*")}
        next_number: dict[str, int] = {}
        made: list[dict[str, object]] = []
        now = int(time.time() * 1000)
        for person_id, login, phone in rows:
            if login.endswith("*"):
                login = _free(re.sub(r"[^a-z0-9]", "", login)[:40] or "user", taken, next_number)
                taken.add(login)
            made.append({"person_id": person_id, "login": login, "phone": phone, "created_at": now})
        for start in range(0, len(made), _BATCH):
            connection.execute(insert(accounts), made[start : start + _BATCH])

    def change_phones(self, connection: Connection, phones: dict[str, str]) -> None:
        """Give people new phone numbers to sign in with."""
        if phones:
            connection.execute(
                update(accounts)
                .where(accounts.c.person_id == bindparam("key"))
                .values(phone=bindparam("to")),
                [{"key": person_id, "to": phone} for person_id, phone in phones.items()],
            )


def _free(base: str, taken: set[str], next_number: dict[str, int]) -> str:
    number = next_number.get(base, 1)
    while True:
        login = base if number == 1 else f"{base}{number}"
        number += 1
        if login not in taken:
            next_number[base] = number
            return login

"""Accounts for the administration of the directory: see directory_admin.ports.AccountDesk."""

import re
import time
from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.storage.database import Database

from .service import AccountService
from .tables import accounts, sessions

_ABLE_ADMINISTRATOR = (
    accounts.c.is_admin.is_(True),
    accounts.c.disabled.is_(False),
    accounts.c.password_hash != "",
)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


class AccountDesk:
    """Changes of accounts by administrators."""

    def __init__(self, database: Database, service: AccountService) -> None:
        self._database = database
        self._service = service

    def add(self, connection: Connection, person_id: str, login: str, base: str, phone: str) -> str:
        """Make an account that waits for activation (E004)."""
        login = login or self._free(connection, re.sub(r"[^a-z0-9]", "", base)[:40] or "user")
        if not _LOGIN.fullmatch(login):
            raise ApiError(
                ErrorCode.BAD_REQUEST, "login", message="账号只能用小写字母、数字和 . _ -，至少 2 个字符。"
            )
        taken = connection.execute(select(accounts.c.person_id).where(accounts.c.login == login)).first()
        if taken is not None:
            raise ApiError(ErrorCode.CONFLICT, "login", message=f"账号“{login}”已被使用。")
        connection.execute(
            insert(accounts).values(
                person_id=person_id, login=login, phone=phone, created_at=int(time.time() * 1000)
            )
        )
        return login

    @staticmethod
    def _free(connection: Connection, base: str) -> str:
        taken = set(
            connection.scalars(
                select(accounts.c.login).where(accounts.c.login.startswith(base, autoescape=True))
            )
        )
        number, login = 1, base
        while login in taken or len(login) < 2:
            number += 1
            login = f"{base}{number}"
        return login

    def change_phone(self, connection: Connection, person_id: str, phone: str) -> None:
        """Change the number to sign in with and to send codes to."""
        connection.execute(update(accounts).where(accounts.c.person_id == person_id).values(phone=phone))

    def records(
        self, connection: Connection, person_ids: Sequence[str]
    ) -> dict[str, tuple[str, bool, bool, bool, int]]:
        """Return login, disabled, activated, is_admin, last seen (unix ms) of each."""
        seen = dict(
            connection.execute(
                select(sessions.c.person_id, func.max(sessions.c.last_seen_at))
                .where(sessions.c.person_id.in_(person_ids))
                .group_by(sessions.c.person_id)
            ).all()
        )
        return {
            row.person_id: (
                row.login,
                bool(row.disabled),
                bool(row.password_hash),
                bool(row.is_admin),
                seen.get(row.person_id, 0),
            )
            for row in connection.execute(select(accounts).where(accounts.c.person_id.in_(person_ids)))
        }

    def may_lose(self, connection: Connection, person_id: str) -> bool:
        """Whether another administrator is left who can sign in."""
        mine = connection.execute(
            select(accounts.c.is_admin).where(accounts.c.person_id == person_id)
        ).scalar_one_or_none()
        if not mine:
            return True
        others = select(func.count()).where(*_ABLE_ADMINISTRATOR, accounts.c.person_id != person_id)
        return connection.execute(others).scalar_one() > 0

    async def administrators(self) -> list[str]:
        """Person ids of the administrators who can sign in."""
        return await self._database.read(
            lambda connection: list(
                connection.scalars(
                    select(accounts.c.person_id).where(*_ABLE_ADMINISTRATOR).order_by(accounts.c.person_id)
                )
            )
        )

    async def set_disabled(self, person_id: str, disabled: bool) -> None:
        """Disable or enable an account; disabling ends its sessions at once."""
        await self._database.write(
            lambda connection: (
                connection.execute(
                    update(accounts).where(accounts.c.person_id == person_id).values(disabled=disabled)
                )
                and None
            )
        )
        if disabled:
            await self._service.end_all(person_id, "disabled")

    def put_administrator(self, connection: Connection, person_id: str, on: bool) -> bool:
        """Make an account an administrator's, or an ordinary one again; returns whether that changed anything."""
        changed = connection.execute(
            update(accounts)
            .where(accounts.c.person_id == person_id, accounts.c.is_admin.is_not(on))
            .values(is_admin=on)
        )
        return changed.rowcount > 0

    async def rights_changed(self, person_id: str) -> None:
        """End the person's sessions: what they were allowed is no longer so."""
        await self._service.end_all(person_id, "rights")

    async def reset(self, person_id: str) -> None:
        """Forget the password and end all sessions."""
        await self._database.write(
            lambda connection: (
                connection.execute(
                    update(accounts).where(accounts.c.person_id == person_id).values(password_hash="")
                )
                and None
            )
        )
        await self._service.end_all(person_id, "reset")

"""Rows of accounts, devices and sessions: found, added, ended. Checks of rights are the services'."""

import time

from sqlalchemy import Connection, insert, or_, select, update

from server_stub.contract.accounts import DeviceInfo

from .tables import accounts, devices, sessions


def now_ms() -> int:
    """Unix milliseconds."""
    return int(time.time() * 1000)


def add_account(
    connection: Connection,
    *,
    person_id: str,
    login: str,
    phone: str,
    password_hash: str = "",
    is_admin: bool = False,
) -> None:
    """Give a person an account; without a hash it waits for activation."""
    connection.execute(
        insert(accounts).values(
            person_id=person_id,
            login=login.lower(),
            phone=phone,
            password_hash=password_hash,
            is_admin=is_admin,
            created_at=now_ms(),
        )
    )


def find_account(connection: Connection, login: str):
    """Return the account of a login or an unambiguous phone number."""
    rows = connection.execute(
        select(accounts).where(or_(accounts.c.login == login, accounts.c.phone == login)).limit(3)
    ).all()
    exact = [row for row in rows if row.login == login]
    if exact:
        return exact[0]
    return rows[0] if len(rows) == 1 and login else None


def session_row(connection: Connection, session_id: str, *, lock: bool = False):
    """Return a session with its device's key and its account's state; None where there is none."""
    query = (
        select(sessions, devices.c.public_key, accounts.c.is_admin, accounts.c.disabled)
        .join(devices, (devices.c.id == sessions.c.device_id) & (devices.c.person_id == sessions.c.person_id))
        .join(accounts, accounts.c.person_id == sessions.c.person_id)
        .where(sessions.c.id == session_id)
    )
    return connection.execute(query.with_for_update(of=sessions) if lock else query).one_or_none()


def end_sessions(connection: Connection, reason: str, *where) -> list[str]:
    """End the live sessions that fit; returns their ids, to be told to all processes."""
    rows = connection.execute(
        update(sessions)
        .where(sessions.c.ended_at.is_(None), *where)
        .values(ended_at=now_ms(), end_reason=reason)
        .returning(sessions.c.id)
    )
    return list(rows.scalars())


def register_device(connection: Connection, person_id: str, device: DeviceInfo, now: int) -> None:
    """Write a device down, or what is new about it."""
    where = (devices.c.id == device.id, devices.c.person_id == person_id)
    values = {
        "name": device.name,
        "platform": device.platform,
        "app_version": device.app_version,
        "public_key": device.public_key,
    }
    if connection.execute(update(devices).where(*where).values(**values)).rowcount == 0:
        connection.execute(
            insert(devices).values(id=device.id, person_id=person_id, created_at=now, **values)
        )

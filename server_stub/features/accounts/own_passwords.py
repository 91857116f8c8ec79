"""Activating an account, a forgotten password, another password: by code or by the old one (E003, E004, E152)."""

import secrets
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, delete, insert, select, update

from server_stub.contract.accounts import ChangePassword, CodeRequest, CodeSent, SetPassword
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from . import throttle
from .passwords import Passwords, check_strength
from .ports import AuditRecord
from .rows import end_sessions, find_account, now_ms
from .second import CODE_S, RESEND_S, SecondFactor, forget_trust, use_code
from .sms import SmsGateway
from .tables import accounts, codes, sessions
from .tokens import Tokens

_PURPOSES = {"activate": "激活账号", "reset": "重置密码"}


class OwnPasswords:
    """Part of AccountService, which ends the sessions that a new password ends."""

    def __init__(
        self,
        database: Database,
        tokens: Tokens,
        passwords: Passwords,
        sms: SmsGateway,
        second: SecondFactor,
        audit: AuditRecord,
        *,
        tell_ended: Callable[[list[str]], Awaitable[None]],
        spawn: Callable[[Awaitable[None]], None],
    ) -> None:
        self._database, self._tokens, self._passwords = database, tokens, passwords
        self._sms, self._second, self._audit = sms, second, audit
        self._tell_ended, self._spawn = tell_ended, spawn

    async def send_code(self, wanted: CodeRequest, address: str) -> CodeSent:
        """Send a code when there is such an account; the answer never tells (E003, E004)."""
        if wanted.purpose not in _PURPOSES:
            raise ApiError(ErrorCode.BAD_REQUEST, "purpose")
        login = wanted.login.strip().lower()
        keys = {f"sms:{login[:80]}": throttle.SMS, f"sms-address:{address}": throttle.ADDRESS}
        await self._database.write(lambda connection: throttle.attempt(connection, keys))
        code = f"{secrets.randbelow(1_000_000):06d}"

        def work(connection: Connection) -> str:
            row = find_account(connection, login)
            if row is None or row.disabled or not row.phone:
                return ""
            if (wanted.purpose == "activate") != (row.password_hash == ""):
                return ""
            connection.execute(
                delete(codes).where(codes.c.person_id == row.person_id, codes.c.purpose == wanted.purpose)
            )
            connection.execute(
                insert(codes).values(
                    person_id=row.person_id,
                    purpose=wanted.purpose,
                    digest=self._tokens.code_digest(row.person_id, wanted.purpose, code),
                    expires_at=now_ms() + CODE_S * 1000,
                )
            )
            return str(row.phone)

        phone = await self._database.write(work)
        if phone:
            text = f"【政钉】验证码 {code}，用于{_PURPOSES[wanted.purpose]}，{CODE_S // 60} 分钟内有效。请勿告知他人。"
            # Not awaited: a gateway's round trip would tell that the account exists.
            self._spawn(self._sms.send(phone, text))
        return CodeSent(expires_in=CODE_S, resend_after=RESEND_S)

    async def set_password(self, wanted: SetPassword, address: str) -> None:
        """Activate or reset with a code; every session of the account ends."""
        if wanted.purpose not in _PURPOSES:
            raise ApiError(ErrorCode.BAD_REQUEST, "purpose")
        login = wanted.login.strip().lower()
        await self._check_new(wanted.password, login)
        code_key, address_key = f"code:{login[:80]}", f"code-address:{address}"
        keys = {code_key: throttle.ACCOUNT, address_key: throttle.ADDRESS}
        await self._database.write(lambda connection: throttle.attempt(connection, keys))
        known = await self._database.read(lambda connection: find_account(connection, login))
        # Told only to who has the code: else this would be a way to try passwords.
        same = await self._passwords.verify(known.password_hash if known is not None else "", wanted.password)
        hashed = await self._passwords.hash(wanted.password)

        def work(connection: Connection) -> tuple[str, list[str]]:
            row = find_account(connection, login)
            if (
                row is None
                or row.disabled
                or not use_code(connection, self._tokens, row.person_id, wanted.purpose, wanted.code)
            ):
                return "", []
            if same:
                raise ApiError(ErrorCode.WEAK_PASSWORD, "same", message="新密码不能与原密码相同。")
            # The text message was used as meant: a whole office may activate from one address.
            throttle.forgive(
                connection, [code_key, f"account:{login[:80]}"], [address_key, f"sms-address:{address}"]
            )
            connection.execute(
                update(accounts)
                .where(accounts.c.person_id == row.person_id)
                .values(password_hash=hashed, password_at=now_ms())
            )
            forget_trust(connection, row.person_id)
            return str(row.person_id), end_sessions(
                connection, "password", sessions.c.person_id == row.person_id
            )

        person_id, ended = await self._database.write(work)
        await self._audit(wanted.purpose, person_id, address, "done" if person_id else "refused")
        if not person_id:
            raise ApiError(ErrorCode.BAD_CODE)
        await self._tell_ended(ended)

    async def change_password(self, caller: Caller, wanted: ChangePassword) -> None:
        """Change the own password; every other session ends (E152)."""
        keys = {f"change:{caller.person_id}": throttle.ACCOUNT}
        await self._database.write(lambda connection: throttle.attempt(connection, keys))
        row = await self._database.read(
            lambda connection: connection.execute(
                select(accounts).where(accounts.c.person_id == caller.person_id)
            ).one()
        )
        if not await self._passwords.verify(row.password_hash, wanted.old_password):
            raise ApiError(ErrorCode.BAD_CREDENTIALS, message="原密码不正确。")
        # The old one was right: looking for a new one that is good enough is no guessing.
        await self._database.write(lambda connection: throttle.forgive(connection, list(keys)))
        await self._check_new(wanted.new_password, row.login)
        if wanted.new_password == wanted.old_password:
            raise ApiError(ErrorCode.WEAK_PASSWORD, "same", message="新密码不能与原密码相同。")
        hashed = await self._passwords.hash(wanted.new_password)

        def work(connection: Connection) -> list[str]:
            connection.execute(
                update(accounts)
                .where(accounts.c.person_id == caller.person_id)
                .values(password_hash=hashed, password_at=now_ms())
            )
            return end_sessions(
                connection,
                "password",
                sessions.c.person_id == caller.person_id,
                sessions.c.id != caller.session_id,
            )

        await self._tell_ended(await self._database.write(work))
        await self._audit("change_password", caller.person_id, "", "done")

    async def _check_new(self, password: str, login: str) -> None:
        policy = await self._second.policy()
        check_strength(password, login, policy.password_length, policy.password_kinds)

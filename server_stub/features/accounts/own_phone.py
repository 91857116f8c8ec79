"""A person changes his own phone number where administrators allow it (E151, E138): password, code to the new number."""

import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import Connection, delete, insert, select, update

from server_stub.contract.accounts import CodeSent, PhoneChange, PhoneCode
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Access, Call, Caller, Endpoint
from server_stub.storage.database import Database

from . import throttle
from .passwords import Passwords
from .ports import AuditRecord
from .second import CODE_ATTEMPTS, CODE_S, RESEND_S
from .sms import SmsGateway
from .tables import accounts, codes
from .tokens import Tokens

_PURPOSE = "phone"
_NUMBER = re.compile(r"\+?[0-9]{5,19}")
_TAGS = ("accounts",)


class OwnPhone:
    """`allowed` reads the administrators' switch; `put` writes the number onto the card; `announce` tells clients."""

    def __init__(
        self,
        database: Database,
        tokens: Tokens,
        passwords: Passwords,
        sms: SmsGateway,
        audit: AuditRecord,
        *,
        allowed: Callable[[Connection], bool],
        put: Callable[[Connection, str, str], None],
        announce: Callable[[Sequence[str]], Awaitable[None]],
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._passwords = passwords
        self._sms = sms
        self._audit = audit
        self._allowed = allowed
        self._put = put
        self._announce = announce

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table."""
        base, signed_in = "/api/v1/auth/own-phone", Access.SIGNED_IN
        return [
            Endpoint(
                "POST",
                f"{base}/code",
                signed_in,
                self._code,
                "Send a code to the new number",
                body=PhoneCode,
                answer=CodeSent,
                tags=_TAGS,
                clauses=("E151",),
            ),
            Endpoint(
                "POST",
                base,
                signed_in,
                self._change,
                "Change the own phone number with that code",
                body=PhoneChange,
                tags=_TAGS,
                clauses=("E151",),
            ),
        ]

    async def _code(self, call: Call[PhoneCode]) -> CodeSent:
        return await self.send_code(call.caller, call.body)

    async def _change(self, call: Call[PhoneChange]) -> None:
        await self.change(call.caller, call.body)

    async def send_code(self, caller: Caller, wanted: PhoneCode) -> CodeSent:
        """Check the password and send a code that is good for this new number alone."""
        phone = _good(wanted.phone)
        row = await self._database.read(lambda connection: self._account(connection, caller))
        keys = {
            f"own-phone:{caller.person_id}": throttle.SMS,
            f"own-phone-to:{phone}": throttle.SMS,
            f"account:{row.login}": throttle.ACCOUNT,
        }
        await self._database.write(lambda connection: throttle.attempt(connection, keys))
        if not await self._passwords.verify(row.password_hash, wanted.password):
            await self._audit("phone_change", caller.person_id, "", "refused")
            raise ApiError(ErrorCode.BAD_CREDENTIALS, message="登录密码不正确。")
        if row.phone == phone:
            raise ApiError(ErrorCode.BAD_REQUEST, "phone", message="这就是现在的手机号。")
        code = f"{secrets.randbelow(1_000_000):06d}"
        digest = self._digest(caller, phone, code)

        def work(connection: Connection) -> None:
            throttle.forgive(connection, [f"account:{row.login}"])
            self._drop(connection, caller)
            connection.execute(
                insert(codes).values(
                    person_id=caller.person_id,
                    purpose=_PURPOSE,
                    digest=digest,
                    expires_at=_now_ms() + CODE_S * 1000,
                )
            )

        await self._database.write(work)
        text = f"【政钉】验证码 {code}，用于更换手机号，{CODE_S // 60} 分钟内有效。请勿告知他人。"
        await self._sms.send(phone, text)
        return CodeSent(expires_in=CODE_S, resend_after=RESEND_S)

    async def change(self, caller: Caller, wanted: PhoneChange) -> None:
        """Use the code; the old number is told."""
        phone = _good(wanted.phone)
        key = f"own-phone-code:{caller.person_id}"
        await self._database.write(lambda connection: throttle.attempt(connection, {key: throttle.ACCOUNT}))
        digest = self._digest(caller, phone, wanted.code.strip())

        def work(connection: Connection) -> tuple[str, str]:
            row = self._account(connection, caller)
            where = (codes.c.person_id == caller.person_id, codes.c.purpose == _PURPOSE)
            kept = connection.execute(select(codes).where(*where).with_for_update()).one_or_none()
            if kept is None or kept.expires_at < _now_ms() or kept.attempts >= CODE_ATTEMPTS:
                return "refused", ""
            if not secrets.compare_digest(bytes(kept.digest), digest):
                connection.execute(update(codes).where(*where).values(attempts=kept.attempts + 1))
                return "refused", ""
            self._drop(connection, caller)
            # Whoever holds the number may learn that another account uses it; nobody else does.
            other = select(accounts.c.person_id).where(
                accounts.c.phone == phone, accounts.c.person_id != caller.person_id
            )
            if connection.execute(other.limit(1)).first() is not None:
                return "taken", ""
            throttle.forgive(connection, [key])
            connection.execute(
                update(accounts).where(accounts.c.person_id == caller.person_id).values(phone=phone)
            )
            self._put(connection, caller.person_id, phone)
            return "done", str(row.phone)

        result, before = await self._database.write(work)
        await self._audit("phone_change", caller.person_id, "", result)
        if result == "taken":
            raise ApiError(ErrorCode.CONFLICT, "phone", message="这个号码已被另一个账号使用，请联系管理员。")
        if result != "done":
            raise ApiError(ErrorCode.BAD_CODE)
        if before:
            text = "【政钉】您的账号已更换手机号。如果不是您本人操作，请立即联系管理员。"
            await self._sms.send(before, text)
        await self._announce([caller.person_id])

    def _account(self, connection: Connection, caller: Caller):
        if not self._allowed(connection):
            raise ApiError(ErrorCode.FORBIDDEN, message="管理员没有开放本人更换手机号，请联系管理员。")
        return connection.execute(select(accounts).where(accounts.c.person_id == caller.person_id)).one()

    def _digest(self, caller: Caller, phone: str, code: str) -> bytes:
        return self._tokens.code_digest(caller.person_id, f"{_PURPOSE}.{phone}", code)

    @staticmethod
    def _drop(connection: Connection, caller: Caller) -> None:
        connection.execute(
            delete(codes).where(codes.c.person_id == caller.person_id, codes.c.purpose == _PURPOSE)
        )


def _good(text: str) -> str:
    phone = re.sub(r"[\s-]", "", text)
    if not _NUMBER.fullmatch(phone):
        raise ApiError(ErrorCode.BAD_REQUEST, "phone", message="电话号码只能是 5 至 19 位数字。")
    return phone


def _now_ms() -> int:
    return int(time.time() * 1000)

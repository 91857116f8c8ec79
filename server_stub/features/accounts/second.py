"""The second factor of sign-in (E006): who needs it, trusted devices, and the code by text message."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from server_stub.contract.accounts import DeviceInfo, LoginPolicy
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from . import throttle
from .sms import SmsGateway
from .tables import accounts, codes, devices, login_settings, trusted_devices
from .tokens import Tokens

PURPOSE = "signin"
CODE_S = 300
RESEND_S = 60
CODE_ATTEMPTS = 5
PROOF_S = 600
"""A device's signature counts within so many seconds of the server's time; else a code is asked for."""
SECOND_FACTORS = ("off", "admins", "everyone")
LONGEST_TRUST_DAYS = 365
_POLICY = "policy"
_SHORTEST_DAYS, _LONGEST_DAYS = 7, 3650
_DAY_MS = 86_400_000


class VerifySm2(Protocol):
    """Checks a device's signature."""

    def __call__(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """`signature` is r‖s; false for anything malformed."""
        ...


def trust_message(device_id: str, login: str, signed_at: int) -> bytes:
    """Return the bytes that a device signs to be recognised at sign-in (contract.accounts.SignIn)."""
    return b"zd-sign-in" + f"{device_id}\n{login}\n{signed_at}".encode()


class SecondFactor:
    """Asks for a code where the policy wants one and the device is not trusted."""

    def __init__(
        self,
        database: Database,
        tokens: Tokens,
        sms: SmsGateway,
        verify: VerifySm2,
        audit: Callable[[str, str, str, str], Awaitable[None]],
        spawn: Callable[[Awaitable[None]], None],
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._sms = sms
        self._verify = verify
        self._audit = audit
        self._spawn = spawn

    async def policy(self) -> LoginPolicy:
        """The policy in force; off until an administrator switches it on."""
        return await self._database.read(read_policy)

    async def change_policy(self, caller: Caller, wanted: LoginPolicy) -> None:
        """Replace it. The administrator must have a phone number; his own device is trusted at once, so that nobody
        locks himself out. Raises BAD_REQUEST with a sentence."""
        if wanted.second_factor not in SECOND_FACTORS:
            raise ApiError(ErrorCode.BAD_REQUEST, "second_factor")
        if not 0 <= wanted.trust_days <= LONGEST_TRUST_DAYS:
            raise ApiError(
                ErrorCode.BAD_REQUEST, message=f"信任设备的天数须在 0 到 {LONGEST_TRUST_DAYS} 之间。"
            )
        if not 8 <= wanted.password_length <= 32 or wanted.password_kinds not in (2, 3, 4):
            raise ApiError(ErrorCode.BAD_REQUEST, message="密码长度须在 8 到 32 位之间，种类为 2 到 4。")
        if wanted.password_days and not _SHORTEST_DAYS <= wanted.password_days <= _LONGEST_DAYS:
            raise ApiError(
                ErrorCode.BAD_REQUEST,
                message=f"密码有效期须在 {_SHORTEST_DAYS} 到 {_LONGEST_DAYS} 天之间，或 0 表示长期有效。",
            )
        now = _now()

        def work(connection: Connection) -> None:
            if wanted.second_factor != "off":
                phone = connection.execute(
                    select(accounts.c.phone).where(accounts.c.person_id == caller.person_id)
                ).scalar_one()
                if not phone:
                    raise ApiError(
                        ErrorCode.BAD_REQUEST, message="您的账号没有登记手机号，开启后将无法登录。请先登记。"
                    )
                key = connection.execute(
                    select(devices.c.public_key).where(
                        devices.c.id == caller.device_id, devices.c.person_id == caller.person_id
                    )
                ).scalar_one_or_none()
                if key is not None:
                    trust(connection, caller.person_id, caller.device_id, bytes(key), now)
            value = msgspec.json.encode(wanted).decode()
            values = {"value": value, "changed_by": caller.person_id, "changed_at": now}
            mine = login_settings.c.name == _POLICY
            if connection.execute(update(login_settings).where(mine).values(**values)).rowcount == 0:
                connection.execute(insert(login_settings).values(name=_POLICY, **values))

        await self._database.write(work)
        await self._audit("login_policy", caller.person_id, wanted.second_factor, "changed")

    async def check_age(self, row: Any) -> None:
        """The password of account `row` was right: raise FORBIDDEN (`password_expired`) where it is too old."""
        days = (await self.policy()).password_days
        if not days or _now() - max(row.password_at, row.created_at) < days * _DAY_MS:
            return
        await self._audit("sign_in", row.person_id, "", "password_expired")
        raise ApiError(
            ErrorCode.FORBIDDEN,
            "password_expired",
            message=f"密码已超过 {days} 天没有修改，请点“忘记密码”，用短信验证码设置新密码后登录。",
        )

    async def check(
        self, row: Any, login: str, device: DeviceInfo, code: str, proof: tuple[int, bytes], address_key: str
    ) -> bool:
        """The password of account `row` was right: return whether a code was used now.

        Raises CODE_NEEDED after sending one (`retry_after`: seconds until another may be sent) and BAD_CODE.
        """
        policy = await self.policy()
        if policy.second_factor == "off" or (policy.second_factor == "admins" and not row.is_admin):
            return False
        if await self._trusted(row.person_id, login, device, proof, policy.trust_days):
            return False
        if code:
            good = await self._database.write(
                lambda connection: use_code(connection, self._tokens, row.person_id, PURPOSE, code)
            )
            if not good:
                await self._audit("second_factor", row.person_id, device.id, "refused")
                raise ApiError(ErrorCode.BAD_CODE)
            return True
        if not row.phone:
            await self._audit("second_factor", row.person_id, device.id, "no_phone")
            raise ApiError(
                ErrorCode.FORBIDDEN, message="登录需要短信验证码，但账号没有登记手机号。请联系单位管理员。"
            )
        wait = await self._send(row, address_key)
        raise ApiError(
            ErrorCode.CODE_NEEDED,
            message=f"验证码已发送到尾号 {row.phone[-4:]} 的手机。",
            retry_after=wait,
        )

    async def _trusted(
        self, person_id: str, login: str, device: DeviceInfo, proof: tuple[int, bytes], days: int
    ) -> bool:
        signed_at, signature = proof
        if not signature or not days or abs(_now() - signed_at) > PROOF_S * 1000:
            return False
        kept = await self._database.read(
            lambda connection: connection.execute(
                select(trusted_devices).where(
                    trusted_devices.c.person_id == person_id, trusted_devices.c.device_id == device.id
                )
            ).one_or_none()
        )
        if kept is None or kept.trusted_at < _now() - days * 86_400_000:
            return False
        message = trust_message(device.id, login, signed_at)
        key = bytes(kept.public_key)
        return key == device.public_key and await asyncio.to_thread(self._verify, key, message, signature)

    async def _send(self, row: Any, address_key: str) -> float:
        """Send a code unless one was sent a moment ago; returns the seconds until another may be sent."""
        code = f"{secrets.randbelow(1_000_000):06d}"
        now = _now()
        mine = (codes.c.person_id == row.person_id, codes.c.purpose == PURPOSE)

        def work(connection: Connection) -> float:
            # The password was right: an office that signs in all at once from one address is not slowed down.
            throttle.forgive(connection, [], [address_key])
            kept = connection.execute(select(codes).where(*mine).with_for_update()).one_or_none()
            if kept is not None:
                left = (kept.expires_at - CODE_S * 1000 + RESEND_S * 1000 - now) / 1000
                if left > 0:
                    return left
            throttle.attempt(connection, {f"signin-sms:{row.person_id}": throttle.SMS})
            connection.execute(delete(codes).where(*mine))
            connection.execute(
                insert(codes).values(
                    person_id=row.person_id,
                    purpose=PURPOSE,
                    digest=self._tokens.code_digest(row.person_id, PURPOSE, code),
                    expires_at=now + CODE_S * 1000,
                )
            )
            return 0.0

        left = await self._database.write(work)
        if left:
            return left
        text = f"【政钉】登录验证码 {code}，{CODE_S // 60} 分钟内有效。如非本人登录，请立即修改密码。"
        self._spawn(self._sms.send(row.phone, text))
        await self._audit("second_factor", row.person_id, "", "code_sent")
        return float(RESEND_S)


def read_policy(connection: Connection) -> LoginPolicy:
    """The policy in force."""
    value = connection.execute(
        select(login_settings.c.value).where(login_settings.c.name == _POLICY)
    ).scalar_one_or_none()
    return LoginPolicy() if value is None else msgspec.json.decode(value, type=LoginPolicy)


def trust(connection: Connection, person_id: str, device_id: str, public_key: bytes, now: int) -> None:
    """From now on the device with this key needs no code; `now` in Unix milliseconds. Phones have no key."""
    if not public_key:
        return
    forget_trust(connection, person_id, device_id)
    connection.execute(
        insert(trusted_devices).values(
            person_id=person_id, device_id=device_id, public_key=public_key, trusted_at=now
        )
    )


def forget_trust(connection: Connection, person_id: str, device_id: str = "") -> None:
    """Trust one device no more, or none of the person's."""
    where = [trusted_devices.c.person_id == person_id]
    if device_id:
        where.append(trusted_devices.c.device_id == device_id)
    connection.execute(delete(trusted_devices).where(*where))


def use_code(connection: Connection, tokens: Tokens, person_id: str, purpose: str, code: str) -> bool:
    """Whether the code is right; it works once, and a wrong one is counted."""
    where = (codes.c.person_id == person_id, codes.c.purpose == purpose)
    row = connection.execute(select(codes).where(*where).with_for_update()).one_or_none()
    if row is None or row.expires_at < _now() or row.attempts >= CODE_ATTEMPTS:
        return False
    digest = tokens.code_digest(person_id, purpose, code.strip())
    if not secrets.compare_digest(bytes(row.digest), digest):
        connection.execute(update(codes).where(*where).values(attempts=row.attempts + 1))
        return False
    connection.execute(delete(codes).where(*where))
    return True


def _now() -> int:
    return int(time.time() * 1000)

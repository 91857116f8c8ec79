"""Sign-in and sessions: one place for every rule about who is who."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from server_stub.bus import TOPIC_SESSION_ENDED, Bus
from server_stub.contract.accounts import DeviceInfo, Refresh, SessionInfo, SignedIn, SignIn
from server_stub.contract.accounts import (
    Tokens as TokenPair,
)
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import is_uuid, uuid7
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from . import throttle
from .own_passwords import OwnPasswords
from .passwords import Passwords
from .ports import AuditRecord, Cards, VerifySm2
from .rows import end_sessions, find_account, now_ms, register_device, session_row
from .second import SecondFactor, trust
from .sms import SmsGateway
from .tables import accounts, codes, devices, server_secrets, sessions, sms_outbox
from .tokens import Tokens

log = logging.getLogger(__name__)

GRACE_S = 60
"""For so long the device may repeat its last refresh: the answer may have been lost on the way."""
TIDY_S = 3600
KEEP_SMS_S = 30 * 86400
KEEP_SESSIONS_S = 90 * 86400
"""Ended sessions stay for so long, for the administrator's questions; the audit trail has the rest."""
_SEEN_EVERY_S = 60


@dataclass(frozen=True)
class AccountLimits:
    """Life times in seconds."""

    access_s: int
    session_s: int


def refresh_message(session_id: str, refresh_token: str, signed_at: int) -> bytes:
    """Return the bytes that a device signs to refresh (contract.accounts.Refresh)."""
    return b"zd-refresh" + f"{session_id}\n{refresh_token}\n{signed_at}".encode()


def read_secret(connection: Connection) -> bytes:
    """Return the secret that signs tokens, made at first start; all processes of an organisation share it."""
    kept = connection.execute(
        select(server_secrets.c.value).where(server_secrets.c.name == "tokens")
    ).scalar_one_or_none()
    if kept is None:
        kept = secrets.token_bytes(32)
        connection.execute(insert(server_secrets).values(name="tokens", value=kept))
    return bytes(kept)


def check_device(device: DeviceInfo) -> None:
    """Raise BAD_REQUEST unless it is a device with an SM2 key."""
    if not is_uuid(device.id):
        raise ApiError(ErrorCode.BAD_REQUEST, "device.id")
    if len(device.public_key) != 65 or device.public_key[0] != 4:
        raise ApiError(ErrorCode.BAD_REQUEST, "device.public_key: 65 bytes, 04 X Y")
    if len(device.name) > 100 or len(device.platform) > 20 or len(device.app_version) > 40:
        raise ApiError(ErrorCode.BAD_REQUEST, "device: too long")


class AccountService:
    """Accounts, devices and sessions."""

    def __init__(
        self,
        *,
        database: Database,
        tokens: Tokens,
        passwords: Passwords,
        sms: SmsGateway,
        cards: Cards,
        bus: Bus,
        verify: VerifySm2,
        audit: AuditRecord,
        limits: AccountLimits,
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._passwords = passwords
        self._sms = sms
        self._cards = cards
        self._bus = bus
        self._verify = verify
        self._audit = audit
        self._limits = limits
        self.second = SecondFactor(database, tokens, sms, verify, audit, self._spawn)
        self.own_passwords = OwnPasswords(
            database,
            tokens,
            passwords,
            sms,
            self.second,
            audit,
            tell_ended=self.tell_ended,
            spawn=self._spawn,
        )
        self._ended: dict[str, float] = {}
        self._seen: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._tidying: asyncio.Task[None] | None = None
        self._unsubscribe = bus.subscribe(TOPIC_SESSION_ENDED, self._on_ended)

    async def start(self) -> None:
        """Learn which sessions ended while their access tokens may still be about."""
        since = now_ms() - self._limits.access_s * 1000
        rows = await self._database.read(
            lambda connection: (
                connection.execute(select(sessions.c.id).where(sessions.c.ended_at > since)).scalars().all()
            )
        )
        for session_id in rows:
            self._on_ended(session_id.encode())
        self._tidying = asyncio.get_running_loop().create_task(self._tidy_for_ever())

    async def tidy(self) -> int:
        """Remove what has served its purpose; returns how many rows."""
        now_s = int(time.time())

        def work(connection: Connection) -> int:
            gone = throttle.forget_old(connection)
            for column, kept_s in (
                (codes.c.expires_at, 24 * 3600),
                (sms_outbox.c.created_at, KEEP_SMS_S),
                (sessions.c.ended_at, KEEP_SESSIONS_S),
                (sessions.c.expires_at, KEEP_SESSIONS_S),
            ):
                old = delete(column.table).where(column < (now_s - kept_s) * 1000)
                gone += connection.execute(old).rowcount
            return gone

        return await self._database.write(work)

    async def _tidy_for_ever(self) -> None:
        while True:
            try:
                await self.tidy()
            except Exception as error:
                log.error("accounts not tidied", extra={"error": type(error).__name__})
            await asyncio.sleep(TIDY_S)

    async def close(self) -> None:
        """Finish small writes."""
        self._unsubscribe()
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.gather(self._tidying, return_exceptions=True)
            self._tidying = None
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # Tokens.

    async def authenticate(self, token: str) -> Caller:
        """Return the caller behind an access token. Touches no disk."""
        caller = self._tokens.read_access(token, int(time.time()))
        if caller.session_id in self._ended:
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        self._note_seen(caller.session_id)
        return caller

    async def sign_in(self, wanted: SignIn, address: str) -> SignedIn:
        """Check the password, register the device, begin a session (E001, E002)."""
        check_device(wanted.device)
        caller = await self.begin_session(
            wanted.login,
            wanted.password,
            wanted.device,
            address,
            code=wanted.code,
            proof=(wanted.signed_at, wanted.proof),
        )
        return await self.signed_in(caller)

    async def signed_in(self, caller: Caller) -> SignedIn:
        """Return what a device gets at the beginning of its session."""
        return SignedIn(
            tokens=self._pair(caller, 1),
            person=await self._cards.own_card(caller.person_id),
            session_id=caller.session_id,
            is_admin=caller.is_admin,
            server_time=now_ms(),
        )

    async def begin_session(
        self,
        login: str,
        password: str,
        device: DeviceInfo,
        address: str,
        *,
        code: str = "",
        proof: tuple[int, bytes] = (0, b""),
    ) -> Caller:
        """Check the password and the second factor, count the attempt, register `device`, begin a session on it.

        `proof`: time in Unix milliseconds and signature of a trusted device.
        """
        sent_login = login
        login = login.strip().lower()
        account_key = f"account:{login[:80]}"
        address_key = f"address:{address}"
        keys = {account_key: throttle.ACCOUNT, address_key: throttle.ADDRESS}
        await self._database.write(lambda connection: throttle.attempt(connection, keys))
        row = await self._database.read(lambda connection: find_account(connection, login))
        kept = row.password_hash if row is not None else ""
        good = await self._passwords.verify(kept, password)
        if row is None or not good:
            await self._audit("sign_in", row.person_id if row is not None else "", address, "refused")
            raise ApiError(ErrorCode.BAD_CREDENTIALS, message="账号或密码不正确。首次使用请先激活账号。")
        if row.disabled:
            await self._audit("sign_in", row.person_id, address, "disabled")
            raise ApiError(ErrorCode.ACCOUNT_DISABLED)
        await self.second.check_age(row)
        confirmed = await self.second.check(row, sent_login, device, code, proof, address_key)
        renewed = await self._passwords.hash(password) if self._passwords.is_old(kept) else ""

        def work(connection: Connection) -> tuple[list[str], Caller]:
            forgiven = [account_key]
            if renewed:
                connection.execute(
                    update(accounts)
                    .where(accounts.c.person_id == row.person_id)
                    .values(password_hash=renewed)
                )
            if confirmed:
                forgiven.append(f"signin-sms:{row.person_id}")
                trust(connection, row.person_id, device.id, device.public_key, now_ms())
            throttle.forgive(connection, forgiven, [address_key])
            return self.open_session(connection, row.person_id, device, address, is_admin=bool(row.is_admin))

        ended, caller = await self._database.write(work)
        await self.tell_ended(ended)
        await self._audit("sign_in", row.person_id, device.id, "code" if confirmed else "done")
        return caller

    def open_session(
        self, connection: Connection, person_id: str, device: DeviceInfo, address: str, *, is_admin: bool
    ) -> tuple[list[str], Caller]:
        """Register `device` and write a session on it; returns the sessions that it replaces, and the caller."""
        session_id, now = uuid7(), now_ms()
        ended = end_sessions(
            connection, "replaced", sessions.c.person_id == person_id, sessions.c.device_id == device.id
        )
        register_device(connection, person_id, device, now)
        connection.execute(
            insert(sessions).values(
                id=session_id,
                person_id=person_id,
                device_id=device.id,
                signed_in_at=now,
                last_seen_at=now,
                expires_at=now + self._limits.session_s * 1000,
                address=address,
            )
        )
        return ended, Caller(person_id, session_id, device.id, is_admin)

    async def live_caller(self, session_id: str) -> Caller:
        """Return the caller behind a session, as the database has it now; UNAUTHENTICATED when it is over."""
        row = await self._database.read(lambda connection: session_row(connection, session_id))
        if row is None or row.ended_at is not None or row.expires_at < now_ms():
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        if row.disabled:
            raise ApiError(ErrorCode.ACCOUNT_DISABLED)
        self._note_seen(session_id)
        return Caller(row.person_id, session_id, row.device_id, bool(row.is_admin))

    async def refresh(self, wanted: Refresh) -> TokenPair:
        """Exchange a refresh token; one that was used before ends the session."""
        number = self._tokens.read_refresh(wanted.session_id, wanted.refresh_token)
        now = now_ms()
        row = await self._database.read(lambda connection: session_row(connection, wanted.session_id))
        if row is None or row.ended_at is not None or row.expires_at < now:
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        message = refresh_message(wanted.session_id, wanted.refresh_token, wanted.signed_at)
        if not await asyncio.to_thread(self._verify, bytes(row.public_key), message, wanted.proof):
            await self._audit("refresh", row.person_id, row.device_id, "bad_proof")
            raise ApiError(ErrorCode.UNAUTHENTICATED)

        def work(connection: Connection) -> tuple[int, bool]:
            current = session_row(connection, wanted.session_id, lock=True)
            if current is None or current.ended_at is not None:
                raise ApiError(ErrorCode.UNAUTHENTICATED)
            if number == current.counter:
                connection.execute(
                    update(sessions)
                    .where(sessions.c.id == wanted.session_id)
                    .values(
                        counter=number + 1,
                        rotated_at=now,
                        last_seen_at=now,
                        expires_at=now + self._limits.session_s * 1000,
                    )
                )
                return number + 1, False
            if number == current.counter - 1 and now - current.rotated_at <= GRACE_S * 1000:
                return current.counter, False
            end_sessions(connection, "reuse", sessions.c.id == wanted.session_id)
            return 0, True

        counter, stolen = await self._database.write(work)
        if stolen:
            await self.tell_ended([wanted.session_id])
            await self._audit("refresh", row.person_id, row.device_id, "reuse")
            raise ApiError(ErrorCode.UNAUTHENTICATED, "refresh token used twice")
        if row.disabled:
            raise ApiError(ErrorCode.ACCOUNT_DISABLED)
        return self._pair(
            Caller(row.person_id, wanted.session_id, row.device_id, bool(row.is_admin)), counter
        )

    # Sessions.

    async def sign_out(self, caller: Caller) -> None:
        """End the caller's session (E007)."""
        await self.end_session(caller, caller.session_id, "signed_out")

    async def end_session(self, caller: Caller, session_id: str, reason: str = "remote") -> None:
        """End one of the caller's own sessions; NOT_FOUND for anybody else's."""
        ended = await self._database.write(
            lambda connection: end_sessions(
                connection, reason, sessions.c.id == session_id, sessions.c.person_id == caller.person_id
            )
        )
        if not ended:
            raise ApiError(ErrorCode.NOT_FOUND)
        await self.tell_ended(ended)
        await self._audit("sign_out", caller.person_id, session_id, reason)

    async def end_all(self, person_id: str, reason: str) -> None:
        """End every session of a person, by an administrator's hand."""
        ended = await self._database.write(
            lambda connection: end_sessions(connection, reason, sessions.c.person_id == person_id)
        )
        await self.tell_ended(ended)

    async def session_list(
        self, caller: Caller, online: Callable[[Collection[str]], Collection[str]]
    ) -> list[SessionInfo]:
        """Return the caller's live sessions, newest first; `online` picks those with a connection now."""
        rows = await self._database.read(
            lambda connection: connection.execute(
                select(sessions, devices.c.name, devices.c.platform, devices.c.app_version)
                .join(
                    devices,
                    (devices.c.id == sessions.c.device_id) & (devices.c.person_id == sessions.c.person_id),
                )
                .where(
                    sessions.c.person_id == caller.person_id,
                    sessions.c.ended_at.is_(None),
                    sessions.c.expires_at > now_ms(),
                )
                .order_by(sessions.c.last_seen_at.desc())
            ).all()
        )
        connected = online([row.id for row in rows])
        return [
            SessionInfo(
                id=row.id,
                device_name=row.name,
                platform=row.platform,
                app_version=row.app_version,
                signed_in_at=row.signed_in_at,
                last_seen_at=row.last_seen_at,
                address=row.address,
                online=row.id in connected,
                current=row.id == caller.session_id,
            )
            for row in rows
        ]

    async def ended(self, session_ids: Collection[str]) -> Collection[str]:
        """Return those of `session_ids` that are no longer live (gateway.ports.Sessions)."""
        live = await self._database.read(
            lambda connection: (
                connection.execute(
                    select(sessions.c.id)
                    .join(accounts, accounts.c.person_id == sessions.c.person_id)
                    .where(
                        sessions.c.id.in_(list(session_ids)),
                        sessions.c.ended_at.is_(None),
                        sessions.c.expires_at > now_ms(),
                        accounts.c.disabled.is_(False),
                    )
                )
                .scalars()
                .all()
            )
        )
        return set(session_ids) - set(live)

    async def device_public_key(self, caller: Caller) -> bytes:
        """Return the SM2 key of the caller's device (conversations.ports.Devices)."""
        key = await self._database.read(
            lambda connection: connection.execute(
                select(devices.c.public_key).where(
                    devices.c.id == caller.device_id, devices.c.person_id == caller.person_id
                )
            ).scalar_one_or_none()
        )
        if key is None:
            raise ApiError(ErrorCode.UNAUTHENTICATED)
        return bytes(key)

    # For setup and import.

    async def hash_password(self, password: str) -> str:
        """Return the hash of a password that setup gives to an account."""
        return await self._passwords.hash(password)

    # Inside.

    def _pair(self, caller: Caller, counter: int) -> TokenPair:
        return TokenPair(
            access_token=self._tokens.access(caller, int(time.time()) + self._limits.access_s),
            expires_in=self._limits.access_s,
            refresh_token=self._tokens.refresh(caller.session_id, counter),
        )

    async def tell_ended(self, session_ids: list[str]) -> None:
        """Tell all processes of the organisation that these sessions are over."""
        for session_id in session_ids:
            await self._bus.publish(TOPIC_SESSION_ENDED, session_id.encode())

    def _on_ended(self, payload: bytes) -> None:
        # Kept as long as an access token of the session may be alive; then its refresh token is what is refused.
        now = time.monotonic()
        self._ended[payload.decode()] = now + self._limits.access_s
        for session_id in [key for key, until in self._ended.items() if until < now]:
            del self._ended[session_id]

    def _note_seen(self, session_id: str) -> None:
        now = time.monotonic()
        if self._seen.get(session_id, 0.0) + _SEEN_EVERY_S > now:
            return
        if len(self._seen) > 100_000:
            self._seen.clear()
        self._seen[session_id] = now
        at = now_ms()
        self._spawn(
            self._database.write(
                lambda connection: (
                    connection.execute(
                        update(sessions).where(sessions.c.id == session_id).values(last_seen_at=at)
                    )
                    and None
                )
            )
        )

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

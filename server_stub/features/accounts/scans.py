"""Sign-in by a phone's scan (E005): the desktop shows a code, the phone that is signed in confirms or refuses."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from server_stub.contract.accounts import (
    DeviceInfo,
    LoginScan,
    LoginScanAsk,
    LoginScanProof,
    LoginScanState,
    PhoneLogin,
)
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import is_uuid, uuid7
from server_stub.http.endpoint import Access, Call, Caller, Endpoint
from server_stub.storage.database import Database

from . import throttle
from .second import VerifySm2
from .service import AccountService, check_device
from .tables import accounts, login_scans

LASTS_S = 120
FETCH_S = 60
"""After the phone agreed the desktop has so long to fetch its session."""
SCAN = throttle.Rule(free=200)
"""Per address: an office shares one, and a login page left open asks for a code a few times."""
_KEEP_S = 3600
_TAGS = ("accounts",)


class Refusals(Protocol):
    """Where refused reads and writes are recorded."""

    def refused(self, caller: Caller, kind: str, target: str, wanted: str) -> None:
        """Record one."""
        ...


def scan_message(scan_id: str) -> bytes:
    """Return the bytes that the desktop's device key signs to fetch the answer (contract.accounts.LoginScanProof)."""
    return b"zd-scan-sign-in" + scan_id.encode()


class LoginScans:
    """Requests to sign a desktop in, each good once for two minutes and for the device key that asked."""

    def __init__(
        self,
        database: Database,
        service: AccountService,
        verify: VerifySm2,
        audit: Callable[[str, str, str, str], Awaitable[None]],
        refusals: Refusals,
    ) -> None:
        self._database = database
        self._service = service
        self._verify = verify
        self._audit = audit
        self._refusals = refusals

    # The desktop, not signed in.

    async def ask(self, wanted: LoginScanAsk, address: str) -> LoginScan:
        """A desktop wants to be signed in."""
        check_device(wanted.device)
        scan_id, now = uuid7(), _now()
        code = f"{secrets.randbelow(10_000):04d}"

        def work(connection: Connection) -> None:
            throttle.attempt(connection, {f"scan-address:{address}": SCAN})
            connection.execute(delete(login_scans).where(login_scans.c.expires_at < now - _KEEP_S * 1000))
            connection.execute(
                insert(login_scans).values(
                    id=scan_id,
                    device=msgspec.json.encode(wanted.device).decode(),
                    code=code,
                    address=address,
                    at=now,
                    expires_at=now + LASTS_S * 1000,
                    state="waiting",
                )
            )

        await self._database.write(work)
        return LoginScan(id=scan_id, code=code, path=f"/m/login#{scan_id}", expires_in=LASTS_S)

    async def outcome(self, scan_id: str, wanted: LoginScanProof, address: str) -> LoginScanState:
        """What became of it, to the device that asked and to nobody else; the session comes once."""
        row = await self._database.read(lambda connection: _row(connection, scan_id))
        if row is None:
            raise ApiError(ErrorCode.NOT_FOUND)
        device = msgspec.json.decode(row.device, type=DeviceInfo)
        message = scan_message(scan_id)
        if not await asyncio.to_thread(self._verify, device.public_key, message, wanted.proof):
            await self._audit("scan_sign_in", row.person_id, address, "bad_proof")
            raise ApiError(ErrorCode.NOT_FOUND)

        def work(connection: Connection) -> tuple[str, str, list[str], Caller | None]:
            now = _now()
            scan = _row(connection, scan_id, lock=True)
            if scan is None or scan.state == "used" or scan.expires_at < now:
                return "expired", "", [], None
            if scan.state != "confirmed":
                return scan.state, "", [], None
            connection.execute(update(login_scans).where(login_scans.c.id == scan_id).values(state="used"))
            account = connection.execute(
                select(accounts).where(accounts.c.person_id == scan.person_id)
            ).one_or_none()
            if account is None or account.disabled:
                return "rejected", "", [], None
            throttle.forgive(connection, [], [f"scan-address:{scan.address}"])
            ended, caller = self._service.open_session(
                connection, scan.person_id, device, address, is_admin=bool(account.is_admin)
            )
            return "confirmed", account.login, ended, caller

        state, login, ended, caller = await self._database.write(work)
        if caller is None:
            return LoginScanState(state=state)
        await self._service.tell_ended(ended)
        await self._audit("sign_in", caller.person_id, device.id, "scan")
        return LoginScanState(state=state, login=login, signed_in=await self._service.signed_in(caller))

    # The phone, signed in.

    def access_login(self, connection: Connection, caller: Caller, scan_id: str, wanted: str) -> Any:
        """Return a request that nobody else has answered; the id is known from the picture only."""
        row = _row(connection, scan_id, lock=True) if is_uuid(scan_id) else None
        if row is None or row.person_id not in ("", caller.person_id):
            self._refusals.refused(caller, "login_scan", scan_id, wanted)
            raise ApiError(ErrorCode.NOT_FOUND, message="登录请求不存在，请在电脑上重新显示二维码。")
        return row

    async def show(self, caller: Caller, scan_id: str) -> PhoneLogin:
        """Which computer asks."""
        row = await self._database.write(
            lambda connection: self.access_login(connection, caller, scan_id, "read")
        )
        late = row.state == "waiting" and row.expires_at < _now()
        return PhoneLogin(
            id=row.id,
            device_name=msgspec.json.decode(row.device, type=DeviceInfo).name,
            address=row.address,
            asked_at=row.at,
            code=row.code,
            state="expired" if late else row.state,
        )

    async def answer(self, caller: Caller, scan_id: str, *, agree: bool) -> None:
        """The phone's owner agrees or not. GONE when it is too late or was answered."""

        def work(connection: Connection) -> str:
            row = self.access_login(connection, caller, scan_id, "answer")
            now = _now()
            if row.state != "waiting" or row.expires_at < now:
                raise ApiError(ErrorCode.GONE, message="登录请求已过期或已处理，请在电脑上重新显示二维码。")
            values: dict[str, Any] = {
                "state": "confirmed" if agree else "rejected",
                "person_id": caller.person_id,
            }
            if agree:
                values["expires_at"] = now + FETCH_S * 1000
            connection.execute(update(login_scans).where(login_scans.c.id == scan_id).values(**values))
            return msgspec.json.decode(row.device, type=DeviceInfo).id

        device_id = await self._database.write(work)
        await self._audit("scan_sign_in", caller.person_id, device_id, "agreed" if agree else "rejected")

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of sign-in by scan."""
        auth, phone, clauses = "/api/v1/auth/scans", "/api/v1/phone/logins/{id}", ("E005",)
        return [
            Endpoint(
                "POST", auth, Access.PUBLIC, self._ask, "Show a code that a signed-in phone may scan",
                body=LoginScanAsk, answer=LoginScan, max_body=8192, tags=_TAGS, clauses=clauses,
            ),
            Endpoint(
                "POST", auth + "/{id}", Access.PUBLIC, self._outcome,
                "What became of it; the session comes once, to the device that asked",
                body=LoginScanProof, answer=LoginScanState, max_body=1024, tags=_TAGS, clauses=clauses,
            ),
            Endpoint(
                "GET", phone, Access.PHONE, self._show, "A computer that asks to be signed in",
                answer=PhoneLogin, tags=("phone",), clauses=clauses,
            ),
            Endpoint(
                "POST", phone + "/confirm", Access.PHONE, self._confirm, "Sign the computer in",
                tags=("phone",), clauses=clauses,
            ),
            Endpoint(
                "POST", phone + "/reject", Access.PHONE, self._reject, "Do not sign it in",
                tags=("phone",), clauses=clauses,
            ),
        ]  # fmt: skip

    async def _ask(self, call: Call[LoginScanAsk]) -> LoginScan:
        return await self.ask(call.body, call.address)

    async def _outcome(self, call: Call[LoginScanProof]) -> LoginScanState:
        return await self.outcome(call.path["id"], call.body, call.address)

    async def _show(self, call: Call[None]) -> PhoneLogin:
        return await self.show(call.caller, call.path["id"])

    async def _confirm(self, call: Call[None]) -> None:
        await self.answer(call.caller, call.path["id"], agree=True)

    async def _reject(self, call: Call[None]) -> None:
        await self.answer(call.caller, call.path["id"], agree=False)


def _row(connection: Connection, scan_id: str, *, lock: bool = False) -> Any:
    query = select(login_scans).where(login_scans.c.id == scan_id)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def _now() -> int:
    return int(time.time() * 1000)

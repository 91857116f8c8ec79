"""A desktop as the server sees it when it locks: signs reports, keeps a chain, asks to be opened by phone."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import msgspec

from bed.office import PASSWORD, Office, SignedInAs
from lock.audit.chain import AuditChain, LockEntry
from server_stub.contract import lock as wire
from server_stub.contract.sm.sealed import open_envelope

OURS = {"X-ZD-Phone": "1"}


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def now_ms() -> int:
    return int(time.time() * 1000)


class TestDesktop:
    """One signed-in desktop of the office."""

    __test__ = False

    def __init__(self, office: Office, session: SignedInAs, folder: Path) -> None:
        self.office = office
        self.session = session
        self.http = session.http
        self.algorithms = office.server.algorithms
        self.chain = AuditChain(folder / f"{session.device.id}.jsonl", sm3)
        self.secret = secrets.token_urlsafe(32)
        self.wrapping = b""

    @classmethod
    async def sign_in(cls, office: Office, login: str, folder: Path) -> TestDesktop:
        return cls(office, await office.sign_in(login), folder)

    @property
    def device_id(self) -> str:
        return self.session.device.id

    @property
    def ticket(self) -> dict[str, str]:
        return {wire.TICKET_HEADER: f"{self.device_id}.{self.secret}"}

    async def state(self) -> dict[str, Any]:
        answer = await self.http.get("/lock/state")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def report(
        self, *, locked: bool, trigger: str, command_id: str = "", **changes: Any
    ) -> httpx.Response:
        unsigned = wire.LockReport(
            locked=locked, at_ms=now_ms(), trigger=trigger, signature=b"", command_id=command_id
        )
        message = wire.report_message(self.device_id, unsigned)
        signature = self.algorithms.sm2_sign(self.session.device.pair.private, message)
        body = {
            "locked": locked,
            "at_ms": unsigned.at_ms,
            "trigger": trigger,
            "command_id": command_id,
            "signature": base64.b64encode(signature).decode(),
        }
        return await self.http.post("/lock/report", json=body | changes)

    def note(self, action: str = "lock", trigger: str = "idle", *, at_ms: int = 0) -> LockEntry:
        return self.chain.append(
            LockEntry(
                at_ms=at_ms or now_ms(),
                action=action,
                result="done",
                trigger=trigger,
                method="",
                window="MainWindow",
                person_id=self.session.answer["person"]["id"],
                device_id=self.device_id,
            )
        )

    async def send_log(self, entries: list[LockEntry]) -> httpx.Response:
        return await self.http.post("/lock/log", json={"entries": [asdict(one) for one in entries]})

    async def enrol(self) -> None:
        digest = base64.b64encode(sm3(self.secret.encode())).decode()
        answer = await self.http.post("/lock/phone-key", json={"ticket_digest": digest})
        assert answer.status_code == 200, answer.text
        envelope = msgspec.json.decode(answer.content, type=wire.PhoneKey).envelope
        self.wrapping = self.open(envelope, self.session.device.pair.private)

    def open(self, envelope: bytes, private: bytes) -> bytes:
        return open_envelope(
            self.algorithms,
            private,
            conversation_id=f"{wire.UNLOCK_PURPOSE}/{self.device_id}",
            epoch=0,
            envelope=envelope,
        )


def phone_at(url: str) -> httpx.AsyncClient:
    """A phone without a browser, not signed in yet; the test closes it."""
    return httpx.AsyncClient(
        base_url=f"{url}/api/v1", headers=OURS, timeout=30, trust_env=False, verify=False
    )


async def phone_of(office: Office, login: str) -> httpx.AsyncClient:
    """A signed-in phone that speaks to the endpoints without a browser."""
    http = office.client()
    http.headers.update(OURS)
    answer = await http.post("/phone/sign-in", json={"login": login, "password": PASSWORD})
    assert answer.status_code == 204, answer.text
    return http

"""The app lock's talk with the server while the session is open: heeding, reporting, the log, the phone's key."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import random
import secrets
import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from app.features.lock.kept import LockFile
from app.session.accounts import Accounts
from app.session.http import SessionEnded
from app.session.lock_calls import PartingCalls, is_lasting
from app.session.session import Session
from app.session.states import LinkState, NetworkError
from app.session.tokens import SessionTokens
from app.store.changes import Subscription
from app.store.queries import secrets as kept_secrets
from app.store.slots import PhoneTicket, SlotKind
from lock.audit.chain import Digest, LockEntry
from lock.policy.model import Trigger
from server_stub.contract.errors import ApiError
from server_stub.contract.frames import LockFrame
from server_stub.contract.lock import LockCommand, LockLogEntry, LockPageNow, LockReport, LockState
from server_stub.contract.sm.ports import SealError

log = logging.getLogger(__name__)

PHONE_KEY = "phone_unlock"
BATCH = 200
REMEMBERED_COMMANDS = 20
PARTING_SECONDS = 300.0
_FAILURES = (NetworkError, ApiError, SessionEnded)


class Heeding(Protocol):
    """The lock, as the server's word reaches it."""

    def heed_policy(self) -> None:
        """Administrators changed what they require; it is in the lock's file."""
        ...

    def heed_page(self, page: LockPageNow) -> None:
        """Administrators changed the lock page."""
        ...

    def heed_command(self, command: LockCommand) -> None:
        """Lock now."""
        ...

    def log_entries(self) -> list[LockEntry]:
        """The whole own log."""
        ...


class LockLink:
    """One per open session; `close` before the session is closed. All of it works in the background."""

    def __init__(
        self,
        session: Session,
        accounts: Accounts,
        key: str,
        file: LockFile,
        lock: Heeding,
        digest: Digest,
        covered_from_ms: int = 0,
    ) -> None:
        """`covered_from_ms`: since when the client was locked until this session was opened; 0 when it was not."""
        self._session = session
        self._accounts = accounts
        self._key = key
        self._file = file
        self._lock = lock
        self._digest = digest
        self._covered = (covered_from_ms, session.now_ms()) if covered_from_ms else (0, 0)
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy = asyncio.Lock()
        self._subscriptions: list[Subscription] = []
        self.wrapping = b""
        """The phone's wrapping key, while the session is open."""

    async def start(self, wait_s: float) -> None:
        """Begin to heed; returns once the server has been heard, or after `wait_s`."""
        self._subscriptions = [
            self._session.lock_news.connect(self._news),
            self._session.link_changed.connect(self._link_changed),
        ]
        self.wrapping = await self._session.store.read(lambda db: kept_secrets.get(db, PHONE_KEY)) or b""
        first = self._spawn(self._round(opened=True))
        await asyncio.wait({first}, timeout=wait_s)

    async def close(self) -> None:
        """Stop."""
        for subscription in self._subscriptions:
            subscription.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _news(self, frame: LockFrame) -> None:
        if frame.device_id in ("", self._session.device_id):
            self._spawn(self._round(wait_s=random.uniform(0, max(0.0, frame.spread_s))))

    def _link_changed(self, state: LinkState) -> None:
        if state is LinkState.ONLINE:
            self._spawn(self._round(opened=True))

    async def _round(self, *, wait_s: float = 0.0, opened: bool = False) -> None:
        """Hear what is to be heeded, then tell what the server does not know yet."""
        await asyncio.sleep(wait_s)
        async with self._busy:
            try:
                calls = self._session.lock_calls
                state = await calls.state()
                await self._heed(state)
                if opened:
                    await self._tell()
                await self.send_log(state.log_last)
                await self._enrol()
            except _FAILURES as error:
                log.info("the lock was not heard: %s", type(error).__name__)

    async def _heed(self, state: LockState) -> None:
        if state.policy != self._file.kept.policy:
            self._file.put(policy=state.policy)
            self._lock.heed_policy()
        command = state.command
        if command is not None and command.id not in self._file.kept.done:
            remember(self._file, command)
            was_locked = self._covered[0] <= command.at_ms <= self._covered[1]
            if command.kind != Trigger.REMOTE.value or not was_locked:
                self._lock.heed_command(command)
                return
        if command is not None:
            # Carried out before, but the server has not heard of it.
            report = report_now(self._session, locked=False, trigger=Trigger.REMOTE, command_id=command.id)
            await self._session.lock_calls.report(report)
        if state.page_version != self._file.page().version:
            page = await self._session.lock_calls.page()
            # Shown before it is kept: what is kept is not asked for again.
            self._lock.heed_page(page)
            await asyncio.to_thread(self._file.keep_page, page)

    async def _tell(self) -> None:
        """A lock that the server has not heard of, then that this desktop is open."""
        unsent = self._file.kept.unsent
        if unsent is not None:
            try:
                await self._session.lock_calls.report(unsent)
            except ApiError as error:
                log.warning("a report was refused: %s", error.code)
            self._file.put(unsent=None)
        report = report_now(self._session, locked=False, trigger=Trigger.STARTUP)
        await self._session.lock_calls.report(report)

    async def send_log(self, last: str) -> None:
        """Send the entries that follow `last`; all of them where the server has another past."""
        entries = await asyncio.to_thread(self._lock.log_entries)
        for batch in batches(entries, last):
            await self._session.lock_calls.send_log(batch)

    async def _enrol(self) -> None:
        """Have a key for the phone's slot, where there is none yet."""
        if self.wrapping and SlotKind.ESCROW in await self._accounts.keys.ways(self._key):
            return
        secret = secrets.token_urlsafe(32)
        answer = await self._session.lock_calls.phone_key(self._digest(secret.encode()))
        try:
            wrapping = await asyncio.to_thread(self._session.locking.open_phone_key, answer.envelope)
        except SealError:
            log.error("the phone's key did not open")
            return
        ticket = PhoneTicket(self._session.device_id, secret)
        await self._session.store.write(lambda db: kept_secrets.put(db, PHONE_KEY, wrapping))
        await self._accounts.keys.set_phone(self._session, wrapping, ticket)
        self.wrapping = wrapping


def remember(file: LockFile, command: LockCommand) -> None:
    """A command is carried out once, also when the server does not hear of it."""
    file.put(done=[*file.kept.done, command.id][-REMEMBERED_COMMANDS:])


def report_now(
    session: Session, *, locked: bool, trigger: Trigger, command_id: str = "", at_ms: int = 0
) -> LockReport:
    """A signed report of this moment, or of `at_ms`."""
    return session.locking.signed_report(
        LockReport(
            locked=locked,
            at_ms=at_ms or int(time.time() * 1000),
            trigger=trigger.value,
            signature=b"",
            command_id=command_id,
        )
    )


def batches(entries: list[LockEntry], last: str) -> list[list[LockLogEntry]]:
    """What follows `last`, in batches; everything when it is not among them."""
    at = next((index + 1 for index, one in enumerate(entries) if one.digest == last), 0)
    fresh = [LockLogEntry(**dataclasses.asdict(one)) for one in entries[at:]]
    return [fresh[start : start + BATCH] for start in range(0, len(fresh), BATCH)]


async def part(
    tokens: SessionTokens, report: LockReport, entries: Callable[[], list[LockEntry]], file: LockFile
) -> None:
    """Tell the server of the lock with the token that the closed session left; give up when that is over.

    What was not sent stays in the lock's file and goes out after the unlock.
    """
    calls = PartingCalls(tokens)
    wait_s, deadline = 1.0, time.monotonic() + PARTING_SECONDS
    try:
        while time.monotonic() < deadline:
            try:
                await calls.report(report)
                if file.kept.unsent == report:
                    file.put(unsent=None)
                last = (await calls.state()).log_last
                for batch in batches(await asyncio.to_thread(entries), last):
                    await calls.send_log(batch)
                return
            except (NetworkError, ApiError, msgspec.ValidationError) as error:
                if is_lasting(error):
                    return
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 20.0)
    finally:
        await calls.close()

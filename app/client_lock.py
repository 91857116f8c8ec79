"""Joins the lock to the client: closes the session behind the curtain, receives meanwhile, and opens it again."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QApplication, QWidget

from app.features.lock.controller import LockController
from app.features.lock.kept import LockFile
from app.features.lock.platform import Sources, find_sources
from app.features.lock.service import Owner, PhoneAsk
from app.lock_link import LockLink, part, remember, report_now
from app.lock_scan import TicketAsk
from app.session.accounts import Accounts
from app.session.lock_calls import TicketCalls
from app.session.receiver import LockedReceiver
from app.session.session import Session
from app.session.states import NetworkError, SignInStep
from app.shell.tasks import Tasks
from app.store.errors import StoreError
from app.store.sealed_folder import open_folder, seal_folder, sealing_key
from app.store.slots import PhoneTicket, SlotKind
from lock.audit.chain import LockEntry
from lock.audit.export import to_csv, to_xlsx
from lock.page.page import LockPage
from lock.policy.model import LockSettings, Trigger, UnlockMethod
from server_stub.contract.errors import ApiError
from server_stub.contract.sm.algorithms import Algorithms
from widgets.theme import ThemeManager

log = logging.getLogger(__name__)

PLAIN = ("meetings", "meeting-rooms", "documents")
"""The account's folders with seating plans, room layouts and word lists: plain files while it is open, sealed while locked."""
HEAR_SECONDS = 0.7
"""A start waits so long for a lock that was asked for while the client was away; without a server it does not wait."""
WATCH_SECONDS = 20.0
"""A locked client asks so often what to heed, besides when the server tells it to."""

_SLOTS = {
    UnlockMethod.PASSCODE: SlotKind.PASSCODE,
    UnlockMethod.PASSWORD: SlotKind.PASSWORD,
    UnlockMethod.PHONE: SlotKind.ESCROW,
    UnlockMethod.SYSTEM: SlotKind.SYSTEM,
}
_METHODS = {slot: method for method, slot in _SLOTS.items()}
_LASTING = frozenset({SlotKind.PASSCODE, SlotKind.PASSWORD, SlotKind.ESCROW})
"""Slots that open a client which ended while it was locked."""


class Desk(Protocol):
    """The client as the lock works on it."""

    @property
    def session(self) -> Session | None:
        """The open session."""
        ...

    async def server_url(self) -> str:
        """Where the server is now, the bundled one started if need be; "" where it cannot be had."""
        ...

    async def put_away(self) -> None:
        """Close the windows of the session and the session, without a login window."""
        ...

    async def take_up(self, session: Session) -> None:
        """Build the windows of a session that was opened again, and show them."""
        ...

    async def leave_locked(self) -> None:
        """The user left the locked account: show the login window."""
        ...

    def tell(self, title: str, text: str) -> None:
        """A native notification."""
        ...


class ClientLock:
    """One per signed-in account. `start` after the session's windows were built, before they are shown."""

    def __init__(
        self,
        desk: Desk,
        accounts: Accounts,
        app: QApplication,
        themes: ThemeManager,
        algorithms: Algorithms,
        *,
        sources: Callable[[], Awaitable[Sources]] = find_sources,
        protect: Callable[[QWidget], None] | None = None,
    ) -> None:
        self._protect = protect
        self._desk = desk
        self._accounts = accounts
        self._app = app
        self._themes = themes
        self._algorithms = algorithms
        self._digest = algorithms.sm3
        self._find_sources = sources
        self._tasks = Tasks(lambda error, doing: log.error("%s: %s", doing, type(error).__name__))
        self._receiver: LockedReceiver | None = None
        self._opened: Session | None = None
        self._link: LockLink | None = None
        self._watching: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._locked_at_ms = 0
        self._half = b""
        """This process's half of the system slot's key, while locked."""
        self._key = ""
        self.controller: LockController | None = None

    async def start(self, session: Session) -> bool:
        """Begin to watch; returns whether the client is locked from the start."""
        folder = session.store.folder.path
        main = next((post for post in session.me.posts if post.main), None)
        owner = Owner(
            person_id=session.me.id,
            device_id=session.device_id,
            name=session.me.name,
            unit=main.unit_name if main is not None else "",
            folder=folder,
        )
        LockFile(folder).put(
            person_id=owner.person_id, device_id=owner.device_id, name=owner.name, unit=owner.unit
        )
        await self._unseal(session)
        if await self._begin(owner):
            return True
        return await self._hear(session)

    async def _hear(self, session: Session) -> bool:
        """Begin to heed the server; returns whether it locked the client at once."""
        controller = self.controller
        if controller is None:
            return False
        self._link = LockLink(
            session, self._accounts, self._key, controller.file, controller, self._digest, self._locked_at_ms
        )
        await self._link.start(HEAR_SECONDS)
        return controller.is_locked

    async def start_locked(self, key: str) -> bool:
        """The client ended while locked: show the lock page at once. False when it did not, or nothing opens it."""
        folder = self._accounts.folder(key)
        if folder is None:
            return False
        kept = LockFile(folder.path).kept
        if not kept.locked or not (await self._accounts.keys.ways(key)) & _LASTING:
            return False
        self._locked_at_ms = int(time.time() * 1000)
        locked = await self._begin(Owner(kept.person_id, kept.device_id, kept.name, kept.unit, folder.path))
        self._watch()
        return locked

    async def _begin(self, owner: Owner) -> bool:
        self._key = owner.folder.name
        kinds = await self._accounts.keys.ways(self._key)
        controller = self.controller = LockController(
            self._app,
            self._themes,
            owner,
            self,
            self._digest,
            self._tasks,
            ways=self._methods(kinds),
            protect=self._protect,
        )
        locked = controller.begin()
        self._tasks.start(self._attach(controller), "系统锁屏与快捷键")
        return locked

    async def _attach(self, controller: LockController) -> None:
        await controller.attach(await self._find_sources())

    @property
    def page(self) -> LockPage | None:
        """The lock page while locked."""
        return self.controller.page if self.controller is not None else None

    def lock(self, trigger: Trigger) -> None:
        """Lock now."""
        if self.controller is not None:
            self.controller.lock(trigger)

    def _methods(self, kinds: Iterable[SlotKind]) -> frozenset[UnlockMethod]:
        # A system slot of an earlier process is worth nothing: its other half died with that.
        usable = [kind for kind in kinds if kind is not SlotKind.SYSTEM or self._half]
        return frozenset(_METHODS[kind] for kind in usable if kind in _METHODS)

    async def close(self) -> None:
        """The account is left, or the program ends."""
        controller, self.controller = self.controller, None
        await self._stop_hearing()
        if controller is not None:
            await controller.close()
        await self._stop_watching()
        await self._stop_receiving()
        if self._opened is not None:
            await self._opened.close()
            self._opened = None
        await self._tasks.close()

    async def _stop_hearing(self) -> bytes:
        """End the talk of the open session; returns the phone's wrapping key, which is dropped here."""
        link, self._link = self._link, None
        if link is None:
            return b""
        await link.close()
        wrapping, link.wrapping = link.wrapping, b""
        return wrapping

    # What the lock asks for (app.features.lock.service.LockHost).

    async def keep_drafts(self) -> None:
        """Closing the pages writes the drafts: `put_away` does both in the right order."""

    async def close_session(self, *, forced: bool) -> frozenset[UnlockMethod]:
        """Take everything down, keep receiving, tell the server, and take the keyring's key away."""
        session = self._opened or self._desk.session
        self._opened = None
        if self._locked_at_ms == 0:
            self._locked_at_ms = int(time.time() * 1000)
        wrapping = await self._stop_hearing()
        if session is not None:
            await self._stop_receiving()
            self._part(session)
            self._half = await self._system_half(session, forced=forced)
            receiver = await session.locking.receiver()
            folder = session.store.folder.path
            key = sealing_key(session.store.key)
            if session is self._desk.session:
                await self._desk.put_away()
            else:
                await session.close()
            # After the windows: they save what is being edited.
            await self._seal(folder, key)
            if receiver is not None:
                self._receiver = receiver
                receiver.arrived.connect(self._arrived)
                receiver.lock_news.connect(lambda _frame: self._watch())
                receiver.start()
        kinds = await self._accounts.keys.lock(self._key, park=wrapping if forced else b"")
        self._watch()
        return self._methods(kinds)

    async def _seal(self, folder: Path, key: bytes) -> None:
        for name in PLAIN:
            try:
                await asyncio.to_thread(seal_folder, folder / name, key)
            except OSError:
                log.exception("%s was not sealed", name)

    async def _unseal(self, session: Session) -> None:
        key = sealing_key(session.store.key)
        for name in PLAIN:
            try:
                await asyncio.to_thread(open_folder, session.store.folder.path / name, key)
            except OSError:
                log.exception("%s was not opened", name)

    def _part(self, session: Session) -> None:
        """Sign that this desktop is locked while its key is at hand, and have it sent."""
        controller = self.controller
        if controller is None or controller.trigger is None:
            return
        command_id, controller.command_id = controller.command_id, ""
        report = report_now(
            session, locked=True, trigger=controller.trigger, command_id=command_id, at_ms=self._locked_at_ms
        )
        controller.file.put(unsent=report)
        tokens = session.tokens
        if tokens is not None:
            self._tasks.start(
                part(tokens, report, controller.log_entries, controller.file), "报告锁定", on_error=_quiet
            )

    async def _system_half(self, session: Session, *, forced: bool) -> bytes:
        if forced or self.controller is None or self.controller.system is None:
            return b""
        try:
            return await self._accounts.keys.set_system(session)
        except StoreError:
            return b""

    async def reopen(self, method: UnlockMethod, secret: str) -> str:
        """Open the store by a secret of the user's."""
        slot = _SLOTS.get(method)
        if slot is None:
            return "本机不支持这种解锁方式。"
        if method is UnlockMethod.SYSTEM:
            secret = self._half.hex()
        result = await self._accounts.unlock(self._key, slot, secret)
        if result.step is SignInStep.SIGNED_IN and result.session is not None:
            self._opened = result.session
            return ""
        if result.step is SignInStep.NEEDS_PASSCODE:
            typed = method in (UnlockMethod.PASSCODE, UnlockMethod.PASSWORD)
            return "密码不正确，请重试。" if typed else "这次验证不能打开本机数据，请用密码解锁。"
        return result.text or "没有解锁成功，请重试。"

    async def ask_phone(self) -> PhoneAsk:
        """Ask the server with the client's ticket; the request has a key pair of its own."""
        calls, ticket = await self._ticket_calls()
        pair = await asyncio.to_thread(self._algorithms.sm2_generate)
        try:
            scan = await calls.ask(pair.public)
        except BaseException:
            await calls.close()
            raise
        return TicketAsk(calls, scan, self._algorithms, pair.private, ticket.device_id)

    async def _ticket_calls(self) -> tuple[TicketCalls, PhoneTicket]:
        ticket = await self._accounts.keys.phone_ticket(self._key)
        url = await self._desk.server_url() or self._accounts.server_url(self._key)
        if ticket is None or not url:
            raise NetworkError("这台电脑还没有开通手机解锁。")
        return TicketCalls(url, ticket), ticket

    # While locked: what the server says.

    def _watch(self) -> None:
        """Ask now, and from time to time."""
        self._wake.set()
        if self._watching is None or self._watching.done():
            self._watching = asyncio.ensure_future(self._watch_on())

    async def _watch_on(self) -> None:
        while True:
            self._wake.clear()
            try:
                calls, _ticket = await self._ticket_calls()
            except (NetworkError, StoreError, ValueError):
                return  # Nothing was enrolled: there is nobody to ask.
            try:
                await self._heed_locked(calls)
            except (NetworkError, ApiError):
                pass
            finally:
                await calls.close()
            try:
                # Not wait_for: that loses a cancellation which comes with the event.
                async with asyncio.timeout(WATCH_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _heed_locked(self, calls: TicketCalls) -> None:
        controller = self.controller
        if controller is None or not controller.is_locked:
            return
        state = await calls.state()
        file = controller.file
        if state.policy != file.kept.policy:
            file.put(policy=state.policy)
            controller.heed_policy()
        if state.page_version != file.page().version:
            page = await calls.page()
            # Shown before it is kept: what is kept is not asked for again.
            controller.heed_page(page)
            await asyncio.to_thread(file.keep_page, page)
        if state.command is not None and state.command.id not in file.kept.done:
            remember(file, state.command)
            if state.command.kind == Trigger.FORCED.value:
                controller.heed_command(state.command)

    async def _stop_watching(self) -> None:
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def show_again(self) -> None:
        """Take over what came meanwhile, and show the windows."""
        await self._stop_watching()
        await self._stop_receiving()
        self._half = b""
        session, self._opened = self._opened, None
        if session is None:
            return
        try:
            await session.locking.merge_inbox()
        except Exception:
            log.exception("what came while locked was not merged; the catch-up brings it")
        await self._unseal(session)
        await self._desk.take_up(session)
        await self._hear(session)
        self._locked_at_ms = 0

    async def sign_out(self) -> None:
        """Leave the account; the data stay on the disk, closed."""
        await self._desk.leave_locked()

    def tell(self, title: str, text: str) -> None:
        """Show a notification."""
        self._desk.tell(title, text)

    def _arrived(self, count: int) -> None:
        if self.controller is not None:
            self.controller.show_arrived(count)
            if count == 1:
                self._desk.tell("政钉", "您有新消息，解锁后查看。")

    async def _stop_receiving(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            await receiver.close()

    # What the settings page asks for (app.features.settings.lock_service.LockSettingsService).

    def _controller(self) -> LockController:
        if self.controller is None:
            raise RuntimeError("the lock is not running")
        return self.controller

    @property
    def settings(self) -> LockSettings:
        """What is in force."""
        return self._controller().settings

    @property
    def hotkey(self) -> str:
        """The combination."""
        return self._controller().hotkey

    @property
    def hotkey_problem(self) -> str:
        """Why it does not work here."""
        return self._controller().hotkey_problem

    @property
    def idle_source(self) -> str:
        """Where idle time comes from."""
        return self._controller().idle_source

    def change_settings(self, **changes: object) -> None:
        """Change and keep some of the settings."""
        self._controller().change_settings(**changes)

    async def change_hotkey(self, text: str) -> str:
        """Take another combination; empty when it is in force."""
        return await self._controller().change_hotkey(text)

    async def has_passcode(self) -> bool:
        """Whether there is an unlock code."""
        return SlotKind.PASSCODE in await self._accounts.keys.ways(self._key)

    async def set_passcode(self, passcode: str) -> None:
        """Set or replace the unlock code. Raises PasscodeTooShort."""
        session = self._desk.session
        if session is not None:
            await self._accounts.keys.set_passcode(session, passcode)

    async def entries(self, from_ms: int, to_ms: int | None, trigger: str) -> list[LockEntry]:
        """The own log after checking its chain. Raises BrokenChain."""
        controller = self._controller()

        def read() -> list[LockEntry]:
            controller.verify_log()
            return controller.entries(from_ms=from_ms, to_ms=to_ms, trigger=trigger)

        return await asyncio.to_thread(read)

    async def export(self, entries: list[LockEntry], file: Path) -> None:
        """Write xlsx or csv."""
        await asyncio.to_thread(to_csv if file.suffix.lower() == ".csv" else to_xlsx, entries, file)


def _quiet(error: BaseException, doing: str) -> None:
    log.info("%s: %s", doing, type(error).__name__)

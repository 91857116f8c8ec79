"""Joins the lock to the client: closes the session behind the curtain, receives meanwhile, and opens it again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QApplication, QWidget

from app.features.lock.controller import LockController
from app.features.lock.kept import LockFile
from app.features.lock.platform import Sources, find_sources
from app.features.lock.service import Owner
from app.session.accounts import Accounts
from app.session.receiver import LockedReceiver
from app.session.session import Session
from app.session.states import SignInStep
from app.shell.tasks import Tasks
from app.store.slots import SlotKind
from lock.audit.chain import Digest, LockEntry
from lock.audit.export import to_csv, to_xlsx
from lock.page.page import LockPage
from lock.policy.model import LockSettings, Trigger, UnlockMethod
from widgets.theme import ThemeManager

log = logging.getLogger(__name__)

_SLOTS = {UnlockMethod.PASSCODE: SlotKind.PASSCODE, UnlockMethod.PASSWORD: SlotKind.PASSWORD}
_METHODS = {slot: method for method, slot in _SLOTS.items()}


class Desk(Protocol):
    """The client as the lock works on it."""

    @property
    def session(self) -> Session | None:
        """The open session."""
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
        digest: Digest,
        *,
        sources: Callable[[], Awaitable[Sources]] = find_sources,
        protect: Callable[[QWidget], None] | None = None,
    ) -> None:
        self._protect = protect
        self._desk = desk
        self._accounts = accounts
        self._app = app
        self._themes = themes
        self._digest = digest
        self._find_sources = sources
        self._tasks = Tasks(lambda error, doing: log.error("%s: %s", doing, type(error).__name__))
        self._receiver: LockedReceiver | None = None
        self._opened: Session | None = None
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
        return await self._begin(owner)

    async def start_locked(self, key: str) -> bool:
        """The client ended while locked: show the lock page at once. False when it did not, or nothing opens it."""
        folder = self._accounts.folder(key)
        if folder is None:
            return False
        kept = LockFile(folder.path).kept
        if not kept.locked or not (await self._accounts.ways(key)) & set(_METHODS):
            return False
        return await self._begin(Owner(kept.person_id, kept.device_id, kept.name, kept.unit, folder.path))

    async def _begin(self, owner: Owner) -> bool:
        self._key = owner.folder.name
        kinds = await self._accounts.ways(self._key)
        controller = self.controller = LockController(
            self._app,
            self._themes,
            owner,
            self,
            self._digest,
            self._tasks,
            ways=frozenset(_METHODS[kind] for kind in kinds if kind in _METHODS),
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

    async def close(self) -> None:
        """The account is left, or the program ends."""
        controller, self.controller = self.controller, None
        if controller is not None:
            await controller.close()
        await self._stop_receiving()
        if self._opened is not None:
            await self._opened.close()
            self._opened = None
        await self._tasks.close()

    # What the lock asks for (app.features.lock.service.LockHost).

    async def keep_drafts(self) -> None:
        """Closing the pages writes the drafts: `put_away` does both in the right order."""

    async def close_session(self) -> frozenset[UnlockMethod]:
        """Take everything down, keep receiving, and take the keyring's key away."""
        session = self._opened or self._desk.session
        self._opened = None
        if session is not None:
            await self._stop_receiving()
            receiver = await session.receiver_for_lock()
            if session is self._desk.session:
                await self._desk.put_away()
            else:
                await session.close()
            if receiver is not None:
                self._receiver = receiver
                receiver.arrived.connect(self._arrived)
                receiver.start()
        kinds = await self._accounts.lock(self._key)
        return frozenset(_METHODS[kind] for kind in kinds if kind in _METHODS)

    async def reopen(self, method: UnlockMethod, secret: str) -> str:
        """Open the store by a secret of the user's."""
        slot = _SLOTS.get(method)
        if slot is None:
            return "本机不支持这种解锁方式。"
        result = await self._accounts.unlock(self._key, slot, secret)
        if result.step is SignInStep.SIGNED_IN and result.session is not None:
            self._opened = result.session
            return ""
        if result.step is SignInStep.NEEDS_PASSCODE:
            return "密码不正确，请重试。"
        return result.text or "没有解锁成功，请重试。"

    async def show_again(self) -> None:
        """Take over what came meanwhile, and show the windows."""
        await self._stop_receiving()
        session, self._opened = self._opened, None
        if session is None:
            return
        try:
            await session.merge_inbox()
        except Exception:
            log.exception("what came while locked was not merged; the catch-up brings it")
        await self._desk.take_up(session)

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
        return SlotKind.PASSCODE in await self._accounts.ways(self._key)

    async def set_passcode(self, passcode: str) -> None:
        """Set or replace the unlock code. Raises PasscodeTooShort."""
        session = self._desk.session
        if session is not None:
            await self._accounts.set_passcode(session, passcode)

    async def entries(self, from_ms: int, to_ms: int | None, trigger: str) -> list[LockEntry]:
        """The own log after checking its chain. Raises BrokenChain."""
        controller = self._controller()

        def read() -> list[LockEntry]:
            controller.verify_log()
            return controller.entries(from_ms=from_ms, to_ms=to_ms, trigger=trigger)

        return await asyncio.to_thread(read)

    async def export(self, entries: list[LockEntry], file: Path) -> None:
        """Write xlsx or csv."""
        await asyncio.to_thread(to_csv if file.suffix == ".csv" else to_xlsx, entries, file)

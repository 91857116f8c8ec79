"""Signing in, resuming and forgetting accounts of one profile: what the login page uses."""

import asyncio
import logging
import shutil
import time
from dataclasses import dataclass, field

from app.session.account_keys import AccountKeys, open_with_either
from app.session.api import ApiClient
from app.session.credentials import device_of, read_back, write_down
from app.session.device import describe, new_device
from app.session.http import HttpCaller, InsecureServer, is_loopback, normal_url
from app.session.remembered import RememberedAccounts
from app.session.session import Session
from app.session.sign_in_result import SignInResult, result_of
from app.session.states import AccountEntry, NetworkError, SignInStep
from app.session.tokens import DeviceKey
from app.store.errors import NoUsableSlot, PasscodeTooShort, SlotsDamaged, StoreError, WrongPasscode
from app.store.folders import AccountFolder, ProfileFolder
from app.store.keyring_port import KeyringPort
from app.store.slots import Argon2Cost, SlotKind
from app.store.store import Store
from server_stub.contract.accounts import LoginScan, LoginScanState, ServerInfo, SignedIn
from server_stub.contract.sm.algorithms import Algorithms

log = logging.getLogger(__name__)

SCAN_POLL_S = 1.0
"""How often a shown code is asked after."""


@dataclass(slots=True)
class _Attempt:
    """A sign-in that waits for a passcode, or is under way."""

    server_url: str
    login: str = ""
    folder: AccountFolder | None = None
    signed: SignedIn | None = field(default=None, repr=False)
    device: DeviceKey | None = None
    store: Store | None = None
    http: HttpCaller | None = None
    new_slots: bool = False
    key: bytes = field(default=b"", repr=False)
    password: str = field(default="", repr=False)
    """As typed, until the store's key is known and the slot for unlocking offline is made."""


class Accounts:
    """The accounts of one profile. One attempt at a time; a new one gives the last one up."""

    def __init__(
        self,
        profile: ProfileFolder,
        keyring: KeyringPort,
        *,
        algorithms: Algorithms | None = None,
        cost: Argon2Cost | None = None,
        heartbeat: float | None = None,
    ) -> None:
        """`algorithms` are chosen at the first sign-in when not given; `cost`, `heartbeat`: for tests."""
        self._profile = profile
        self._algorithms = algorithms
        self._heartbeat = heartbeat
        self._remembered = RememberedAccounts(profile.path / "accounts.json")
        self.keys = AccountKeys(profile, keyring, self._remembered, cost)
        """Ways to unlock: passcode, password, phone, the system's."""
        self._attempt: _Attempt | None = None

    def entries(self) -> list[AccountEntry]:
        """Remembered accounts, the last used first."""
        return self._remembered.entries()

    async def server_info(self, server_url: str) -> ServerInfo:
        """What anyone may know of the server (name, demo accounts, needs_setup). Raises NetworkError, ApiError."""
        http = await self._caller(server_url)
        try:
            return await ApiClient(http).server_info()
        finally:
            await http.close()

    async def sign_in(self, server_url: str, login: str, password: str, code: str = "") -> SignInResult:
        """Sign in with account or phone and password; after NEEDS_CODE once more, with the code."""
        await self._give_up()
        try:
            http = await self._caller(server_url)
        except (InsecureServer, ValueError) as error:
            text = error.text if isinstance(error, InsecureServer) else str(error)
            return SignInResult(SignInStep.REFUSED, text=text)
        attempt = self._attempt = _Attempt(
            server_url=http.base_url, login=login.strip(), http=http, password=password
        )
        try:
            await self._open_known(attempt)
            algorithms = await self._chosen()
            if attempt.device is None:
                attempt.device = await asyncio.to_thread(new_device, algorithms)
            signed_at = int(time.time() * 1000)
            said = f"zd-sign-in{attempt.device.id}\n{attempt.login}\n{signed_at}".encode()
            attempt.signed = await ApiClient(http).sign_in(
                attempt.login,
                password,
                describe(attempt.device),
                code=code,
                signed_at=signed_at,
                proof=await asyncio.to_thread(algorithms.sm2_sign, attempt.device.private, said),
            )
            return await self._open_own(attempt)
        except Exception as error:
            return await self._problem(error)

    async def begin_scan(self, server_url: str) -> LoginScan:
        """A code that a signed-in phone may scan; then wait with `scan_result`. Raises NetworkError, ApiError."""
        await self._give_up()
        http = await self._caller(server_url)
        attempt = self._attempt = _Attempt(server_url=http.base_url, http=http)
        attempt.device = await asyncio.to_thread(new_device, await self._chosen())
        return await ApiClient(http).ask_scan(describe(attempt.device))

    async def scan_result(self, scan: LoginScan) -> SignInResult | None:
        """Wait until the phone has answered; None when the code ran out.

        The password is not known then: the store opens with the keyring, or the passcode is asked for, and no slot for
        the password is made.
        """
        attempt = self._attempt
        if attempt is None or attempt.http is None or attempt.device is None:
            return SignInResult(SignInStep.REFUSED, text="请重新登录。")
        try:
            said = await self._scan_answer(scan, attempt.http, attempt.device)
            if said.state == "rejected":
                await self._give_up()
                return SignInResult(SignInStep.REFUSED, text="手机上已拒绝登录。")
            if said.signed_in is None:
                return None
            attempt.signed, attempt.login = said.signed_in, said.login
            return await self._open_own(attempt)
        except Exception as error:
            return await self._problem(error)

    async def _scan_answer(self, scan: LoginScan, http: HttpCaller, device: DeviceKey) -> LoginScanState:
        algorithms = await self._chosen()
        message = f"zd-scan-sign-in{scan.id}".encode()
        proof = await asyncio.to_thread(algorithms.sm2_sign, device.private, message)
        # The server ends it; the limit here is for a server that is gone. Agreeing at the last moment prolongs it.
        until = time.monotonic() + 2 * scan.expires_in
        while time.monotonic() < until:
            try:
                said = await ApiClient(http).scan_state(scan.id, proof)
                if said.state != "waiting":
                    return said
            except NetworkError:
                log.info("scan: no answer, asking again")
            await asyncio.sleep(SCAN_POLL_S)
        return LoginScanState(state="expired")

    async def give_passcode(self, passcode: str) -> SignInResult:
        """Go on after NEEDS_PASSCODE or NEEDS_NEW_PASSCODE; the password need not be typed again."""
        attempt = self._attempt
        if attempt is None or attempt.folder is None:
            return SignInResult(SignInStep.REFUSED, text="请重新登录。")
        slots = self.keys.slots(attempt.folder)
        try:
            if attempt.new_slots:
                key = await slots.create(passcode)
            else:
                key = await open_with_either(slots, passcode)
                # It did not answer a moment ago, or was taken away by a lock: the user is spared the passcode next time.
                await slots.set_keyring(key)
            return await self._with_key(attempt, key)
        except WrongPasscode as error:
            return SignInResult(SignInStep.NEEDS_PASSCODE, text=error.text)
        except PasscodeTooShort as error:
            return SignInResult(SignInStep.NEEDS_NEW_PASSCODE, text=error.text)
        except Exception as error:
            return await self._problem(error)

    async def resume(self, key: str) -> SignInResult:
        """Open a remembered account from its store at once, offline or not; connect in the background.

        A bundled server may have another port than last time: see `moved`.
        """
        await self._give_up()
        known = self._remembered.get(key)
        if known is None:
            return SignInResult(SignInStep.REFUSED, text="本机没有此账号的数据，请登录。")
        attempt = self._attempt = _Attempt(
            server_url=known.server_url, login=known.login, folder=self._profile.account_named(known.folder)
        )
        try:
            return await self._unlock(attempt)
        except Exception as error:
            return await self._problem(error)

    def server_url(self, key: str) -> str:
        """Where an account's server was last."""
        known = self._remembered.get(key)
        return known.server_url if known is not None else ""

    def folder(self, key: str) -> AccountFolder | None:
        """Where an account's files lie."""
        known = self._remembered.get(key)
        return None if known is None else self._profile.account_named(known.folder)

    async def unlock(self, key: str, kind: SlotKind, secret: str) -> SignInResult:
        """Open a locked account with passcode or account password, offline too, or with the phone's wrapping key or
        this process's half of the system slot's (hex); NEEDS_PASSCODE when it is wrong."""
        await self._give_up()
        known = self._remembered.get(key)
        if known is None:
            return SignInResult(SignInStep.REFUSED, text="本机没有此账号的数据，请登录。")
        folder = self._profile.account_named(known.folder)
        attempt = self._attempt = _Attempt(server_url=known.server_url, login=known.login, folder=folder)
        slots = self.keys.slots(folder)
        try:
            match kind:
                case SlotKind.PASSCODE:
                    store_key = await slots.open_with_passcode(secret)
                case SlotKind.ESCROW:
                    store_key = await slots.open_with_phone(bytes.fromhex(secret))
                case SlotKind.SYSTEM:
                    store_key = await slots.open_with_system(bytes.fromhex(secret))
                case _:
                    store_key = await slots.open_with_password(secret)
            await slots.set_keyring(store_key)
            return await self._with_key(attempt, store_key)
        except WrongPasscode as error:
            await self._give_up()
            return SignInResult(SignInStep.NEEDS_PASSCODE, text=error.text)
        except Exception as error:
            return await self._problem(error)

    def moved(self, key: str, server_url: str) -> None:
        """The account's server has another address now (the bundled one was started on another port)."""
        known = self._remembered.get(key)
        if known is not None:
            self._remembered.mark(key, signed_in=known.signed_in, server_url=normal_url(server_url))

    async def start_over(self) -> SignInResult:
        """After NEEDS_PASSCODE: the passcode is forgotten. Set the old store aside and begin a fresh one.

        Needs a sign-in with the password (not `resume`); what was not sent stays, sealed, in the folder set aside.
        """
        attempt = self._attempt
        if attempt is None or attempt.folder is None or attempt.signed is None:
            return SignInResult(SignInStep.REFUSED, text="请先用密码登录。")
        aside = attempt.folder.path.with_name(f"{attempt.folder.path.name}.aside-{int(time.time())}")
        try:
            await asyncio.to_thread(attempt.folder.path.rename, aside)
            return await self._open_own(attempt)
        except Exception as error:
            return await self._problem(error)

    async def forget(self, key: str) -> None:
        """Remove an account and its data from this machine. The account must not be open."""
        known = self._remembered.get(key)
        if known is None:
            return
        folder = self._profile.account_named(known.folder)
        try:
            await self.keys.slots(folder).remove(SlotKind.KEYRING)
        except (StoreError, OSError):
            log.info("no keyring slot to remove")
        await asyncio.to_thread(shutil.rmtree, folder.path, True)
        self._remembered.remove(key)

    async def request_code(self, server_url: str, login: str, purpose: str) -> int:
        """Ask for a text-message code ("activate" or "reset"); seconds until it may be asked for again."""
        http = await self._caller(server_url)
        try:
            return (await ApiClient(http).request_code(login, purpose)).resend_after
        finally:
            await http.close()

    async def set_password(self, server_url: str, login: str, purpose: str, code: str, password: str) -> None:
        """Activate, or replace a forgotten password, with the code."""
        http = await self._caller(server_url)
        try:
            await ApiClient(http).set_password(login, purpose, code, password)
        finally:
            await http.close()

    # Steps.

    async def _open_known(self, attempt: _Attempt) -> None:
        """Use the device of an earlier sign-in where the keyring opens its store without asking."""
        known = self._remembered.by_login(attempt.server_url, attempt.login)
        if known is None:
            return
        folder = self._profile.account_named(known.folder)
        try:
            key = await self.keys.slots(folder).open_with_keyring()
        except SlotsDamaged:
            return
        if key is None:
            return
        attempt.folder = folder
        attempt.key = key
        attempt.store = await Store.open(folder, key)
        attempt.device = await device_of(attempt.store)

    async def _open_own(self, attempt: _Attempt) -> SignInResult:
        """The server knows who it is: find, make or unlock the person's store."""
        if attempt.signed is None:
            raise RuntimeError("not signed in")
        folder = self._profile.account(attempt.server_url, attempt.signed.person.id)
        if is_loopback(attempt.server_url):
            # The bundled server changes its port at every start; its people keep their store.
            folder = self._profile.account("bundled", attempt.signed.person.id)
        if attempt.store is not None and attempt.folder != folder:
            # The login was given to somebody else since.
            await attempt.store.close()
            attempt.store = None
            attempt.device = await asyncio.to_thread(new_device, await self._chosen())
        attempt.folder = folder
        if attempt.store is not None:
            return await self._finish(attempt, attempt.store)
        if not self.keys.slots(folder).exist():
            attempt.new_slots = True
            try:
                return await self._with_key(attempt, await self.keys.slots(folder).create())
            except NoUsableSlot as error:
                return SignInResult(SignInStep.NEEDS_NEW_PASSCODE, text=error.text)
        return await self._unlock(attempt)

    async def _unlock(self, attempt: _Attempt) -> SignInResult:
        if attempt.folder is None:
            raise RuntimeError("no folder")
        attempt.new_slots = False
        slots = self.keys.slots(attempt.folder)
        key = await slots.open_with_keyring()
        if key is None and attempt.password:
            # A lock took the keyring's key away; the password just typed opens as well as the passcode.
            try:
                key = await slots.open_with_password(attempt.password)
                await slots.set_keyring(key)
            except WrongPasscode:
                key = None
        if key is None:
            return SignInResult(SignInStep.NEEDS_PASSCODE)
        return await self._with_key(attempt, key)

    async def _with_key(self, attempt: _Attempt, key: bytes) -> SignInResult:
        if attempt.folder is None:
            raise RuntimeError("no folder")
        attempt.key = key
        store = attempt.store = await Store.open(attempt.folder, key)
        return await self._finish(attempt, store)

    async def _finish(self, attempt: _Attempt, store: Store) -> SignInResult:
        """Write down a fresh sign-in or read the last one; build and start the session."""
        if attempt.signed is not None and attempt.device is not None:
            found = await write_down(store, attempt.server_url, attempt.signed, attempt.device)
        else:
            found = await read_back(store, attempt.server_url)
            if found is None:
                await self._give_up()
                if attempt.folder is not None:
                    self._remembered.mark(attempt.folder.path.name, signed_in=False)
                return SignInResult(SignInStep.REFUSED, text="登录已失效，请重新登录。")
        if attempt.password and attempt.key:
            await self.keys.slots(store.folder).set_password(attempt.key, attempt.password)
        http = attempt.http or await self._caller(attempt.server_url)
        session = Session(
            store=store,
            http=http,
            algorithms=await self._chosen(),
            device=found.device,
            tokens=found.tokens,
            me=found.person,
            heartbeat=self._heartbeat,
        )
        folder = store.folder.path.name
        if attempt.signed is not None:
            self._remembered.put(
                folder=folder, server_url=attempt.server_url, login=attempt.login, name=found.person.name
            )
        else:
            self._remembered.mark(folder, signed_in=True)
        session.signed_out.connect(lambda _text: self._remembered.mark(folder, signed_in=False))
        session.on_signed_out_here = lambda: self._remembered.mark(folder, signed_in=False)
        await session.start()
        self._attempt = None
        return SignInResult(SignInStep.SIGNED_IN, session=session)

    async def _problem(self, error: Exception) -> SignInResult:
        """What the login page says; the attempt ends unless a passcode is awaited."""
        if not isinstance(error, SlotsDamaged):
            await self._give_up()
        return result_of(error)

    async def _give_up(self) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is None:
            return
        if attempt.store is not None:
            await attempt.store.close()
        if attempt.http is not None:
            await attempt.http.close()

    async def close(self) -> None:
        """Give up an attempt that waits for a passcode."""
        await self._give_up()

    async def _caller(self, server_url: str) -> HttpCaller:
        return HttpCaller(normal_url(server_url), await self._chosen())

    async def _chosen(self) -> Algorithms:
        if self._algorithms is None:
            self._algorithms = await asyncio.to_thread(Algorithms.best)
        return self._algorithms

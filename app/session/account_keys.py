"""The ways into the accounts of one profile: which key slots each store has, set and taken away (3.2.3.1)."""

import logging

from app.session.remembered import RememberedAccounts
from app.session.session import Session
from app.store.errors import SlotsDamaged, WrongPasscode
from app.store.folders import AccountFolder, ProfileFolder
from app.store.keyring_port import KeyringPort
from app.store.slots import Argon2Cost, KeySlots, PhoneTicket, SlotKind

log = logging.getLogger(__name__)


class AccountKeys:
    """Part of Accounts. `key` is a remembered account's; an account that is not known has no slots."""

    def __init__(
        self,
        profile: ProfileFolder,
        keyring: KeyringPort,
        remembered: RememberedAccounts,
        cost: Argon2Cost | None,
    ) -> None:
        """`cost`: for tests."""
        self._profile, self._keyring, self._remembered, self._cost = profile, keyring, remembered, cost

    def slots(self, folder: AccountFolder) -> KeySlots:
        """The slots of a store."""
        return KeySlots(folder.slots, self._keyring, self._cost)

    def of(self, key: str) -> KeySlots | None:
        """The slots of an account."""
        known = self._remembered.get(key)
        return None if known is None else self.slots(self._profile.account_named(known.folder))

    async def ways(self, key: str) -> frozenset[SlotKind]:
        """Which slots an account has."""
        slots = self.of(key)
        return frozenset(slots.kinds()) if slots is not None and slots.exist() else frozenset()

    async def set_passcode(self, session: Session, passcode: str) -> None:
        """Give the open account a passcode, or another one. Raises PasscodeTooShort."""
        await self.slots(session.store.folder).set_passcode(session.store.key, passcode)

    async def password_changed(self, session: Session, password: str) -> None:
        """The account's password was changed here: it unlocks from now on, the old one no more."""
        try:
            await self.slots(session.store.folder).set_password(session.store.key, password)
        except (OSError, SlotsDamaged) as error:
            # The server has the new one all the same; the next sign-in makes the slot.
            log.error("the slot of the password was not renewed", extra={"error": type(error).__name__})

    async def lock(self, key: str, *, park: bytes = b"") -> frozenset[SlotKind]:
        """Take the keyring's key to a closed store away: from here on only a secret of the user's opens it.

        `park`: the phone's wrapping key at a forced lock, so that passcode and password do not open it either.
        Returns the slots that are left. The keyring slot stays where it is the only one (the store would be lost).
        """
        slots = self.of(key)
        if slots is None:
            return frozenset()
        if park and await slots.park(park):
            return frozenset({SlotKind.ESCROW})
        kinds = slots.kinds()
        if SlotKind.KEYRING in kinds and kinds & {SlotKind.PASSCODE, SlotKind.PASSWORD, SlotKind.ESCROW}:
            await slots.remove(SlotKind.KEYRING)
        return frozenset(kinds - {SlotKind.KEYRING})

    async def set_phone(self, session: Session, wrapping: bytes, ticket: PhoneTicket) -> None:
        """Let the owner's phone open the account, by way of the server."""
        await self.slots(session.store.folder).set_phone(session.store.key, wrapping, ticket)

    async def set_system(self, session: Session) -> bytes:
        """Let the system's authentication open the account while this process lives; returns the process's half."""
        return await self.slots(session.store.folder).set_system(session.store.key)

    async def phone_ticket(self, key: str) -> PhoneTicket | None:
        """What a locked account shows the server to be opened by phone."""
        slots = self.of(key)
        return slots.phone_ticket() if slots is not None and slots.exist() else None

    async def proves(self, session: Session, secret: str) -> bool:
        """Whether a code or password opens the open account (asked again before the most secret things)."""
        slots = self.slots(session.store.folder)
        for opener in (slots.open_with_passcode, slots.open_with_password):
            try:
                if await opener(secret) == session.store.key:
                    return True
            except (WrongPasscode, SlotsDamaged):
                continue
        return False


async def open_with_either(slots: KeySlots, secret: str) -> bytes:
    """By passcode or, on a machine without one, by the account's password. Raises WrongPasscode."""
    try:
        return await slots.open_with_passcode(secret)
    except WrongPasscode:
        return await slots.open_with_password(secret)

"""The accounts that a profile remembers, in a small plain file: nothing in it is secret."""

import time
from pathlib import Path

import msgspec

from app.session.states import AccountEntry
from app.store.slots import replace_file


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """One account."""

    folder: str
    """Name of the account's folder; also its key."""
    server_url: str
    login: str
    """The account name, or a phone number with its middle masked."""
    masked: bool
    name: str
    last_used_at: int = 0
    signed_in: bool = False


class _File(msgspec.Struct, kw_only=True):
    version: int = 1
    accounts: list[Remembered] = []


def masked_login(login: str) -> tuple[str, bool]:
    """A phone number with its middle masked, and whether it was one; other logins as they are."""
    text = login.strip()
    if text.lstrip("+").isdigit() and len(text) >= 7:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}", True
    return text, False


class RememberedAccounts:
    """Reads and writes `accounts.json`; a damaged one is as good as none (the stores are found again at sign-in)."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> list[Remembered]:
        """The last used first."""
        try:
            found = msgspec.json.decode(self._file.read_bytes(), type=_File).accounts
        except (OSError, msgspec.DecodeError):
            return []
        return sorted(found, key=lambda one: -one.last_used_at)

    def entries(self) -> list[AccountEntry]:
        """What the login page shows."""
        return [
            AccountEntry(
                key=one.folder,
                server_url=one.server_url,
                login_hint=one.login,
                name=one.name,
                last_used_at=one.last_used_at,
                signed_in=one.signed_in,
                login_complete=not one.masked,
            )
            for one in self.all()
        ]

    def get(self, key: str) -> Remembered | None:
        """One account."""
        return next((one for one in self.all() if one.folder == key), None)

    def by_login(self, server_url: str, login: str) -> Remembered | None:
        """The account of a login that is not masked."""
        wanted = login.strip().lower()
        for one in self.all():
            if one.server_url == server_url and not one.masked and one.login.lower() == wanted:
                return one
        return None

    def put(self, *, folder: str, server_url: str, login: str, name: str) -> None:
        """Remember a sign-in."""
        shown, masked = masked_login(login)
        known = self.get(folder)
        if known is not None and masked and not known.masked:
            shown, masked = known.login, False  # The account name says more.
        fresh = Remembered(
            folder=folder,
            server_url=server_url,
            login=shown,
            masked=masked,
            name=name,
            last_used_at=int(time.time() * 1000),
            signed_in=True,
        )
        self._write([fresh, *(one for one in self.all() if one.folder != folder)])

    def mark(self, folder: str, *, signed_in: bool, server_url: str = "") -> None:
        """Note that the account was used, or signed out."""
        now = int(time.time() * 1000)
        self._write(
            [
                msgspec.structs.replace(
                    one,
                    signed_in=signed_in,
                    last_used_at=now if signed_in else one.last_used_at,
                    server_url=server_url or one.server_url,
                )
                if one.folder == folder
                else one
                for one in self.all()
            ]
        )

    def remove(self, folder: str) -> None:
        """Forget an account."""
        self._write([one for one in self.all() if one.folder != folder])

    def _write(self, accounts: list[Remembered]) -> None:
        replace_file(self._file, msgspec.json.format(msgspec.json.encode(_File(accounts=accounts)), indent=1))

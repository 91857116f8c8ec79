"""What the lock keeps outside the encrypted store, because it is needed while that is closed; nothing in it is secret."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from app.store.folders import make_private
from app.store.slots import replace_file
from lock.hotkey.combination import DEFAULT
from lock.page.appearance import DEFAULT as DEFAULT_PAGE
from lock.page.appearance import LockAppearance
from lock.policy.model import LockSettings
from lock.policy.throttle import ThrottleState
from server_stub.contract.lock import LockPageNow, LockPolicy, LockReport


class KeptLock(msgspec.Struct, frozen=True, kw_only=True):
    """`locked` says that the client ended while locked: the next start begins locked whatever the settings say."""

    settings: LockSettings = LockSettings()
    """The user's own choices; administrators' bounds are in `policy`."""
    policy: LockPolicy = LockPolicy()
    hotkey: str = DEFAULT
    throttle: ThrottleState = ThrottleState()
    person_id: str = ""
    device_id: str = ""
    name: str = ""
    unit: str = ""
    """Who is shown on the lock page of a client that starts locked."""
    locked: bool = False
    forced: bool = False
    unsent: LockReport | None = None
    """The last signed report that the server has not taken yet."""
    done: list[str] = []
    """Commands that were carried out, in case the server has not heard of it."""


def bounded(own: LockSettings, policy: LockPolicy) -> LockSettings:
    """The user's choices within what administrators allow (3.2.3.1.1, 3.2.3.1.3)."""
    windows = dict(own.window_idle_s)
    for kind, longest in policy.window_idle_s.items():
        if longest > 0:
            chosen = windows.get(kind, 0)
            windows[kind] = min(chosen, longest) if chosen > 0 else longest
    return replace(
        own,
        idle_longest_s=policy.idle_longest_s,
        window_idle_s=windows,
        at_start=own.at_start or policy.at_start,
        meeting_longest_s=policy.meeting_longest_s,
        attempts_before_scan=policy.attempts_before_scan,
    )


class LockFile:
    """`lock.json` in the account's folder, replaced whole. A damaged file counts as locked, with strict defaults."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "lock.json"
        self._page = folder / "lock-page.json"
        self.kept = self._read()

    def _read(self) -> KeptLock:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=KeptLock)
        except FileNotFoundError:
            return KeptLock()
        except (OSError, msgspec.DecodeError):
            return KeptLock(locked=True)

    def put(self, **changes: object) -> None:
        """Change some of it; on the disk before this returns (a few hundred bytes)."""
        self.kept = msgspec.structs.replace(self.kept, **changes)
        make_private(self._file.parent)
        replace_file(self._file, msgspec.json.encode(self.kept))

    @property
    def settings(self) -> LockSettings:
        """What is in force."""
        return bounded(self.kept.settings, self.kept.policy)

    def change_settings(self, **changes: object) -> LockSettings:
        """Change some of the user's choices; returns what is in force."""
        self.put(settings=replace(self.kept.settings, **changes))  # type: ignore[arg-type]
        return self.settings

    # The administrators' lock page, for a start without the server.

    def page(self) -> LockPageNow:
        """The page that was in force last."""
        try:
            return msgspec.json.decode(self._page.read_bytes(), type=LockPageNow)
        except (OSError, msgspec.DecodeError):
            return LockPageNow()

    def keep_page(self, page: LockPageNow) -> None:
        """Remember the page."""
        replace_file(self._page, msgspec.json.encode(page))


def appearance_of(page: LockPageNow) -> LockAppearance:
    """What the lock page shows."""
    if page.text is None:
        return DEFAULT_PAGE
    return LockAppearance(page.text.caption, page.text.heading, tuple(page.text.lines), page.picture)

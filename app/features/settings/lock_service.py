"""What the lock's settings need of the lock; app/client_lock.py provides it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from lock.audit.chain import LockEntry
from lock.policy.model import LockSettings


class LockSettingsService(Protocol):
    """The lock of the signed-in account."""

    @property
    def settings(self) -> LockSettings:
        """What is in force."""
        ...

    @property
    def hotkey(self) -> str:
        """The combination, such as Ctrl+Alt+L."""
        ...

    @property
    def hotkey_problem(self) -> str:
        """Why the combination does not work on this desktop; empty when it does."""
        ...

    @property
    def idle_source(self) -> str:
        """Where idle time comes from."""
        ...

    def change_settings(self, **changes: object) -> None:
        """Change some of the settings and keep them."""
        ...

    async def change_hotkey(self, text: str) -> str:
        """Take another combination; empty when it is in force, else what is wrong."""
        ...

    async def has_passcode(self) -> bool:
        """Whether there is an unlock code beside the account's password."""
        ...

    async def set_passcode(self, passcode: str) -> None:
        """Set or replace the unlock code. Raises PasscodeTooShort."""
        ...

    async def entries(self, from_ms: int, to_ms: int | None, trigger: str) -> list[LockEntry]:
        """The own log, newest last. Raises BrokenChain when it was tampered with."""
        ...

    async def export(self, entries: list[LockEntry], file: Path) -> None:
        """Write xlsx or csv, by the file's ending. Raises OSError."""
        ...

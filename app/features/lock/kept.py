"""What the lock keeps outside the encrypted store, because it is needed while that is closed; nothing in it is secret."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from app.store.folders import make_private
from app.store.slots import replace_file
from lock.hotkey.combination import DEFAULT
from lock.policy.model import LockSettings
from lock.policy.throttle import ThrottleState


class KeptLock(msgspec.Struct, frozen=True, kw_only=True):
    """`locked` says that the client ended while locked: the next start begins locked whatever the settings say."""

    settings: LockSettings = LockSettings()
    hotkey: str = DEFAULT
    throttle: ThrottleState = ThrottleState()
    person_id: str = ""
    device_id: str = ""
    name: str = ""
    unit: str = ""
    """Who is shown on the lock page of a client that starts locked."""
    locked: bool = False
    forced: bool = False


class LockFile:
    """`lock.json` in the account's folder, replaced whole. A damaged file counts as locked, with strict defaults."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "lock.json"
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

    def change_settings(self, **changes: object) -> LockSettings:
        """Change some of the settings; returns all of them."""
        settings = replace(self.kept.settings, **changes)  # type: ignore[arg-type]
        self.put(settings=settings)
        return settings

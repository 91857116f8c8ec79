"""The local store of one account: opens, reads, writes, tells of changes, recovers from damage."""

from collections.abc import Callable
from typing import TypeVar

from .changes import Changes
from .database import Reader, Writer
from .folders import AccountFolder

T = TypeVar("T")


class Store:
    """Made by `await Store.open(folder, key)`; `read` and `write` run functions in the store's own threads."""

    folder: AccountFolder
    changes: Changes

    @classmethod
    async def open(cls, folder: AccountFolder, key: bytes) -> "Store":
        """Open (or make) the store. Raises StoreInUse, StoreTooNew."""
        raise NotImplementedError

    async def read(self, work: Callable[[Reader], T], *, background: bool = False) -> T:
        """Run `work` on one snapshot. `background` takes the thread for slow reads."""
        raise NotImplementedError

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in a transaction; returns after the commit is on disk."""
        raise NotImplementedError

    async def close(self) -> None:
        """Finish what was submitted and let go of the files."""
        raise NotImplementedError

"""Passwords: Argon2id in threads, a few at a time, and the same work for accounts that do not exist."""

import asyncio
import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server_stub.contract.errors import ApiError, ErrorCode

_PARALLEL = 2
_LONGEST = 128
_KINDS = (r"[A-Z]", r"[a-z]", r"[0-9]", r"[^A-Za-z0-9]")
_WORDS = {2: "字母和数字", 3: "大写字母、小写字母、数字、符号中的三种", 4: "大写字母、小写字母、数字和符号"}


class Passwords:
    """Hashes and checks. 19 MiB and 2 passes (OWASP's lower figure): some 30 ms on an office machine."""

    def __init__(self, *, memory_kib: int = 19 * 1024, passes: int = 2) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._dummy = self._hasher.hash("no such account")
        self._gate = asyncio.Semaphore(_PARALLEL)

    async def hash(self, password: str) -> str:
        """Return the hash to keep."""
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, kept: str, password: str) -> bool:
        """Whether `password` is the one; takes as long for an empty `kept` as for a real one."""

        def check() -> bool:
            try:
                self._hasher.verify(kept or self._dummy, password)
            except (VerificationError, InvalidHashError):
                return False
            return bool(kept)

        async with self._gate:
            return await asyncio.to_thread(check)

    def is_old(self, kept: str) -> bool:
        """Whether a good hash should be made anew because the parameters changed."""
        return self._hasher.check_needs_rehash(kept)


def check_strength(password: str, login: str, length: int = 8, kinds: int = 2) -> None:
    """Raise WEAK_PASSWORD unless there are `length` to 128 characters with letters and digits, other than the login.

    `kinds`: of capitals, small letters, digits and signs so many (contract.accounts.LoginPolicy).
    """
    found = sum(re.search(kind, password) is not None for kind in _KINDS)
    good = (
        length <= len(password) <= _LONGEST
        and re.search(r"[A-Za-z]", password) is not None
        and re.search(r"[0-9]", password) is not None
        and found >= kinds
        and password.lower() != login.lower()
    )
    if not good:
        what = _WORDS[kinds]
        raise ApiError(ErrorCode.WEAK_PASSWORD, message=f"密码过于简单：至少 {length} 位，并同时包含{what}。")

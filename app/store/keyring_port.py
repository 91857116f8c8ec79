"""The operating system's keyring, asked in a thread of its own so that a hanging one never blocks the start."""

import asyncio
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")
SERVICE = "zhengding-desktop"


class KeyringUnavailable(Exception):
    """No keyring, a locked one, or one that does not answer in time."""


class KeyringPort(Protocol):
    """What the key slots need of a keyring. Every call raises KeyringUnavailable when there is none."""

    async def get(self, name: str) -> str | None:
        """The secret, or None when the keyring works but has none."""
        ...

    async def put(self, name: str, secret: str) -> None:
        """Store the secret and read it back."""
        ...

    async def remove(self, name: str) -> None:
        """Forget the secret; quiet when there is none."""
        ...


class SystemKeyring:
    """`keyring` with a time-out. A call that hangs is abandoned in its daemon thread."""

    def __init__(self, timeout: float = 3.0) -> None:
        """`timeout` in seconds; an unlock dialogue of the desktop may take the user longer, then ask again."""
        self._timeout = timeout

    async def get(self, name: str) -> str | None:
        import keyring

        return await self._run(lambda: keyring.get_password(SERVICE, name))

    async def put(self, name: str, secret: str) -> None:
        import keyring

        def put() -> str | None:
            keyring.set_password(SERVICE, name, secret)
            return keyring.get_password(SERVICE, name)

        if await self._run(put) != secret:
            raise KeyringUnavailable("the keyring did not keep the secret")

    async def remove(self, name: str) -> None:
        import keyring
        import keyring.errors

        def remove() -> None:
            try:
                keyring.delete_password(SERVICE, name)
            except keyring.errors.PasswordDeleteError:
                return

        await self._run(remove)

    async def _run(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def deliver(setter: Callable[[], None]) -> None:
            if not future.done():
                setter()

        def call() -> None:
            try:
                value = work()
            except Exception as error:
                # The backends raise many kinds; their texts may quote the secret service's reply.
                name = type(error).__name__
                post(lambda: future.set_exception(KeyringUnavailable(name)))
            else:
                post(lambda: future.set_result(value))

        def post(setter: Callable[[], None]) -> None:
            try:
                loop.call_soon_threadsafe(deliver, setter)
            except RuntimeError:
                return  # The loop ended while the keyring was thinking.

        # Not an executor: its threads are joined at exit, and a hanging keyring would hold the client open.
        threading.Thread(target=call, name="keyring", daemon=True).start()
        try:
            return await asyncio.wait_for(future, self._timeout)
        except TimeoutError:
            raise KeyringUnavailable("no answer in time") from None


class NoKeyring:
    """A machine without a keyring."""

    async def get(self, name: str) -> str | None:
        raise KeyringUnavailable("switched off")

    async def put(self, name: str, secret: str) -> None:
        raise KeyringUnavailable("switched off")

    async def remove(self, name: str) -> None:
        return

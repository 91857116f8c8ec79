"""`python -m bed.client_process FOLDER WHO URL PEER START`: a client that writes numbered messages until it is killed.

Its keyring is a file, so that the next process, or a test, opens the same store. It prints the number of a message
once the outbox has it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from app.session.accounts import Accounts
from app.store.folders import Home
from app.store.slots import Argon2Cost

PASSWORD = "Passw0rd-2026"


class FilePort:
    """A keyring in a plain file, as the client sees keyrings; for tests only."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def _all(self) -> dict[str, str]:
        return json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}

    async def get(self, name: str) -> str | None:
        """The secret, if there is one."""
        return self._all().get(name)

    async def put(self, name: str, secret: str) -> None:
        """Keep it."""
        self._file.write_text(json.dumps({**self._all(), name: secret}), encoding="utf-8")

    async def remove(self, name: str) -> None:
        """Forget it."""
        left = {key: value for key, value in self._all().items() if key != name}
        self._file.write_text(json.dumps(left), encoding="utf-8")


async def main(folder: Path, who: str, url: str, peer: str, start: int) -> None:
    """Sign in or resume, then write a message for each line of the input, and say its number when it is on the disk."""
    accounts = Accounts(
        Home(folder / "home").profile(who),
        FilePort(folder / "keyring.json"),
        cost=Argon2Cost(passes=1, memory_kib=8 * 1024, lanes=1),
        heartbeat=1.0,
    )
    known = accounts.entries()
    result = await (accounts.resume(known[0].key) if known else accounts.sign_in(url, who, PASSWORD))
    assert result.session is not None, result
    chat = await result.session.conversations.open_single(peer)
    print(chat, flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        await result.session.send.text(chat, f"第 {start} 条")
        print(start, flush=True)
        start += 1


if __name__ == "__main__":
    _, folder, who, url, peer, start = sys.argv
    asyncio.run(main(Path(folder), who, url, peer, int(start)))

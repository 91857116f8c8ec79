"""Keyrings for tests: one in memory, one in a file so that a client process finds its secrets after a restart."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

FILE_VARIABLE = "ZHENGDING_TEST_KEYRING"


class MemoryKeyring(KeyringBackend):
    """Holds secrets in this object alone."""

    # Below every real backend, so that keyring's own search never picks it.
    priority = 0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.secrets.pop((service, username), None) is None:
            raise PasswordDeleteError(f"no entry for {username} of {service}")


class FileKeyring(KeyringBackend):
    """Holds secrets in the JSON file that the variable ZHENGDING_TEST_KEYRING names; for tests only."""

    priority = 0  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service}\n{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._read(), f"{service}\n{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        entries = self._read()
        if entries.pop(f"{service}\n{username}", None) is None:
            raise PasswordDeleteError(f"no entry for {username} of {service}")
        self._write(entries)

    def _path(self) -> Path:
        return Path(os.environ[FILE_VARIABLE])

    def _read(self) -> dict[str, str]:
        try:
            return json.loads(self._path().read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def _write(self, entries: dict[str, str]) -> None:
        fresh = self._path().with_suffix(".new")
        fresh.write_text(json.dumps(entries), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(self._path())

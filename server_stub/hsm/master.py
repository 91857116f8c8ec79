"""Where the device master key (设备主密钥) of the software HSM comes from."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from argon2.low_level import Type, hash_secret_raw

MASTER_BYTES = 32


class MasterKeyUnavailable(Exception):
    """The master key cannot be had; `text` says why, in Chinese."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class MasterKeySource(Protocol):
    """Gives the 32-byte master key."""

    def obtain(self, *, salt: bytes, create: bool) -> bytes:
        """Return the key; `create` is True only for a new device. Raises `MasterKeyUnavailable`."""
        ...


class PassphraseMaster:
    """From a passphrase through Argon2id (64 MiB, 3 passes), asked for by `ask` when the device opens."""

    def __init__(self, ask: Callable[[], str], *, memory_kib: int = 65536, passes: int = 3) -> None:
        self._ask = ask
        self._memory = memory_kib
        self._passes = passes

    def obtain(self, *, salt: bytes, create: bool) -> bytes:
        """Derive the key. Raises `MasterKeyUnavailable` for an empty or, on a new device, short passphrase."""
        phrase = self._ask()
        if not phrase or (create and len(phrase) < 8):
            raise MasterKeyUnavailable("加密机口令至少 8 位。")
        return hash_secret_raw(
            phrase.encode(),
            salt,
            time_cost=self._passes,
            memory_cost=self._memory,
            parallelism=1,
            hash_len=MASTER_BYTES,
            type=Type.ID,
        )


class KeyringMaster:
    """Kept in the keyring of the operating system. The keyring's own words never reach a log."""

    def __init__(self, service: str = "zhengding-hsm", name: str = "master") -> None:
        self._service = service
        self._name = name

    def obtain(self, *, salt: bytes, create: bool) -> bytes:
        """Read the key, or make and keep one for a new device. Raises `MasterKeyUnavailable`."""
        import keyring
        import keyring.errors

        entry = f"{self._name}-{salt.hex()}"
        try:
            kept = keyring.get_password(self._service, entry)
            if kept is None and create:
                kept = base64.b64encode(secrets.token_bytes(MASTER_BYTES)).decode()
                keyring.set_password(self._service, entry, kept)
                if keyring.get_password(self._service, entry) != kept:
                    raise MasterKeyUnavailable("系统密钥环没有保存加密机主密钥。")
        except keyring.errors.KeyringError:
            raise MasterKeyUnavailable("系统密钥环不可用，无法读取加密机主密钥。") from None
        if kept is None:
            raise MasterKeyUnavailable("系统密钥环中没有这台加密机的主密钥。")
        return base64.b64decode(kept)


class FileMaster:
    """A file of 32 random bytes that only its owner can read, for the embedded server of a single machine.

    It protects a copied database or backup that does not hold the file. It does not protect against whoever reads the
    files of this user on this machine; for that, use the keyring, a passphrase or a hardware device.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def obtain(self, *, salt: bytes, create: bool) -> bytes:
        """Read the file, or make it for a new device. Raises `MasterKeyUnavailable`."""
        try:
            if create and not self._path.exists():
                self._make()
            key = self._path.read_bytes()
        except OSError:
            raise MasterKeyUnavailable("加密机主密钥文件不存在或无法读取。") from None
        if len(key) != MASTER_BYTES:
            raise MasterKeyUnavailable("加密机主密钥文件已损坏。")
        return key

    def _make(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_bytes(MASTER_BYTES))
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(fresh, self._path)  # never replaces a key that another process made meanwhile
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            if not self._path.exists():
                fresh.replace(self._path)
                return
        fresh.unlink()

"""What GM/T 0018 has no call for: which key-encryption keys are in use, destroyed, and which keys are revoked.

Kept in a file beside the server and signed by the device, so that a change made outside is seen. Two devices that
hold the same key pairs share one registry.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

import msgspec

from . import vault
from .device import KekInfo
from .errors import SdfCode, SdfError

FILE, LOCK = "registry.json", "registry.lock"
_LABEL = b"zhengding/sdf-registry\n"


class Entry(msgspec.Struct, kw_only=True):
    """A key-encryption key: the internal pair `id` of the device."""

    id: int
    purpose: str
    created: int
    destroyed: int = 0


class Registry(msgspec.Struct, kw_only=True):
    """The whole registry."""

    keks: list[Entry] = []
    revoked: list[bytes] = []


class _Signed(msgspec.Struct, kw_only=True):
    registry: msgspec.Raw
    signature: bytes


class RegistryFile:
    """Reads and writes the registry; several processes of one machine may share the folder."""

    def __init__(
        self,
        folder: Path,
        sign: Callable[[bytes], bytes],
        verify: Callable[[bytes, bytes], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`sign(data)` gives a signature of the device, `verify(data, signature)` raises `SdfError` for another."""
        self._path, self._lock_file = folder / FILE, folder / LOCK
        self._sign, self._verify, self._clock = sign, verify, clock
        self._lock = RLock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with vault.exclusive(self._lock_file):
            if not self._path.exists():
                self._write(Registry())
        self._now = self._read()

    def _load(self) -> Registry:
        try:
            signed = msgspec.json.decode(self._path.read_bytes(), type=_Signed)
            registry = msgspec.json.decode(signed.registry, type=Registry)
        except (OSError, msgspec.DecodeError):
            raise SdfError(SdfCode.HARDWARE, "registry") from None
        self._verify(_LABEL + bytes(signed.registry), signed.signature)
        return registry

    def _write(self, registry: Registry) -> None:
        data = msgspec.json.encode(registry)
        signed = _Signed(registry=msgspec.Raw(data), signature=self._sign(_LABEL + data))
        try:
            vault.write_whole(self._path, msgspec.json.encode(signed))
        except OSError:
            raise SdfError(SdfCode.FILE_WRITE, "registry") from None

    def _read(self) -> tuple[tuple[int, int, int], Registry, frozenset[bytes]]:
        seen = vault.stamp(self._path)
        registry = self._load()
        return seen, registry, frozenset(registry.revoked)

    def _current(self) -> tuple[Registry, frozenset[bytes]]:
        if vault.stamp(self._path) != self._now[0]:
            with self._lock:
                self._now = self._read()
        return self._now[1], self._now[2]

    def infos(self) -> list[KekInfo]:
        """List the key-encryption keys."""
        return [KekInfo(one.id, one.purpose, one.created, one.destroyed) for one in self._current()[0].keks]

    def check(self, kek_id: int, key_id: bytes) -> None:
        """Raise `SdfError` (KEY_NOT_EXIST) unless the key may be used."""
        registry, revoked = self._current()
        active = any(one.id == kek_id and not one.destroyed for one in registry.keks)
        if not active or key_id in revoked:
            raise SdfError(SdfCode.KEY_NOT_EXIST)

    @contextmanager
    def _editing(self) -> Iterator[Registry]:
        with self._lock, vault.exclusive(self._lock_file):
            registry = self._load()
            yield registry
            self._write(registry)
            self._now = self._read()

    def take(self, purpose: str, indices: range) -> int:
        """Take the next internal pair that was never used. Raises `SdfError` (NO_BUFFER) when none is left."""
        with self._editing() as registry:
            used = {one.id for one in registry.keks}
            free = next((index for index in indices if index not in used), None)
            if free is None:
                raise SdfError(SdfCode.NO_BUFFER, "generate KEK")
            registry.keks.append(Entry(id=free, purpose=purpose, created=int(self._clock())))
            return free

    def destroy(self, kek_id: int) -> None:
        """Never use an internal pair again."""
        with self._editing() as registry:
            for one in registry.keks:
                if one.id == kek_id:
                    one.destroyed = one.destroyed or int(self._clock())
                    return
            raise SdfError(SdfCode.KEY_NOT_EXIST, "destroy KEK")

    def revoke(self, key_ids: list[bytes]) -> None:
        """Refuse keys from now on."""
        with self._editing() as registry:
            registry.revoked = sorted({*registry.revoked, *key_ids})

"""The sealed state of the software HSM: key-encryption keys, internal pairs, revoked keys."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

import msgspec

from server_stub.contract.sm.algorithms import Algorithms

from . import replica, vault
from .device import KekInfo
from .errors import SdfCode, SdfError
from .master import MasterKeySource, MasterKeyUnavailable
from .randomness import HealthyRandom
from .secret import Secret, wipe_bytes

STATE, LOCK = "device.sealed", "device.lock"


class KekRecord(msgspec.Struct, kw_only=True):
    """A key-encryption key at rest; `key` is empty once it is destroyed."""

    id: int
    purpose: str
    created: int
    destroyed: int = 0
    key: bytes = b""


class PairRecord(msgspec.Struct, kw_only=True):
    """An internal key pair of an index: private keys, 32 bytes each."""

    index: int
    sign: bytes
    encrypt: bytes


class Stored(msgspec.Struct, kw_only=True):
    """All that the device keeps."""

    serial: str
    created: int
    next_kek: int = 1
    keks: list[KekRecord] = []
    pairs: list[PairRecord] = []
    revoked: list[bytes] = []
    """Ids of keys that the device refuses."""
    transport: bytes = b""
    """Private key to which a twin or a restore seals its state; never shared."""
    lineage: str = ""
    """Whose internal pairs these are: of two that differ, twins keep those of the smaller lineage."""


def merge_into(stored: Stored, other: Stored) -> None:
    """Add to `stored` what `other` has more. Raises `SdfError` (KEY) when one id means two keys."""
    mine = {kek.id: kek for kek in stored.keks}
    for kek in other.keks:
        own = mine.get(kek.id)
        if own is None:
            stored.keks.append(kek)
        elif own.key and kek.key and own.key != kek.key:
            raise SdfError(SdfCode.KEY, "merge")
        elif kek.destroyed:
            own.key, own.destroyed = b"", own.destroyed or kek.destroyed
    stored.keks.sort(key=lambda kek: kek.id)
    stored.next_kek = max(stored.next_kek, other.next_kek)
    stored.revoked = sorted({*stored.revoked, *other.revoked})
    lineage = stored.lineage or f"{stored.created:012d}{stored.serial}"
    pairs = {pair.index: pair for pair in stored.pairs}
    if other.lineage < lineage:
        pairs |= {pair.index: pair for pair in other.pairs}
    else:
        pairs = {pair.index: pair for pair in other.pairs} | pairs
    stored.lineage = min(lineage, other.lineage)
    stored.pairs = [pairs[index] for index in sorted(pairs)]


class Pair:
    """An internal key pair in memory."""

    def __init__(self, alg: Algorithms, sign: bytes, encrypt: bytes) -> None:
        self.sign, self.encrypt = Secret(sign), Secret(encrypt)
        self.sign_public, self.encrypt_public = alg.sm2_public(sign), alg.sm2_public(encrypt)

    def is_of(self, record: PairRecord) -> bool:
        """Say whether these are the keys of a record."""
        with self.sign.use() as sign, self.encrypt.use() as encrypt:
            return sign == record.sign and encrypt == record.encrypt

    def wipe(self, alg: Algorithms) -> None:
        """Wipe the private keys, here and in the backend's cache."""
        for secret in (self.sign, self.encrypt):
            with secret.use() as private:
                alg.sm2_forget(private)
            secret.wipe()


class View:
    """One consistent reading of the state; replaced as a whole, so readers need no lock."""

    def __init__(self, alg: Algorithms, stored: Stored, before: "View | None" = None) -> None:
        self.serial = stored.serial
        self.infos = [KekInfo(kek.id, kek.purpose, kek.created, kek.destroyed) for kek in stored.keks]
        # Ids are never used again, so what was read before is the same key and may be in use right now.
        kept = before.keks if before else {}
        pairs = before.pairs if before else {}
        self.keks = {kek.id: kept.get(kek.id) or Secret(kek.key) for kek in stored.keks if kek.key}
        self.revoked = frozenset(stored.revoked)
        # Joining a twin replaces pairs, so they are the same only while their index means the same keys.
        self.pairs = {
            pair.index: known
            if (known := pairs.get(pair.index)) and known.is_of(pair)
            else Pair(alg, pair.sign, pair.encrypt)
            for pair in stored.pairs
        }


class SoftState:
    """Reads and writes the state file; other processes' changes are seen at the next operation."""

    def __init__(
        self,
        folder: Path,
        master: MasterKeySource,
        alg: Algorithms,
        random: HealthyRandom,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.time,
        lane: tuple[int, int] = (0, 1),
    ) -> None:
        self._folder, self._alg, self._random = folder, alg, random
        self._lane = lane
        self._changed, self._clock = changed, clock
        self._path = folder / STATE
        self._lock = RLock()
        self.closed = False
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with vault.exclusive(folder / LOCK):
            for left_over in folder.glob(f"{STATE}.*.new"):  # of a writer that was killed
                left_over.unlink(missing_ok=True)
            new = not self._path.exists()
            self._salt = random.take(vault.SALT_BYTES) if new else vault.read_salt(self._path)
            try:
                key = master.obtain(salt=self._salt, create=new)
            except MasterKeyUnavailable as unavailable:
                raise SdfError(SdfCode.NO_PRIVATE_KEY_ACCESS, "master key") from unavailable
            self.storage_key = vault.storage_key(alg, key)
            wipe_bytes(key)
            if new:
                serial, now = random.take(8).hex().upper(), clock()
                # To the microsecond: of two machines set up in one second the older is still known.
                lineage = f"{int(now):012d}{int(now % 1 * 1_000_000):06d}{serial}"
                self._write(Stored(serial=serial, created=int(now), lineage=lineage))
                self._change(lambda stored: self._add_pair(stored, 1))
        self._now = self._read()

    def _add_pair(self, stored: Stored, index: int) -> None:
        if any(pair.index == index for pair in stored.pairs):
            raise SdfError(SdfCode.ARGUMENT_IN, "generate pair")
        stored.pairs.append(PairRecord(index=index, sign=self._private(), encrypt=self._private()))

    def _private(self) -> bytes:
        while True:
            candidate = self._random.take(32)
            try:
                self._alg.sm2_public(candidate)
            except ValueError:  # outside [1, n-2], once in 2^32
                continue
            return candidate

    def _load(self) -> Stored:
        data = vault.read_sealed(self._alg, self.storage_key, self._path, STATE)
        try:
            return msgspec.msgpack.decode(data, type=Stored)
        except msgspec.DecodeError:
            raise SdfError(SdfCode.HARDWARE, "state") from None
        finally:
            wipe_bytes(data)

    def _write(self, stored: Stored) -> None:
        data = msgspec.msgpack.encode(stored)
        vault.write_sealed(self._alg, self.storage_key, self._salt, self._path, STATE, data)
        wipe_bytes(data)

    def _change(self, edit: Callable[[Stored], None]) -> None:
        stored = self._load()
        edit(stored)
        self._write(stored)

    def _read(self, before: View | None = None) -> tuple[tuple[int, int, int], View]:
        # The stamp is taken first: a replacement in between is then seen at the next operation.
        seen = vault.stamp(self._path)
        return seen, View(self._alg, self._load(), before)

    def view(self) -> View:
        """Return the state as it is now on disk. Raises `SdfError` when the device is closed or its files are gone."""
        if self.closed:
            raise SdfError(SdfCode.OPEN_DEVICE)
        seen, view = self._now
        return view if vault.stamp(self._path) == seen else self._reload()

    def _reload(self) -> View:
        with self._lock:
            seen, before = self._now
            if vault.stamp(self._path) != seen:
                self._now = self._read(before)
                for kek_id in before.keks.keys() - self._now[1].keks.keys():
                    before.keks[kek_id].wipe()
                self._changed()
            return self._now[1]

    @contextmanager
    def editing(self) -> Iterator[Stored]:
        """Change the state: yields what is stored, and writes it when the block ends without an error."""
        if self.closed:
            raise SdfError(SdfCode.OPEN_DEVICE)
        with self._lock, vault.exclusive(self._folder / LOCK):
            stored = self._load()
            yield stored
            self._write(stored)
            self._reload()

    def add_kek(self, purpose: str, key: bytes, *, kek_id: int = 0, created: int = 0) -> int:
        """Keep a key-encryption key under a new id, or under the id it has on the device's twin."""
        with self.editing() as stored:
            taken = {kek.id for kek in stored.keks}
            if kek_id in taken:
                raise SdfError(SdfCode.ARGUMENT_IN, "add KEK")
            lane, lanes = self._lane
            number = kek_id or max(stored.next_kek, max(taken, default=0) + 1)
            if not kek_id:
                number += (lane - number) % lanes
            stored.next_kek = max(stored.next_kek, number + 1)
            record = KekRecord(id=number, purpose=purpose, created=created or int(self._clock()), key=key)
            stored.keks.append(record)
        return number

    def destroy_kek(self, kek_id: int) -> None:
        """Overwrite a key-encryption key; its record stays, so that its id is never used again."""
        with self.editing() as stored:
            for kek in stored.keks:
                if kek.id == kek_id:
                    kek.key = b""
                    kek.destroyed = kek.destroyed or int(self._clock())
                    return
            raise SdfError(SdfCode.KEY_NOT_EXIST, "destroy KEK")

    def revoke(self, key_ids: list[bytes]) -> None:
        """Refuse keys from now on."""
        with self.editing() as stored:
            stored.revoked = sorted({*stored.revoked, *key_ids})

    def add_pair(self, index: int) -> None:
        """Make the internal pairs of an index."""
        with self.editing() as stored:
            self._add_pair(stored, index)

    def transport_public(self) -> bytes:
        """Return the key to which a twin seals its state; made at the first need."""
        if not self._load().transport:
            with self.editing() as stored:
                stored.transport = stored.transport or self._private()
        return self._alg.sm2_public(self._load().transport)

    def export(self, public: bytes) -> bytes:
        """Return all keys sealed to a twin's transport key."""
        self.view()
        stored = self._load()
        stored.transport = b""
        stored.lineage = stored.lineage or f"{stored.created:012d}{stored.serial}"
        data = msgspec.msgpack.encode(stored)
        try:
            return replica.seal(self._alg, self._random.take(16), self._random.take(12), public, data)
        finally:
            wipe_bytes(data)

    def merge(self, sealed: bytes) -> None:
        """Take what a twin has more: keys, destructions (which always win), revocations."""
        data = replica.open_sealed(self._alg, self._load().transport, sealed)
        try:
            other = msgspec.msgpack.decode(data, type=Stored)
        except msgspec.DecodeError:
            raise SdfError(SdfCode.ENCRYPTED_DATA, "merge") from None
        finally:
            wipe_bytes(data)
        with self.editing() as stored:
            merge_into(stored, other)

    def close(self) -> None:
        """Wipe everything."""
        with self._lock:
            if self.closed:
                return
            self.closed = True
            _, view = self._now
            for kek in view.keks.values():
                kek.wipe()
            for pair in view.pairs.values():
                pair.wipe(self._alg)
            self.storage_key.wipe()

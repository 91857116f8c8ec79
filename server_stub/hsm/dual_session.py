"""A session over two devices: every call goes to one that is up, and again to the other when it fails."""

from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from .device import HsmSession, KekInfo, KeyHandle
from .errors import SdfCode, SdfError

if TYPE_CHECKING:
    from .dual import DualActive, Place

Result = TypeVar("Result")


class DualSession:
    """Key handles are (key-encryption key, wrapped key): each device makes its own of it when it is first used there."""

    def __init__(self, devices: "DualActive") -> None:
        self._devices = devices
        self._sessions: dict[int, tuple[int, HsmSession]] = {}
        self._handles: dict[KeyHandle, tuple[int, bytes]] = {}
        self._made: dict[tuple[int, int, KeyHandle], KeyHandle] = {}
        """(device, its term, handle here) → handle there."""
        self._numbers = count(1)
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the sessions on both devices."""
        self._open = False
        for _, session in self._sessions.values():
            _close(session)
        self._sessions.clear()
        self._handles.clear()
        self._made.clear()

    def _on(self, place: "Place") -> HsmSession:
        term, session = self._sessions.get(place.number, (-1, None))
        if session is None or term != place.term:
            if session is not None:
                _close(session)
            if place.device is None:
                raise SdfError(SdfCode.OPEN_DEVICE)
            session = place.device.open_session()
            self._sessions[place.number] = (place.term, session)
        return session

    def _dropped(self, place: "Place", error: SdfError, term: int) -> None:
        known = self._sessions.pop(place.number, None)
        if known is not None:
            _close(known[1])
        self._devices.lost(place, error, term)

    def _run(self, work: Callable[["Place", HsmSession], Result]) -> Result:
        if not self._open:
            raise SdfError(SdfCode.STEP)
        last = SdfError(SdfCode.OPEN_DEVICE, "no device")
        for place in self._devices.in_turn():
            term = place.term
            try:
                result = work(place, self._on(place))
            except SdfError as error:
                if not error.device_lost:
                    raise
                self._dropped(place, error, term)
                last = error
                continue
            place.served += 1
            return result
        raise last

    def _change(self, work: Callable[[HsmSession], Result]) -> Result:
        if not self._open:
            raise SdfError(SdfCode.STEP)
        return self._devices.change(lambda place: work(self._on(place)))

    def _there(self, place: "Place", session: HsmSession, handle: KeyHandle) -> KeyHandle:
        found = self._handles.get(handle)
        if found is None:
            raise SdfError(SdfCode.KEY_NOT_EXIST)
        known = self._made.get((place.number, place.term, handle))
        if known is None:
            known = session.import_key_with_kek(*found)
            self._made[place.number, place.term, handle] = known
        return known

    def random(self, size: int) -> bytes:
        """Return random bytes."""
        return self._run(lambda _, session: session.random(size))

    def keks(self) -> list[KekInfo]:
        """List the key-encryption keys."""
        return self._run(lambda _, session: session.keks())

    def generate_kek(self, purpose: str) -> int:
        """Make a key-encryption key on one device; the other has it before this returns."""
        return self._change(lambda session: session.generate_kek(purpose))

    def destroy_kek(self, kek_id: int) -> None:
        """Destroy a key-encryption key on both devices."""
        self._change(lambda session: session.destroy_kek(kek_id))

    def generate_key_with_kek(self, kek_id: int) -> tuple[bytes, KeyHandle]:
        """Make an SM4 key; both devices can use what is returned."""

        def make(place: "Place", session: HsmSession) -> tuple[bytes, KeyHandle]:
            wrapped, there = session.generate_key_with_kek(kek_id)
            handle = next(self._numbers)
            self._handles[handle] = (kek_id, wrapped)
            self._made[place.number, place.term, handle] = there
            return wrapped, handle

        return self._run(make)

    def import_key_with_kek(self, kek_id: int, wrapped: bytes) -> KeyHandle:
        """Return a handle on a wrapped key."""

        def take(place: "Place", session: HsmSession) -> KeyHandle:
            there = session.import_key_with_kek(kek_id, wrapped)
            handle = next(self._numbers)
            self._handles[handle] = (kek_id, wrapped)
            self._made[place.number, place.term, handle] = there
            return handle

        return self._run(take)

    def rewrap(self, kek_id: int, wrapped: bytes, new_kek_id: int) -> bytes:
        """Move a wrapped key under another key-encryption key."""
        return self._run(lambda _, session: session.rewrap(kek_id, wrapped, new_kek_id))

    def exchange_envelope(self, kek_id: int, wrapped: bytes, public: bytes) -> bytes:
        """Re-protect a wrapped key to an SM2 public key."""
        return self._run(lambda _, session: session.exchange_envelope(kek_id, wrapped, public))

    def import_envelope(self, kek_id: int, envelope: bytes) -> bytes:
        """Take a key encrypted to the devices' own key 1, which is the same on both."""
        return self._run(lambda _, session: session.import_envelope(kek_id, envelope))

    def revoke(self, wrapped: list[bytes]) -> None:
        """Make both devices refuse these keys for ever."""
        self._change(lambda session: session.revoke(wrapped))

    def destroy_key(self, handle: KeyHandle) -> None:
        """Forget a handle on both devices."""
        if self._handles.pop(handle, None) is None:
            raise SdfError(SdfCode.KEY_NOT_EXIST)
        for known in [key for key in self._made if key[2] == handle]:
            there = self._made.pop(known)
            term, session = self._sessions.get(known[0], (-1, None))
            if session is not None and term == known[1]:
                try:
                    session.destroy_key(there)
                except SdfError:
                    continue  # a device that is gone has forgotten it

    def encrypt_gcm(self, handle: KeyHandle, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Return SM4-GCM ciphertext and tag."""
        return self._run(
            lambda place, session: session.encrypt_gcm(
                self._there(place, session, handle), nonce, plaintext, aad
            )
        )

    def decrypt_gcm(self, handle: KeyHandle, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Open SM4-GCM."""
        return self._run(
            lambda place, session: session.decrypt_gcm(
                self._there(place, session, handle), nonce, sealed, aad
            )
        )

    def mac(self, handle: KeyHandle, data: bytes) -> bytes:
        """Return HMAC-SM3 under a key."""
        return self._run(lambda place, session: session.mac(self._there(place, session, handle), data))

    def hash(self, data: bytes, *, public: bytes | None = None, user_id: bytes = b"") -> bytes:
        """Return SM3, or e = SM3(Z‖M) when `public` is given."""
        return self._run(lambda _, session: session.hash(data, public=public, user_id=user_id))

    def export_sign_public(self, index: int) -> bytes:
        """Return the public key of an internal signing pair."""
        return self._run(lambda _, session: session.export_sign_public(index))

    def export_encrypt_public(self, index: int) -> bytes:
        """Return the public key of an internal encryption pair."""
        return self._run(lambda _, session: session.export_encrypt_public(index))

    def sign(self, index: int, digest: bytes) -> bytes:
        """Sign e with an internal key."""
        return self._run(lambda _, session: session.sign(index, digest))

    def verify(self, index: int, digest: bytes, signature: bytes) -> None:
        """Verify with an internal key."""
        self._run(lambda _, session: session.verify(index, digest, signature))

    def external_verify(self, public: bytes, digest: bytes, signature: bytes) -> None:
        """Verify with a given key."""
        self._run(lambda _, session: session.external_verify(public, digest, signature))

    # Files lie on the first device: GM/T 0018 has no call that lists them, so they cannot be brought over.

    def create_file(self, name: str, size: int) -> None:
        """Make a file of zeros in the first device."""
        self._first().create_file(name, size)

    def read_file(self, name: str, offset: int, size: int) -> bytes:
        """Read from a file of the first device."""
        return self._first().read_file(name, offset, size)

    def write_file(self, name: str, offset: int, data: bytes) -> None:
        """Write into a file of the first device."""
        self._first().write_file(name, offset, data)

    def delete_file(self, name: str) -> None:
        """Delete a file of the first device."""
        self._first().delete_file(name)

    def _first(self) -> HsmSession:
        return self._on(self._devices.first())


def _close(session: HsmSession) -> None:
    try:
        session.close()
    except SdfError:
        pass

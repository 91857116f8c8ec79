"""Key custody: what the server's features ask of the HSM. Clear keys never leave the device object (3.3.4)."""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from server_stub.contract.sm import sealed as forms
from server_stub.contract.sm.ports import NONCE_BYTES, TAG_BYTES, SealError, SealReason

from .device import Hsm, HsmSession, KekInfo
from .errors import SdfCode, SdfError

CONVERSATION, FILE, RETENTION, SECRET = "conversation", "file", "retention", "secret"
_SESSIONS_KEPT = 16
Result = TypeVar("Result")


class KeyDestroyed(Exception):
    """The key, or the key-encryption key above it, was destroyed."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key as the database keeps it: `blob` wrapped under key-encryption key `kek_id`."""

    blob: bytes = field(repr=False)
    kek_id: int


class KeyCustody:
    """Makes, re-protects and destroys keys. Holds no database; safe between threads; every call may wait for a device.

    Raises `KeyDestroyed` where a key is gone, `SdfError` for everything else.
    """

    def __init__(self, hsm: Hsm) -> None:
        self._hsm = hsm
        self._idle: deque[HsmSession] = deque(maxlen=_SESSIONS_KEPT)
        self._current: dict[str, int] = {}
        self._lock = Lock()

    @contextmanager
    def _session(self) -> Iterator[HsmSession]:
        try:
            session = self._idle.pop()
        except IndexError:
            session = self._hsm.open_session()
        try:
            yield session
        except SdfError as error:
            if error.device_lost or error.code is SdfCode.STEP:
                session.close()
                raise
            self._return(session)
            if error.code is SdfCode.KEY_NOT_EXIST:
                raise KeyDestroyed from None
            raise
        except BaseException:
            self._return(session)
            raise
        else:
            self._return(session)

    def _return(self, session: HsmSession) -> None:
        if len(self._idle) < _SESSIONS_KEPT:
            self._idle.append(session)
        else:
            session.close()

    def _newest(self, session: HsmSession, purpose: str) -> int:
        """Return the key-encryption key for new keys of a purpose, made at the first need."""
        with self._lock:
            known = self._current.get(purpose)
            if known is None:
                active = [kek for kek in session.keks() if kek.purpose == purpose and kek.active]
                known = max(active, key=lambda kek: (kek.created, kek.id)).id if active else 0
                known = known or session.generate_kek(purpose)
                self._current[purpose] = known
            return known

    def _new_key(self, purpose: str) -> WrappedKey:
        for attempt in (1, 2):
            with self._session() as session:
                kek_id = self._newest(session, purpose)
                try:
                    blob, handle = session.generate_key_with_kek(kek_id)
                except SdfError as error:
                    # Destroyed by another process since it was looked up: look again, once.
                    if error.code is not SdfCode.KEY_NOT_EXIST or attempt == 2:
                        raise
                    self.forget()
                    continue
                session.destroy_key(handle)
                return WrappedKey(blob, kek_id)
        raise KeyDestroyed

    def forget(self) -> None:
        """Look up the key-encryption keys again (after a restore)."""
        with self._lock:
            self._current.clear()

    def new_conversation_key(self) -> WrappedKey:
        """Make the key of a conversation's new epoch (一话一密)."""
        return self._new_key(CONVERSATION)

    def new_file_key(self) -> WrappedKey:
        """Make the key of a file that the server itself seals (notices, exports)."""
        return self._new_key(FILE)

    def new_retention_key(self) -> WrappedKey:
        """Make the key of an archive that must be kept for years."""
        return self._new_key(RETENTION)

    def new_secret_key(self) -> WrappedKey:
        """Make the key of one secret message (3.1.1.5)."""
        return self._new_key(SECRET)

    def retire_secret(self, kept: Collection[int], older_than_ms: int) -> list[int]:
        """Begin a new key-encryption key of secret messages when the newest is older (Unix ms), and destroy the
        retired ones that are not in `kept`: no copy of the database holds a key of theirs that opens. Returns them."""
        active = [kek for kek in self.keks() if kek.purpose == SECRET and kek.active]
        if not active:
            return []
        newest = max(active, key=lambda kek: (kek.created, kek.id))
        if newest.created * 1000 < older_than_ms:
            self.rotate_kek(SECRET)
        # A key may have been made under the newest that is not in the database yet: its turn comes next time.
        active.remove(newest)
        gone = [kek.id for kek in active if kek.id not in kept]
        for kek_id in gone:
            self.destroy_kek(kek_id)
        return gone

    def _with_key(self, wrapped: WrappedKey, use: Callable[[HsmSession, int], Result]) -> Result:
        with self._session() as session:
            handle = session.import_key_with_kek(wrapped.kek_id, wrapped.blob)
            try:
                return use(session, handle)
            finally:
                session.destroy_key(handle)

    def envelope(
        self, wrapped: WrappedKey, *, conversation_id: str, epoch: int, device_public: bytes
    ) -> bytes:
        """Re-protect (转保护) a key to a device's SM2 key, bound to conversation and epoch; 142 bytes."""

        def use(session: HsmSession, handle: int) -> bytes:
            carried = session.exchange_envelope(wrapped.kek_id, wrapped.blob, device_public)
            nonce = session.random(NONCE_BYTES)
            aad = forms.envelope_aad(conversation_id=conversation_id, epoch=epoch)
            return forms.envelope_bytes(carried, nonce, session.encrypt_gcm(handle, nonce, b"", aad))

        return self._with_key(wrapped, use)

    def envelopes(
        self, wrapped: WrappedKey, *, conversation_id: str, epoch: int, device_publics: list[bytes]
    ) -> list[bytes]:
        """Re-protect one key to many devices, in order."""
        return [
            self.envelope(wrapped, conversation_id=conversation_id, epoch=epoch, device_public=public)
            for public in device_publics
        ]

    def seal_as_server(
        self,
        wrapped: WrappedKey,
        *,
        epoch: int,
        conversation_id: str,
        sender_id: str,
        client_id: str,
        plaintext: bytes,
    ) -> bytes:
        """Seal a message of the system or a bot inside the device, in the form that clients open."""
        aad = forms.message_aad(
            epoch=epoch, conversation_id=conversation_id, sender_id=sender_id, client_id=client_id
        )

        def use(session: HsmSession, handle: int) -> bytes:
            nonce = session.random(NONCE_BYTES)
            return forms.message_bytes(epoch, nonce, session.encrypt_gcm(handle, nonce, plaintext, aad))

        return self._with_key(wrapped, use)

    def open_as_server(
        self, wrapped: WrappedKey, *, conversation_id: str, sender_id: str, client_id: str, sealed: bytes
    ) -> bytes:
        """Open a message that was written to the server (to a bot). Raises `SealError`.

        The caller answers for that the message was meant for the server; people's conversations are not opened here.
        """
        epoch = forms.sealed_epoch(sealed)
        aad = forms.message_aad(
            epoch=epoch, conversation_id=conversation_id, sender_id=sender_id, client_id=client_id
        )
        nonce, rest = sealed[5 : 5 + NONCE_BYTES], sealed[5 + NONCE_BYTES :]
        if len(rest) < TAG_BYTES:
            raise SealError(SealReason.TRUNCATED)
        try:
            return self._with_key(
                wrapped, lambda session, handle: session.decrypt_gcm(handle, nonce, rest, aad)
            )
        except SdfError as error:
            if error.code is SdfCode.ENCRYPTED_DATA:
                raise SealError(SealReason.TAMPERED) from None
            raise

    def keks(self) -> list[KekInfo]:
        """List the key-encryption keys with their states, never their values."""
        with self._session() as session:
            return session.keks()

    def rotate_kek(self, purpose: str = CONVERSATION) -> int:
        """Use a new key-encryption key for new keys; the old one still opens what is under it."""
        with self._session() as session:
            fresh = session.generate_kek(purpose)
        with self._lock:
            self._current[purpose] = fresh
        return fresh

    def rewrap(self, wrapped: WrappedKey, kek_id: int) -> WrappedKey:
        """Move a key under another key-encryption key; the key itself stays the same."""
        with self._session() as session:
            return WrappedKey(session.rewrap(wrapped.kek_id, wrapped.blob, kek_id), kek_id)

    def carry(self, wrapped: WrappedKey, public: bytes) -> bytes:
        """Re-protect (转保护) a key to an SM2 key outside: `04‖X‖Y‖C3‖C2`."""
        with self._session() as session:
            return session.exchange_envelope(wrapped.kek_id, wrapped.blob, public)

    def encrypt_public(self) -> bytes:
        """Return the public key to which `receive` expects keys encrypted."""
        with self._session() as session:
            return session.export_encrypt_public(1)

    def receive(self, envelope: bytes, purpose: str = CONVERSATION) -> WrappedKey:
        """Take a key that comes from outside, encrypted to `encrypt_public`."""
        with self._session() as session:
            kek_id = self._newest(session, purpose)
            return WrappedKey(session.import_envelope(kek_id, envelope), kek_id)

    def revoke(self, wrapped: list[WrappedKey]) -> None:
        """Emergency destruction (紧急销密) of single keys: the device refuses them at once and for ever.

        The caller also deletes the wrapped keys; what stays in an old backup is refused by this device. Only
        `destroy_kek` makes them unreadable to one who holds the master key and a backup.
        """
        with self._session() as session:
            session.revoke([key.blob for key in wrapped])

    def sign(self, digest: bytes) -> bytes:
        """Sign a hash with the device's signing key 1."""
        with self._session() as session:
            return session.sign(1, digest)

    def sign_public(self) -> bytes:
        """Return the public key of the device's signing key 1."""
        with self._session() as session:
            return session.export_sign_public(1)

    def holds(self, digest: bytes, signature: bytes, public: bytes | None = None) -> bool:
        """Say whether a signature is by the device's signing key 1, or by `public`."""
        with self._session() as session:
            try:
                if public is None:
                    session.verify(1, digest, signature)
                else:
                    session.external_verify(public, digest, signature)
            except SdfError as error:
                if error.code in (SdfCode.VERIFY, SdfCode.PUBLIC_KEY_OPERATION):
                    return False
                raise
            return True

    def destroy_kek(self, kek_id: int) -> None:
        """Destroy a key-encryption key, and with it every key under it, in this and every backup of the database."""
        with self._session() as session:
            session.destroy_kek(kek_id)
        self.forget()

    def close(self) -> None:
        """Close the idle sessions; the device stays open."""
        while self._idle:
            self._idle.pop().close()

"""Key slots: the store's random key, wrapped once for each way of opening it; any one slot opens."""

import asyncio
import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import argon2.low_level
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import NoUsableSlot, PasscodeTooShort, SlotsDamaged, WrongPasscode
from .folders import make_private
from .keyring_port import KeyringPort, KeyringUnavailable

KEY_BYTES = 32
MIN_PASSCODE = 6
_VERSION = 1


class SlotKind(StrEnum):
    """Ways of opening a store."""

    KEYRING = "keyring"
    PASSCODE = "passcode"
    PASSWORD = "password"
    ESCROW = "escrow"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """Argon2id parameters: passes, memory in KiB, lanes (about 150 ms on an office machine)."""

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 2


@dataclass(frozen=True, slots=True)
class PhoneTicket:
    """What a locked client shows the server to be opened by phone. It opens nothing by itself: the wrapping key lies
    in the server's HSM and comes only after the owner's phone has agreed."""

    device_id: str
    secret: str


class KeySlots:
    """The slots in `slots.json`.

    Each slot holds the store's 32-byte key under AES-GCM; the wrapping key is a random one in the OS keyring,
    Argon2id of the passcode or password, or one that the server's HSM keeps for the owner's phone (ESCROW). There is no slot that needs no secret: what
    lies on the disk never opens the store by itself.
    """

    def __init__(self, file: Path, keyring: KeyringPort, cost: Argon2Cost | None = None) -> None:
        self._file = file
        self._keyring = keyring
        self._cost = cost or Argon2Cost()

    def exist(self) -> bool:
        """Whether a store was set up here."""
        return self._file.exists()

    def kinds(self) -> set[SlotKind]:
        """Which slots there are. Raises SlotsDamaged."""
        return {SlotKind(slot["kind"]) for slot in self._read()["slots"] if slot["kind"] in set(SlotKind)}

    async def create(self, passcode: str | None = None) -> bytes:
        """Make a new store key, with a keyring slot where a keyring answers and a passcode slot if given.

        Raises NoUsableSlot when neither is possible, so that the user is asked for a passcode.
        """
        key = secrets.token_bytes(KEY_BYTES)
        document: dict[str, Any] = {"version": _VERSION, "store_id": secrets.token_hex(16), "slots": []}
        if passcode is not None:
            document["slots"].append(await self._passcode_slot(document["store_id"], key, passcode))
        try:
            document["slots"].append(await self._keyring_slot(document["store_id"], key))
        except KeyringUnavailable:
            if passcode is None:
                raise NoUsableSlot from None
        await asyncio.to_thread(self._write, document)
        return key

    async def open_with_keyring(self) -> bytes | None:
        """The key, or None when the keyring cannot give it (then ask for the passcode)."""
        document = self._read()
        for slot in self._slots(document, SlotKind.KEYRING):
            try:
                secret = await self._keyring.get(slot["name"])
            except KeyringUnavailable:
                return None
            if secret:
                try:
                    return _unwrap(document["store_id"], slot, base64.b64decode(secret))
                except (InvalidTag, ValueError):
                    continue
        return None

    async def open_with_passcode(self, passcode: str) -> bytes:
        """The key. Raises WrongPasscode."""
        return await self._open_stretched(SlotKind.PASSCODE, passcode)

    async def open_with_password(self, password: str) -> bytes:
        """The key, by the account's password as it was when last typed here. Raises WrongPasscode."""
        return await self._open_stretched(SlotKind.PASSWORD, password)

    async def _open_stretched(self, kind: SlotKind, secret: str) -> bytes:
        document = self._read()
        for slot in self._slots(document, kind):
            wrapping = await asyncio.to_thread(_stretch, secret, slot)
            try:
                return _unwrap(document["store_id"], slot, wrapping)
            except InvalidTag:
                continue
        raise WrongPasscode

    async def open_with_phone(self, wrapping: bytes) -> bytes:
        """The key, by the wrapping key that the server released after a scan. Raises WrongPasscode.

        What a forced lock had set aside (`park`) counts again from here on.
        """
        document = self._read()
        for slot in self._slots(document, SlotKind.ESCROW):
            try:
                key = _unwrap(document["store_id"], slot, wrapping)
            except InvalidTag:
                continue
            if "parked" in document:
                parked = document.pop("parked")
                sealed = AESGCM(wrapping).decrypt(
                    base64.b64decode(parked["nonce"]),
                    base64.b64decode(parked["sealed"]),
                    f"{document['store_id']}/parked".encode(),
                )
                document["slots"] = [*document["slots"], *json.loads(sealed)]
                await asyncio.to_thread(self._write, document)
            return key
        raise WrongPasscode

    def phone_ticket(self) -> PhoneTicket | None:
        """What to show the server to be opened by phone; None without such a slot."""
        for slot in self._slots(self._read(), SlotKind.ESCROW):
            return PhoneTicket(slot["device_id"], slot["ticket"])
        return None

    async def set_phone(self, key: bytes, wrapping: bytes, ticket: PhoneTicket) -> None:
        """Add or replace the phone's slot."""
        document = self._read()
        slot = _wrap(document["store_id"], SlotKind.ESCROW, key, wrapping)
        await self._replace(document, slot | {"device_id": ticket.device_id, "ticket": ticket.secret})

    async def park(self, wrapping: bytes) -> bool:
        """Forced lock: set every other slot aside under the phone's wrapping key, so that only a scan opens the store
        whatever is done to this program. False (and nothing changes) without a phone slot of this key."""
        document = self._read()
        phone = self._slots(document, SlotKind.ESCROW)
        others = [
            slot for slot in document["slots"] if slot["kind"] in (SlotKind.PASSCODE, SlotKind.PASSWORD)
        ]
        names = [slot["name"] for slot in document["slots"] if "name" in slot]
        try:
            for slot in phone:
                _unwrap(document["store_id"], slot, wrapping)
        except InvalidTag:
            return False
        if not phone or "parked" in document:
            return bool(phone)
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(wrapping).encrypt(
            nonce, json.dumps(others).encode(), f"{document['store_id']}/parked".encode()
        )
        document["slots"] = phone
        document["parked"] = {
            "nonce": base64.b64encode(nonce).decode(),
            "sealed": base64.b64encode(sealed).decode(),
        }
        await asyncio.to_thread(self._write, document)
        for name in names:
            await self._forget(name)
        return True

    async def set_passcode(self, key: bytes, passcode: str) -> None:
        """Add or replace the passcode slot."""
        document = self._read()
        await self._replace(document, await self._passcode_slot(document["store_id"], key, passcode))

    async def set_password(self, key: bytes, password: str) -> None:
        """Add or replace the slot of the account's password, so that it unlocks also offline (3.2.3.1.1)."""
        document = self._read()
        slot = await self._stretched_slot(document["store_id"], SlotKind.PASSWORD, key, password)
        await self._replace(document, slot)

    async def set_keyring(self, key: bytes) -> bool:
        """Add or renew the keyring slot; False when no keyring answers."""
        document = self._read()
        try:
            await self._replace(document, await self._keyring_slot(document["store_id"], key))
        except KeyringUnavailable:
            return False
        return True

    async def set_system(self, key: bytes) -> bytes:
        """Add or replace the slot of the system's authentication; returns the half of its wrapping key that only this
        process may hold. The other half is in the OS keyring: neither the disk with the keyring nor the process alone
        opens the store. Empty where no keyring answers."""
        document = self._read()
        ours, theirs = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES)
        name = f"system-{document['store_id']}-{secrets.token_hex(4)}"
        try:
            await self._keyring.put(name, base64.b64encode(theirs).decode())
        except KeyringUnavailable:
            return b""
        slot = _wrap(document["store_id"], SlotKind.SYSTEM, key, _joined(ours, theirs))
        await self._replace(document, slot | {"name": name})
        return ours

    async def open_with_system(self, ours: bytes) -> bytes:
        """The key, after the system has confirmed the user. Raises WrongPasscode."""
        document = self._read()
        for slot in self._slots(document, SlotKind.SYSTEM):
            try:
                theirs = await self._keyring.get(slot["name"])
                if theirs:
                    return _unwrap(document["store_id"], slot, _joined(ours, base64.b64decode(theirs)))
            except (KeyringUnavailable, InvalidTag, ValueError):
                continue
        raise WrongPasscode

    async def remove(self, kind: SlotKind) -> None:
        """Remove a slot. Raises NoUsableSlot rather than removing the last one."""
        document = self._read()
        left = [slot for slot in document["slots"] if slot["kind"] != kind]
        if not left:
            raise NoUsableSlot
        names = [slot["name"] for slot in self._slots(document, kind) if "name" in slot]
        document["slots"] = left
        await asyncio.to_thread(self._write, document)
        for name in names:
            await self._forget(name)

    # Inner parts.

    async def _passcode_slot(self, store_id: str, key: bytes, passcode: str) -> dict[str, Any]:
        if len(passcode) < MIN_PASSCODE:
            raise PasscodeTooShort
        return await self._stretched_slot(store_id, SlotKind.PASSCODE, key, passcode)

    async def _stretched_slot(self, store_id: str, kind: SlotKind, key: bytes, secret: str) -> dict[str, Any]:
        parameters = {
            "salt": base64.b64encode(secrets.token_bytes(16)).decode(),
            "passes": self._cost.passes,
            "memory_kib": self._cost.memory_kib,
            "lanes": self._cost.lanes,
        }
        wrapping = await asyncio.to_thread(_stretch, secret, parameters)
        return _wrap(store_id, kind, key, wrapping) | parameters

    async def _keyring_slot(self, store_id: str, key: bytes) -> dict[str, Any]:
        # A new name each time: a crash before the file is written leaves the old slot working.
        name = f"store-{store_id}-{secrets.token_hex(4)}"
        wrapping = secrets.token_bytes(KEY_BYTES)
        await self._keyring.put(name, base64.b64encode(wrapping).decode())
        return _wrap(store_id, SlotKind.KEYRING, key, wrapping) | {"name": name}

    async def _replace(self, document: dict[str, Any], slot: dict[str, Any]) -> None:
        replaced = [old for old in document["slots"] if old["kind"] == slot["kind"]]
        document["slots"] = [old for old in document["slots"] if old["kind"] != slot["kind"]] + [slot]
        await asyncio.to_thread(self._write, document)
        for old in replaced:
            if "name" in old:
                await self._forget(old["name"])

    async def _forget(self, name: str) -> None:
        try:
            await self._keyring.remove(name)
        except KeyringUnavailable:
            return  # Without its wrapped half in the file the secret opens nothing.

    @staticmethod
    def _slots(document: dict[str, Any], kind: SlotKind) -> list[dict[str, Any]]:
        return [slot for slot in document["slots"] if slot["kind"] == kind]

    def _read(self) -> dict[str, Any]:
        for file in (self._file, self._file.with_suffix(".bak")):
            try:
                document = json.loads(file.read_text(encoding="utf-8"))
                if document["version"] == _VERSION and document["slots"] and document["store_id"]:
                    return document
            except (OSError, ValueError, KeyError, TypeError):
                continue
        raise SlotsDamaged

    def _write(self, document: dict[str, Any]) -> None:
        make_private(self._file.parent)
        data = json.dumps(document, indent=1).encode()
        # The second copy is written after the first is whole: one of them survives a crash at any moment.
        for file in (self._file, self._file.with_suffix(".bak")):
            replace_file(file, data)


def replace_file(file: Path, data: bytes) -> None:
    """Replace a file's content whole or not at all; readable by the owner alone."""
    fresh = file.with_name(file.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(file)


def _joined(ours: bytes, theirs: bytes) -> bytes:
    return hashlib.sha256(b"zhengding/system-slot" + ours + theirs).digest()


def _stretch(passcode: str, parameters: dict[str, Any]) -> bytes:
    return argon2.low_level.hash_secret_raw(
        passcode.encode(),
        base64.b64decode(parameters["salt"]),
        time_cost=int(parameters["passes"]),
        memory_cost=int(parameters["memory_kib"]),
        parallelism=int(parameters["lanes"]),
        hash_len=KEY_BYTES,
        type=argon2.low_level.Type.ID,
    )


def _wrap(store_id: str, kind: SlotKind, key: bytes, wrapping: bytes) -> dict[str, Any]:
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(wrapping).encrypt(nonce, key, f"{store_id}/{kind}".encode())
    return {
        "kind": str(kind),
        "nonce": base64.b64encode(nonce).decode(),
        "sealed": base64.b64encode(sealed).decode(),
    }


def _unwrap(store_id: str, slot: dict[str, Any], wrapping: bytes) -> bytes:
    return AESGCM(wrapping).decrypt(
        base64.b64decode(slot["nonce"]),
        base64.b64decode(slot["sealed"]),
        f"{store_id}/{slot['kind']}".encode(),
    )

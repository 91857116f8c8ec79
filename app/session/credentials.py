"""What the store keeps of a sign-in, so that the next start needs none: tokens, the device's key, the own card."""

import time
from typing import NamedTuple

import msgspec

from app.session.session import SESSION_SECRET
from app.session.tokens import DeviceKey, SessionTokens, pack, unpack_device, unpack_tokens
from app.store.database import Writer
from app.store.queries import people, secrets
from app.store.store import Store
from server_stub.contract.accounts import SignedIn
from server_stub.contract.directory import Person

_DEVICE, _PERSON = "device", "person"


class Credentials(NamedTuple):
    """With which a session begins."""

    tokens: SessionTokens
    device: DeviceKey
    person: Person


async def device_of(store: Store) -> DeviceKey | None:
    """The device as which an earlier sign-in was made."""
    data = await store.read(lambda db: secrets.get(db, _DEVICE))
    return None if data is None else unpack_device(data)


async def write_down(store: Store, server_url: str, signed: SignedIn, device: DeviceKey) -> Credentials:
    """Keep a fresh sign-in."""
    tokens = SessionTokens(
        server_url=server_url,
        session_id=signed.session_id,
        access_token=signed.tokens.access_token,
        refresh_token=signed.tokens.refresh_token,
        expires_at=time.time() + signed.tokens.expires_in,
        is_admin=signed.is_admin,
    )

    def work(db: Writer) -> None:
        secrets.put(db, _DEVICE, pack(device))
        secrets.put(db, SESSION_SECRET, pack(tokens))
        secrets.put(db, secrets.PERSON_ID, signed.person.id.encode())
        secrets.put(db, _PERSON, msgspec.msgpack.encode(signed.person))
        people.put(db, [signed.person], int(time.time() * 1000))

    await store.write(work)
    return Credentials(tokens, device, signed.person)


async def read_back(store: Store, server_url: str) -> Credentials | None:
    """The last sign-in; None when it is over or unreadable. `server_url`: where the server is now."""
    names = (SESSION_SECRET, _DEVICE, _PERSON)
    session, device, person = await store.read(lambda db: [secrets.get(db, name) for name in names])
    if session is None or device is None or person is None:
        return None
    try:
        tokens = msgspec.structs.replace(unpack_tokens(session), server_url=server_url)
        return Credentials(tokens, unpack_device(device), msgspec.msgpack.decode(person, type=Person))
    except msgspec.DecodeError:
        return None

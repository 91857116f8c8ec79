"""The slots that the lock brings: the phone's, the system's, and what a forced lock sets aside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.store.errors import WrongPasscode
from app.store.slots import Argon2Cost, KeySlots, PhoneTicket, SlotKind

CHEAP = Argon2Cost(passes=1, memory_kib=64, lanes=1)
PHONE = bytes(range(16))
TICKET = PhoneTicket("device", "secret")


class Keys:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def put(self, name: str, secret: str) -> None:
        self.kept[name] = secret

    async def remove(self, name: str) -> None:
        self.kept.pop(name, None)


@pytest.fixture
def slots(tmp_path: Path) -> KeySlots:
    return KeySlots(tmp_path / "slots.json", Keys(), CHEAP)  # type: ignore[arg-type]


async def test_only_the_wrapping_key_that_the_server_keeps_opens_the_phones_slot(
    slots: KeySlots, tmp_path: Path
):
    key = await slots.create("654321")
    await slots.set_phone(key, PHONE, TICKET)
    assert slots.phone_ticket() == TICKET
    assert await slots.open_with_phone(PHONE) == key
    for wrong in (bytes(16), PHONE[::-1]):
        with pytest.raises(WrongPasscode):
            await slots.open_with_phone(wrong)
    # The disk alone has neither the key nor what wraps it.
    assert PHONE.hex() not in (tmp_path / "slots.json").read_text()


async def test_a_forced_lock_leaves_the_phones_slot_alone_until_it_opened(slots: KeySlots, tmp_path: Path):
    key = await slots.create("654321")
    await slots.set_password(key, "Passw0rd-2026")
    await slots.set_phone(key, PHONE, TICKET)
    assert not await slots.park(bytes(16)), "not this slot's key: nothing is set aside"
    assert await slots.open_with_passcode("654321") == key
    assert await slots.park(PHONE)
    assert slots.kinds() == {SlotKind.ESCROW}
    assert await slots.open_with_keyring() is None
    for attempt in (slots.open_with_passcode("654321"), slots.open_with_password("Passw0rd-2026")):
        with pytest.raises(WrongPasscode):
            await attempt
    # The second copy of the file is no way round it.
    assert {slot["kind"] for slot in json.loads((tmp_path / "slots.bak").read_text())["slots"]} == {"escrow"}
    assert await slots.park(PHONE), "again changes nothing"
    assert await slots.open_with_phone(PHONE) == key
    assert await slots.open_with_passcode("654321") == key
    assert await slots.open_with_password("Passw0rd-2026") == key


async def test_without_a_phone_slot_nothing_is_set_aside(slots: KeySlots):
    key = await slots.create("654321")
    assert not await slots.park(PHONE)
    assert await slots.open_with_passcode("654321") == key
    assert slots.phone_ticket() is None


async def test_the_systems_slot_needs_keyring_and_process(slots: KeySlots):
    key = await slots.create("654321")
    ours = await slots.set_system(key)
    assert await slots.open_with_system(ours) == key
    with pytest.raises(WrongPasscode):
        await slots.open_with_system(bytes(32))
    keys: Keys = slots._keyring  # type: ignore[assignment]
    for name in [name for name in keys.kept if name.startswith("system-")]:
        keys.kept[name] = keys.kept[name][::-1]
    with pytest.raises(WrongPasscode):
        await slots.open_with_system(ours)

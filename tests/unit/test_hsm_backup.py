"""Shares and the backup file of keys: enough shares open it, fewer or wrong ones never do."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.hsm import backup, shares
from server_stub.hsm.backup import BadBackup, KeptKey
from server_stub.hsm.custody import KeyCustody, KeyDestroyed
from server_stub.hsm.errors import SdfError
from server_stub.hsm.master import FileMaster
from server_stub.hsm.shares import BadShare
from server_stub.hsm.soft import SoftHsm

ALG = Algorithms.best()
DEVICE = ALG.sm2_generate()


@given(st.binary(min_size=16, max_size=16), st.integers(2, 5), st.integers(0, 3))
def test_every_sufficient_set_of_shares_gives_the_secret(secret, needed, more):
    parts = shares.split(secret, needed=needed, total=needed + more)
    for some in combinations(parts, needed):
        assert shares.join(list(some)) == secret


def test_one_share_of_two_tells_nothing():
    # For each value of a share there is, for every secret, exactly one other share: all secrets stay possible.
    seen = {shares.split(b"\x07", needed=2, total=2)[0][1] for _ in range(6000)}
    assert len(seen) == 256


def test_a_share_survives_being_written_down_and_typed_in_again():
    text = shares.to_text(b"\xaa" * 16, 2, 1, bytes(range(16)))
    assert shares.from_text(f"  {text.lower()} \n") == (b"\xaa" * 4, 2, 1, bytes(range(16)))
    for at in range(len(text)):
        wrong = text[:at] + ("7" if text[at] != "7" else "6") + text[at + 1 :]
        with pytest.raises(BadShare):
            shares.from_text(wrong)
    with pytest.raises(BadShare):
        shares.from_text("")


@pytest.fixture
def device(tmp_path):
    opened = []

    def make(name):
        opened.append(SoftHsm(tmp_path / name, FileMaster(tmp_path / f"{name}.key"), ALG))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.mark.clause("3.3.4")
def test_keys_come_back_on_another_machine(device):
    hsm = device("first")
    custody = KeyCustody(hsm)
    kept, revoked = custody.new_conversation_key(), custody.new_conversation_key()
    custody.revoke([revoked])
    place = {"conversation_id": "c", "epoch": 1, "device_public": DEVICE.public}
    key = ALG.sm2_decrypt(DEVICE.private, custody.envelope(kept, **place)[1:114])
    kept_key = KeptKey(conversation_id="c", epoch=1, wrapped=kept.blob, kek_id=kept.kek_id, created_at=5)
    made = backup.make(ALG, hsm, serial=hsm.info().serial, keys=[kept_key], made_at=7, total=3)
    assert key not in made.data
    content = backup.open_backup(ALG, made.data, made.shares[1:])
    assert (content.made_at, content.keys, content.serial) == (7, [kept_key], hsm.info().serial)
    other = device("second")
    with pytest.raises(KeyDestroyed):
        KeyCustody(other).envelope(kept, **place)
    backup.restore_device(ALG, other, content)
    there = KeyCustody(other)
    assert ALG.sm2_decrypt(DEVICE.private, there.envelope(kept, **place)[1:114]) == key
    with pytest.raises(KeyDestroyed):
        there.envelope(revoked, **place)


def test_a_restore_never_brings_back_what_was_destroyed_here(device):
    hsm = device("first")
    custody = KeyCustody(hsm)
    wrapped = custody.new_conversation_key()
    made = backup.make(ALG, hsm, serial="", keys=[], made_at=0)
    custody.destroy_kek(wrapped.kek_id)
    backup.restore_device(ALG, hsm, backup.open_backup(ALG, made.data, made.shares))
    with pytest.raises(KeyDestroyed):
        custody.envelope(wrapped, conversation_id="c", epoch=1, device_public=DEVICE.public)


def test_too_few_wrong_or_foreign_shares_and_damaged_files_are_refused(device):
    hsm = device("first")
    made, other = (backup.make(ALG, hsm, serial="", keys=[], made_at=0) for _ in range(2))
    for texts in ([], made.shares[:1], [made.shares[0]] * 2, [made.shares[0], other.shares[1]]):
        with pytest.raises(BadShare):
            backup.open_backup(ALG, made.data, texts)
    _, needed, number, part = shares.from_text(made.shares[0])
    forged = shares.to_text(made.data[10:26], needed, number, bytes([part[0] ^ 1]) + part[1:])
    with pytest.raises(BadBackup):
        backup.open_backup(ALG, made.data, [forged, made.shares[1]])
    for at in range(0, len(made.data), 11):
        bad = made.data[:at] + bytes([made.data[at] ^ 1]) + made.data[at + 1 :]
        with pytest.raises((BadBackup, BadShare)):
            backup.open_backup(ALG, bad, made.shares)
    with pytest.raises(BadBackup):
        backup.open_backup(ALG, made.data[:30], made.shares)
    with pytest.raises(SdfError):
        backup.restore_device(ALG, object(), backup.open_backup(ALG, made.data, made.shares))

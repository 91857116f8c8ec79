"""The parts of the software HSM: random health, secrets, master keys, sealed files, error words."""

import os
import random
import stat
import sys

import keyring
import pytest
from keyring.backend import KeyringBackend

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.hsm import randomness, vault, wrapping
from server_stub.hsm.errors import SDF_TEXT, SdfCode, SdfError
from server_stub.hsm.master import FileMaster, KeyringMaster, MasterKeyUnavailable, PassphraseMaster
from server_stub.hsm.randomness import HealthyRandom
from server_stub.hsm.secret import Secret, wipe_bytes

ALG = Algorithms.best()


def test_every_code_has_words_and_vendor_codes_keep_their_number():
    assert set(SDF_TEXT) == set(SdfCode)
    assert SdfError(SdfCode.KEY_NOT_EXIST).text == "密钥不存在或已销毁"
    assert SdfCode.ARGUMENT_OUT == 0x0100001E
    vendor = SdfError(0x01010203, "sign")
    assert vendor.code is SdfCode.UNKNOWN
    assert "0x01010203" in vendor.text
    assert str(vendor) == "UNKNOWN (0x01010203) in sign"
    assert SdfError(SdfCode.COMMUNICATION).device_lost
    assert not SdfError(SdfCode.KEY).device_lost


def test_good_random_numbers_pass():
    source = random.Random(7)
    for _ in range(40):
        sample = source.randbytes(randomness.START_BYTES)
        assert randomness.repetition_holds(sample)
        assert randomness.proportion_holds(sample)
        assert randomness.monobit_holds(sample)
        assert randomness.poker_holds(sample)
    health = HealthyRandom()
    assert health.start_test() == []
    assert len({health.take(16) for _ in range(2000)}) == 2000
    assert len(health.take(10_000)) == 10_000
    assert health.take(0) == b""


@pytest.mark.parametrize(
    ("bad", "caught_by"),
    [
        (bytes, "repetition"),
        (lambda n: b"ab" * (n // 2), "adaptive proportion"),
        (lambda n: bytes(byte | 1 for byte in random.Random(1).randbytes(n)), "monobit"),
        (lambda n: bytes(i * 167 % 256 for i in range(n)), "poker"),
    ],
)
def test_bad_random_numbers_are_caught_at_start(bad, caught_by):
    health = HealthyRandom(bad)
    assert caught_by in health.start_test()
    with pytest.raises(SdfError) as refused:
        health.take(1)
    assert refused.value.code is SdfCode.RANDOM


def test_one_bad_block_is_thrown_away_and_two_stop_the_device():
    blocks = []

    def source(size):
        return blocks.pop(0) if blocks else os.urandom(size)

    health = HealthyRandom(source)
    health.start_test()
    blocks.append(bytes(randomness.BLOCK))
    assert health.take(32) != bytes(32)
    assert health.alarms == 1
    blocks += [bytes(randomness.BLOCK)] * 2
    health.take(randomness.BLOCK - 32)
    for _ in range(2):
        with pytest.raises(SdfError):
            health.take(randomness.BLOCK)
    assert health.start_test() == []
    assert len(health.take(16)) == 16


def test_a_cut_block_is_an_alarm():
    health = HealthyRandom(lambda size: os.urandom(size - 1))
    with pytest.raises(SdfError):
        health.take(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_serves_other_bytes():
    health = HealthyRandom()
    health.take(1)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, health.take(32))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 32) != health.take(32)
    os.close(reading)
    os.close(writing)


def test_a_secret_is_wiped_and_then_refused():
    secret = Secret(b"0123456789abcdef")
    with secret.use() as lent:
        assert lent == b"0123456789abcdef"
    assert lent == bytes(16), "the copy lent out is wiped"
    assert "0123" not in repr(secret)
    secret.wipe()
    with pytest.raises(SdfError) as refused, secret.use():
        pass
    assert refused.value.code is SdfCode.KEY_NOT_EXIST


def test_wiping_leaves_shared_one_byte_strings_alone():
    for short in (b"", bytes([65])):
        wipe_bytes(short)
    assert bytes([65]) == b"A"


def test_file_master_is_private_and_never_replaced(tmp_path):
    path = tmp_path / "deep" / "master.key"
    source = FileMaster(path)
    with pytest.raises(MasterKeyUnavailable):
        source.obtain(salt=b"", create=False)
    key = source.obtain(salt=b"", create=True)
    assert len(key) == 32
    assert source.obtain(salt=b"", create=True) == source.obtain(salt=b"", create=False) == key
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    path.write_bytes(key[:-1])
    with pytest.raises(MasterKeyUnavailable, match="损坏"):
        source.obtain(salt=b"", create=False)


def test_passphrase_master():
    quick = {"memory_kib": 64, "passes": 1}
    salt = bytes(16)
    one = PassphraseMaster(lambda: "correct horse", **quick)
    assert one.obtain(salt=salt, create=True) == one.obtain(salt=salt, create=False)
    assert one.obtain(salt=b"1" * 16, create=False) != one.obtain(salt=salt, create=False)
    other = PassphraseMaster(lambda: "wrong horse!", **quick)
    assert other.obtain(salt=salt, create=False) != one.obtain(salt=salt, create=False)
    with pytest.raises(MasterKeyUnavailable, match="8 位"):
        PassphraseMaster(lambda: "short", **quick).obtain(salt=salt, create=True)


class MemoryKeyring(KeyringBackend):
    priority = 1

    def __init__(self, forgetful=False):
        super().__init__()
        self.kept = {}
        self.forgetful = forgetful

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        if not self.forgetful:
            self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture
def use_keyring():
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_keyring_master(use_keyring):
    use_keyring(MemoryKeyring())
    source = KeyringMaster()
    with pytest.raises(MasterKeyUnavailable, match="没有"):
        source.obtain(salt=b"s", create=False)
    key = source.obtain(salt=b"s", create=True)
    assert source.obtain(salt=b"s", create=False) == key
    assert source.obtain(salt=b"t", create=True) != key


def test_keyring_that_forgets_or_fails_is_named(use_keyring):
    use_keyring(MemoryKeyring(forgetful=True))
    with pytest.raises(MasterKeyUnavailable, match="没有保存"):
        KeyringMaster().obtain(salt=b"s", create=True)
    from keyring.backends.fail import Keyring

    use_keyring(Keyring())
    with pytest.raises(MasterKeyUnavailable, match="不可用"):
        KeyringMaster().obtain(salt=b"s", create=True)


def test_sealed_files_are_bound_to_name_and_key(tmp_path):
    key, path = vault.storage_key(ALG, b"m" * 32), tmp_path / "f"
    vault.write_sealed(ALG, key, b"s" * 16, path, "name", b"content")
    assert vault.read_sealed(ALG, key, path, "name") == b"content"
    assert vault.read_salt(path) == b"s" * 16
    assert b"content" not in path.read_bytes()
    for other_key, name in ((key, "other"), (vault.storage_key(ALG, b"n" * 32), "name")):
        with pytest.raises(SdfError) as refused:
            vault.read_sealed(ALG, other_key, path, name)
        assert refused.value.code is SdfCode.PRIVATE_KEY_ACCESS
    good = path.read_bytes()
    for at in range(len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(SdfError):
            vault.read_sealed(ALG, key, path, "name")
        path.write_bytes(good[:at])
        with pytest.raises(SdfError):
            vault.read_sealed(ALG, key, path, "name")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "f"
    vault.write_whole(path, b"old")
    monkeypatch.setattr(vault, "_replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        vault.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_wrapped_keys_of_another_form_are_refused_alike():
    good = wrapping.Wrapped(3, b"i" * 16, b"n" * 12, b"s" * 32).encode()
    assert wrapping.parse(3, good).key_id == b"i" * 16
    for kek_id, blob in ((4, good), (3, good[:-1]), (3, good + b"x"), (3, b"\2" + good[1:]), (3, b"")):
        with pytest.raises(SdfError) as refused:
            wrapping.parse(kek_id, blob)
        assert refused.value.code is SdfCode.ENCRYPTED_DATA

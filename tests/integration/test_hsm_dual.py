"""Dual-active devices: shared load, a loss in mid-traffic, the way back, one custody on both."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.sealed import open_envelope
from server_stub.hsm.custody import KeyCustody, KeyDestroyed, WrappedKey
from server_stub.hsm.dual import DualActive
from server_stub.hsm.errors import SdfCode, SdfError
from server_stub.hsm.master import FileMaster
from server_stub.hsm.soft import SoftHsm

ALG = Algorithms.best()
DEVICE = ALG.sm2_generate()


class Twins:
    """Two software devices, each with its own folder and master key; `lose` takes a folder away as a dead disk does."""

    def __init__(self, root):
        self.root = root
        self.hsm = self.open()

    def maker(self, number):
        def make():
            return SoftHsm(
                self.root / f"d{number}",
                FileMaster(self.root / f"d{number}.key"),
                ALG,
                lane=(number, 2),
            )

        return make

    def open(self):
        return DualActive([self.maker(0), self.maker(1)], retry_s=0.02)

    def lose(self, number):
        (self.root / f"d{number}").rename(self.root / f"away{number}")

    def bring_back(self, number):
        (self.root / f"away{number}").rename(self.root / f"d{number}")

    def alone(self, number):
        return self.maker(number)()


@pytest.fixture
def twins(tmp_path):
    twins = Twins(tmp_path)
    yield twins
    twins.hsm.close()


def clear_key(custody: KeyCustody, wrapped: WrappedKey) -> bytes:
    envelope = custody.envelope(wrapped, conversation_id="c1", epoch=1, device_public=DEVICE.public)
    return open_envelope(ALG, DEVICE.private, conversation_id="c1", epoch=1, envelope=envelope)


@pytest.mark.clause("3.3.4")
def test_what_one_device_made_the_other_uses(twins):
    custody = KeyCustody(twins.hsm)
    made = [custody.new_conversation_key() for _ in range(4)]
    clear = [clear_key(custody, key) for key in made]
    with twins.hsm.open_session() as session:
        public = session.export_sign_public(1)
        digest = session.hash(b"text", public=public)
        signatures = [session.sign(1, digest) for _ in range(4)]
        for signature in signatures * 2:
            session.verify(1, digest, signature)
    twins.hsm.close()
    for number in (0, 1):
        device = twins.alone(number)
        assert [clear_key(KeyCustody(device), key) for key in made] == clear
        device.close()


def test_the_load_is_shared(twins):
    custody = KeyCustody(twins.hsm)
    wrapped = custody.new_conversation_key()
    for _ in range(20):
        clear_key(custody, wrapped)
    served = [standing.served for standing in twins.hsm.standings()]
    assert min(served) > sum(served) / 3, served


@pytest.mark.clause("3.3.4")
def test_a_device_lost_in_mid_traffic_fails_no_call_and_comes_back_without_a_restart(twins):
    custody = KeyCustody(twins.hsm)
    first = custody.new_conversation_key()
    clear = clear_key(custody, first)
    done = threading.Event()
    counts = [0] * 4

    def work(number):
        while not done.is_set():
            fresh = custody.new_conversation_key()
            assert clear_key(custody, fresh) != clear
            assert clear_key(custody, first) == clear
            counts[number] += 1

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(work, number) for number in range(4)]
        try:
            for lost in (0, 1):
                twins.lose(lost)
                assert twins.hsm.wait_for(1, 10)
                away = twins.hsm.standings()[lost]
                assert not away.up
                assert away.reason == "加密运算模块无响应"
                twins.bring_back(lost)
                assert twins.hsm.wait_for(2, 10)
        finally:
            done.set()
        for job in jobs:
            job.result()
    assert min(counts) > 0


def test_changes_during_an_absence_are_there_when_the_device_is_back(twins):
    custody = KeyCustody(twins.hsm)
    revoked, gone = custody.new_conversation_key(), custody.new_file_key()
    twins.lose(1)
    custody.revoke([revoked])
    custody.destroy_kek(gone.kek_id)
    fresh_kek = custody.rotate_kek()
    fresh = custody.new_conversation_key()
    assert fresh.kek_id == fresh_kek
    clear = clear_key(custody, fresh)
    assert twins.hsm.wait_for(1, 10)
    twins.bring_back(1)
    assert twins.hsm.wait_for(2, 10)
    twins.hsm.close()
    device = twins.alone(1)
    alone = KeyCustody(device)
    assert clear_key(alone, fresh) == clear
    for key in (revoked, gone):
        with pytest.raises(KeyDestroyed):
            clear_key(alone, key)
    device.close()


def test_open_handles_pass_to_the_other_device(twins):
    with twins.hsm.open_session() as session:
        kek = session.generate_kek("conversation")
        wrapped, handle = session.generate_key_with_kek(kek)
        sealed = [session.encrypt_gcm(handle, bytes([n]) * 12, b"text", b"") for n in range(3)]
        twins.lose(0)
        for number, one in enumerate(sealed * 2):
            assert session.decrypt_gcm(handle, bytes([number % 3]) * 12, one, b"") == b"text"
        session.destroy_key(handle)
        with pytest.raises(SdfError) as refused:
            session.mac(handle, b"")
        assert refused.value.code is SdfCode.KEY_NOT_EXIST
        assert session.import_key_with_kek(kek, wrapped)


def test_a_device_away_at_the_start_is_taken_in_later(twins):
    custody = KeyCustody(twins.hsm)
    wrapped = custody.new_conversation_key()
    twins.hsm.close()
    twins.lose(0)
    # A device whose folder is gone would begin a new one: the maker of a real one refuses.
    blocker = twins.root / "d0"
    blocker.write_text("no folder")

    def make():
        if blocker.is_file():
            raise SdfError(SdfCode.OPEN_DEVICE)
        return twins.maker(0)()

    again = DualActive([make, twins.maker(1)], retry_s=0.02)
    assert clear_key(KeyCustody(again), wrapped)
    assert [standing.up for standing in again.standings()] == [False, True]
    assert "device 1" in again.self_test().failures
    blocker.unlink()
    twins.bring_back(0)
    assert again.wait_for(2, 10)
    assert again.self_test().passed
    again.close()


def test_with_both_away_calls_fail_in_words_and_then_work_again(twins):
    custody = KeyCustody(twins.hsm)
    wrapped = custody.new_conversation_key()
    clear = clear_key(custody, wrapped)
    twins.lose(0)
    twins.lose(1)
    with pytest.raises(SdfError) as refused:
        clear_key(custody, wrapped)
    assert refused.value.device_lost
    twins.bring_back(0)
    twins.bring_back(1)
    assert twins.hsm.wait_for(2, 10)
    assert clear_key(custody, wrapped) == clear


def test_ids_of_both_devices_never_meet(twins):
    ids = []
    for _ in range(6):
        with twins.hsm.open_session() as session:
            ids.append(session.generate_kek("conversation"))
    assert len(set(ids)) == 6
    assert {number % 2 for number in ids} == {0, 1}


def test_only_the_twin_opens_an_exported_state(twins, tmp_path):
    stranger = SoftHsm(tmp_path / "x", FileMaster(tmp_path / "x.key"), ALG)
    device = SoftHsm(tmp_path / "y", FileMaster(tmp_path / "y.key"), ALG)
    sealed = device.export_state(device.transport_public())
    for bad in (sealed, sealed[:-1], b""):
        with pytest.raises(SdfError) as refused:
            stranger.merge_state(bad)
        assert refused.value.code is SdfCode.ENCRYPTED_DATA
    device.merge_state(sealed)
    stranger.close()
    device.close()

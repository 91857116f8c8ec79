"""The binding of a vendor's libsdf against a C library that exports the GM/T 0018 calls and really computes."""

import ctypes
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server_stub.contract.sm import vectors
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.sealed import open_envelope, open_message
from server_stub.hsm.custody import KeyCustody, KeyDestroyed, WrappedKey
from server_stub.hsm.dual import DualActive
from server_stub.hsm.errors import SdfCode, SdfError
from server_stub.hsm.sdf import SdfHsm
from server_stub.hsm.sdf_registry import FILE

ALG = Algorithms.best()
DEVICE = ALG.sm2_generate()
PLACE = {"conversation_id": "c1", "sender_id": "bot", "client_id": "m1"}
SOURCE = Path(__file__).parent.parent / "data" / "sdf" / "sdf_test.c"
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C compiler here to build the SDF test library")


def built(folder: Path, *flags: str) -> Path:
    out = folder / "libsdf_test.so"
    command = [str(COMPILER), "-shared", "-fPIC", "-O2", "-w", *flags, str(SOURCE), "-o", str(out)]
    done = subprocess.run([*command, "-lcrypto", "-lpthread"], capture_output=True, text=True)
    if done.returncode and "openssl" in done.stderr and "No such file" in done.stderr:
        pytest.skip("no headers of libcrypto here to build the SDF test library")
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return built(tmp_path_factory.mktemp("sdf"))


@pytest.fixture(scope="module")
def old_library(tmp_path_factory):
    return built(tmp_path_factory.mktemp("sdf2012"), "-DSDF_2012")


@pytest.fixture
def open_device(tmp_path):
    opened = []

    def make(library, folder="registry", pin=b"password", **named):
        # The loader takes a file once: a copy is a second device.
        copy = tmp_path / f"device{len(opened)}.so"
        shutil.copy(library, copy)
        device = SdfHsm(copy, tmp_path / folder, lambda: pin, **named)
        opened.append(device)
        return device

    yield make
    for device in opened:
        device.close()


@pytest.fixture(params=["2023", "2012"])
def hsm(request, open_device):
    return open_device(request.getfixturevalue("library" if request.param == "2023" else "old_library"))


@pytest.fixture
def custody(hsm):
    custody = KeyCustody(hsm)
    yield custody
    custody.close()


def code_of(call, *arguments, **named) -> SdfCode:
    with pytest.raises(SdfError) as refused:
        call(*arguments, **named)
    return refused.value.code


def clear_key(custody: KeyCustody, wrapped: WrappedKey) -> bytes:
    envelope = custody.envelope(wrapped, conversation_id="c1", epoch=1, device_public=DEVICE.public)
    return open_envelope(ALG, DEVICE.private, conversation_id="c1", epoch=1, envelope=envelope)


@pytest.mark.clause("3.3.4")
def test_keys_of_a_vendor_device_serve_the_same_formats(custody):
    wrapped = custody.new_conversation_key()
    key = clear_key(custody, wrapped)
    assert clear_key(custody, wrapped) == key != clear_key(custody, custody.new_conversation_key())
    sealed = custody.seal_as_server(wrapped, epoch=1, **PLACE, plaintext="通知".encode())
    assert open_message(ALG, {1: key}.get, **PLACE, sealed=sealed) == "通知".encode()
    assert custody.open_as_server(wrapped, **PLACE, sealed=sealed) == "通知".encode()
    assert key not in wrapped.blob


def test_the_device_describes_and_tests_itself(hsm):
    info = hsm.info()
    assert (info.issuer, info.serial, info.version, info.buffer_size) == (
        "Test",
        "2026010100000001",
        7,
        65536,
    )
    assert {"SM2", "SM3", "SM4"} <= set(info.algorithms)
    report = hsm.self_test()
    assert report.passed, report.failures
    assert report.checks == ("random", "SM3", "SM2", "SM4", "state")


def test_rotation_rewrapping_revocation_and_destruction(custody):
    old = custody.new_conversation_key()
    clear = clear_key(custody, old)
    fresh = custody.rotate_kek()
    assert custody.new_conversation_key().kek_id == fresh != old.kek_id
    moved = custody.rewrap(old, fresh)
    assert clear_key(custody, moved) == clear
    custody.revoke([moved])
    for each in (old, moved):
        with pytest.raises(KeyDestroyed):
            clear_key(custody, each)
    kept = custody.new_conversation_key()
    clear_key(custody, kept)
    custody.destroy_kek(kept.kek_id)
    with pytest.raises(KeyDestroyed):
        clear_key(custody, kept)
    assert [bool(kek.destroyed) for kek in custody.keks()] == [False, True]


def test_a_revoked_key_cannot_come_back_under_another_id(custody):
    wrapped = custody.new_conversation_key()
    custody.revoke([wrapped])
    renamed = WrappedKey(wrapped.blob[:5] + bytes(16) + wrapped.blob[21:], wrapped.kek_id)
    assert code_of(clear_key, custody, renamed) is SdfCode.ENCRYPTED_DATA


def test_wrong_wrapped_keys_all_get_the_same_answer(custody):
    good = custody.new_conversation_key()
    custody.rotate_kek()
    blob = good.blob
    flipped = [blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :] for at in (0, *range(1, 162, 7), 161)]
    answers = set()
    for bad in (*flipped, b"", blob[:-1], blob + b"x"):
        with pytest.raises(SdfError) as refused:
            clear_key(custody, WrappedKey(bad, good.kek_id))
        answers.add(refused.value.code)
    assert answers == {SdfCode.ENCRYPTED_DATA}


def test_pairs_sign_hash_and_take_keys_from_outside(hsm):
    with hsm.open_session() as session:
        public = session.export_sign_public(1)
        digest = session.hash(b"message", public=public, user_id=b"1234567812345678")
        assert digest == ALG.sm2_digest(public, b"message")
        assert session.hash(b"abc") == vectors.SM3_VECTORS[0][1]
        signature = session.sign(1, digest)
        assert ALG.sm2_verify(public, b"message", signature)
        session.verify(1, digest, signature)
        for call in (lambda d: session.verify(1, d, signature), lambda d: session.sign(9, d)):
            assert code_of(call, digest[::-1]) in (SdfCode.VERIFY, SdfCode.KEY_NOT_EXIST)
        kek = session.generate_kek("conversation")
        wrapped = session.import_envelope(kek, ALG.sm2_encrypt(session.export_encrypt_public(1), b"k" * 16))
        out = session.exchange_envelope(kek, wrapped, DEVICE.public)
        assert ALG.sm2_decrypt(DEVICE.private, out) == b"k" * 16
        handle = session.import_key_with_kek(kek, wrapped)
        nonce = b"n" * 12
        for size in (0, 1, 15, 16, 17, 100):
            sealed = session.encrypt_gcm(handle, nonce, bytes(size), b"a")
            assert sealed == ALG.sm4_gcm_seal(b"k" * 16, nonce, bytes(size), b"a")
            assert session.decrypt_gcm(handle, nonce, sealed, b"a") == bytes(size)
        assert code_of(session.decrypt_gcm, handle, nonce, sealed, b"b") is SdfCode.ENCRYPTED_DATA
        if hsm.library.has("HMACInit"):
            assert session.mac(handle, b"data") == ALG.hmac_sm3(b"k" * 16, b"data")
        else:
            assert code_of(session.mac, handle, b"data") is SdfCode.NOT_SUPPORTED
        for bad in (b"", ALG.sm2_encrypt(DEVICE.public, b"k" * 16)):
            assert code_of(session.import_envelope, kek, bad) is SdfCode.ENCRYPTED_DATA
        assert code_of(session.exchange_envelope, kek, wrapped, b"\4" + bytes(64)) in (
            SdfCode.PUBLIC_KEY_OPERATION,
        )


def test_files_in_the_device(hsm):
    with hsm.open_session() as session:
        session.create_file("证书", 10)
        session.write_file("证书", 2, b"secret")
        assert session.read_file("证书", 0, 100) == b"\0\0secret\0\0"
        assert code_of(session.create_file, "证书", 1) is SdfCode.FILE_EXISTS
        assert code_of(session.write_file, "证书", 6, b"secret") is SdfCode.FILE_SIZE
        assert code_of(session.read_file, "证书", 11, 1) is SdfCode.FILE_OFFSET
        session.delete_file("证书")
        assert code_of(session.read_file, "证书", 0, 1) is SdfCode.FILE_NOT_EXIST


def test_prepared_pairs_run_out_in_words(open_device, library):
    custody = KeyCustody(open_device(library, indices=range(2, 4)))
    custody.rotate_kek()
    custody.rotate_kek()
    with pytest.raises(SdfError) as refused:
        custody.rotate_kek()
    assert refused.value.text == "存储空间不足"


def test_a_wrong_pin_or_library_is_refused_in_words(open_device, library, tmp_path):
    with pytest.raises(SdfError) as refused:
        open_device(library, pin=b"wrong")
    assert refused.value.code is SdfCode.PRIVATE_KEY_ACCESS
    text = tmp_path / "text.so"
    text.write_text("no library")
    assert code_of(SdfHsm, text, tmp_path, lambda: b"") is SdfCode.OPEN_DEVICE
    assert code_of(SdfHsm, tmp_path / "none.so", tmp_path, lambda: b"") is SdfCode.OPEN_DEVICE
    import _ssl

    other = Path(_ssl.__file__)
    assert code_of(SdfHsm, other, tmp_path, lambda: b"") is SdfCode.NOT_SUPPORTED


def test_a_registry_changed_by_hand_is_refused(open_device, library, tmp_path):
    device = open_device(library)
    custody = KeyCustody(device)
    wrapped = custody.new_conversation_key()
    custody.destroy_kek(wrapped.kek_id)
    path = tmp_path / "registry" / FILE
    text = path.read_text()
    destroyed = custody.keks()[0].destroyed
    assert destroyed
    path.write_text(text.replace(f'"destroyed":{destroyed}', '"destroyed":0'))
    assert code_of(clear_key, custody, wrapped) is SdfCode.VERIFY


def test_a_device_that_was_away_is_used_again(open_device, library):
    device = open_device(library)
    custody = KeyCustody(device)
    wrapped = custody.new_conversation_key()
    clear = clear_key(custody, wrapped)
    raw = ctypes.CDLL(str(device.path))
    raw.SDFTEST_Lose(1)
    with pytest.raises(SdfError) as refused:
        clear_key(custody, wrapped)
    assert refused.value.device_lost
    raw.SDFTEST_Lose(0)
    custody.close()
    assert clear_key(custody, wrapped) == clear


def test_many_threads(open_device, library):
    custody = KeyCustody(open_device(library))
    begin = threading.Barrier(4)

    def work(_):
        begin.wait()
        for _ in range(8):
            wrapped = custody.new_conversation_key()
            assert clear_key(custody, wrapped) == clear_key(custody, wrapped)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))


@pytest.mark.clause("3.3.4")
def test_two_vendor_devices_with_the_same_keys_stand_in_for_each_other(open_device, library):
    hsm = DualActive([lambda: open_device(library), lambda: open_device(library)], retry_s=0.02)
    devices = [place.device for place in hsm._places]
    custody = KeyCustody(hsm)
    wrapped = custody.new_conversation_key()
    clear = clear_key(custody, wrapped)
    assert clear_key(custody, wrapped) == clear
    for device, number in ((devices[0], 0), (devices[1], 1)):
        raw = ctypes.CDLL(str(device.path))
        raw.SDFTEST_Lose(1)
        for _ in range(4):
            assert clear_key(custody, wrapped) == clear
        assert [standing.up for standing in hsm.standings()][number] is False
        raw.SDFTEST_Lose(0)
        assert hsm.wait_for(2, 10)
    custody.revoke([wrapped])
    for _ in range(2):
        with pytest.raises(KeyDestroyed):
            clear_key(custody, wrapped)
    hsm.close()

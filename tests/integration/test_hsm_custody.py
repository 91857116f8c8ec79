"""The software HSM and key custody on a real folder: three levels, re-protection, destruction, crashes, processes."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError, SealReason
from server_stub.contract.sm.sealed import ENVELOPE_BYTES, open_envelope, open_message, seal_message
from server_stub.hsm.custody import FILE, KeyCustody, KeyDestroyed, WrappedKey
from server_stub.hsm.errors import SdfCode, SdfError
from server_stub.hsm.master import FileMaster, PassphraseMaster
from server_stub.hsm.randomness import HealthyRandom
from server_stub.hsm.soft import SoftHsm
from server_stub.hsm.soft_state import STATE

ALG = Algorithms.best()
DEVICE = ALG.sm2_generate()
PLACE = {"conversation_id": "c1", "sender_id": "bot", "client_id": "m1"}


@pytest.fixture
def open_device(tmp_path):
    opened = []

    def make(folder="hsm", master=None):
        device = SoftHsm(tmp_path / folder, master or FileMaster(tmp_path / f"{folder}.key"), ALG)
        opened.append(device)
        return device

    yield make
    for device in opened:
        device.close()


@pytest.fixture
def hsm(open_device):
    return open_device()


@pytest.fixture
def custody(hsm):
    custody = KeyCustody(hsm)
    yield custody
    custody.close()


def code_of(call, *arguments, **named) -> SdfCode:
    with pytest.raises(SdfError) as refused:
        call(*arguments, **named)
    return refused.value.code


def clear_key(custody: KeyCustody, wrapped: WrappedKey, conversation: str = "c1", epoch: int = 1) -> bytes:
    envelope = custody.envelope(
        wrapped, conversation_id=conversation, epoch=epoch, device_public=DEVICE.public
    )
    return open_envelope(ALG, DEVICE.private, conversation_id=conversation, epoch=epoch, envelope=envelope)


@pytest.mark.clause("3.3.4")
def test_a_conversation_key_reaches_a_device_and_opens_what_the_server_sealed(custody):
    wrapped = custody.new_conversation_key()
    envelope = custody.envelope(wrapped, conversation_id="c1", epoch=1, device_public=DEVICE.public)
    assert len(envelope) == ENVELOPE_BYTES
    key = open_envelope(ALG, DEVICE.private, conversation_id="c1", epoch=1, envelope=envelope)
    sealed = custody.seal_as_server(wrapped, epoch=1, **PLACE, plaintext="通知".encode())
    assert open_message(ALG, {1: key}.get, **PLACE, sealed=sealed) == "通知".encode()
    with pytest.raises(SealError):
        open_envelope(ALG, DEVICE.private, conversation_id="c2", epoch=1, envelope=envelope)


def test_every_conversation_has_its_own_key(custody):
    keys = {clear_key(custody, custody.new_conversation_key()) for _ in range(50)}
    assert len(keys) == 50


def test_the_server_opens_what_was_written_to_a_bot(custody):
    wrapped = custody.new_conversation_key()
    sealed = seal_message(ALG, clear_key(custody, wrapped), epoch=1, **PLACE, plaintext=b"help")
    assert custody.open_as_server(wrapped, **PLACE, sealed=sealed) == b"help"
    for bad in (sealed[:-1] + b"\0", sealed[:20]):
        with pytest.raises(SealError):
            custody.open_as_server(wrapped, **PLACE, sealed=bad)
    with pytest.raises(SealError) as moved:
        custody.open_as_server(wrapped, **{**PLACE, "client_id": "m2"}, sealed=sealed)
    assert moved.value.reason is SealReason.TAMPERED


def test_purposes_have_their_own_key_encryption_keys(custody):
    conversation, file = custody.new_conversation_key(), custody.new_file_key()
    assert conversation.kek_id != file.kek_id
    assert custody.new_file_key().kek_id == file.kek_id
    assert {kek.purpose for kek in custody.keks()} == {"conversation", "file"}


def test_keys_survive_a_restart_and_nothing_clear_lies_on_disk(open_device, tmp_path):
    device = open_device()
    wrapped = KeyCustody(device).new_conversation_key()
    clear = clear_key(KeyCustody(device), wrapped)
    serial = device.info().serial
    device.close()
    assert code_of(KeyCustody(device).new_conversation_key) is SdfCode.OPEN_DEVICE
    again = open_device()
    assert again.info().serial == serial
    assert clear_key(KeyCustody(again), wrapped) == clear
    master = (tmp_path / "hsm.key").read_bytes()
    for path in (tmp_path / "hsm").rglob("*"):
        if path.is_file():
            assert clear not in path.read_bytes()
            assert master not in path.read_bytes()


def test_a_wrong_passphrase_or_lost_master_is_refused(open_device, tmp_path):
    def phrase(text):
        return PassphraseMaster(lambda: text, memory_kib=64, passes=1)

    open_device("p", phrase("correct horse")).close()
    assert code_of(open_device, "p", phrase("wrong horse")) is SdfCode.PRIVATE_KEY_ACCESS
    assert code_of(open_device, "p", phrase("")) is SdfCode.NO_PRIVATE_KEY_ACCESS
    open_device("p", phrase("correct horse"))
    open_device().close()
    (tmp_path / "hsm.key").unlink()
    assert code_of(open_device) is SdfCode.NO_PRIVATE_KEY_ACCESS


@pytest.mark.clause("3.3.4")
def test_a_destroyed_kek_takes_all_its_keys_along_even_from_a_backup(custody, open_device):
    wrapped, file = custody.new_conversation_key(), custody.new_file_key()
    clear_key(custody, wrapped)
    custody.destroy_kek(wrapped.kek_id)
    with pytest.raises(KeyDestroyed):
        clear_key(custody, wrapped)
    clear_key(custody, file)
    fresh = custody.new_conversation_key()
    assert fresh.kek_id not in (wrapped.kek_id, file.kek_id)
    again = KeyCustody(open_device())
    with pytest.raises(KeyDestroyed):
        clear_key(again, wrapped)
    states = {kek.id: kek for kek in again.keks()}
    assert not states[wrapped.kek_id].active
    assert states[fresh.kek_id].active


def test_a_revoked_key_is_refused_at_once_in_every_open_device(custody, open_device):
    other = KeyCustody(open_device())
    wrapped, kept = custody.new_conversation_key(), custody.new_conversation_key()
    clear_key(other, wrapped)
    custody.revoke([wrapped])
    for each in (custody, other, KeyCustody(open_device())):
        with pytest.raises(KeyDestroyed):
            clear_key(each, wrapped)
        clear_key(each, kept)


def test_destruction_reaches_handles_that_are_already_open(hsm):
    with hsm.open_session() as session:
        kek = session.generate_kek("conversation")
        wrapped, handle = session.generate_key_with_kek(kek)
        session.encrypt_gcm(handle, b"n" * 12, b"text", b"")
        with hsm.open_session() as administrator:
            administrator.revoke([wrapped])
        assert code_of(session.encrypt_gcm, handle, b"n" * 12, b"text", b"") is SdfCode.KEY_NOT_EXIST


def test_rotation_keeps_the_old_readable_and_rewrapping_moves_a_key(custody):
    old = custody.new_conversation_key()
    clear = clear_key(custody, old)
    fresh = custody.rotate_kek()
    assert custody.new_conversation_key().kek_id == fresh
    assert clear_key(custody, old) == clear
    moved = custody.rewrap(old, fresh)
    custody.destroy_kek(old.kek_id)
    assert clear_key(custody, moved) == clear
    custody.revoke([moved])
    with pytest.raises(KeyDestroyed):
        clear_key(custody, moved)


def test_wrong_wrapped_keys_all_get_the_same_answer(custody):
    good = custody.new_conversation_key()
    other = custody.rotate_kek(FILE)
    flipped = [good.blob[:at] + bytes([good.blob[at] ^ 1]) + good.blob[at + 1 :] for at in range(65)]
    bad = [*(WrappedKey(blob, good.kek_id) for blob in flipped), WrappedKey(b"", good.kek_id)]
    bad.append(WrappedKey(good.blob, other))
    answers = set()
    for wrapped in bad:
        with pytest.raises(SdfError) as refused:
            clear_key(custody, wrapped)
        answers.add(str(refused.value))
    assert answers == {"ENCRYPTED_DATA (0x01000016) in import"}


def test_an_envelope_to_no_key_is_refused(custody):
    wrapped = custody.new_conversation_key()
    for public in (b"", b"\x04" + bytes(64), DEVICE.public[:-1]):
        code = code_of(custody.envelope, wrapped, conversation_id="c", epoch=1, device_public=public)
        assert code is SdfCode.PUBLIC_KEY_OPERATION


def test_another_process_destroys_and_this_one_knows(custody, tmp_path):
    wrapped = custody.new_conversation_key()
    clear_key(custody, wrapped)
    program = (
        "import sys; from pathlib import Path\n"
        "from server_stub.contract.sm.algorithms import Algorithms\n"
        "from server_stub.hsm.master import FileMaster\n"
        "from server_stub.hsm.soft import SoftHsm\n"
        "root = Path(sys.argv[1])\n"
        "hsm = SoftHsm(root / 'hsm', FileMaster(root / 'hsm.key'), Algorithms.best())\n"
        "with hsm.open_session() as session: session.destroy_kek(int(sys.argv[2]))\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path), str(wrapped.kek_id)], check=True)
    with pytest.raises(KeyDestroyed):
        clear_key(custody, wrapped)
    assert custody.new_conversation_key().kek_id != wrapped.kek_id


def test_killed_in_the_middle_of_writes_nothing_is_lost(tmp_path):
    """A process that makes KEKs is killed again and again; every KEK that it announced is still there."""
    program = (
        "import sys; from pathlib import Path\n"
        "from server_stub.contract.sm.algorithms import Algorithms\n"
        "from server_stub.hsm.master import FileMaster\n"
        "from server_stub.hsm.soft import SoftHsm\n"
        "root = Path(sys.argv[1])\n"
        "session = SoftHsm(root / 'hsm', FileMaster(root / 'hsm.key'), Algorithms.best()).open_session()\n"
        "while True: print(session.generate_kek('conversation'), flush=True)\n"
    )
    announced: list[int] = []
    for turn in range(4):
        process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        announced += [int(process.stdout.readline()) for _ in range(3 + turn)]
        process.kill()
        announced += [int(line) for line in process.stdout.read().split(b"\n")[:-1]]
        process.wait()
        process.stdout.close()
    assert len(set(announced)) == len(announced)
    device = SoftHsm(tmp_path / "hsm", FileMaster(tmp_path / "hsm.key"), ALG)
    with device.open_session() as session:
        assert {kek.id for kek in session.keks() if kek.active} >= set(announced)
        for kek_id in announced:
            session.generate_key_with_kek(kek_id)
    assert not list((tmp_path / "hsm").glob("*.new"))
    device.close()


def test_many_threads_while_keys_come_and_go(custody):
    begin = threading.Barrier(6)

    def work(number):
        begin.wait()
        for turn in range(15):
            wrapped = custody.new_conversation_key()
            sealed = custody.seal_as_server(wrapped, epoch=1, **PLACE, plaintext=b"text")
            key = clear_key(custody, wrapped)
            assert open_message(ALG, {1: key}.get, **PLACE, sealed=sealed) == b"text"
            if turn % 5 == number % 5:
                custody.rotate_kek()
            if turn % 7 == number:
                custody.revoke([wrapped])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))


def test_internal_keys_sign_and_verify(hsm):
    with hsm.open_session() as session:
        public = session.export_sign_public(1)
        digest = session.hash(b"message", public=public, user_id=b"1234567812345678")
        assert session.hash(b"message") == ALG.sm3(b"message")
        signature = session.sign(1, digest)
        session.verify(1, digest, signature)
        session.external_verify(public, digest, signature)
        assert ALG.sm2_verify(public, b"message", signature)
        assert code_of(session.verify, 1, digest[::-1], signature) is SdfCode.VERIFY
        assert code_of(session.sign, 2, digest) is SdfCode.KEY_NOT_EXIST
        hsm.generate_pair(2)
        session.verify(2, digest, session.sign(2, digest))
        assert session.export_encrypt_public(2) != session.export_sign_public(2)
        assert code_of(hsm.generate_pair, 2) is SdfCode.ARGUMENT_IN


def test_a_key_from_outside_enters_in_an_envelope(hsm):
    with hsm.open_session() as session:
        kek = session.generate_kek("conversation")
        wrapped = session.import_envelope(kek, ALG.sm2_encrypt(session.export_encrypt_public(1), b"k" * 16))
        out = session.exchange_envelope(kek, wrapped, DEVICE.public)
        assert ALG.sm2_decrypt(DEVICE.private, out) == b"k" * 16
        handle = session.import_key_with_kek(kek, wrapped)
        assert session.mac(handle, b"data") == ALG.hmac_sm3(b"k" * 16, b"data")
        short = ALG.sm2_encrypt(session.export_encrypt_public(1), b"k" * 15)
        for bad in (short, short[:50], b"", ALG.sm2_encrypt(DEVICE.public, b"k" * 16)):
            assert code_of(session.import_envelope, kek, bad) is SdfCode.ENCRYPTED_DATA


def test_sessions_and_handles_end(hsm):
    session = hsm.open_session()
    kek = session.generate_kek("conversation")
    _, handle = session.generate_key_with_kek(kek)
    session.destroy_key(handle)
    assert code_of(session.encrypt_gcm, handle, b"n" * 12, b"", b"") is SdfCode.KEY_NOT_EXIST
    assert code_of(session.destroy_key, handle) is SdfCode.KEY_NOT_EXIST
    assert len(session.random(100)) == 100
    assert code_of(session.random, 0) is SdfCode.ARGUMENT_IN
    session.close()
    assert code_of(session.random, 1) is SdfCode.STEP


def test_files_in_the_device(hsm, tmp_path):
    with hsm.open_session() as session:
        session.create_file("证书", 10)
        session.write_file("证书", 2, b"secret")
        assert session.read_file("证书", 0, 100) == b"\0\0secret\0\0"
        assert code_of(session.create_file, "证书", 1) is SdfCode.FILE_EXISTS
        assert code_of(session.write_file, "证书", 6, b"secret") is SdfCode.FILE_SIZE
        assert code_of(session.read_file, "证书", 11, 1) is SdfCode.FILE_OFFSET
        assert code_of(session.read_file, "none", 0, 1) is SdfCode.FILE_NOT_EXIST
        assert code_of(session.create_file, "x" * 129, 1) is SdfCode.ARGUMENT_IN
        assert code_of(session.create_file, "big", (1 << 20) + 1) is SdfCode.FILE_SIZE
        assert all(b"secret" not in path.read_bytes() for path in (tmp_path / "hsm" / "files").iterdir())
        session.delete_file("证书")
        assert code_of(session.delete_file, "证书") is SdfCode.FILE_NOT_EXIST


def test_self_test_names_what_failed(tmp_path, hsm):
    assert hsm.self_test().passed
    source: list[bytes] = []
    random = HealthyRandom(lambda size: bytes(size) if source else __import__("os").urandom(size))
    device = SoftHsm(tmp_path / "other", FileMaster(tmp_path / "other.key"), ALG, random=random)
    source.append(b"bad now")
    report = device.self_test()
    assert not report.passed
    assert "repetition" in report.failures
    with device.open_session() as session:
        assert code_of(session.random, 1) is SdfCode.RANDOM
    source.clear()
    (tmp_path / "other" / STATE).unlink()
    assert device.self_test().failures == ("state",)
    assert code_of(device.open_session) is SdfCode.HARDWARE
    device.close()


def test_a_bad_random_source_stops_the_start(tmp_path):
    bad = HealthyRandom(bytes)
    assert code_of(SoftHsm, Path(tmp_path), FileMaster(tmp_path / "k"), ALG, random=bad) is SdfCode.RANDOM

"""Keys, signatures and ciphertexts pass to and from the `openssl` program."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_stub.contract.sm import der, pem
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.batch import Batch
from server_stub.contract.sm.ports import SealError

ALG = Algorithms.best()
OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="no openssl program here")
ID = ("-pkeyopt", "distid:1234567812345678")


def openssl(*arguments: str) -> bytes:
    return subprocess.run([str(OPENSSL), *arguments], check=True, capture_output=True).stdout


@pytest.fixture
def files(tmp_path):
    pair = ALG.sm2_generate()
    (tmp_path / "private.pem").write_text(pem.private_to_pem(pair))
    (tmp_path / "public.pem").write_text(pem.public_to_pem(pair.public))
    (tmp_path / "text").write_bytes(b"some text")
    return pair, tmp_path


@needs_openssl
def test_openssl_reads_our_keys(files):
    pair, folder = files
    shown = openssl("pkey", "-in", str(folder / "private.pem"), "-noout", "-text").decode()
    assert "SM2" in shown
    assert pair.private.hex() in "".join(shown.split()).replace(":", "")
    public = openssl("pkey", "-in", str(folder / "private.pem"), "-pubout").decode()
    assert pem.public_from_pem(public) == pair.public
    assert public == pem.public_to_pem(pair.public)
    openssl("pkey", "-in", str(folder / "private.pem"), "-check", "-noout")


@needs_openssl
def test_we_read_keys_of_openssl(tmp_path):
    path = tmp_path / "made.pem"
    openssl("genpkey", "-algorithm", "SM2", "-out", str(path))
    private = pem.private_from_pem(path.read_text())
    public = openssl("pkey", "-in", str(path), "-pubout").decode()
    assert pem.public_from_pem(public) == ALG.sm2_public(private)
    as_der = openssl("pkey", "-in", str(path), "-pubout", "-outform", "DER")
    assert pem.public_from_der(as_der) == ALG.sm2_public(private)


@needs_openssl
def test_signatures_pass_both_ways(files):
    pair, folder = files
    text, signature = str(folder / "text"), folder / "signature"
    openssl(
        *("pkeyutl", "-sign", "-rawin", "-digest", "sm3", *ID),
        *("-inkey", str(folder / "private.pem"), "-in", text, "-out", str(signature)),
    )
    assert ALG.sm2_verify(pair.public, b"some text", der.signature_from_der(signature.read_bytes()))
    signature.write_bytes(der.signature_to_der(ALG.sm2_sign(pair.private, b"some text")))
    told = openssl(
        *("pkeyutl", "-verify", "-rawin", "-digest", "sm3", *ID, "-pubin"),
        *("-inkey", str(folder / "public.pem"), "-in", text, "-sigfile", str(signature)),
    )
    assert b"Verified Successfully" in told


@needs_openssl
def test_ciphertexts_pass_both_ways(files):
    pair, folder = files
    key, sealed = str(folder / "private.pem"), folder / "sealed"
    openssl("pkeyutl", "-encrypt", "-inkey", key, "-in", str(folder / "text"), "-out", str(sealed))
    assert ALG.sm2_decrypt(pair.private, der.ciphertext_from_der(sealed.read_bytes())) == b"some text"
    sealed.write_bytes(der.ciphertext_to_der(ALG.sm2_encrypt(pair.public, b"other text")))
    assert openssl("pkeyutl", "-decrypt", "-inkey", key, "-in", str(sealed)) == b"other text"


@needs_openssl
def test_digests_agree(tmp_path):
    (tmp_path / "text").write_bytes(b"some text")
    shown = openssl("dgst", "-sm3", "-r", str(tmp_path / "text")).decode()
    assert shown.split()[0] == ALG.sm3(b"some text").hex()


@given(st.binary(max_size=200))
def test_rubbish_is_no_key(data):
    for read in (pem.public_from_der, pem.private_from_der):
        with pytest.raises(ValueError):
            read(data)


def test_changed_keys_are_refused():
    pair = ALG.sm2_generate()
    public, private = pem.public_to_der(pair.public), pem.private_to_der(pair)
    assert pem.private_from_der(private) == pair.private
    for bad in (public[:-1], public + b"\0", public[:-1] + bytes([public[-1] ^ 1]), private):
        with pytest.raises(ValueError):
            pem.public_from_der(bad)
    for bad in (private[:-1], private + b"\0", private.replace(pair.private, bytes(32)), public):
        with pytest.raises(ValueError):
            pem.private_from_der(bad)
    for text in ("", "-----BEGIN PUBLIC KEY-----\n!!\n-----END PUBLIC KEY-----", pem.private_to_pem(pair)):
        with pytest.raises(ValueError):
            pem.public_from_pem(text)


def test_batches_keep_their_order_and_pass_errors_on():
    with Batch(ALG, workers=3) as batch:
        pairs = batch.generate(5)
        texts = [bytes([number]) * number for number in range(1, 40)]
        signatures = batch.sign(pairs[0].private, texts)
        claims = [(pairs[0].public, text, mark) for text, mark in zip(texts, signatures, strict=True)]
        claims[7] = (pairs[1].public, *claims[7][1:])
        assert [number for number, good in enumerate(batch.verify(claims)) if not good] == [7]
        sealed = batch.encrypt([pair.public for pair in pairs], b"key")
        opened = [ALG.sm2_decrypt(pair.private, part) for pair, part in zip(pairs, sealed, strict=True)]
        assert opened == [b"key"] * 5
        assert batch.digest(texts) == [ALG.sm3(text) for text in texts]
        nonces = [number.to_bytes(12, "big") for number in range(39)]
        parts = [(nonce, text, b"a") for nonce, text in zip(nonces, texts, strict=True)]
        assert batch.seal(b"k" * 16, parts) == [ALG.sm4_gcm_seal(b"k" * 16, *part) for part in parts]
        with pytest.raises(SealError):
            batch.map(lambda part: ALG.sm4_gcm_open(b"k" * 16, part[0], part[1] + bytes(16)), parts)
        assert batch.map(len, []) == []

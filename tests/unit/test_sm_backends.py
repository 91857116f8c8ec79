"""SM2, SM3 and SM4 of every backend: the standard's vectors, agreement with one another, refusals."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_stub.contract.sm import algorithms, curve, der, vectors
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.exchange import exchange
from server_stub.contract.sm.identity import derive, user_digest
from server_stub.contract.sm.libcrypto import LibcryptoSm2
from server_stub.contract.sm.libgcrypt import GcryptSm3, GcryptSm4
from server_stub.contract.sm.ports import DEFAULT_ID, SealError, SealReason
from server_stub.contract.sm.pure import GmsslSm2, GmsslSm3, GmsslSm4
from server_stub.contract.sm.pyca import CryptographySm3, CryptographySm4

FAST_SM4 = [GcryptSm4(), CryptographySm4()]
ALL_SM4 = [*FAST_SM4, GmsslSm4()]
FAST_SM3 = [GcryptSm3(), CryptographySm3()]
SM3 = FAST_SM3[0]
LIBCRYPTO = LibcryptoSm2()
GMSSL = GmsslSm2(SM3)
BOTH_SM2 = [LIBCRYPTO, GMSSL]
BORDERS = sorted(
    {n + d for n in (0, 16, 32, 64, 128, 256, 512, 1024, 4096) for d in (-1, 0, 1) if n + d >= 0}
)


def named(backend: object) -> str:
    return type(backend).__name__


@pytest.mark.parametrize("backend", ALL_SM4, ids=named)
def test_sm4_passes_gmt_0002_and_rfc_8998(backend):
    vectors.check_sm4(backend)


@pytest.mark.parametrize("backend", [*FAST_SM3, GmsslSm3()], ids=named)
def test_sm3_passes_gmt_0004(backend):
    vectors.check_sm3(backend)


@pytest.mark.parametrize("backend", BOTH_SM2, ids=named)
def test_sm2_passes_gmt_0003(backend):
    vectors.check_sm2(backend, SM3)


def test_sm4_a_million_times():
    from cryptography.hazmat.primitives.ciphers import Cipher, modes
    from cryptography.hazmat.primitives.ciphers import algorithms as ciphers

    encryptor = Cipher(ciphers.SM4(vectors.SM4_KEY), modes.ECB()).encryptor()
    block = vectors.SM4_KEY
    for _ in range(1_000_000):
        block = encryptor.update(block)
    assert block == vectors.SM4_MILLION


@pytest.mark.parametrize("size", BORDERS)
def test_fast_backends_seal_the_same_at_every_block_border(size):
    key, nonce, plain, aad = b"k" * 16, b"n" * 12, bytes(range(256)) * 17, b"a" * (size % 33)
    first, second = (backend.seal(key, nonce, plain[:size], aad) for backend in FAST_SM4)
    assert first == second
    for backend in FAST_SM4:
        assert backend.open(key, nonce, first, aad) == plain[:size]


@settings(max_examples=60, deadline=None)
@given(
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=12, max_size=12),
    st.binary(max_size=600),
    st.binary(max_size=90),
)
def test_sealed_by_one_opens_by_the_other(key, nonce, plain, aad):
    first, second = FAST_SM4
    sealed = first.seal(key, nonce, plain, aad)
    assert second.seal(key, nonce, plain, aad) == sealed
    assert second.open(key, nonce, sealed, aad) == first.open(key, nonce, sealed, aad) == plain


@settings(max_examples=12, deadline=None)
@given(
    st.binary(min_size=16, max_size=16),
    st.binary(min_size=12, max_size=12),
    st.binary(max_size=70),
    st.binary(max_size=40),
)
def test_the_pure_gcm_agrees(key, nonce, plain, aad):
    sealed = GmsslSm4().seal(key, nonce, plain, aad)
    assert sealed == FAST_SM4[0].seal(key, nonce, plain, aad)
    assert GmsslSm4().open(key, nonce, sealed, aad) == plain


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=100), st.binary(max_size=40), st.data())
@pytest.mark.parametrize("backend", ALL_SM4, ids=named)
def test_any_flipped_bit_is_refused(backend, plain, aad, data):
    if isinstance(backend, GmsslSm4):
        plain = plain[:20]
    sealed = bytearray(backend.seal(b"k" * 16, b"n" * 12, plain, aad))
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    with pytest.raises(SealError) as refused:
        backend.open(b"k" * 16, b"n" * 12, bytes(sealed), aad)
    assert refused.value.reason is SealReason.TAMPERED
    with pytest.raises(SealError):
        backend.open(b"k" * 16, b"n" * 12, backend.seal(b"k" * 16, b"n" * 12, plain, aad), aad + b"x")


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_sm3_agrees_in_one_piece_and_in_two(data, cut):
    expected = hashlib.new("sm3", data).digest()
    for backend in FAST_SM3:
        assert backend.digest(data) == expected
        running = backend.hasher()
        running.update(data[:cut])
        assert running.digest() == backend.digest(data[:cut])
        running.update(data[cut:])
        assert running.digest() == expected


def test_pure_sm3_agrees_at_the_borders():
    for size in (0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128):
        assert GmsslSm3().digest(bytes(size)) == SM3.digest(bytes(size))


@settings(max_examples=8, deadline=None)
@given(st.integers(1, curve.N - 2), st.binary(min_size=32, max_size=32), st.binary(min_size=1, max_size=80))
def test_sm2_backends_understand_each_other(number, digest, plain):
    private = curve.fixed(number)
    public = LIBCRYPTO.public_of(private)
    assert GMSSL.public_of(private) == public
    for one, other in ((LIBCRYPTO, GMSSL), (GMSSL, LIBCRYPTO)):
        signature = one.sign_digest(private, digest)
        assert other.verify_digest(public, digest, signature)
        assert not other.verify_digest(public, bytes([digest[0] ^ 1]) + digest[1:], signature)
        assert other.decrypt(private, one.encrypt(public, plain)) == plain


@pytest.mark.parametrize("x", range(0, 256, 51))
def test_public_keys_that_begin_with_04_or_zeros_are_no_trap(x):
    """gmssl strips leading characters '0' and '4' of a public key; our use of it must not."""
    number = x + 1
    while LIBCRYPTO.public_of(curve.fixed(number))[1] not in (0x04, 0x40, 0x44, 0x00):
        number += 1
    private = curve.fixed(number)
    public = LIBCRYPTO.public_of(private)
    signature = LIBCRYPTO.sign_digest(private, b"e" * 32)
    assert GMSSL.verify_digest(public, b"e" * 32, signature)
    assert GMSSL.decrypt(private, LIBCRYPTO.encrypt(public, b"text")) == b"text"


@pytest.mark.parametrize("backend", BOTH_SM2, ids=named)
@pytest.mark.parametrize("at", [0, 40, 66, 98])
def test_a_changed_sm2_ciphertext_is_refused(backend, at):
    sealed = bytearray(vectors.SM2_CIPHER)
    sealed[at] ^= 1
    with pytest.raises(SealError):
        backend.decrypt(vectors.SM2_PRIVATE, bytes(sealed))
    with pytest.raises(SealError):
        backend.decrypt(vectors.SM2_PRIVATE, vectors.SM2_CIPHER[:97])


@pytest.mark.parametrize("backend", BOTH_SM2, ids=named)
def test_keys_that_are_none_are_refused(backend):
    for private in (bytes(32), curve.fixed(curve.N - 1), curve.fixed(curve.N), b"\xff" * 32, b"short"):
        with pytest.raises(ValueError):
            backend.public_of(private)
    off_curve = vectors.SM2_PUBLIC[:-1] + bytes([vectors.SM2_PUBLIC[-1] ^ 1])
    for public in (off_curve, b"\x04" + bytes(64), vectors.SM2_PUBLIC[:64], b"\x02" + vectors.SM2_PUBLIC[1:]):
        with pytest.raises(ValueError):
            backend.check_public(public)
        with pytest.raises(ValueError):
            backend.encrypt(public, b"text")


@pytest.mark.parametrize("r_or_s", [0, 1])
@pytest.mark.parametrize("value", [0, curve.N, curve.N + 1, 2**256 - 1])
@pytest.mark.parametrize("backend", BOTH_SM2, ids=named)
def test_signatures_out_of_range_are_refused(backend, r_or_s, value):
    parts = [vectors.SM2_SIGNATURE[:32], vectors.SM2_SIGNATURE[32:]]
    parts[r_or_s] = curve.fixed(value)
    assert not backend.verify_digest(vectors.SM2_PUBLIC, vectors.SM2_E, b"".join(parts))


@pytest.mark.parametrize("backend", BOTH_SM2, ids=named)
def test_key_exchange_gives_both_ends_the_same_key_and_confirmations(backend):
    a, b, ra, rb = vectors.EXCHANGE_A, vectors.EXCHANGE_B, vectors.EXCHANGE_RA, vectors.EXCHANGE_RB
    of_a = exchange(
        backend,
        SM3,
        initiator=True,
        own=a,
        own_ephemeral=ra,
        peer=b.public,
        peer_ephemeral=rb.public,
        size=16,
    )
    of_b = exchange(
        backend,
        SM3,
        initiator=False,
        own=b,
        own_ephemeral=rb,
        peer=a.public,
        peer_ephemeral=ra.public,
        size=16,
    )
    assert of_a.key == of_b.key == vectors.EXCHANGE_KEY
    assert of_a.expected == of_b.confirmation
    assert of_b.expected == of_a.confirmation
    assert of_b.confirmation.hex() == "d3a0fe15dee185ceae907a6b595cc32a266ed7b3367e9983a896dc32fa20f8eb"
    assert of_a.confirmation.hex() == "18c7894b3816df16cf07b05c5ec0bef5d655d58f779cc1b400a4f3884644db88"


def test_user_digest_of_the_standard():
    z = user_digest(SM3, vectors.SM2_PUBLIC, DEFAULT_ID)
    assert z.hex() == "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3"
    with pytest.raises(ValueError):
        user_digest(SM3, vectors.SM2_PUBLIC, bytes(8192))
    assert derive(SM3, b"seed", 70)[:33] == derive(SM3, b"seed", 33)


@given(st.binary(min_size=64, max_size=64))
def test_signature_der_goes_there_and_back(raw):
    assert der.signature_from_der(der.signature_to_der(raw)) == raw


@given(st.binary(max_size=90))
def test_der_that_is_none_gets_a_clear_error(data):
    for read in (der.signature_from_der, der.ciphertext_from_der):
        with pytest.raises(ValueError):
            read(data)


def test_der_is_strict():
    good = der.signature_to_der(vectors.SM2_SIGNATURE)
    for bad in (good + b"\0", good[:-1], b"\x30\x81" + good[1:], b"\x31" + good[1:]):
        with pytest.raises(ValueError):
            der.signature_from_der(bad)


def test_the_best_is_chosen_and_reported():
    best = Algorithms.best()
    rows = {(row.role, row.library): row for row in best.report()}
    assert rows["SM4", "libgcrypt"].used
    assert rows["SM3", "libgcrypt"].used
    assert rows["SM2", "libcrypto"].used
    assert sum(row.used for row in rows.values()) == 3
    assert all(row.passed or row.reason for row in rows.values())


def test_a_backend_that_computes_wrongly_is_left_out(monkeypatch):
    class Wrong(GcryptSm4):
        def seal(self, key, nonce, plaintext, aad):
            return bytes(len(plaintext) + 16)

    class Crashing:
        def __init__(self):
            raise OSError("broken library")

    monkeypatch.setattr(
        algorithms, "CIPHERS", (("wrong", Wrong), ("crashing", Crashing), ("cryptography", CryptographySm4))
    )
    best = Algorithms.best()
    assert isinstance(best.cipher, CryptographySm4)
    rows = {row.library: row for row in best.report() if row.role == "SM4"}
    assert rows["wrong"].reason == "vector failed: RFC 8998 seal"
    assert not rows["crashing"].passed
    assert rows["cryptography"].used


def test_with_nothing_but_pure_python_all_still_works(monkeypatch):
    for name in ("CIPHERS", "HASHES", "SM2S"):
        monkeypatch.setattr(algorithms, name, getattr(algorithms, name)[-1:])
    pure, best = Algorithms.best(), LIBCRYPTO
    pair = pure.sm2_generate()
    assert pure.sm2_verify(pair.public, b"text", pure.sm2_sign(pair.private, b"text"))
    assert best.decrypt(pair.private, pure.sm2_encrypt(pair.public, b"key")) == b"key"


def test_interface_refuses_wrong_sizes_in_words():
    best = Algorithms.best()
    with pytest.raises(ValueError, match="16 bytes"):
        best.sm4_gcm_seal(b"short", bytes(12), b"", b"")
    with pytest.raises(ValueError, match="nonce"):
        best.sm4_gcm_open(bytes(16), b"", bytes(16), b"")
    with pytest.raises(SealError) as cut:
        best.sm4_gcm_open(bytes(16), bytes(12), bytes(15), b"")
    assert cut.value.reason is SealReason.TRUNCATED
    with pytest.raises(ValueError, match="at least one"):
        best.sm2_encrypt(vectors.SM2_PUBLIC, b"")
    assert not best.sm2_verify(b"\x04" * 65, b"", bytes(64))
    assert not best.sm2_verify(vectors.SM2_PUBLIC, b"", b"")
    pair = best.sm2_generate()
    assert pair.private.hex() not in repr(pair)
    assert not best.sm2_verify(pair.public, b"m", best.sm2_sign(pair.private, b"m", b"one"), b"other")


def test_hmac_agrees_with_python():
    import hmac

    best = Algorithms.best()
    for size in (0, 1, 63, 64, 65, 200):
        assert best.hmac_sm3(bytes(size), b"data") == hmac.new(bytes(size), b"data", "sm3").digest()


def test_many_threads_share_one_instance():
    best = Algorithms.best()
    pairs = [best.sm2_generate() for _ in range(4)]
    begin = threading.Barrier(8)

    def work(number: int) -> bool:
        begin.wait()
        good = True
        for turn in range(40):
            pair = pairs[(number + turn) % 4]
            text = f"{number} {turn}".encode()
            good &= best.sm2_verify(pair.public, text, best.sm2_sign(pair.private, text))
            good &= best.sm2_decrypt(pair.private, best.sm2_encrypt(pair.public, text)) == text
            sealed = best.sm4_gcm_seal(b"k" * 16, b"n" * 12, text * 50, b"")
            good &= best.sm4_gcm_open(b"k" * 16, b"n" * 12, sealed, b"") == text * 50
            if turn % 10 == 0:
                best.sm2_forget(pair.private)
        return good

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))

"""Known-answer tests of GM/T 0002, 0003.5, 0004 and RFC 8998 that a backend passes before it is used."""

from .exchange import exchange
from .identity import message_digest
from .ports import (
    DEFAULT_ID,
    CipherBackend,
    HashBackend,
    SealError,
    Sm2Backend,
    Sm2KeyPair,
)

_H = bytes.fromhex

SM4_KEY = _H("0123456789abcdeffedcba9876543210")
SM4_ONCE = _H("681edf34d206965e86b3e94f536e4246")
"""GM/T 0002 example 1: the key encrypted under itself."""
SM4_MILLION = _H("595298c7c6fd271f0402f804c33d3f66")
"""GM/T 0002 example 2: the same a million times."""

GCM_NONCE = _H("00001234567800000000abcd")
GCM_AAD = _H("feedfacedeadbeeffeedfacedeadbeefabaddad2")
GCM_PLAIN = b"".join(bytes((byte,)) * 8 for byte in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
GCM_SEALED = _H(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec"
)
"""RFC 8998 A.1, ciphertext and tag."""

SM3_VECTORS = (
    (b"abc", _H("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")),
    (b"abcd" * 16, _H("debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")),
)

SM2_PRIVATE = _H("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
SM2_PUBLIC = _H(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SM2_MESSAGE = b"message digest"
SM2_E = _H("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
SM2_SIGNATURE = _H(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
SM2_PLAIN = b"encryption standard"
SM2_CIPHER = _H(
    "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
    "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
    "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
    "21886ca989ca9c7d58087307ca93092d651efa"
)

EXCHANGE_A = Sm2KeyPair(
    _H("81eb26e941bb5af16df116495f90695272ae2cd63d6c4ae1678418be48230029"),
    _H(
        "04160e12897df4edb61dd812feb96748fbd3ccf4ffe26aa6f6db9540af49c94232"
        "4a7dad08bb9a459531694beb20aa489d6649975e1bfcf8c4741b78b4b223007f"
    ),
)
EXCHANGE_B = Sm2KeyPair(
    _H("785129917d45a9ea5437a59356b82338eaadda6ceb199088f14ae10defa229b5"),
    _H(
        "046ae848c57c53c7b1b5fa99eb2286af078ba64c64591b8b566f7357d576f16dfb"
        "ee489d771621a27b36c5c7992062e9cd09a9264386f3fbea54dff69305621c4d"
    ),
)
EXCHANGE_RA = Sm2KeyPair(
    _H("d4de15474db74d06491c440d305e012400990f3e390c7e87153c12db2ea60bb3"),
    _H(
        "0464ced1bdbc99d590049b434d0fd73428cf608a5db8fe5ce07f15026940bae40e"
        "376629c7ab21e7db260922499ddb118f07ce8eaae3e7720afef6a5cc062070c0"
    ),
)
EXCHANGE_RB = Sm2KeyPair(
    _H("7e07124814b309489125eaed101113164ebf0f3458c5bd88335c1f9d596243d6"),
    _H(
        "04acc27688a6f7b706098bc91ff3ad1bff7dc2802cdb14ccccdb0a90471f9bd707"
        "2fedac0494b2ffc4d6853876c79b8f301c6573ad0aa50f39fc87181e1a1b46fe"
    ),
)
EXCHANGE_KEY = _H("6c89347354de2484c60b4ab1fde4c6e5")


class VectorMismatch(Exception):
    """A backend computed something else than the standard says; the message names the vector."""


def _same(what: str, got: object, wanted: object) -> None:
    if got != wanted:
        raise VectorMismatch(what)


def check_sm3(backend: HashBackend) -> None:
    """Raise `VectorMismatch` unless GM/T 0004 holds, in one piece and running."""
    for data, digest in SM3_VECTORS:
        _same("GM/T 0004", backend.digest(data), digest)
        running = backend.hasher()
        running.update(data[:2])
        running.update(data[2:])
        _same("GM/T 0004 running", running.digest(), digest)


def check_sm4(backend: CipherBackend) -> None:
    """Raise `VectorMismatch` unless GM/T 0002 and RFC 8998 hold and a changed tag is refused."""
    _same("GM/T 0002", backend.encrypt_block(SM4_KEY, SM4_KEY), SM4_ONCE)
    _same("RFC 8998 seal", backend.seal(SM4_KEY, GCM_NONCE, GCM_PLAIN, GCM_AAD), GCM_SEALED)
    _same("RFC 8998 open", backend.open(SM4_KEY, GCM_NONCE, GCM_SEALED, GCM_AAD), GCM_PLAIN)
    changed = GCM_SEALED[:-1] + bytes((GCM_SEALED[-1] ^ 1,))
    try:
        backend.open(SM4_KEY, GCM_NONCE, changed, GCM_AAD)
    except SealError:
        return
    raise VectorMismatch("a changed tag was accepted")


def check_sm2(backend: Sm2Backend, sm3: HashBackend) -> None:
    """Raise `VectorMismatch` unless GM/T 0003.5 holds: keys, signing, encryption, key exchange."""
    _same("GM/T 0003 public key", backend.public_of(SM2_PRIVATE), SM2_PUBLIC)
    _same("GM/T 0003 digest", message_digest(sm3, SM2_PUBLIC, DEFAULT_ID, SM2_MESSAGE), SM2_E)
    _same("GM/T 0003 verify", backend.verify_digest(SM2_PUBLIC, SM2_E, SM2_SIGNATURE), True)
    other = bytes((SM2_E[0] ^ 1,)) + SM2_E[1:]
    _same("GM/T 0003 refuse", backend.verify_digest(SM2_PUBLIC, other, SM2_SIGNATURE), False)
    signature = backend.sign_digest(SM2_PRIVATE, SM2_E)
    _same("GM/T 0003 sign", backend.verify_digest(SM2_PUBLIC, SM2_E, signature), True)
    _same("GM/T 0003 decrypt", backend.decrypt(SM2_PRIVATE, SM2_CIPHER), SM2_PLAIN)
    sealed = backend.encrypt(SM2_PUBLIC, SM2_PLAIN)
    _same("GM/T 0003 encrypt", backend.decrypt(SM2_PRIVATE, sealed), SM2_PLAIN)
    agreed = exchange(
        backend,
        sm3,
        initiator=True,
        own=EXCHANGE_A,
        own_ephemeral=EXCHANGE_RA,
        peer=EXCHANGE_B.public,
        peer_ephemeral=EXCHANGE_RB.public,
        size=16,
    )
    _same("GM/T 0003 key exchange", agreed.key, EXCHANGE_KEY)

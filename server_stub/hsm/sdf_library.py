"""A vendor's libsdf (GM/T 0018) by ctypes: structures, prototypes, and return codes as `SdfError`."""

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .errors import SdfCode, SdfError

SGD_SM3 = 0x00000001
SGD_SM4_ECB = 0x00000401
SGD_SM2_SIGN = 0x00020200
SGD_SM2_ENCRYPT = 0x00020800
SGD_HMAC_SM3 = 0x00100001
SGD_SM4_GCM = 0x02000400

_U, _P, _S = ctypes.c_uint, ctypes.c_void_p, ctypes.c_char_p
_UP, _PP = ctypes.POINTER(ctypes.c_uint), ctypes.POINTER(ctypes.c_void_p)


class DeviceRecord(ctypes.Structure):
    """DEVICEINFO."""

    _fields_ = (
        ("issuer", ctypes.c_char * 40),
        ("name", ctypes.c_char * 16),
        ("serial", ctypes.c_char * 16),
        ("version", _U),
        ("standard", _U),
        ("asymmetric", _U * 2),
        ("symmetric", _U),
        ("hash", _U),
        ("buffer", _U),
    )


class PublicRecord(ctypes.Structure):
    """ECCrefPublicKey: coordinates of 64 bytes, SM2 uses the last 32."""

    _fields_ = (("bits", _U), ("x", ctypes.c_ubyte * 64), ("y", ctypes.c_ubyte * 64))


class SignatureRecord(ctypes.Structure):
    """ECCSignature."""

    _fields_ = (("r", ctypes.c_ubyte * 64), ("s", ctypes.c_ubyte * 64))


class CipherRecord(ctypes.Structure):
    """ECCCipher of a 16-byte key."""

    _fields_ = (
        ("x", ctypes.c_ubyte * 64),
        ("y", ctypes.c_ubyte * 64),
        ("hash", ctypes.c_ubyte * 32),
        ("size", _U),
        ("data", ctypes.c_ubyte * 16),
    )


_PUBLIC, _SIGNATURE, _CIPHER = (
    ctypes.POINTER(kind) for kind in (PublicRecord, SignatureRecord, CipherRecord)
)
_PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "OpenDevice": (_PP,),
    "CloseDevice": (_P,),
    "OpenSession": (_P, _PP),
    "CloseSession": (_P,),
    "GetDeviceInfo": (_P, ctypes.POINTER(DeviceRecord)),
    "GenerateRandom": (_P, _U, _P),
    "GetPrivateKeyAccessRight": (_P, _U, _S, _U),
    "ReleasePrivateKeyAccessRight": (_P, _U),
    "ExportSignPublicKey_ECC": (_P, _U, _PUBLIC),
    "ExportEncPublicKey_ECC": (_P, _U, _PUBLIC),
    "GenerateKeyWithIPK_ECC": (_P, _U, _U, _CIPHER, _PP),
    "ImportKeyWithISK_ECC": (_P, _U, _CIPHER, _PP),
    "ExchangeDigitEnvelopeBaseOnECC": (_P, _U, _U, _PUBLIC, _CIPHER, _CIPHER),
    "DestroyKey": (_P, _P),
    "Encrypt": (_P, _P, _U, _S, _S, _U, _P, _UP),
    "AuthEnc": (_P, _P, _U, _S, _U, _S, _U, _S, _U, _P, _UP, _P, _UP),
    "AuthDec": (_P, _P, _U, _S, _U, _S, _U, _S, _UP, _S, _U, _P, _UP),
    "HMACInit": (_P, _P, _U),
    "HMACUpdate": (_P, _S, _U),
    "HMACFinal": (_P, _P, _UP),
    "HashInit": (_P, _U, _PUBLIC, _S, _U),
    "HashUpdate": (_P, _S, _U),
    "HashFinal": (_P, _P, _UP),
    "InternalSign_ECC": (_P, _U, _S, _U, _SIGNATURE),
    "InternalVerify_ECC": (_P, _U, _S, _U, _SIGNATURE),
    "ExternalVerify_ECC": (_P, _U, _PUBLIC, _S, _U, _SIGNATURE),
    "CreateFile": (_P, _S, _U, _U),
    "ReadFile": (_P, _S, _U, _U, _UP, _P),
    "WriteFile": (_P, _S, _U, _U, _U, _S),
    "DeleteFile": (_P, _S, _U),
}
LATER_EDITION = ("AuthEnc", "AuthDec", "HMACInit", "HMACUpdate", "HMACFinal")
"""Calls of the edition of 2023; a device without them still serves, see `SdfSession`."""


class SdfLibrary:
    """The functions of one library, by their names without `SDF_`. The library is looked for once, at the start."""

    def __init__(self, path: Path) -> None:
        """Load the library. Raises `SdfError`: OPEN_DEVICE when it does not load, NOT_SUPPORTED without a base call."""
        try:
            # Never by a bare name: whatever lies in a search path must not become the HSM.
            library = ctypes.CDLL(str(path.resolve(strict=True)))
        except OSError:
            raise SdfError(SdfCode.OPEN_DEVICE, "load library") from None
        self._calls: dict[str, Callable[..., int]] = {}
        for name, arguments in _PROTOTYPES.items():
            entry = getattr(library, f"SDF_{name}", None)
            if entry is None:
                if name in LATER_EDITION:
                    continue
                raise SdfError(SdfCode.NOT_SUPPORTED, f"SDF_{name}")
            entry.restype, entry.argtypes = ctypes.c_int, arguments
            self._calls[name] = entry

    def has(self, name: str) -> bool:
        """Say whether the library exports a call."""
        return name in self._calls

    def call(self, name: str, *arguments: Any) -> None:
        """Call `SDF_name`. Raises `SdfError` with the standard's (or the vendor's) return code."""
        entry = self._calls.get(name)
        if entry is None:
            raise SdfError(SdfCode.NOT_SUPPORTED, f"SDF_{name}")
        code = entry(*arguments)
        if code:
            raise SdfError(code & 0xFFFFFFFF, f"SDF_{name}")


def public_record(public: bytes) -> PublicRecord:
    """Read `04‖X‖Y`. Raises `SdfError` (PUBLIC_KEY_OPERATION)."""
    if len(public) != 65 or public[0] != 4:
        raise SdfError(SdfCode.PUBLIC_KEY_OPERATION, "public key")
    record = PublicRecord(bits=256)
    record.x[32:] = list(public[1:33])
    record.y[32:] = list(public[33:])
    return record


def public_bytes(record: PublicRecord) -> bytes:
    """Return `04‖X‖Y`."""
    return b"\4" + bytes(record.x)[32:] + bytes(record.y)[32:]


def cipher_record(sealed: bytes) -> CipherRecord:
    """Read `04‖X‖Y‖C3‖C2` of a 16-byte key. Raises `SdfError` (ENCRYPTED_DATA)."""
    if len(sealed) != 113 or sealed[0] != 4:
        raise SdfError(SdfCode.ENCRYPTED_DATA, "import")
    record = CipherRecord(size=16)
    record.x[32:] = list(sealed[1:33])
    record.y[32:] = list(sealed[33:65])
    record.hash[:] = list(sealed[65:97])
    record.data[:] = list(sealed[97:])
    return record


def cipher_bytes(record: CipherRecord) -> bytes:
    """Return `04‖X‖Y‖C3‖C2`."""
    return b"\4" + bytes(record.x)[32:] + bytes(record.y)[32:] + bytes(record.hash) + bytes(record.data)


def signature_record(signature: bytes) -> SignatureRecord:
    """Read `r‖s`. Raises `SdfError` (VERIFY)."""
    if len(signature) != 64:
        raise SdfError(SdfCode.VERIFY, "signature")
    record = SignatureRecord()
    record.r[32:] = list(signature[:32])
    record.s[32:] = list(signature[32:])
    return record


def signature_bytes(record: SignatureRecord) -> bytes:
    """Return `r‖s`."""
    return bytes(record.r)[32:] + bytes(record.s)[32:]


def algorithm_names(record: DeviceRecord, *, gcm: bool) -> tuple[str, ...]:
    """Name what the device says it can."""
    names = ["SM2"] if record.asymmetric[0] & 0x00020000 else []
    names += ["SM3"] if record.hash & SGD_SM3 else []
    names += ["SM4"] if record.symmetric & 0x00000400 else []
    return (*names, "SM4-GCM") if gcm else tuple(names)

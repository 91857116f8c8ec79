"""A vendor's encryption machine behind its libsdf (GM/T 0018), as the server uses it (3.3.4).

A key-encryption key is an internal encryption pair of the device, index = its id: keys made by SDF_GenerateKeyWithIPK_ECC
never leave the device in clear, and SDF_ExchangeDigitEnvelopeBaseOnECC is the standard's 转保护. Pair 1 is the device's own.
"""

import ctypes
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from server_stub.contract.sm import curve, vectors

from . import sdf_library as lib
from .device import DeviceInfo, SelfTest
from .errors import SdfCode, SdfError
from .randomness import HealthyRandom
from .sdf_registry import RegistryFile
from .sdf_session import SdfSession

OWN_INDEX = 1
DEFAULT_ID = b"1234567812345678"


class SdfHsm:
    """One device. `indices` are the internal pairs that its administrator prepared for key-encryption keys.

    `pin` gives the password of the private keys (SDF_GetPrivateKeyAccessRight). GM/T 0018 has no call that erases an
    internal pair: after `destroy_kek` this server refuses the pair for ever, and the administrator erases it with the
    vendor's tool.
    """

    def __init__(
        self,
        library: Path,
        folder: Path,
        pin: Callable[[], bytes],
        *,
        indices: range = range(2, 9),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the device and the registry in `folder`. Raises `SdfError`."""
        self.path = library
        self.library = lib.SdfLibrary(library)
        self.indices = indices
        self._pin = pin
        self._lock = Lock()
        self._device: int | None = None
        self.closed = False
        self._open_device()
        try:
            self.random = HealthyRandom(self._draw)
            if self.random.start_test():
                raise SdfError(SdfCode.RANDOM, "start test")
            self.registry = RegistryFile(folder, self._sign_registry, self._verify_registry, clock)
        except BaseException:
            self.close()
            raise

    def _open_device(self) -> None:
        handle = ctypes.c_void_p()
        self.library.call("OpenDevice", ctypes.byref(handle))
        self._device = handle.value

    def _raw_session(self) -> int:
        with self._lock:
            if self.closed:
                raise SdfError(SdfCode.OPEN_DEVICE)
            handle = ctypes.c_void_p()
            if self._device is not None:
                try:
                    self.library.call("OpenSession", self._device, ctypes.byref(handle))
                    return handle.value or 0
                except SdfError as error:
                    if not error.device_lost:
                        raise
                    # A device that was away may be back: its old handle is worth nothing then.
                    self._close_device()
            self._open_device()
            self.library.call("OpenSession", self._device, ctypes.byref(handle))
            return handle.value or 0

    def _close_device(self) -> None:
        if self._device is not None:
            try:
                self.library.call("CloseDevice", self._device)
            except SdfError:
                pass
            self._device = None

    def open_session(self) -> SdfSession:
        """Open a session."""
        return SdfSession(self, self._raw_session())

    def unlock(self, session: int, index: int) -> None:
        """Get the right to use a private key."""
        pin = self._pin()
        self.library.call("GetPrivateKeyAccessRight", session, index, pin, len(pin))

    def _draw(self, size: int) -> bytes:
        with self.open_session() as session:
            return session.draw(size)

    def _sign_registry(self, data: bytes) -> bytes:
        with self.open_session() as session:
            public = session.export_sign_public(OWN_INDEX)
            return session.sign(OWN_INDEX, session.hash(data, public=public, user_id=DEFAULT_ID))

    def _verify_registry(self, data: bytes, signature: bytes) -> None:
        with self.open_session() as session:
            public = session.export_sign_public(OWN_INDEX)
            session.verify(OWN_INDEX, session.hash(data, public=public, user_id=DEFAULT_ID), signature)

    def info(self) -> DeviceInfo:
        """Describe the device."""
        with self.open_session() as session:
            record = lib.DeviceRecord()
            self.library.call("GetDeviceInfo", session.raw, ctypes.byref(record))
        return DeviceInfo(
            issuer=record.issuer.decode("gb18030", "replace"),
            name=record.name.decode("gb18030", "replace"),
            serial=record.serial.decode("ascii", "replace"),
            version=record.version,
            standard=record.standard,
            algorithms=lib.algorithm_names(record, gcm=self.library.has("AuthEnc")),
            buffer_size=record.buffer,
        )

    def self_test(self) -> SelfTest:
        """Test the device's random numbers, SM3, signatures and SM4-GCM against the standard's vectors."""
        checks: tuple[tuple[str, Callable[[], bool]], ...] = (
            ("random", lambda: not self.random.start_test()),
            ("SM3", self._sm3_holds),
            ("SM2", self._sm2_holds),
            ("SM4", self._sm4_holds),
            ("state", lambda: self.registry.infos() is not None),
        )
        failures: list[str] = []
        for name, holds in checks:
            try:
                good = holds()
            except SdfError:
                good = False
            if not good:
                failures.append(name)
        return SelfTest(not failures, tuple(name for name, _ in checks), tuple(failures))

    def _sm3_holds(self) -> bool:
        with self.open_session() as session:
            return all(session.hash(data) == digest for data, digest in vectors.SM3_VECTORS)

    def _sm2_holds(self) -> bool:
        with self.open_session() as session:
            session.external_verify(vectors.SM2_PUBLIC, vectors.SM2_E, vectors.SM2_SIGNATURE)
            public = session.export_sign_public(OWN_INDEX)
            curve.point(public)
            session.external_verify(public, vectors.SM2_E, session.sign(OWN_INDEX, vectors.SM2_E))
        return True

    def _sm4_holds(self) -> bool:
        with self.open_session() as session:
            return session.gcm_holds(OWN_INDEX)

    def close(self) -> None:
        """Close the device."""
        with self._lock:
            self.closed = True
            self._close_device()

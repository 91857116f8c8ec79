"""Two devices as one (双活): load shared, one lost in mid-traffic without a failed call, back without a restart (3.3.4)."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol, TypeVar, runtime_checkable

from .device import DeviceInfo, Hsm, HsmSession, SelfTest
from .dual_session import DualSession
from .errors import SdfCode, SdfError

log = logging.getLogger(__name__)
Result = TypeVar("Result")


@runtime_checkable
class Replicating(Protocol):
    """A device that keeps its own keys and gives them to a twin. Devices without it share their state by themselves."""

    def transport_public(self) -> bytes:
        """Return the key to which a twin seals its state."""
        ...

    def export_state(self, public: bytes) -> bytes:
        """Return the state sealed to a twin."""
        ...

    def merge_state(self, sealed: bytes) -> None:
        """Take what the twin has more."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How one of the devices is; `reason` says in Chinese why it is away."""

    number: int
    up: bool
    reason: str
    served: int
    info: DeviceInfo | None


class Place:
    """One of the two devices, open or away."""

    def __init__(self, number: int, make: Callable[[], Hsm]) -> None:
        self.number, self.make = number, make
        self.device: Hsm | None = None
        self.up = False
        self.reason = ""
        self.served = 0
        self.term = 0
        """Grows each time the device comes back: handles of before are worth nothing."""


class DualActive:
    """Satisfies `Hsm`. `makers` open the devices; one that is away at the start is taken in when it comes.

    Changes (new, destroyed, revoked keys) are done on one device and merged into the other before the call returns;
    what happened while one was away is merged before it serves again.
    """

    def __init__(self, makers: Sequence[Callable[[], Hsm]], *, retry_s: float = 2.0) -> None:
        """Open the devices. Raises `SdfError` when none opens."""
        self._places = [Place(number, make) for number, make in enumerate(makers)]
        self._retry_s = retry_s
        self._turn = count()
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._closed = False
        self._changed = threading.Condition()
        for place in self._places:
            self._try(place)
        if not any(place.up for place in self._places):
            raise SdfError(SdfCode.OPEN_DEVICE, "no device")
        self._probing = threading.Thread(target=self._probe, name="hsm-probe", daemon=True)
        self._probing.start()

    # Who serves.

    def in_turn(self) -> Iterator[Place]:
        """The devices that are up, each call beginning with the next one.

        Round twice: one that was away when it was passed may be back when the other has just been lost.
        """
        first = next(self._turn)
        for step in range(2 * len(self._places)):
            place = self._places[(first + step) % len(self._places)]
            if place.up:
                yield place

    def first(self) -> Place:
        """Return the first device. Raises `SdfError` (OPEN_DEVICE) while it is away."""
        if not self._places[0].up:
            raise SdfError(SdfCode.OPEN_DEVICE, "first device")
        return self._places[0]

    def lost(self, place: Place, error: SdfError, term: int) -> None:
        """A device failed: the other serves from now on, and this one is looked for.

        `term` is that of the call which failed: an error from before the device came back says nothing about it now.
        """
        with self._lock:
            if term != place.term:
                return
            if place.up:
                log.warning("HSM away", extra={"device": place.number, "code": error.code.name})
            place.up, place.reason = False, error.text
        self._wake.set()
        self._tell()

    def change(self, work: Callable[[Place], Result]) -> Result:
        """Do a change on one device and bring the other to the same state."""
        with self._lock:
            for place in self.in_turn():
                term = place.term
                try:
                    result = work(place)
                except SdfError as error:
                    if not error.device_lost:
                        raise
                    self.lost(place, error, term)
                    continue
                for other in self._places:
                    if other is not place and other.up:
                        try:
                            self._merge(place, other)
                        except SdfError as error:
                            self.lost(other, error, other.term)
                return result
            raise SdfError(SdfCode.OPEN_DEVICE, "no device")

    def _merge(self, source: Place, target: Place) -> None:
        if isinstance(source.device, Replicating) and isinstance(target.device, Replicating):
            target.device.merge_state(source.device.export_state(target.device.transport_public()))

    # Coming back.

    def _try(self, place: Place) -> bool:
        """Open a device that is away, prove it, bring both to one state, and let it serve."""
        try:
            device = place.device or place.make()
            place.device = device
            with device.open_session() as session:
                session.random(16)
                session.keks()
            with self._lock:
                for other in self._places:
                    if other is not place and other.up:
                        # Both ways: a device may have been used alone by another server process meanwhile.
                        self._merge(other, place)
                        self._merge(place, other)
                place.term += 1
                place.up, place.reason = True, ""
        except SdfError as error:
            place.reason = error.text
            if place.device is not None and not error.device_lost:
                log.error("HSM not taken in", extra={"device": place.number, "code": error.code.name})
            return False
        log.info("HSM serves", extra={"device": place.number})
        self._tell()
        return True

    def _probe(self) -> None:
        while not self._closed:
            away = [place for place in self._places if not place.up]
            self._wake.wait(self._retry_s if away else None)
            self._wake.clear()
            for place in away:
                if not self._closed:
                    self._try(place)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, up: int, timeout: float) -> bool:
        """Wait until `up` devices serve; say whether they do."""
        with self._changed:
            return self._changed.wait_for(lambda: sum(place.up for place in self._places) == up, timeout)

    # Hsm.

    def open_session(self) -> HsmSession:
        """Open a session over both devices."""
        if self._closed:
            raise SdfError(SdfCode.OPEN_DEVICE)
        if not any(place.up for place in self._places):
            raise SdfError(SdfCode.OPEN_DEVICE, "no device")
        return DualSession(self)

    def standings(self) -> list[Standing]:
        """Describe both devices."""
        found: list[Standing] = []
        for place in self._places:
            info = None
            term = place.term
            if place.up and place.device is not None:
                try:
                    info = place.device.info()
                except SdfError as error:
                    self.lost(place, error, term)
            found.append(Standing(place.number, place.up, place.reason, place.served, info))
        return found

    def info(self) -> DeviceInfo:
        """Describe the first device that is up."""
        for standing in self.standings():
            if standing.info is not None:
                return standing.info
        raise SdfError(SdfCode.OPEN_DEVICE, "no device")

    def self_test(self) -> SelfTest:
        """Test both devices; one that fails or is away is named."""
        checks: list[str] = []
        failures: list[str] = []
        for place in self._places:
            name = f"device {place.number + 1}"
            if not place.up or place.device is None:
                checks.append(name)
                failures.append(name)
                continue
            report = place.device.self_test()
            checks += [f"{name}: {check}" for check in report.checks]
            failures += [f"{name}: {check}" for check in report.failures]
        return SelfTest(not failures, tuple(checks), tuple(failures))

    def transport_public(self) -> bytes:
        """See `Replicating`; for restores, which go into the first device."""
        return _replicating(self.first()).transport_public()

    def export_state(self, public: bytes) -> bytes:
        """See `Replicating`; for backups."""
        return self.change(lambda place: _replicating(place).export_state(public))

    def merge_state(self, sealed: bytes) -> None:
        """See `Replicating`; for restores."""
        with self._lock:
            first = self.first()
            _replicating(first).merge_state(sealed)
            for other in self._places:
                if other is not first and other.up:
                    self._merge(first, other)

    def close(self) -> None:
        """Close both devices."""
        self._closed = True
        self._wake.set()
        self._probing.join()
        for place in self._places:
            place.up = False
            if place.device is not None:
                place.device.close()


def _replicating(place: Place) -> Replicating:
    if not isinstance(place.device, Replicating):
        raise SdfError(SdfCode.NOT_SUPPORTED, "export state")
    return place.device

"""Opens the HSM that the settings name: one software device, a vendor's library, or two of a kind as dual-active."""

from collections.abc import Callable
from pathlib import Path

from server_stub.contract.sm.algorithms import Algorithms

from .device import Hsm
from .dual import DualActive
from .master import FileMaster
from .sdf import SdfHsm
from .soft import SoftHsm


def open_hsm(
    data: Path, alg: Algorithms, *, libraries: tuple[str, ...] = (), pin: str = "", twins: bool = False
) -> Hsm:
    """Return the device of a data folder. `libraries`: paths of libsdf, two for dual-active; none: software.

    `twins`: two software devices, the second in `hsm-2`. Raises `SdfError`, `MasterKeyUnavailable`.
    """

    def soft(number: int) -> Callable[[], Hsm]:
        folder, master = ("hsm", "hsm-master.key") if not number else ("hsm-2", "hsm-2-master.key")
        lane = (number, 2) if twins else (0, 1)
        return lambda: SoftHsm(data / folder, FileMaster(data / "keys" / master), alg, lane=lane)

    def vendor(path: str) -> Callable[[], Hsm]:
        return lambda: SdfHsm(Path(path), data / "hsm-registry", pin.encode)

    makers = [vendor(path) for path in libraries] or [soft(number) for number in range(2 if twins else 1)]
    return DualActive(makers) if len(makers) > 1 else makers[0]()

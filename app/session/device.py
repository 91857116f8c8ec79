"""What this machine says of itself at sign-in, and a new device key."""

import platform
import sys
from importlib import metadata
from pathlib import Path

from app.session.tokens import DeviceKey
from server_stub.contract.accounts import DeviceInfo
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.algorithms import Algorithms


def new_device(algorithms: Algorithms) -> DeviceKey:
    """A device id and an SM2 key pair."""
    pair = algorithms.sm2_generate()
    return DeviceKey(id=uuid7(), private=pair.private, public=pair.public)


def describe(device: DeviceKey) -> DeviceInfo:
    """The device as the server sees it."""
    return DeviceInfo(
        id=device.id,
        name=(platform.node() or "我的电脑")[:100],
        platform=platform_name(),
        app_version=app_version(),
        public_key=device.public,
    )


def app_version() -> str:
    """The client's version."""
    try:
        return metadata.version("zhengding-desktop")
    except metadata.PackageNotFoundError:
        return "0.1.0"


def platform_name(os_release: Path = Path("/etc/os-release")) -> str:
    """ "windows", "uos", "kylin" or "linux"."""
    if sys.platform == "win32":
        return "windows"
    try:
        lines = os_release.read_text(encoding="utf-8", errors="replace").lower().splitlines()
    except OSError:
        return "linux"
    names = [line.partition("=")[2].strip("\"' ") for line in lines if line.startswith(("id=", "id_like="))]
    if any(name in ("uos", "uniontech", "deepin") for name in names):
        return "uos"
    return "kylin" if any("kylin" in name for name in names) else "linux"

"""Asking the system to confirm the user (polkit, Windows Hello); it says honestly where it cannot."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol

UNAVAILABLE = "本机没有可用的系统验证"
ACTION = "cn.zhengding.desktop.unlock"
"""The polkit action; its policy file comes with the Linux package and asks for the user's own password."""
_NAME = "org.freedesktop.PolicyKit1"
_PATH = "/org/freedesktop/PolicyKit1/Authority"
_INTERFACE = "org.freedesktop.PolicyKit1.Authority"
_ALLOW_INTERACTION = 1


class SystemAuth(Protocol):
    """One way of asking. `name` is for the settings page."""

    name: str

    async def reason(self) -> str:
        """Why it cannot be used here; "" when it can."""
        ...

    async def confirm(self) -> bool:
        """Ask the user now; True only when the system says that it is he."""
        ...


class NullSystemAuth:
    """There is none."""

    name = "无"

    async def reason(self) -> str:
        """See SystemAuth."""
        return UNAVAILABLE

    async def confirm(self) -> bool:
        """Never."""
        return False


class FakeSystemAuth:
    """For tests: answers what it is told to."""

    name = "fake"

    def __init__(self, *, good: bool = True) -> None:
        self.good = good
        self.asked = 0

    async def reason(self) -> str:
        """It can."""
        return ""

    async def confirm(self) -> bool:
        """What was set."""
        self.asked += 1
        return self.good


class PolkitAuth:
    """polkit's CheckAuthorization for our own action and process. `bus`: a connected dbus-fast system bus."""

    name = "polkit"

    def __init__(self, bus: Any, *, action: str = ACTION) -> None:
        self._bus = bus
        self._action = action

    async def reason(self) -> str:
        """Whether polkit runs and knows our action."""
        reply = await self._call("EnumerateActions", "s", [""])
        if reply is None:
            return UNAVAILABLE
        known = any(action[0] == self._action for action in reply[0])
        return "" if known else "系统中未安装政钉的验证策略，请联系管理员"

    async def confirm(self) -> bool:
        """Shows the desktop's own password dialog; False on refusal, cancellation or any failure."""
        subject = [
            "unix-process",
            {
                "pid": self._variant("u", os.getpid()),
                "start-time": self._variant("t", start_time()),
                "uid": self._variant("i", os.getuid()),
            },
        ]
        reply = await self._call(
            "CheckAuthorization",
            "(sa{sv})sa{ss}us",
            [subject, self._action, {}, _ALLOW_INTERACTION, ""],
        )
        if reply is None:
            return False
        authorized, _challenge, _details = reply[0]
        return bool(authorized)

    @staticmethod
    def _variant(signature: str, value: object) -> Any:
        from dbus_fast import Variant

        return Variant(signature, value)

    async def _call(self, member: str, signature: str, body: list[Any]) -> list[Any] | None:
        from dbus_fast import Message, MessageType
        from dbus_fast.errors import DBusError

        message = Message(
            destination=_NAME,
            path=_PATH,
            interface=_INTERFACE,
            member=member,
            signature=signature,
            body=body,
        )
        try:
            reply = await self._bus.call(message)
        except (DBusError, OSError, EOFError):
            return None
        if reply is None or reply.message_type is not MessageType.METHOD_RETURN:
            return None
        return reply.body


def start_time(stat: Path = Path("/proc/self/stat")) -> int:
    """When this process started, in clock ticks since boot: polkit wants it so that a reused pid is not taken for us."""
    # The command name may contain spaces and brackets: count from its end.
    fields = stat.read_text().rpartition(")")[2].split()
    return int(fields[19])


class WindowsHello:
    """UserConsentVerifier of WinRT. Unverified on a device: the calls are those of Microsoft's documentation.

    `verifier`: `winrt.windows.security.credentials.ui.UserConsentVerifier`, or what a test puts in its place.
    """

    name = "Windows Hello"
    _AVAILABLE = 0
    _VERIFIED = 0

    def __init__(self, verifier: Any) -> None:
        self._verifier = verifier

    @classmethod
    def open(cls) -> WindowsHello | None:
        """None where the WinRT projection is not installed (it is not part of the product)."""
        try:
            from winrt.windows.security.credentials import ui  # pyright: ignore[reportMissingImports]
        except ImportError:
            return None
        return cls(ui.UserConsentVerifier)

    async def reason(self) -> str:
        """Whether a face, finger or PIN was set up."""
        try:
            found = int(await self._verifier.check_availability_async())
        except OSError:
            return UNAVAILABLE
        return "" if found == self._AVAILABLE else "本机未设置 Windows Hello"

    async def confirm(self) -> bool:
        """Shows Windows' own dialog."""
        try:
            return int(await self._verifier.request_verification_async("解锁政钉")) == self._VERIFIED
        except OSError:
            return False

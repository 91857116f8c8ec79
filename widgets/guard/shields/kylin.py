"""Kylin: a vendor's X extension against capture exists, without a public interface: found and said, never assumed."""

from __future__ import annotations

from .base import NullShield

_MARKS = ("ukui", "kylin", "kysec")


def kylin_extensions(extensions: list[str]) -> list[str]:
    """The vendor's among the names of an X server's extensions."""
    return [name for name in extensions if any(mark in name.lower() for mark in _MARKS)]


def x_extensions(display_name: str | None = None) -> list[str]:
    """Names of the X server's extensions; none where there is no server."""
    try:
        from Xlib import display as x_display
        from Xlib.error import DisplayError
    except ImportError:
        return []
    try:
        display = x_display.Display(display_name)
    except (DisplayError, OSError):
        return []
    try:
        return [str(name) for name in display.list_extensions()]
    finally:
        display.close()


def kylin_shield(extensions: list[str]) -> NullShield | None:
    """A shield that protects nothing and says why, where the extension is there; None elsewhere."""
    found = kylin_extensions(extensions)
    if not found:
        return None
    return NullShield(problem=f"系统带有厂商扩展 {found[0]}，没有公开接口，未启用。")

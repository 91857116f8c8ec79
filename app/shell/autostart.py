"""Starting with the desktop: an entry in the XDG autostart folder (UOS, Kylin and every other Linux desktop)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

ENTRY = "zhengding.desktop"


def _quoted(word: str) -> str:
    """One argument of an Exec line (Desktop Entry Specification, "The Exec key")."""
    for char in ("\\", '"', "`", "$"):
        word = word.replace(char, "\\" + char)
    # The value is unescaped once more as a string before it is split.
    return '"' + word.replace("\\", "\\\\").replace("%", "%%") + '"'


class XdgAutostart:
    """Writes and removes one desktop entry. `folder`: `autostart` below the user's configuration folder."""

    def __init__(self, folder: Path, command: Sequence[str], working: Path) -> None:
        self._file = folder / ENTRY
        self._command = list(command)
        self._working = working

    @property
    def available(self) -> bool:
        """Whether this desktop reads such entries."""
        return sys.platform == "linux"

    def is_on(self) -> bool:
        """Whether the entry is there and not switched off by the desktop's own settings."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return "Hidden=true" not in lines and "X-GNOME-Autostart-enabled=false" not in lines

    def set_on(self, on: bool) -> None:
        """Write or remove the entry. Raises OSError."""
        if not on:
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        lines = [
            "[Desktop Entry]",
            "Type=Application",
            "Name=政钉",
            f"Exec={' '.join(_quoted(word) for word in self._command)}",
            f"Path={self._working}",
            "Terminal=false",
            "X-GNOME-Autostart-enabled=true",
        ]
        draft = self._file.with_suffix(".new")
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.replace(draft, self._file)


def autostart_folder() -> Path:
    """`autostart` below XDG_CONFIG_HOME."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base else Path.home() / ".config") / "autostart"

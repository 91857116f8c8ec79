"""Preferences of one profile on this computer: theme, font size, send key, notifications, window place (E156, E162).

They hold nothing secret and are needed before anybody has signed in, so they live in a small JSON file beside the
encrypted store.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

FONT_SIZES = ("small", "standard", "large", "extra")
THEMES = ("system", "light", "dark", "contrast")
SEND_KEYS = ("enter", "ctrl_enter")
SAVE_DELAY_MS = 300


@dataclass(frozen=True, slots=True)
class Values:
    """All preferences with their defaults. Unknown or ill-typed values in the file fall back to these."""

    theme: str = "system"
    font_size: str = "standard"
    send_key: str = "enter"
    notifications: bool = True
    notification_text: bool = True
    """Show the message text in a notification, not only who wrote."""
    close_to_tray: bool = True
    geometry: str = ""
    """Base64 of the main window's saved geometry."""
    panel_open: bool = True
    list_width: int = 288
    server_url: str = ""
    """Address of a server to connect to; empty for the bundled one."""
    last_login: str = ""
    welcomed: bool = False
    """The choice on the welcome page was made."""
    recent_emoji: tuple[str, ...] = ()
    speech_url: str = ""
    """Address of a speech recognition server (OpenAI's transcriptions), set by the administrator; empty for none."""
    link_previews: bool = True
    """Ask a page for its title before its address is sent."""
    file_texts: bool = True
    """Read the words of the chats' files into the encrypted store, so that search and assistant find them."""


_CHOICES = {"theme": THEMES, "font_size": FONT_SIZES, "send_key": SEND_KEYS}


def parse(text: str) -> Values:
    """Read what a file says; a damaged file gives the defaults, a damaged value its default."""
    try:
        raw = json.loads(text)
    except ValueError:
        return Values()
    if not isinstance(raw, dict):
        return Values()
    base = Values()
    good: dict[str, Any] = {}
    for item in fields(Values):
        value = raw.get(item.name)
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            value = tuple(value)
        if type(value) is not type(getattr(base, item.name)):
            continue
        if item.name in _CHOICES and value not in _CHOICES[item.name]:
            continue
        good[item.name] = value
    return replace(base, **good)


class Preferences(QObject):
    """The current values; `changed` names what was changed. Written a moment later by `executor`, atomically."""

    changed = Signal(str)

    def __init__(self, path: Path, executor: Executor | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._executor = executor
        try:
            # A few hundred bytes, read once before any window exists.
            self._values = parse(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            self._values = Values()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_DELAY_MS)
        self._timer.timeout.connect(self._save_later)

    @property
    def values(self) -> Values:
        """A snapshot of all preferences."""
        return self._values

    def set(self, **changes: Any) -> None:
        """Change some values; raises TypeError for a name that does not exist, ValueError for a bad choice."""
        for name, value in changes.items():
            if name in _CHOICES and value not in _CHOICES[name]:
                raise ValueError(f"{name} cannot be {value!r}")
        new = replace(self._values, **changes)
        different = [name for name in changes if getattr(new, name) != getattr(self._values, name)]
        if not different:
            return
        self._values = new
        self._timer.start()
        for name in different:
            self.changed.emit(name)

    def flush(self) -> None:
        """Write now, at the end of the program."""
        if self._timer.isActive():
            self._timer.stop()
            _write(self._path, self._values)

    def _save_later(self) -> None:
        if self._executor is None:
            _write(self._path, self._values)
        else:
            self._executor.submit(_write, self._path, self._values)


def _write(path: Path, values: Values) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.write_text(json.dumps(asdict(values), ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(draft, path)

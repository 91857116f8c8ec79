"""Keeping a plan's file: autosave beside it, atomic saves, recovery after a crash; the interface thread never writes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from meeting_seat_designer.editor.editing import Editing
from meeting_seat_designer.engine.errors import FormatError, SeatingError
from meeting_seat_designer.engine.files import dumps, load, write_bytes
from meeting_seat_designer.engine.model.document import Document

AUTOSAVE_MS = 800


class Opened(NamedTuple):
    """A plan read from its file; `recovered` is when the unsaved work found beside it was written (HH:MM), or empty."""

    document: Document
    recovered: str


def recovery_of(path: Path) -> Path:
    """Where unsaved work on this file is kept."""
    return path.with_name(f".{path.name}.recover")


def open_plan(path: Path) -> Opened:
    """Read a plan, or the unsaved work a crash left beside it; FormatError when neither can be read."""
    left = recovery_of(path)
    if left.exists():
        try:
            document = load(left)
        except FormatError:
            # Damaged remains are put aside, never thrown away: the saved file is what counts.
            left.replace(left.with_suffix(".damaged"))
        else:
            return Opened(document, time.strftime("%H:%M", time.localtime(left.stat().st_mtime)))
    return Opened(load(path), "")


def discard_recovery(path: Path) -> Document:
    """Give up the unsaved work and read the saved file."""
    document = load(path)
    recovery_of(path).unlink(missing_ok=True)
    return document


class Keeper(QObject):
    """Watches one editing and its file. Signals: `kept()` after an autosave, `saved()`, `failed(text)`."""

    kept = Signal()
    saved = Signal()
    failed = Signal(str)

    def __init__(self, editing: Editing, path: Path, *, unsaved: bool = False) -> None:
        super().__init__(editing)
        self._editing, self.path = editing, path
        self.unsaved = unsaved
        self._change = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(AUTOSAVE_MS)
        self._soon.timeout.connect(self.autosave)
        editing.changed.connect(self._touched)

    def _touched(self) -> None:
        self.unsaved = True
        self._change += 1
        if not self._soon.isActive():
            self._soon.start()

    def _write(self, target: Path, *, final: bool) -> None:
        frozen = msgspec.json.encode(self._editing.document)
        number = self._change
        recovery = recovery_of(self.path)

        def work() -> None:
            write_bytes(target, dumps(msgspec.json.decode(frozen, type=Document)))
            if final:
                recovery.unlink(missing_ok=True)

        def then(_result: None) -> None:
            if final and number == self._change:
                self.unsaved = False
            (self.saved if final else self.kept).emit()

        def failed(error: Exception) -> None:
            text = error.text if isinstance(error, SeatingError) else str(error)
            self.failed.emit(f"没有保存成功：{text}。请检查磁盘空间后按 Ctrl+S 重试。")

        self._editing.work.run(work, then, failed)

    def autosave(self) -> None:
        """Write the present state beside the file."""
        self._soon.stop()
        self._write(recovery_of(self.path), final=False)

    def save(self) -> None:
        """Write the file itself; the state kept beside it is no longer needed."""
        self._soon.stop()
        self._editing.history.mark_saved()
        self._write(self.path, final=True)

    def close(self) -> None:
        """Save what is unsaved and wait until it is on the disk."""
        if self.unsaved:
            self.save()
        self._soon.stop()
        self._editing.work.finish()

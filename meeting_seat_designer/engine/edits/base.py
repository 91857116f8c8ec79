"""The edit engine: journals that undo exactly, commands, and the history the editor drives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from meeting_seat_designer.engine.model.document import Document

_MISSING = object()


class Journal:
    """Every change of the document goes through here, so that it can be taken back and made again."""

    def __init__(self) -> None:
        self._steps: list[tuple[Callable[[], None], Callable[[], None]]] = []
        self._fields: dict[tuple[int, str], int] = {}

    def set(self, node: Any, name: str, value: Any) -> None:
        """Set a field of a structure."""
        old = getattr(node, name)
        if old is value or (old == value and type(old) is type(value)):
            return
        self._do(lambda: setattr(node, name, value), lambda: setattr(node, name, old))

    def insert(self, items: list[Any], index: int, value: Any) -> None:
        """Insert into a list."""
        self._do(lambda: items.insert(index, value), lambda: items.__delitem__(index))

    def append(self, items: list[Any], value: Any) -> None:
        """Append to a list."""
        self.insert(items, len(items), value)

    def delete(self, items: list[Any], index: int) -> None:
        """Delete one item of a list."""
        old = items[index]
        self._do(lambda: items.__delitem__(index), lambda: items.insert(index, old))

    def remove(self, items: list[Any], value: Any) -> None:
        """Delete the item that is this very object (or, for plain values, equals it)."""
        for index, item in enumerate(items):
            if item is value or (isinstance(value, str) and item == value):
                self.delete(items, index)
                return

    def replace(self, items: list[Any], values: list[Any]) -> None:
        """Replace the whole contents of a list."""
        old = list(items)
        new = list(values)
        if len(old) == len(new) and all(a is b or a == b for a, b in zip(old, new, strict=True)):
            return
        self._do(lambda: items.__setitem__(slice(None), new), lambda: items.__setitem__(slice(None), old))

    def put(self, entries: dict[str, Any], key: str, value: Any) -> None:
        """Set one entry of a mapping."""
        old = entries.get(key, _MISSING)
        if old == value:
            return

        def back() -> None:
            if old is _MISSING:
                del entries[key]
            else:
                entries[key] = old

        self._do(lambda: entries.__setitem__(key, value), back)

    def drop(self, entries: dict[str, Any], key: str) -> None:
        """Remove one entry of a mapping, if it is there."""
        if key in entries:
            old = entries[key]
            self._do(lambda: entries.__delitem__(key), lambda: entries.__setitem__(key, old))

    def assign(self, entries: dict[str, Any], values: dict[str, Any]) -> None:
        """Replace the whole contents of a mapping."""
        old, new = dict(entries), dict(values)
        if old == new:
            return

        def load(source: dict[str, Any]) -> None:
            entries.clear()
            entries.update(source)

        self._do(lambda: load(new), lambda: load(old))

    def _do(self, forward: Callable[[], None], back: Callable[[], None]) -> None:
        forward()
        self._steps.append((forward, back))

    def __bool__(self) -> bool:
        return bool(self._steps)

    def undo(self) -> None:
        """Take every step back, last first."""
        for _, back in reversed(self._steps):
            back()

    def redo(self) -> None:
        """Make every step again."""
        for forward, _ in self._steps:
            forward()

    def absorb(self, later: Journal) -> None:
        """Take over the steps of a later journal, so that both are undone as one."""
        self._steps += later._steps


class Command(ABC):
    """One user action. `apply` changes the document only through the journal; it may raise EditError."""

    text: str = "编辑"
    merge_key: str = ""

    @abstractmethod
    def apply(self, document: Document, journal: Journal) -> None:
        """Make the change."""


class Batch(Command):
    """Several commands as one step of the history."""

    def __init__(self, text: str, commands: list[Command]) -> None:
        self.text = text
        self.commands = commands

    def apply(self, document: Document, journal: Journal) -> None:
        """Apply each command in turn."""
        for command in self.commands:
            command.apply(document, journal)


class History:
    """Undo and redo over one document. A failed command leaves the document as it was."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._done: list[tuple[str, str, Journal]] = []
        self._undone: list[tuple[str, str, Journal]] = []
        self._clean: Journal | None = None
        self._open = False

    def run(self, command: Command) -> bool:
        """Apply a command; False when it changed nothing. Commands with the same merge key become one step."""
        journal = Journal()
        try:
            command.apply(self.document, journal)
        except Exception:
            journal.undo()
            raise
        if not journal:
            return False
        key = command.merge_key
        if key and self._open and self._done and self._done[-1][1] == key:
            if self._done[-1][2] is self._clean:
                self._clean = Journal()
            self._done[-1][2].absorb(journal)
        else:
            self._done.append((command.text, key, journal))
        self._open = True
        self._undone.clear()
        return True

    def close_merge(self) -> None:
        """End the merging of drags: the next command starts a new step."""
        self._open = False

    @property
    def undo_text(self) -> str:
        """What the next undo takes back, or empty."""
        return self._done[-1][0] if self._done else ""

    @property
    def redo_text(self) -> str:
        """What the next redo makes again, or empty."""
        return self._undone[-1][0] if self._undone else ""

    def undo(self) -> bool:
        """Take back the last step; False when there is none."""
        if not self._done:
            return False
        step = self._done.pop()
        step[2].undo()
        self._undone.append(step)
        self._open = False
        return True

    def redo(self) -> bool:
        """Make the last undone step again; False when there is none."""
        if not self._undone:
            return False
        step = self._undone.pop()
        step[2].redo()
        self._done.append(step)
        self._open = False
        return True

    def mark_saved(self) -> None:
        """Remember the present state as the saved one."""
        self._clean = self._done[-1][2] if self._done else None
        self._open = False

    @property
    def saved(self) -> bool:
        """Whether the document is as it was last saved."""
        return (self._done[-1][2] if self._done else None) is self._clean

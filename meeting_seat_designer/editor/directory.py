"""What the host can give the editor from the organisation: people and units to pick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtWidgets import QWidget

from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import Department


class Directory(Protocol):
    """The host's pickers; each opens over `window` and calls `done` when the user agreed, never with an empty list."""

    def pick_people(self, window: QWidget, done: Callable[[list[Person]], object]) -> None:
        """Pick attendees from the organisation; their ids are stable, `user_id` is set. Source: 3.1.6.3.1."""
        ...

    def pick_units(self, window: QWidget, done: Callable[[list[Department]], object]) -> None:
        """Pick units from the organisation tree for the department order. Source: 3.1.6.2.2."""
        ...

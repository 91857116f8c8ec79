"""What a painted avatar asks for the own picture of somebody."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtGui import QPixmap


class Faces(Protocol):
    """Pictures by the seed of an avatar: the id of a person or of a group."""

    @property
    def generation(self) -> int:
        """Another number whenever a picture came, changed or went."""
        ...

    def picture(self, seed: str, pixels: int) -> QPixmap | None:
        """The picture with its round corners, `pixels` wide and high, or None while it is not here (it is fetched then) and where
        there is none. Asked for while painting: answers at once."""
        ...

    def members(self, seed: str) -> tuple[tuple[str, str], ...]:
        """Ids and names of those who stand for a group that has no picture of its own; nobody for a person."""
        ...

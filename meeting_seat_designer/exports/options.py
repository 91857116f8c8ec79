"""What a printed plan shows."""

from __future__ import annotations

from dataclasses import dataclass

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.geometry import FRAMES


@dataclass(frozen=True)
class PlanOptions:
    """Frame (audience, stage, entrance), what stands in a seat, `mark` a person's own seat, `printed` the date line."""

    frame: str = "audience"
    units: bool = True
    codes: bool = True
    mark: str = ""
    waiting: bool = True
    printed: str = ""

    def __post_init__(self) -> None:
        if self.frame not in FRAMES:
            raise EditError(f"未知的视角“{self.frame}”，可用：{'、'.join(FRAMES)}")

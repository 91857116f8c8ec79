"""Printing a hall of 2,000 people: PDF from the document to the finished bytes; the bar is 2 s."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from seat_arrange import hall

from meeting_seat_designer.cards.export import card_sheets
from meeting_seat_designer.cards.presets import copy_of
from meeting_seat_designer.engine.edits.base import History
from meeting_seat_designer.engine.edits.seating import Arrange
from meeting_seat_designer.exports.application import qt_application
from meeting_seat_designer.exports.export import plan_bytes
from meeting_seat_designer.exports.options import PlanOptions
from meeting_seat_designer.exports.pdf import pdf_bytes

ROUNDS = 5


def _median(work: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return round(statistics.median(times), 3)


def run() -> dict[str, Any]:
    """Medians of five, the first of each with cold fonts."""
    document = hall()
    History(document).run(Arrange("all"))
    options = PlanOptions(frame="audience")
    with qt_application():
        started = time.perf_counter()
        data = plan_bytes(document, "pdf", options)
        cold = round(time.perf_counter() - started, 3)
        figures = {
            "people": len(document.plan.seats),
            "pdf_cold": cold,
            "pdf": _median(lambda: plan_bytes(document, "pdf", options)),
            "pdf_tiled": _median(lambda: plan_bytes(document, "pdf", options, paper="A0", tile="A3")),
            "svg": _median(lambda: plan_bytes(document, "svg", options)),
            "xlsx": _median(lambda: plan_bytes(document, "xlsx", options)),
            "cards": _median(lambda: pdf_bytes(card_sheets(document, copy_of("tent_band")).pages, "cards")),
            "pdf_kb": round(len(data) / 1024),
        }
    return {
        "name": "seat_export",
        "unit": "s",
        "figures": figures,
        "bar": {"pdf": {"max": 2}, "pdf_cold": {"max": 2}},
        "peer": {},
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False, indent=1))

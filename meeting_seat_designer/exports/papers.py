"""Paper sizes and the choice of the smallest paper on which names stay readable."""

from __future__ import annotations

from typing import NamedTuple

from meeting_seat_designer.engine.errors import EditError
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.exports import ink
from meeting_seat_designer.exports.view import View

PAPERS = {"A4": (210, 297), "A3": (297, 420), "A2": (420, 594), "A1": (594, 841), "A0": (841, 1189)}
_NAME_SHARE = 0.3
"""Em of a three-character name as a share of the seat's width."""
_HEAD_AND_FOOT = 34


class Paper(NamedTuple):
    """A sheet: its name and its width and height in mm, already turned to fit the plan."""

    name: str
    width: float
    height: float


def paper_named(name: str, landscape: bool) -> Paper:
    """A sheet by name (A4 … A0); EditError for another name."""
    size = PAPERS.get(name.upper())
    if size is None:
        raise EditError(f"没有纸张“{name}”，可用：auto、{'、'.join(PAPERS)}")
    short, long = size
    return Paper(name.upper(), long, short) if landscape else Paper(name.upper(), short, long)


def choose_paper(document: Document, frame: str, name: str = "auto") -> Paper:
    """The named paper turned as the plan lies, or for auto the smallest on which names are at least 5 pt."""
    view = View(document, frame)
    if name.lower() != "auto":
        return _better(document, view, name)
    best = _better(document, view, "A0")
    for candidate in PAPERS:
        paper = _better(document, view, candidate)
        if _name_em(document, view, paper) >= ink.LEAST_NAME:
            return paper
    return best


def _better(document: Document, view: View, name: str) -> Paper:
    both = (paper_named(name, landscape=False), paper_named(name, landscape=True))
    return max(both, key=lambda paper: _scale(document, view, paper))


def _scale(document: Document, view: View, paper: Paper) -> float:
    """Paper mm per room mm in the space that title and foot leave."""
    grow = ink.growth(paper.width, paper.height)
    margin = 2 * ink.MARGIN * min(grow, 2)
    return view.scale_into(paper.width - margin, paper.height - margin - _HEAD_AND_FOOT * grow)


def _name_em(document: Document, view: View, paper: Paper) -> float:
    sides = sorted(min(seat.w, seat.h) for _, seat in document.seats())
    usual = sides[len(sides) // 2] if sides else 520
    return usual * _NAME_SHARE * _scale(document, view, paper)

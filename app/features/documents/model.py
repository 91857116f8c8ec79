"""The documents that lie open on the desk, with what was found in each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from offline_ai.documents.model import Document
from offline_ai.documents.structure import Node
from offline_ai.official.elements import Element
from offline_ai.proofread.model import Finding, Report
from offline_ai.retrieval.answer import Answer
from offline_ai.sensitive.matcher import Hit
from offline_ai.text.keywords import Keyword
from offline_ai.text.summary import Summary

from .service import Said

OPENABLE = "公文 (*.docx *.doc *.wps *.pdf *.txt *.md *.xlsx *.xls *.pptx *.ppt *.rtf *.html *.htm *.png *.jpg *.jpeg *.webp)"
SUFFIXES = frozenset(
    [
        ".docx",
        ".doc",
        ".wps",
        ".pdf",
        ".txt",
        ".md",
        ".xlsx",
        ".xls",
        ".pptx",
        ".ppt",
        ".rtf",
        ".html",
        ".htm",
        ".png",
        ".jpg",
        ".jpeg",
        ".webp",
        ".bmp",
        ".tif",
        ".tiff",
    ]
)


@dataclass(eq=False)
class OpenDocument:
    """One document; results are None until asked for."""

    key: str
    path: Path
    document: Document
    outline: list[Node]
    chosen: bool = True
    """Ticked for questions and key elements over several files (附件选择)."""
    summary: Summary | None = None
    keywords: list[Keyword] = field(default_factory=list)
    summary_said: Said = field(default_factory=Said)
    asked: int = 0
    mind: Node | None = None
    mind_by_model: bool = False
    mind_said: Said = field(default_factory=Said)
    mapped: int = 0
    hits: list[Hit] | None = None
    report: Report | None = None
    material: str = ""
    """Key of the file that this draft was written from (for proofreading), or ""."""
    accepted: dict[tuple[str, int, str], Finding] = field(default_factory=dict)
    ignored: dict[tuple[str, int, str], str] = field(default_factory=dict)
    """Findings that were set aside, with the reason."""
    elements: list[Element] | None = None

    @property
    def name(self) -> str:
        return self.path.name

    def waiting(self) -> list[Finding]:
        """Findings that are neither accepted nor set aside."""
        found = self.report.findings if self.report is not None else ()
        return [one for one in found if one.key not in self.accepted and one.key not in self.ignored]


@dataclass(frozen=True)
class Exchange:
    """A question, and its answer once it is there."""

    question: str
    answer: Answer | None = None
    failed: str = ""
    said: Said = field(default_factory=Said)

"""What proofreading gives: findings with place, rule, reason and fix; what was not checked and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from offline_ai.documents.model import Block, Document
from offline_ai.models.origin import Origin
from offline_ai.official.parts import Official, take_apart

VERSION = "2026.11"
"""Of the rule set: in every report and in every exported document."""


class Level(Enum):
    """规定: a regulation or standard says so; 通常: practice, or a rule with 一般 or 原则上, which only warns."""

    RULE = "规定"
    PRACTICE = "通常"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `source` names article or clause, `category` is how the tender groups findings (3.2.5.2.6)."""

    id: str
    level: Level
    source: str
    category: str
    title: str
    mechanical: bool = False
    layout: bool = False
    """Needs the file's page settings: 未检 on plain text."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`text[start:end]` breaks the rule. `fix` is what to put there (None: only advice), `why` says it to a person.

    `mechanical` findings may be fixed without reading the sentence.
    """

    rule: Rule
    start: int
    end: int
    found: str
    why: str
    fix: str | None = None
    advice: str = ""

    @property
    def mechanical(self) -> bool:
        return self.rule.mechanical and self.fix is not None

    @property
    def key(self) -> tuple[str, int, str]:
        """What stays the same when the document is proofread again unchanged."""
        return self.rule.id, self.start, self.found


@dataclass(frozen=True, slots=True)
class Unchecked:
    """未检: a rule that could not be looked at, and why. Never the same as passed."""

    rule: Rule
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """Findings in the order of the text."""

    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]
    checked: int
    version: str = VERSION
    origin: Origin = Origin.RULES


@dataclass(slots=True)
class Draft:
    """What the checks read: the document, its text, its parts, and the material it was written from (C6)."""

    document: Document
    material: Document | None = None
    text: str = ""
    parts: Official = field(default_factory=Official)

    def __post_init__(self) -> None:
        self.text = self.document.text
        self.parts = take_apart(self.document)

    @property
    def kind(self) -> str:
        return self.parts.kind

    @property
    def upward(self) -> bool:
        """上行文: requests and reports."""
        return self.kind in ("请示", "报告", "请示报告")

    def prose(self) -> Iterator[Block]:
        """Headings and paragraphs of the whole document."""
        return (block for block in self.document.blocks if block.kind != "row")


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check yields: rule id, place, reason, and the fix or advice."""

    rule: str
    start: int
    end: int
    why: str
    fix: str | None = None
    advice: str = ""

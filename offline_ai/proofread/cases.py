"""Recall and false alarms of the rules over a file of cases: `python -m offline_ai.proofread.cases FILE`.

One case per line: `+RULE text` must be found, `-RULE text` must not, `-* text` must give no finding at all; ¶ is a new
paragraph, `[name=value …]` before the text sets the page (width, height, top, left in mm; footer, first, font,
material; _ stands for a blank).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from offline_ai.documents.model import Document, Layout, Style
from offline_ai.proofread.engine import proofread
from offline_ai.proofread.model import VERSION, Report
from offline_ai.proofread.rules import RULES

_LINE = re.compile(r"(?P<sign>[+-])(?P<rule>[A-Z]\d{1,2}|\*) (?:\[(?P<options>[^\]]*)\])?(?P<text>.*)$")


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the file; `rule` is * for texts that must give no finding of any rule."""

    rule: str
    wanted: bool
    text: str
    options: dict[str, str]
    line: int

    def document(self) -> Document:
        """The text as a document, with the page settings of the case."""
        document = Document()
        font = self.options.get("font", "")
        style = Style(font, 16.0) if font else None
        for piece in self.text.split("¶"):
            document.add("paragraph", piece, style=style)
        if self.options.keys() & {"width", "height", "top", "left", "footer", "first", "font"}:
            document.format = "docx"
            first = self.options.get("first")
            footer = self.options.get("footer", "").replace("_", " ")
            document.layout = Layout(
                float(self.options.get("width", 210)),
                float(self.options.get("height", 297)),
                float(self.options.get("top", 37)),
                float(self.options.get("left", 28)),
                (footer,) if footer else (),
                None if first is None else first == "1",
            )
        return document

    def report(self) -> Report:
        """What proofreading says to it."""
        material: Document | None = None
        if "material" in self.options:
            material = Document()
            material.add("paragraph", self.options["material"])
        return proofread(self.document(), material=material)

    def found(self) -> list[str]:
        """Ids of the rules that were found broken."""
        return [finding.rule.id for finding in self.report().findings]


@dataclass(slots=True)
class Score:
    """Counts of one rule."""

    positive: int = 0
    recalled: int = 0
    negative: int = 0
    alarms: int = 0
    missed: list[Case] = field(default_factory=list[Case])
    false: list[Case] = field(default_factory=list[Case])


def read_cases(text: str) -> list[Case]:
    """Raises ValueError with the number of a line that is none."""
    cases: list[Case] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None or (match["rule"] != "*" and match["rule"] not in RULES):
            raise ValueError(f"line {number} is no case")
        options = dict(one.split("=", 1) for one in (match["options"] or "").split())
        cases.append(Case(match["rule"], match["sign"] == "+", match["text"], options, number))
    return cases


def score(cases: Iterable[Case]) -> dict[str, Score]:
    """Per rule (and * for the texts that must stay clean)."""
    scores = {rule: Score() for rule in [*RULES, "*"]}
    for case in cases:
        one = scores[case.rule]
        found = case.found()
        hit = bool(found) if case.rule == "*" else case.rule in found
        if case.wanted:
            one.positive += 1
            one.recalled += hit
            if not hit:
                one.missed.append(case)
        else:
            one.negative += 1
            one.alarms += hit
            if hit:
                one.false.append(case)
    return scores


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 when a case fails."""
    scores = score(read_cases(Path(arguments[0]).read_text("utf-8")))
    print(f"规则集 {VERSION}，{len(RULES)} 条")
    print("规则\t正例\t召回\t反例\t误报")
    for rule, one in scores.items():
        print(f"{rule}\t{one.positive}\t{one.recalled}\t{one.negative}\t{one.alarms}")
        for case in one.missed:
            print(f"  漏 第{case.line}行 {case.text}")
        for case in one.false:
            print(f"  误 第{case.line}行 {case.text} {case.found() if rule == '*' else ''}")
    positive = sum(one.positive for one in scores.values())
    recalled = sum(one.recalled for one in scores.values())
    negative = sum(one.negative for one in scores.values())
    alarms = sum(one.alarms for one in scores.values())
    print(f"合计\t{positive}\t{recalled}\t{negative}\t{alarms}")
    return 0 if recalled == positive and not alarms else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

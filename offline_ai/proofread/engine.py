"""Proofreading from end to end: run every check, say what could not be checked, fix what is mechanical."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from offline_ai.documents.model import Document, Layout
from offline_ai.proofread import genre, language, layout, pages, wording
from offline_ai.proofread.model import Draft, Finding, Report, Unchecked
from offline_ai.proofread.rules import RULES

NO_LAYOUT = "这种文件没有版面信息，未检。"
NO_MATERIAL = "没有提供所依据的材料，未检。"
NO_FONTS = "文件没有记下字体，未检。"
NO_FOOTERS = "没有读到页码，未检。"
Tell = Callable[[float], None]


def proofread(document: Document, *, material: Document | None = None, tell: Tell | None = None) -> Report:
    """All 71 rules; `material` is what the draft was written from (for C6)."""
    draft = Draft(document, material)
    checks = (genre.check, layout.check, pages.check, language.check, wording.check)
    findings: dict[tuple[str, int, int], Finding] = {}
    for count, check in enumerate(checks, 1):
        for hit in check(draft):
            found = draft.text[hit.start : hit.end]
            finding = Finding(RULES[hit.rule], hit.start, hit.end, found, hit.why, hit.fix, hit.advice)
            findings.setdefault((hit.rule, hit.start, hit.end), finding)
        if tell is not None:
            tell(count / len(checks))
    unchecked = tuple(_unchecked(draft))
    order = sorted(findings.values(), key=lambda one: (one.start, one.rule.id))
    return Report(tuple(order), unchecked, len(RULES) - len(unchecked))


def _unchecked(draft: Draft) -> Iterable[Unchecked]:
    known = draft.document.layout
    for rule in RULES.values():
        if rule.layout and known is None:
            yield Unchecked(rule, NO_LAYOUT)
        elif rule.id == "P5" and known is not None and (missing := _unknown_margins(known)):
            yield Unchecked(
                rule,
                f"只核对了纸张{'' if len(missing) == 2 else '和' + _OTHER[missing[0]]}；{'、'.join(missing)}无法确定，未检。",
            )
        elif rule.id == "P4" and known is not None and not known.footers:
            yield Unchecked(rule, NO_FOOTERS)
        elif (
            rule.id == "P6"
            and known is not None
            and not any(block.style and block.style.font for block in draft.parts.body)
        ):
            yield Unchecked(rule, NO_FONTS)
    if draft.material is None:
        yield Unchecked(RULES["C6"], NO_MATERIAL)


_OTHER = {"天头": "订口", "订口": "天头"}


def _unknown_margins(layout: Layout) -> list[str]:
    return [name for name, value in (("天头", layout.top), ("订口", layout.left)) if value is None]


def apply_fixes(text: str, findings: Iterable[Finding]) -> tuple[str, list[Finding]]:
    """The text with the fixes put in, and those that were; of overlapping ones the first wins."""
    done: list[Finding] = []
    pieces: list[str] = []
    at = 0
    for finding in sorted(findings, key=lambda one: (one.start, one.end)):
        if finding.fix is None or finding.start < at or text[finding.start : finding.end] != finding.found:
            continue
        pieces.extend((text[at : finding.start], finding.fix))
        at = finding.end
        done.append(finding)
    pieces.append(text[at:])
    return "".join(pieces), done

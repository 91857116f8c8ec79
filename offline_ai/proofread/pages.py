"""P4 to P7: page numbers, paper, fonts and the letter format, where the file says how its pages are set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from offline_ai.documents.model import Layout
from offline_ai.proofread.layout import sign
from offline_ai.proofread.model import Draft, Hit

_FONTS = {
    1: ("黑体", "Hei", "FZHT"),
    2: ("楷体", "Kai", "FZKT"),
    3: ("仿宋", "Fang", "FZFS"),
    4: ("仿宋", "Fang", "FZFS"),
}
"""The Chinese name, and what the names in PDF files hold."""
_MARGINS = (("天头", 37), ("订口", 28))
_PRINTED = {"天头": (35.5, 42.5), "订口": (26.5, 30.5)}
"""In a PDF type is seen, not margins: the first line lies up to half a line pitch below the head of the type area."""


def check(draft: Draft) -> Iterator[Hit]:
    """P4 to P7: only where the file says how its pages are set."""
    layout = draft.document.layout
    if layout is None:
        return
    for footer in dict.fromkeys(layout.footers):
        if re.search(r"\d", footer) and not re.fullmatch(r"[—–]\s?\d+\s?[—–]", footer.strip()):
            yield Hit("P4", 0, 0, f"页码写成了“{footer}”。", None, "页码左右各放一条一字线，如“— 1 —”。")
            break
    yield from _paper(draft, layout)
    for block in draft.parts.body:
        found = sign(block.text)
        style = block.style
        if (
            found is None
            or style is None
            or not style.font
            or (block.kind != "heading" and len(block.text) > 40)
        ):
            continue
        if not any(name.lower() in style.font.lower() for name in _FONTS[found[0]]):
            yield Hit(
                "P6",
                block.offset,
                block.end,
                f"{'一二三四'[found[0] - 1]}级标题用了{style.font}。",
                None,
                f"一般用{_FONTS[found[0]][0]}。",
            )
    if _is_letter(draft):
        if layout.first_numbered:
            yield Hit("P7", 0, 0, "信函格式首页不显示页码。", None, "去掉首页页码。")
        if draft.parts.printed is not None:
            yield Hit(
                "P7",
                draft.parts.printed.start,
                draft.parts.printed.end,
                "信函格式的版记不加印发机关和印发日期。",
                None,
                "删去印发机关和印发日期。",
            )


def _paper(draft: Draft, layout: Layout) -> Iterator[Hit]:
    sizes = layout.sizes or ((layout.width, layout.height),)
    for number, (width, height) in enumerate(sizes, 1):
        # Tables of an attachment may lie across.
        across = number > 1 and _is_a4(height, width)
        if not _is_a4(width, height) and not across:
            where = "" if number == 1 else f"第{number}{'页' if draft.document.format == 'pdf' else '节'}的"
            yield Hit(
                "P5",
                0,
                0,
                f"{where}纸张为 {width:.0f}×{height:.0f} mm，不是 A4。",
                None,
                "改为 A4（210×297 mm）。",
            )
            return
    for (name, right), value in zip(_MARGINS, (layout.top, layout.left), strict=True):
        if value is None:
            continue
        if draft.document.format == "pdf":
            least, most = _PRINTED[name]
            if not least <= value <= most:
                yield Hit(
                    "P5", 0, 0, f"文字距{'页顶' if name == '天头' else '左边'}约 {value:.0f} mm。", None,
                    f"{name}应为 {right}±1 mm。",
                )  # fmt: skip
        elif abs(value - right) > 1.05:
            yield Hit("P5", 0, 0, f"{name}为 {value:.0f} mm。", None, f"{name}应为 {right}±1 mm。")


def _is_a4(width: float, height: float) -> bool:
    return abs(width - 210) <= 1 and abs(height - 297) <= 1


def _is_letter(draft: Draft) -> bool:
    """信函格式: the letterhead is the office's name alone, and the document is 函 or 通知."""
    mark = draft.parts.mark
    return (
        mark is not None
        and draft.kind in ("函", "通知", "批复")
        and not mark.text.replace(" ", "").endswith("文件")
    )

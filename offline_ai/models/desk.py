"""Summary and mind map by a model: what it is asked, and how its answer is read. Who asks it is not our business."""

from __future__ import annotations

import re
from collections.abc import Sequence

from offline_ai.documents.model import Document
from offline_ai.documents.structure import Node, title_block
from offline_ai.models.interface import ModelFailed, Turn
from offline_ai.models.material import GUARD, Numbered, marked_lines
from offline_ai.models.origin import Origin
from offline_ai.text.summary import MANNERS, Chosen, Manner, Summary

_MOST_LINES, _MOST_NODES, _DEEPEST = 20, 120, 6
_LONGEST_NODE = 60
_SUMMARY: dict[Manner, str] = {
    "balanced": "写 3 到 6 句，兼顾背景、要求和时限",
    "sections": "每一部分写一句，不超过 8 句",
    "tasks": "只写要办的事、责任单位和时限，不超过 8 句",
    "short": "只写最要紧的两句",
}
_MAPS = ("尽量完整，三到四层", "只写层次和要点，两到三层", "按主题重新归类，两到三层")
_INDENT = re.compile(r"^(?P<space>[ \t]*)(?P<sharp>#{1,6})?")


def summary_turns(material: Numbered, variant: int) -> list[Turn]:
    """The question for a summary; `variant` counts the askings, as for the summary by rules."""
    wish = _SUMMARY[MANNERS[variant % len(MANNERS)]]
    system = (
        f"你是政府办公室的文秘，为公文写摘要。{wish}。每句一行，句末用[段落编号]注明依据，"
        f"只写材料里有的事实，人名、单位、数字和日期照原文，不写标题和开场白。{GUARD}"
    )
    return [Turn("system", system), Turn("user", f"材料：\n{material.text}")]


def read_summary(text: str, material: Numbered, variant: int) -> Summary:
    """The lines of the answer, each with the paragraph it names. Raises ModelFailed where there is none."""
    made: list[Chosen] = []
    for _, plain, numbers in marked_lines(text):
        block = next((found for one in numbers if (found := material.block(one)) is not None), None)
        place = (block.offset, block.end) if block is not None else (0, 0)
        made.append(Chosen(plain, *place, _heading(material, numbers)))
        if len(made) == _MOST_LINES:
            break
    if not made:
        raise ModelFailed("模型没有写出摘要。")
    return Summary(tuple(made), MANNERS[variant % len(MANNERS)], Origin.MODEL)


def mind_turns(material: Numbered, variant: int) -> list[Turn]:
    """The question for a mind map."""
    wish = _MAPS[variant % len(_MAPS)]
    system = (
        f"你是政府办公室的文秘，把公文整理成脑图。用 Markdown 无序列表，每深一层缩进两个空格，{wish}。"
        f"每个节点不超过 24 字，末尾用[段落编号]注明依据，只写材料里有的内容，不写其他文字。{GUARD}"
    )
    return [Turn("system", system), Turn("user", f"材料：\n{material.text}")]


def read_mind(text: str, document: Document, material: Numbered) -> Node:
    """The list as a tree below the document's title. Raises ModelFailed where it is no tree."""
    title, offset = title_block(document)
    whole = document.text
    root = Node(_short(title or "（无标题）"), offset)
    open_: list[tuple[int, Node]] = [(-1, root)]
    count = 0
    for line, plain, numbers in marked_lines(text):
        depth = _depth(line)
        while depth <= open_[-1][0]:
            open_.pop()
        above = open_[-1][1]
        block = next((found for one in numbers if (found := material.block(one)) is not None), None)
        at = block.offset if block is not None else whole.find(plain)
        node = Node(_short(plain.lstrip("# ")), at if at >= 0 else above.offset)
        if not node.text or len(open_) > _DEEPEST:
            continue
        above.children.append(node)
        open_.append((depth, node))
        count += 1
        if count == _MOST_NODES:
            break
    if len(root.children) == 1 and root.children[0].children:
        only = root.children[0]
        if only.text.strip("《》") in root.text or root.text in only.text:
            root = Node(root.text, root.offset, only.children)
    if count < 2:
        raise ModelFailed("模型没有写出脑图。")
    return root


def _depth(line: str) -> int:
    found = _INDENT.match(line)
    if found is None:
        return 0
    if found["sharp"]:
        return len(found["sharp"])
    # Bullets stand below the headings of a level that no heading has.
    return 10 + len(found["space"].replace("\t", "    "))


def _heading(material: Numbered, numbers: Sequence[int]) -> str:
    """The chapter that the first named paragraph stands in."""
    first = next((one for one in numbers if material.block(one) is not None), 0)
    for block in reversed(material.blocks[: max(0, first)]):
        if block.kind == "heading":
            return block.text
    return ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_NODE else text[: _LONGEST_NODE - 1] + "…"

"""Title, outline and mind map of a document."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from offline_ai.documents.model import Block, Document, level_of
from offline_ai.text.keywords import keywords
from offline_ai.text.sentences import sentences
from offline_ai.text.words import Words

TYPES = (
    "决议",
    "决定",
    "命令",
    "令",
    "公报",
    "公告",
    "通告",
    "意见",
    "通知",
    "通报",
    "报告",
    "请示",
    "批复",
    "议案",
    "函",
    "纪要",
)
"""The 15 kinds of official documents (条例第八条); 命令（令） is written both ways."""
_TITLE = re.compile(rf".{{0,40}}关于.{{2,80}}(?:{'|'.join(TYPES)}|方案|办法|规定)(?:[（(].{{1,12}}[）)])?$")
_NAMED = re.compile(
    rf"[^，。；：！？]{{2,40}}(?:{'|'.join(TYPES)}|方案|办法|规定|规划|计划|要点|总结|讲话|细则|预案)(?:[（(].{{1,12}}[）)])?$"
)
_ABOUT = re.compile(r"[^，。；：！？]{2,30}关于[^，。；：！？]{2,40}$")
_TRAIL = "。；！，.,;! "
_LETTERHEAD = re.compile(
    r"文件$|^(?:份号.*|\d{1,6}|(?:绝密|机密|秘密).{0,10}|特急|加急|急件|紧急|急|平急|特提|十万火急)$"
)
_ISSUER = re.compile(r"[一-龥、]{3,40}(?:政府|办公厅|办公室|局|委员会|委|厅|部|院|公司|集团|中心|指挥部)$")
_NO_TITLE = re.compile(r"现|请(?!示)|我|特此|妥否|[〔\[]\d|签发人|附件|抄送|印发$")
_RUN_IN = re.compile(
    r"(?P<sign>[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[）)]|\d{1,2}[.．](?!\d)|[（(]\d{1,2}[）)]"
    r"|[一二三四五六七八九十]是|第[一二三四五六七八九十]+，)"
)
_HEAD_LINES = 14


@dataclass(frozen=True, slots=True)
class Node:
    """One branch of the outline: its words, where it stands in the text, and what lies below it."""

    text: str
    offset: int
    children: list[Node] = field(default_factory=list["Node"])

    def count(self) -> int:
        """How many nodes there are, itself included."""
        return 1 + sum(child.count() for child in self.children)


def title_block(document: Document) -> tuple[str, int]:
    """The title, also where it runs over two or three lines, and its place; "" and 0 where there is none."""
    for at, block in enumerate(document.blocks):
        if block.kind == "title":
            above = document.blocks[at - 1] if at else None
            # The issuer often stands on a line of its own above 关于….
            if above is not None and block.text.startswith("关于") and _ISSUER.match(above.text):
                return above.text + block.text, above.offset
            return block.text, block.offset
    head = [block for block in document.blocks[:_HEAD_LINES] if block.kind in ("paragraph", "heading")]
    for first in range(len(head)):
        text = ""
        for last in range(first, min(first + 3, len(head))):
            piece = head[last].text
            bare = (text + piece).rstrip(_TRAIL)
            if (
                piece.endswith(("：", ":"))
                or re.search(r"[〔\[【]\s*\d{2,4}", piece)
                or _LETTERHEAD.search(text or piece)
            ):
                break
            text += piece
            if _TITLE.match(bare) and "。" not in bare and not _is_sentence(bare):
                return text, head[first].offset
            if piece.endswith(("。", "；")):
                break
    for pattern in (_NAMED, _ABOUT):
        for block in head[:6]:
            if (
                pattern.match(block.text.rstrip(_TRAIL))
                and level_of(block.text) == 0
                and not _NO_TITLE.search(block.text)
            ):
                return block.text, block.offset
    return document.title, 0


def _is_sentence(text: str) -> bool:
    return "，" in text and not text.startswith("关于") and len(text) > 60


def _short(text: str, most: int) -> str:
    """The first sentence, cut at a comma where it is too long."""
    first = next((piece.text for piece in sentences(text)), text).rstrip("。；;")
    if len(first) <= most:
        return first
    cut = max(first.rfind(mark, 8, most) for mark in "，、；：")
    return (first[:cut] if cut > 0 else first[: most - 1]) + "…"


def outline(document: Document, *, most: int = 40) -> list[Node]:
    """Headings by level, run-in headings (一、…。正文) among them; `most` characters per node."""
    roots: list[Node] = []
    stack: list[tuple[int, Node]] = []
    for block in document.blocks:
        for level, text, offset in _heads(block):
            while stack and stack[-1][0] >= level:
                stack.pop()
            node = Node(_short(text, most), offset)
            (stack[-1][1].children if stack else roots).append(node)
            stack.append((level, node))
    return roots


def _heads(block: Block) -> list[tuple[int, str, int]]:
    if block.kind == "heading":
        return [(block.level, block.text, block.offset)]
    if block.kind != "paragraph":
        return []
    found: list[tuple[int, str, int]] = []
    for piece in sentences(block.text, at_semicolons=True):
        sign = _RUN_IN.match(piece.text)
        if sign is None:
            continue
        if piece.start > 0 and not re.match(r"[一二三四五六七八九十]是|第", piece.text):
            continue
        level = level_of(sign["sign"] + "题") or 5
        found.append((level, piece.text, block.offset + piece.start))
    return found


def mind_map(document: Document, words: Words, *, variant: int = 0) -> Node:
    """The document as a tree. Asking again changes how much is shown: full, headings only, by keywords."""
    title, offset = title_block(document)
    root = Node(_short(title or "（无标题）", 60), offset)
    manner = variant % 3
    branches = outline(document, most=(48, 24, 36)[manner])
    if manner == 2 or not branches:
        root.children.extend(_by_keywords(document, words))
        if root.children:
            return root
    if manner == 0:
        _detail(branches, document)
    root.children.extend(branches)
    if not root.children:
        for block in document.blocks[:24]:
            if block.kind == "paragraph" and len(block.text) > 8:
                root.children.append(Node(_short(block.text, 48), block.offset))
    return root


def _detail(branches: list[Node], document: Document) -> None:
    """A leaf gets the first sentences that stand below its heading."""
    for node in branches:
        if node.children:
            _detail(node.children, document)
            continue
        block = document.block_at(node.offset)
        if block is None:
            continue
        rest = [piece for piece in sentences(block.text) if block.offset + piece.start > node.offset]
        at = document.blocks.index(block)
        if not rest and at + 1 < len(document.blocks) and document.blocks[at + 1].kind == "paragraph":
            block = document.blocks[at + 1]
            if not _RUN_IN.match(block.text):
                rest = sentences(block.text)
        for piece in rest[:3]:
            if len(piece.text) > 6 and not _RUN_IN.match(piece.text):
                node.children.append(Node(_short(piece.text, 36), block.offset + piece.start))


def _by_keywords(document: Document, words: Words) -> list[Node]:
    made: list[Node] = []
    used: set[int] = set()
    for keyword in keywords(document, words, 6):
        node = Node(keyword.word, max(0, document.text.find(keyword.word)))
        for block in document.blocks:
            if block.kind not in ("paragraph", "heading"):
                continue
            for piece in sentences(block.text):
                place = block.offset + piece.start
                if (
                    keyword.word in piece.text
                    and place not in used
                    and len(piece.text) > 8
                    and len(node.children) < 4
                ):
                    used.add(place)
                    node.children.append(Node(_short(piece.text, 36), place))
        if node.children:
            made.append(node)
    return made

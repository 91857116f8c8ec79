"""An official document taken apart: letterhead, number, signer, title, recipients, body, attachments, signature, end."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from offline_ai.documents.model import Block, Document
from offline_ai.documents.structure import TYPES, title_block

BRACKETS = r"[〔\[(（【［]"
BRACKETS_CLOSE = r"[〕\])）】］]"
NUMBER = re.compile(
    rf"(?P<code>[一-龥]{{1,14}})\s*(?P<open>{BRACKETS})\s*(?P<year>\d{{2,4}})\s*(?P<close>{BRACKETS_CLOSE})\s*"
    r"(?P<number>第?\s*\d+)\s*号"
)
SECRECY = re.compile(
    r"(?:绝密|机密|秘密)(?:\s*[★☆*＊]?\s*(?:[0-9一二三四五六七八九十]+\s*(?:年|个月|月)|长期))?(?:\s*[★☆])?$"
)
URGENCY = re.compile(r"(?:特急|加急|急件|紧急|平急|特提|急|十万火急)$")
DATE_LINE = re.compile(
    r"(?:\d{2,4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|[〇○零一二三四五六七八九]{4}年[一二三四五六七八九十]+月[一二三四五六七八九十]+日)$"
)
_COPY = re.compile(r"(?:份号[：:]?\s*)?(?P<digits>\d{1,6})$")
_SIGNER = re.compile(r"签发人\s*[：:]\s*[一-龥\s、]*")
_MARK = re.compile(r"[一-龥（）\s]{3,40}(?:文件|政府|委员会|办公厅|办公室|厅|局|公司)$")
_RECIPIENT = re.compile(
    r"(?:政府|部门|单位|委员会|委|局|办|厅|部|院|公司|集团|企业|学校|处|所|中心|市委|省委|县委|区委|党组|机构|街道办|同志|市长|省长|县长|区长|书记|主任|局长|厅长|部长|领导|支队|银行|协会|总会|中学|小学|大学|幼儿园|馆|站|社|队|组织|团体|会)$"
)
_SENTENCE = re.compile(r"请|现将|为了|根据|按照|经研究|如下|召开|已经|收悉|认真|应当")
_ATTACHMENT = re.compile(r"附件\s*[：:]")
_ITEM = re.compile(r"\s*(?P<sign>(?P<number>\d{1,2})\s*[.．、]\s*)?(?P<name>.+)$", re.DOTALL)
_PAGE = re.compile(r"附件\s*(?P<number>\d{0,2})\s*[：:]?$")
# A heading （一）… of a plan that is issued with the letter begins with a bracket too.
_NOTE = re.compile(r"[（(](?![一二三四五六七八九十\d]{1,3}[）)])|联系人|联系电话|此件")
_CC = re.compile(r"抄\s*送\s*[：:]?")
_PRINT = re.compile(r".*印(?:发|制)?\s*$")
_ORG = re.compile(
    r"[一-龥（）]{2,30}(?:政府|办公厅|办公室|委员会|委|局|厅|部|院|处|科|室|股|公司|集团|中心|指挥部|领导小组|协会|大学|学校|府办|政办|市政府办|党组|支队|银行|办)$"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the text: `document.text[start:end] == text`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """One line of 附件说明: `number` is 0 where none is written; `name` as written, `part` all of the item."""

    number: int
    name: str
    part: Part


@dataclass(slots=True)
class Official:
    """What was found; a part that is not there is None or empty."""

    copy_number: Part | None = None
    secrecy: Part | None = None
    urgency: Part | None = None
    mark: Part | None = None
    numbers: list[Part] = field(default_factory=list[Part])
    signer: Part | None = None
    title: Part | None = None
    recipients: Part | None = None
    body: list[Block] = field(default_factory=list[Block])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    attachment_line: Part | None = None
    pages: list[tuple[int, Part]] = field(default_factory=list[tuple[int, Part]])
    """Attachments that follow: number (0 none) and title."""
    signatures: list[Part] = field(default_factory=list[Part])
    date: Part | None = None
    note: Part | None = None
    cc: Part | None = None
    printed: Part | None = None

    @property
    def kind(self) -> str:
        """The kind of document (文种) that the title ends with, or ""."""
        if self.title is None:
            return ""
        text = re.sub(r"[（(][^（）()]*[）)]$", "", self.title.text.rstrip("。；，！ "))
        if text.endswith("请示报告"):
            return "请示报告"
        return next((kind for kind in sorted(TYPES, key=len, reverse=True) if text.endswith(kind)), "")

    @property
    def issuer(self) -> str:
        """Who sends: of the title, else of the signature, else of the letterhead."""
        if self.title is not None and (
            found := re.match(r"([一-龥（）、\s]{3,60}?)(?=关于|命令|令|公告|通告|议案)", self.title.text)
        ):
            return found[1].strip()
        if self.signatures:
            return self.signatures[0].text
        return re.sub(r"文件$", "", self.mark.text).strip() if self.mark is not None else ""

    @property
    def body_text(self) -> str:
        return "\n".join(block.text for block in self.body)

    def recipient_names(self) -> list[str]:
        """The recipients one by one."""
        if self.recipients is None:
            return []
        text = self.recipients.text.rstrip("：:。 ")
        return [name.strip() for name in re.split(r"[、，,；;]", text) if name.strip()]


def take_apart(document: Document) -> Official:
    """Find the parts; the order of the standard is expected, missing parts are not."""
    found = Official()
    blocks = [block for block in document.blocks if block.kind != "row"]
    title, offset = title_block(document)
    first_body = 0
    if title:
        end = offset
        for at, block in enumerate(blocks):
            if block.offset >= offset and block.offset < offset + len(title):
                end, first_body = block.end, at + 1
            elif block.offset >= end and end > offset:
                break
        found.title = Part(
            document.text[offset:end].replace("\n", "") if "\n" in document.text[offset:end] else title,
            offset,
            end,
        )
    _head(found, blocks[: max(first_body, 1) + 3], offset if title else -1)
    rest = _end(found, blocks[first_body:])
    _recipients(found, rest)
    if found.recipients is not None:
        rest = [block for block in rest if block.offset != found.recipients.start]
    taken = {
        part.start
        for part in (*found.numbers, found.signer, found.mark, found.secrecy, found.urgency)
        if part
    }
    found.body = [block for block in rest if block.offset not in taken and not (NUMBER.fullmatch(block.text))]
    return found


def _part(block: Block) -> Part:
    return Part(block.text, block.offset, block.end)


def _head(found: Official, blocks: list[Block], title_at: int) -> None:
    for block in blocks:
        text = block.text
        before_title = title_at < 0 or block.offset < title_at
        for match in NUMBER.finditer(text):
            alone = len(re.sub(r"签发人.*|[，,、\s]", "", text.replace(match[0], ""))) < 2
            if alone or (len(NUMBER.findall(text)) > 1 and len(text) < 60 and "《" not in text):
                found.numbers.append(Part(match[0], block.offset + match.start(), block.offset + match.end()))
        if (signer := _SIGNER.search(text)) and len(text) < 60:
            found.signer = Part(
                signer[0].strip(),
                block.offset + signer.start(),
                block.offset + signer.start() + len(signer[0].rstrip()),
            )
        if not before_title:
            continue
        if SECRECY.match(text):
            found.secrecy = _part(block)
        elif URGENCY.match(text):
            found.urgency = _part(block)
        elif _COPY.match(text) and found.copy_number is None:
            found.copy_number = _part(block)
        elif _MARK.match(text) and found.mark is None and not NUMBER.search(text):
            found.mark = _part(block)


def _end(found: Official, blocks: list[Block]) -> list[Block]:
    """Take the end away from the last to the first; what is left is the body."""
    body: list[Block] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        text = block.text
        page = _PAGE.match(text)
        if found.date is not None and page and at + 1 < len(blocks):
            following = blocks[at + 1]
            found.pages.append((int(page["number"] or 0), _part(following)))
            at += 2
            continue
        if _CC.match(text):
            found.cc = _part(block)
        elif found.date is not None and _is_print(text):
            found.printed = _part(block)
        elif _ATTACHMENT.match(text) and found.date is None:
            at = _attachments(found, blocks, at)
            continue
        elif DATE_LINE.match(text) and found.date is None:
            found.date = _part(block)
            while body and _ORG.match(body[-1].text) and len(body[-1].text) < 32:
                found.signatures.insert(0, _part(body.pop()))
        elif found.date is not None and found.note is None and _NOTE.match(text):
            found.note = _part(block)
        elif found.date is None or not found.pages:
            body.append(block)
        at += 1
    if found.date is None and body and _is_print(body[-1].text) and len(body[-1].text) < 60:
        found.printed = _part(body.pop())
    if (
        found.date is None
        and body
        and len(body) > 1
        and _ORG.match(body[-1].text)
        and len(body[-1].text) < 32
    ):
        found.signatures.insert(0, _part(body.pop()))
    return body


def _is_print(text: str) -> bool:
    return bool(_PRINT.match(text)) and bool(re.search(r"\d", text)) and len(text) < 60


def _attachments(found: Official, blocks: list[Block], at: int) -> int:
    block = blocks[at]
    head = _ATTACHMENT.match(block.text)
    start = head.end() if head else 0
    found.attachment_line = _part(block)
    _item(found, block, start, block.text[start:])
    at += 1
    while at < len(blocks):
        text = blocks[at].text
        if (
            not re.match(r"\d{1,2}\s*[.．、]", text)
            or len(text) > 60
            or not found.attachments
            or not found.attachments[0].number
        ):
            break
        _item(found, blocks[at], 0, text)
        at += 1
    return at


def _item(found: Official, block: Block, start: int, text: str) -> None:
    pieces = re.split(r"(?<=[；;。])(?=\s*\d{1,2}\s*[.．、])|(?<=\S)\s+(?=\d{1,2}\s*[.．、])", text)
    for piece in pieces:
        match = _ITEM.match(piece)
        if match and match["name"].strip():
            place = block.offset + start + text.index(piece)
            number = int(match["number"]) if match["number"] else 0
            name = match["name"].strip()
            inner = piece.index(name)
            lead = len(piece) - len(piece.lstrip())
            found.attachments.append(
                Attachment(number, name, Part(piece.strip(), place + lead, place + inner + len(name)))
            )


def _recipients(found: Official, blocks: list[Block]) -> None:
    for block in blocks[:4]:
        text = block.text
        if NUMBER.search(text) or "签发人" in text:
            continue
        bare = text.rstrip("：:。；;，, ")
        ended = text != bare
        names = [name for name in re.split(r"[、，,；;]", bare) if name]
        if (
            len(text) < 240
            and ended
            and names
            and not _SENTENCE.search(text)
            and _RECIPIENT.search(re.sub(r"[（(].*?[）)]", "", names[-1]))
        ):
            found.recipients = _part(block)
        return

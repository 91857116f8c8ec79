"""Gallery pages of the message list."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from PySide6.QtCore import QBuffer, QIODevice, QRectF
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.chat.message_list import MessageListView
from widgets.chat.row_view import Hold
from widgets.chat.rows import (
    BubbleRow,
    CardBox,
    Chip,
    FileBox,
    LinkBox,
    PictureBox,
    QuoteLine,
    RowAction,
    RowKind,
    RowState,
    Span,
    SpanKind,
    VoiceBox,
    grouped,
    link_spans,
    mention_spans,
)
from widgets.theme import ThemeManager

ME, OTHER = "p-li", "p-wang"
PAUSE, CANCEL = RowAction("pause", "暂停"), RowAction("cancel", "取消")
REPLY, MORE = RowAction("reply", "回复"), RowAction("more", "更多")
RETRY, DISCARD = RowAction("retry", "重新发送"), RowAction("discard", "删除")


@cache
def thumbnail(width: int = 300, height: int = 200) -> bytes:
    """A small drawn picture as JPEG."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    ground = QLinearGradient(0, 0, width, height)
    ground.setColorAt(0, QColor(70, 110, 160))
    ground.setColorAt(1, QColor(222, 184, 140))
    painter.fillRect(QRectF(0, 0, width, height), ground)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", 70)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def said(key: str, text: str, who: str = "王建国", note: str = "市应急局 副局长", **more) -> BubbleRow:
    """A text of a colleague."""
    spans = tuple([*link_spans(text), *mention_spans(text, [("所有人", "all", True), ("李强", ME, True)])])
    return BubbleRow(
        key, RowKind.TEXT, text, author=who, name=who, author_note=note, author_id=who, time="09:41", spans=spans, quick=(REPLY, MORE), **more
    )  # fmt: skip


def mine(key: str, text: str, **more) -> BubbleRow:
    """An own text."""
    return BubbleRow(
        key, RowKind.TEXT, text, own=True, name="李强", author_id=ME, time="09:42", spans=tuple(link_spans(text)), quick=(REPLY, MORE), **more
    )  # fmt: skip


def office_rows() -> list[BubbleRow]:
    """Every kind of row, as in an office."""
    box = PictureBox(960, 640, thumbnail())
    half = FileBox("中原区值守名单.docx", "3.1 / 5.0 MB · 2.0 MB/s", 0.6, (PAUSE, CANCEL))
    long = "关于印发《郑州市 2026 年度城区防汛应急预案（修订版）》及配套值守安排的通知（最终稿-已会签）.pdf"
    return grouped(
        [
            BubbleRow("d1", RowKind.DATE, "今天 09:20"),
            BubbleRow("s1", RowKind.SYSTEM, "王建国 邀请 李强、赵敏、孙丽华等 86 人加入群聊"),
            said(
                "t1",
                "市气象台 9 时发布暴雨橙色预警。@所有人 请各区 11 点前报送今晚值守名单和联系电话，低洼路段提前布控。",
            ),
            said("t2", "预案全文：https://zd.example.gov.cn/flood/plan?year=2026&v=3，请先看第三章。"),
            BubbleRow("f1", RowKind.FILE, author="赵敏", name="赵敏", author_id="zhao", author_note="市自然资源局 规划处", time="09:43",
                      file=FileBox("易涝点位清单（2026）.xlsx", "1.8 MB · 已加密")),
            BubbleRow("f2", RowKind.FILE, author="赵敏", name="赵敏", author_id="zhao", time="09:43",
                      file=FileBox(long, "下载失败：磁盘空间不足", None, (RowAction("download", "重试"),), True)),
            mine("o1", "中原区名单已汇总，共 214 人，附件随后发。", quote=QuoteLine("王建国", "请各区 11 点前报送今晚值守名单和联系电话"),
                 mark="64 人已读", mark_opens=True),
            BubbleRow("f3", RowKind.FILE, own=True, name="李强", author_id=ME, time="09:44", state=RowState.PENDING, file=half),
            BubbleRow("u1", RowKind.UNREAD, "以下为新消息"),
            BubbleRow("p1", RowKind.PICTURE, author="孙丽华", name="孙丽华", author_id="sun", author_note="中原区政府办", time="09:45", picture=box),
            said("t3", "收到，二七路隧道 10 点完成封控演练 👌 @李强 请派人到场。", "孙丽华", ""),
            said("t4", "好的", "孙丽华", ""),
            BubbleRow("r1", RowKind.RECALLED, "你撤回了一条消息", actions=(RowAction("edit", "重新编辑"),)),
            mine("o2", "全部到位。", mark="全部已读", mark_done=True, mark_opens=True),
            mine("o3", "泵站备用电源已核实。", state=RowState.FAILED, error="您已被移出该群，无法发送消息。", actions=(RETRY, DISCARD)),
            mine("o4", "正在路上的一条", state=RowState.PENDING),
            BubbleRow("p2", RowKind.PICTURE, own=True, name="李强", author_id=ME, time="09:46", state=RowState.PENDING,
                      picture=PictureBox(960, 640, thumbnail(), 0.4)),
            said("m1", "正在获取密钥…", "陈伟", "市大数据局", muted=True),
            BubbleRow("n1", RowKind.NOTICE, "来文单位：市政府办公室\n办理时限：11月25日 18:00", author="工作通知", name="工作通知", author_id="work",
                      title="关于做好汛期值班值守工作的通知", time="09:47", actions=(RowAction("open", "查看详情"),)),
        ]
    )  # fmt: skip


def many_rows(count: int) -> list[BubbleRow]:
    """A long conversation of mixed lengths, one author after another."""
    texts = (
        "收到",
        "请各区 11 点前报送今晚值守名单和联系电话，低洼路段提前布控，重要情况用 DING 通知到人。",
        "泵站 3 号机组检修完成，已恢复双路供电；备用电源试运行 30 分钟正常，值守人员 24 小时在岗。" * 2,
        "附件见 https://zd.example.gov.cn/files/2026/1124",
        "好的，马上办 👌",
    )
    people = (("王建国", "市应急局 副局长"), ("赵敏", "市自然资源局"), ("孙丽华", "中原区政府办"))
    made: list[BubbleRow] = []
    for number in range(count):
        text = f"{number}：{texts[number % len(texts)]}"
        chips = (Chip("👍", "王建国、赵敏"), Chip("🎉", "7", True)) if number % 9 == 4 else ()
        if number % 11 == 6:
            who, note = people[(number // 2) % 3]
            made.append(_richer(number, who, note, chips))
        elif number % 7 == 3:
            made.append(mine(f"k{number}", text, mark="3 人已读", mark_opens=True))
        else:
            who, note = people[(number // 2) % 3]
            made.append(said(f"k{number}", text, who, note, chips=chips))
    return grouped(made)


def _richer(number: int, who: str, note: str, chips: tuple[Chip, ...]) -> BubbleRow:
    """A voice message, a record, a page's card or formatted text, in turn."""
    base = BubbleRow(
        f"k{number}",
        RowKind.TEXT,
        author=who,
        author_note=note,
        author_id=who,
        name=who,
        time="09:40",
        chips=chips,
    )
    match number // 11 % 4:
        case 0:
            voice = VoiceBox(bytes(range(0, 256, 4)), "14″", 14)
            return replace(base, kind=RowKind.VOICE, voice=voice, text="泵站三号机组已恢复双路供电。")
        case 1:
            lines = ("王建国：请各区报送值守表", "赵敏：[文件] 清单.xlsx", "孙丽华：[图片]")
            return replace(
                base, kind=RowKind.CARD, card=CardBox("调度群的聊天记录", lines, "聊天记录 · 共 12 条")
            )
        case 2:
            link = LinkBox(
                "https://zd.example.gov.cn/",
                "防汛应急预案（修订版）",
                "依据《防洪法》制定本预案。" * 3,
                "绿城市",
                thumbnail(),
            )
            return replace(base, text="预案全文见链接", link=link)
        case _:
            text = "值守安排\n1.  泵站：双路供电\n2.  隧道：22 点封控\n▏ 重要情况用 DING"
            spans = (Span(0, 4, SpanKind.HEADING), Span(9, 2, SpanKind.BOLD), Span(36, 12, SpanKind.PALE))
            return replace(base, text=text, spans=spans)


def _page(themes: ThemeManager, rows: list[BubbleRow]) -> tuple[QWidget, MessageListView]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    view = MessageListView(themes)
    column.addWidget(view)
    view.set_rows(rows, Hold.BOTTOM)
    return page, view


def messages(themes: ThemeManager) -> QWidget:
    """The newest rows of a group."""
    return _page(themes, office_rows())[0]


def messages_top(themes: ThemeManager) -> QWidget:
    """The oldest rows, with the button to the newest, a selection and the keyboard's row."""
    page, view = _page(themes, office_rows())
    page.resize(760, 720)
    view.show_row("d1", flash=False)
    view.set_new_below(3)
    view.set_focus_row("t1")
    return page


def messages_many(themes: ThemeManager) -> QWidget:
    """Five thousand rows."""
    return _page(themes, many_rows(5000))[0]

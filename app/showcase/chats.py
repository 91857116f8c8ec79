"""Conversations and messages of the invented office."""

from __future__ import annotations

import io
from dataclasses import replace

from app.store.records import ConversationRow, MessageRow, MessageState
from server_stub.contract.content import (
    AnyContent,
    FileContent,
    FileRef,
    ImageContent,
    NoticeContent,
    Quote,
    SystemContent,
    TextContent,
    summary,
)
from server_stub.contract.conversations import ConversationKind

from .office import BY_ID, DAY, HOUR, ME, MINUTE, NOW_MS

FLOOD = "c-flood"


def file(file_id: str, name: str, size: int) -> FileRef:
    """A file reference without a real key."""
    return FileRef(file_id=file_id, key=b"", name=name, size=size)


def sample_picture(width: int = 960, height: int = 640, quality: int = 60) -> bytes:
    """A drawn picture (a road at dusk) as JPEG; small enough to travel as a thumbnail."""
    from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF
    from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPolygonF

    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sky = QLinearGradient(0, 0, 0, height * 0.6)
    sky.setColorAt(0, QColor(54, 84, 128))
    sky.setColorAt(1, QColor(214, 170, 130))
    painter.fillRect(QRectF(0, 0, width, height), sky)
    painter.setPen(QColor(0, 0, 0, 0))
    painter.setBrush(QColor(72, 80, 92))
    for n in range(9):
        tall = height * (0.16 + 0.05 * ((n * 7) % 4))
        painter.drawRect(QRectF(n * width / 9, height * 0.6 - tall, width / 9 - 6, tall))
    painter.fillRect(QRectF(0, height * 0.6, width, height * 0.4), QColor(60, 66, 74))
    painter.setBrush(QColor(96, 118, 140))
    painter.drawPolygon(
        QPolygonF(
            [
                QPointF(width * 0.42, height * 0.6),
                QPointF(width * 0.58, height * 0.6),
                QPointF(width * 0.95, height),
                QPointF(width * 0.05, height),
            ]
        )
    )
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", quality)  # type: ignore[call-overload]
    return io.BytesIO(bytes(buffer.data().data())).getvalue()


class Script:
    """Builds the messages of one conversation, one after another."""

    def __init__(self, conversation_id: str) -> None:
        self.id = conversation_id
        self.rows: list[MessageRow] = []

    def say(self, who: str, at: int, body: AnyContent | str, **changes: object) -> MessageRow:
        """`at` is minutes before now; a str is text."""
        seq = len(self.rows) + 1
        body = TextContent(text=body) if isinstance(body, str) else body
        row = MessageRow(
            conversation_id=self.id,
            seq=seq,
            client_id=f"{self.id}-{seq}",
            sender_id=who,
            sent_at=NOW_MS - at * MINUTE,
            state=MessageState.OPENED,
            content=body,
        )
        row = replace(row, **changes)  # type: ignore[arg-type]
        self.rows.append(row)
        return row


def flood_messages() -> list[MessageRow]:
    """The group of chat.png, with every kind of message in it."""
    talk = Script(FLOOD)
    talk.say("system", 26 * 60, SystemContent(text="王建国 邀请 李强、赵敏、孙丽华等 86 人加入群聊"))
    talk.say(
        "p-zhou", 25 * 60, "各位好，泵站值守表每天 17 点前更新：https://zd.example.gov.cn/flood/pump?day=1124"
    )
    talk.say(ME.id, 25 * 60 - 1, "好的")
    talk.say("p-zheng", 25 * 60 - 3, "", state=MessageState.RECALLED, content=None, recalled_by="p-zheng")
    talk.say(
        "p-wang",
        21,
        TextContent(
            text="市气象台 9 时发布暴雨橙色预警。@所有人 请各区 11 点前报送今晚值守名单和联系电话，低洼路段提前布控。",
            mentions=["all"],
        ),
    )
    talk.say("p-zhao", 19, FileContent(file=file("f-xls", "易涝点位清单（2026）.xlsx", 1_887_436)))
    talk.say(
        ME.id,
        12,
        TextContent(
            text="中原区名单已汇总，共 214 人，附件随后发。",
            quote=Quote(seq=5, sender_id="p-wang", text="请各区 11 点前报送今晚值守名单和联系电话"),
        ),
    )
    talk.say(
        "p-sun",
        4,
        ImageContent(
            file=file("f-road", "二七路隧道.jpg", 486_000),
            width=960,
            height=640,
            thumbnail=sample_picture(240, 160),
        ),
    )
    talk.say(
        "p-sun",
        3,
        TextContent(text="收到，二七路隧道 10 点完成封控演练。 @李强 请派人到场。", mentions=[ME.id]),
    )
    talk.say("p-aji", 1, "数据专班收到，雨量站数据每 5 分钟刷新一次 👌")
    return talk.rows


def unsent_messages() -> list[MessageRow]:
    """Own messages of the same group that are on their way, or were refused."""
    base = MessageRow(
        conversation_id=FLOOD,
        seq=0,
        client_id="u-1",
        sender_id=ME.id,
        sent_at=NOW_MS - 20_000,
        state=MessageState.PENDING,
        content=FileContent(file=file("f-doc", "中原区值守名单.docx", 5_242_880)),
        order=1,
    )
    failed = replace(
        base,
        client_id="u-2",
        order=2,
        state=MessageState.FAILED,
        content=TextContent(text="泵站备用电源已核实。"),
        error="您已被移出该群，无法发送消息。",
    )
    return [base, failed]


def single_messages(conversation_id: str, peer: str) -> list[MessageRow]:
    """A short talk between two."""
    talk = Script(conversation_id)
    talk.say(peer, 2 * 60, "李主任，三季度用地指标的表我再核一遍。")
    talk.say(ME.id, 2 * 60 - 1, "好，下午两点前给我就行，不着急。")
    talk.say(peer, 11, "已经核好了，请查收。")
    talk.say(peer, 9, FileContent(file=file("f-q3", "三季度用地指标.xlsx", 734_003)))
    return talk.rows


def _conversation(
    id: str, kind: ConversationKind, title: str, ago_ms: int, **more: object
) -> ConversationRow:
    return ConversationRow(id=id, kind=kind, title=title, active_at=NOW_MS - ago_ms, **more)  # type: ignore[arg-type]


def conversation_rows() -> list[ConversationRow]:
    """The list: pinned, unread, mentioned, draft, muted, a very long name, a service account."""
    single, group, service = ConversationKind.SINGLE, ConversationKind.GROUP, ConversationKind.SERVICE
    people = tuple(BY_ID)
    flood = flood_messages()
    return [
        _conversation(
            FLOOD,
            group,
            "城区防汛调度工作群",
            MINUTE,
            owner_id="p-wang",
            member_count=86,
            sample_members=people[:9],
            announcement="汛期 24 小时值守，重要情况用 DING。值班电话 0371-00000000。",
            last_seq=len(flood),
            read_seq=7,
            unread=3,
            mentioned=True,
            last=flood[-1],
            last_text=summary(flood[-1].content),  # type: ignore[arg-type]
            last_sender=BY_ID["p-aji"].name,
            pinned=True,
        ),
        _conversation(
            "c-zhao",
            single,
            "赵敏",
            9 * MINUTE,
            peer_id="p-zhao",
            last_seq=4,
            read_seq=3,
            unread=1,
            last_text="[文件] 三季度用地指标.xlsx",
        ),
        _conversation(
            "c-hw",
            service,
            "会务",
            31 * MINUTE,
            last_seq=1,
            unread=1,
            last_text="您的座位：主会场 3 排 12 座",
        ),
        _conversation(
            "c-notice",
            service,
            "工作通知",
            16 * HOUR,
            last_seq=2,
            read_seq=2,
            last_text="公文处理：关于做好汛期值班值守工作的通知",
        ),
        _conversation(
            "c-sun",
            single,
            "孙丽华",
            18 * HOUR,
            peer_id="p-sun",
            last_seq=2,
            read_seq=2,
            draft="已按要求修改，",
        ),
        _conversation(
            "c-info",
            group,
            "信息化建设与数据资源协调推进专班（含各区县联络员及技术支持单位）",
            4 * DAY,
            owner_id="p-chen",
            member_count=132,
            sample_members=people[3:11],
            last_seq=9,
            read_seq=3,
            unread=120,
            last_sender="陈伟",
            last_text="测试环境已经恢复，请各单位今天下班前完成联调并回填台账",
            muted=True,
        ),
        _conversation(
            "c-aji",
            single,
            BY_ID["p-aji"].name,
            4 * DAY,
            peer_id="p-aji",
            last_seq=2,
            read_seq=2,
            last_text="谢谢李主任",
        ),
        _conversation(
            "c-zhou",
            single,
            "周明",
            4 * DAY,
            peer_id="p-zhou",
            last_seq=2,
            read_seq=2,
            last_text="好的，收到",
        ),
        _conversation(
            "c-zheng", single, "郑涛", 9 * DAY, peer_id="p-zheng", last_seq=2, read_seq=2, last_text="[图片]"
        ),
        _conversation(
            "c-feng",
            single,
            "冯雪",
            400 * DAY,
            peer_id="p-feng",
            last_seq=2,
            read_seq=2,
            last_text="附件已上传云盘",
        ),
    ]


def notice_messages(conversation_id: str) -> list[MessageRow]:
    """Work notices."""
    talk = Script(conversation_id)
    talk.say(
        "system",
        16 * 60,
        NoticeContent(
            title="公文处理",
            text="关于做好汛期值班值守工作的通知\n来文单位：市政府办公室\n办理时限：11月25日 18:00",
        ),
    )
    return talk.rows

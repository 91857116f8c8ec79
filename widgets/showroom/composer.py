"""Gallery pages of the composer and the emoji panel."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from widgets.chat.composer import Composer
from widgets.chat.composer_mentions import MentionOption, MentionPopup
from widgets.emoji import EmojiPanel
from widgets.theme import ThemeManager

PEOPLE = (
    MentionOption("all", "所有人", "通知全体群成员"),
    MentionOption("p-wang", "王建国", "市应急管理局 副局长"),
    MentionOption("p-aji", "阿卜杜热合曼·买买提依明", "信息化建设与数据资源协调推进专班 高级专员"),
    MentionOption("p-zhao", "赵敏", "规划处 处长"),
)


def composer(themes: ThemeManager) -> QWidget:
    """Empty, with a reply, long, too long, closed."""
    made = QWidget()
    column = QVBoxLayout(made)
    states = [Composer(themes, made) for _ in range(3)]
    states[1].set_reply(
        "王建国", "请各区 11 点前报送今晚值守名单和联系电话，低洼路段提前布控，并保持电话畅通"
    )
    states[1].set_text("中原区名单已汇总，共 214 人，附件随后发。")
    small = Composer(themes, made, limit=20)
    small.set_text("请二七区同步核实泵站备用电源，并在今天下班前报送结果。")
    states[2].set_disabled_reason("您已退出该群，不能再发送消息。")
    for one in (states[0], states[1], small, states[2]):
        column.addWidget(one)
    column.addStretch(1)
    return made


def emoji(themes: ThemeManager) -> QWidget:
    """The emoji panel and the list of people."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.addWidget(EmojiPanel(themes, ["👍", "🙏", "✅"]), 0, Qt.AlignmentFlag.AlignTop)
    row.addStretch(1)
    popup = MentionPopup(themes, made)
    popup.setGeometry(QRect(600, 100, 288, 200))
    popup.offer(PEOPLE, QRect(made.mapToGlobal(QPoint(640, 420)), QPoint(640, 440)))
    return made

"""Gallery pages of the painted lists."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets.controls import AvatarSpec
from widgets.lists import (
    ConversationDelegate,
    ConversationItem,
    PeopleDelegate,
    PeopleModel,
    PersonItem,
    RowView,
    SectionItem,
)
from widgets.theme import ThemeManager

ROLE = Qt.ItemDataRole.UserRole + 1
LONG = "河南省郑州市中原区桐柏路街道办事处防汛抗旱指挥部办公室应急值守调度工作群（2026 年汛期）"
MOSAIC = tuple(AvatarSpec(name, name) for name in ("王建国", "赵敏", "孙丽华", "李强"))
TALKS = (
    ConversationItem("1", LONG, f"王建国：{LONG}", "09:40", AvatarSpec(LONG, members=MOSAIC), "[有人@我]", 128, pinned=True),
    ConversationItem("2", "密聊", "消息", "09:41", AvatarSpec("密聊", color="secret", icon="shield"), count=1, tone="secret"),
    ConversationItem("3", "赵敏", "[文件] 三季度用地指标.xlsx", "09:32", AvatarSpec("赵敏", presence="online"), count=3),
    ConversationItem("4", "孙丽华", "已按要求修改，", "昨天", mark="[草稿]"),
    ConversationItem("5", "信息化建设专班", "陈伟：测试环境已经恢复，请各单位联调", "周五", muted=True, count=120),
    ConversationItem("6", "周明", "好的，收到", "周五", dot=True),
    ConversationItem("7", "吴倩", "泵站备用电源已核实。", "2025/10/20", pending=True),
    ConversationItem("8", "郑涛", "请派人到场", "11月3日", failed=True, muted=True),
    ConversationItem("9", "冯雪"),
)  # fmt: skip
PEOPLE = (
    SectionItem("群主和管理员"),
    PersonItem("1", "王建国", "市应急管理局 副局长", AvatarSpec("王建国", presence="online"), "群主"),
    PersonItem("2", "阿卜杜热合曼·买买提依明", "信息化建设与数据资源协调推进专班 高级专员", tag="管理员"),
    SectionItem("成员"),
    PersonItem("3", "赵敏", "规划处 处长", checked=True),
    PersonItem("4", "孙丽华", "中原区政府办 科长", checked=False),
    PersonItem("5", "李强", "已在群里", checked=True, fixed=True),
    PersonItem("6", "欧阳震华"),
)


def lists(themes: ThemeManager) -> QWidget:
    """Conversations, people on one line and on two; the second conversation is selected."""
    made = QWidget()
    row = QHBoxLayout(made)
    model = QStandardItemModel(made)
    for talk in TALKS:
        item = QStandardItem(talk.title)
        item.setData(talk, ROLE)
        model.appendRow(item)
    talks = RowView(themes, ConversationDelegate(themes, lambda index: index.data(ROLE)), name="会话")
    talks.setModel(model)
    talks.setFixedWidth(themes.theme.sizes.list)
    talks.setCurrentIndex(model.index(2, 0))
    row.addWidget(talks)
    for two in (False, True):
        people = PeopleModel(PEOPLE, made)
        delegate = PeopleDelegate(themes, two_lines=two)
        view = RowView(themes, delegate, surface="content", name="人员", uniform=False)
        view.setModel(people)
        view.setFixedWidth(themes.theme.sizes.panel if two else themes.theme.sizes.list)
        row.addWidget(view)
    row.addStretch(1)
    return made

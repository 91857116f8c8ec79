"""Gallery page of the mind map: several depths, a long text, an only child, a root alone below."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.controls import label
from widgets.mindmap import MindMapView, MindNode
from widgets.theme import ThemeManager

_TREE = MindNode(
    "郑州市人民政府办公厅关于切实做好2026年防汛工作的通知",
    children=(
        MindNode("一、压实防汛责任", children=(MindNode("健全指挥体系"), MindNode("明确部门分工"))),
        MindNode(
            "二、加强隐患排查",
            children=(
                MindNode(
                    "各单位要在5月20日前完成河道、涵洞、地下空间和在建工地的隐患排查，建立台账，逐项整改销号"
                ),
                MindNode("整改情况", children=(MindNode("5月31日前报", children=(MindNode("市防指办"),)),)),
            ),
        ),
        MindNode(
            "三、做好物资储备", children=tuple(MindNode(text) for text in ("编织袋", "抽水泵车", "冲锋舟"))
        ),
        MindNode("四、值班"),
    ),
)


def mindmap(themes: ThemeManager) -> QWidget:
    """A whole map, and one that has a root only."""
    made = QWidget()
    made.setProperty("surface", "content")
    column = QVBoxLayout(made)
    whole, alone = MindMapView(themes), MindMapView(themes)
    whole.show_tree(_TREE)
    alone.show_tree(MindNode("没有层次的公文"))
    alone.setMaximumHeight(themes.theme.sizes.detail)
    column.addWidget(whole, 1)
    column.addWidget(label("只有标题", "caption", "weak"))
    column.addWidget(alone)
    return made

"""The mind map: boxes never overlap, lines break where they may, folding, zoom, clicks and the picture."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest

from widgets.mindmap import MindMapView, MindNode
from widgets.theme import ThemeManager

TREE = MindNode(
    "关于切实做好2026年防汛抗旱工作的通知",
    0,
    (
        MindNode(
            "一、责任",
            10,
            (MindNode("市水利局负责河道、水库调度，市应急局负责抢险救援", 12), MindNode("分工", 14)),
        ),
        MindNode("二、物资", 20, tuple(MindNode(f"第{number}项", 30 + number) for number in range(8))),
        MindNode("三、值班", 50),
    ),
)


@pytest.fixture
def view(qtbot) -> MindMapView:
    made = MindMapView(ThemeManager(animations=False))
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    qtbot.waitExposed(made)
    made.show_tree(TREE)
    return made


def rects(view: MindMapView):
    return [box.placed.rect for box in view._boxes]


def test_no_two_boxes_overlap_and_parents_stand_beside_their_children(view) -> None:
    assert all(not one.intersects(other) for one, other in combinations(rects(view), 2))
    for box in view._boxes:
        for child in box.placed.children:
            assert child.rect.left() > box.placed.rect.right()


def test_numbers_stay_whole_and_no_line_begins_with_a_closing_sign(view) -> None:
    for text in (
        "关于切实做好郑州市全市范围内2026年防汛工作",
        "一二三四五六七八九十一二三四五六七，八九",
        "短",
        "",
    ):
        lines = view._lines(text)
        assert "".join(lines) == text
        assert all(line[:1] not in "，。、" or not line for line in lines)
    assert any("2026" in line for line in view._lines("关于切实做好郑州市全市范围内2026年防汛工作"))


@pytest.mark.clause("3.2.5.2.1")
def test_the_wheel_zooms_and_a_click_tells_the_place(view, qtbot) -> None:
    before = view.percent
    spot = QPointF(view.viewport().rect().center())
    wheel = QWheelEvent(
        spot,
        view.viewport().mapToGlobal(spot),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    view.wheelEvent(wheel)
    assert view.percent > before
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.percent == before
    told: list[int] = []
    view.node_clicked.connect(told.append)
    box = next(one for one in view._boxes if one.placed.node.text == "二、物资")
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.mapFromScene(box.placed.rect.center())
    )
    assert told == [20]
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=view.mapFromScene(box.knob_rect().center())
    )
    assert "第3项" not in view.texts
    assert told == [20]
    image = view.picture()
    assert image.width() > image.height() / 4 > 20


def test_nothing_to_show_is_no_error(view) -> None:
    view.show_tree(None)
    assert view.texts == []
    assert not view.picture().isNull()

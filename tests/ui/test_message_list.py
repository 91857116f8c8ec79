"""The painted message list: windowing, anchors, selection, mouse and keyboard, on a real window."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from widgets.chat.laid import PartKind
from widgets.chat.message_list import MessageListView
from widgets.chat.row_view import Hold
from widgets.chat.rows import (
    BubbleRow,
    FileBox,
    PictureBox,
    RowAction,
    RowKind,
    RowState,
    SpanKind,
    grouped,
    link_spans,
    mention_spans,
    spoken,
)
from widgets.showroom.chat import many_rows, mine, office_rows, said
from widgets.theme import ThemeManager


@pytest.fixture
def view(qtbot):
    made = MessageListView(ThemeManager(animations=False))
    qtbot.addWidget(made)
    made.resize(760, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def tops(view: MessageListView) -> dict[str, int]:
    """Where the rows in view stand, by key."""
    return {view.rows[n].key: view.row_rect(view.rows[n].key).bottom() for n in view.visible_places()}


def part_point(view: MessageListView, key: str, kind: PartKind, data: str = "") -> QPoint:
    """The middle of a row's part, in the viewport."""
    laid = view.store.laid(view.store.place(key))
    part = next(p for p in laid.parts if p.kind is kind and p.data == (data or p.data))
    return part.rect.center().toPoint() + view.row_rect(key).topLeft()


def text_point(view: MessageListView, key: str, start: int) -> QPoint:
    """Just inside the character `start` of a row's text, in the viewport."""
    laid = view.store.laid(view.store.place(key))
    assert laid.block is not None
    spot = laid.block.rects(start, 1)[0]
    return (laid.block_at + QPointF(spot.left() + 1, spot.center().y())).toPoint() + view.row_rect(
        key
    ).topLeft()


def click(view: MessageListView, point: QPoint) -> None:
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)


def hover(view: MessageListView, point: QPoint, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the mouse there; not the screen's own pointer, whose events come when they like."""
    spot = QPointF(point)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        spot,
        QPointF(view.viewport().mapToGlobal(point)),
        Qt.MouseButton.NoButton,
        held,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(view.viewport(), event)


# Windowing.


def test_only_rows_in_view_are_measured(view):
    view.set_rows(many_rows(5000), Hold.BOTTOM)
    assert view.at_bottom
    assert view.visible_places().stop == 5000
    assert view.store.measurements < 40
    view.verticalScrollBar().setValue(0)
    assert view.visible_places().start == 0
    assert view.store.measurements < 80
    for _ in range(100):
        view.verticalScrollBar().triggerAction(view.verticalScrollBar().SliderAction.SliderPageStepAdd)
    assert view.store.held <= 160 + 40


def test_a_row_scrolled_by_moves_exactly_as_far_as_the_bar(view):
    view.set_rows(many_rows(400), Hold.BOTTOM)
    for _ in range(60):
        before = tops(view)
        bar = view.verticalScrollBar()
        bar.setValue(bar.value() - 37)
        after = tops(view)
        moved = {after[key] - before[key] for key in before.keys() & after.keys()}
        assert moved == {37}


def test_older_rows_above_leave_what_is_seen_in_place(view):
    rows = many_rows(300)
    view.set_rows(grouped(rows[100:]), Hold.BOTTOM)
    view.show_row("k140", flash=False)
    before = tops(view)
    view.set_rows(grouped(rows))
    after = tops(view)
    assert {key: after[key] for key in before} == before


def test_rows_fetched_below_do_not_pull_the_view_down(view):
    rows = many_rows(200)
    view.set_rows(rows[:100], Hold.BOTTOM)
    before = tops(view)
    view.set_rows(rows, Hold.VIEW)
    assert not view.at_bottom
    assert {key: end for key, end in tops(view).items() if key in before} == before


def test_the_bottom_is_followed_only_when_it_is_in_view(view):
    rows = many_rows(120)
    view.set_rows(rows[:100], Hold.BOTTOM)
    view.set_rows(rows[:110])
    assert view.at_bottom
    assert view.last_seen() == "k109"
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() - 300)
    assert not view.at_bottom
    before = tops(view)
    view.set_rows(rows)
    assert tops(view) == before


def test_an_acknowledged_row_keeps_its_place_and_the_others_are_not_measured_again(view):
    rows = office_rows()
    view.set_rows(rows, Hold.BOTTOM)
    view.viewport().repaint()
    before, measured = tops(view), view.store.measurements
    place = view.store.place("o4")
    rows[place] = replace(rows[place], state=RowState.SENT, mark="未读")
    view.set_rows(rows)
    view.viewport().repaint()
    assert tops(view) == before
    assert view.store.measurements == measured + 1


def test_another_width_keeps_what_is_seen(view):
    view.set_rows(many_rows(300), Hold.BOTTOM)
    view.show_row("k100", flash=False)
    first = next(iter(tops(view)))
    view.resize(520, 600)
    assert first in tops(view)
    view.scroll_to_bottom()
    view.resize(520, 420)
    assert view.at_bottom


def test_the_theme_and_the_font_size_change_under_the_rows(view):
    view.set_rows(many_rows(300), Hold.BOTTOM)
    view.show_row("k100", flash=False)
    high = view.row_rect("k100").height()
    view.themes.set_theme("dark")
    view.themes.set_font_scale("extra")
    assert view.row_rect("k100").height() > high


def test_no_handle_stands_where_there_is_nothing_to_scroll(view):
    bar = view.verticalScrollBar()
    view.set_rows(many_rows(2), Hold.BOTTOM)
    assert bar.isVisible()
    assert not bar.isEnabled()
    view.set_rows(many_rows(200), Hold.BOTTOM)
    assert bar.isEnabled()
    view.set_rows(many_rows(2), Hold.BOTTOM)
    assert not bar.isEnabled()


def test_one_key_twice_is_an_error(view):
    with pytest.raises(ValueError, match="one key"):
        view.set_rows([said("a", "1"), said("a", "2")])


def test_more_rows_are_asked_for_near_an_end_that_has_more(view, qtbot):
    view.has_older = True
    with qtbot.waitSignal(view.need_older):
        view.set_rows(many_rows(12), Hold.BOTTOM)
    view.has_older, view.has_newer = False, True
    with qtbot.assertNotEmitted(view.need_older), qtbot.waitSignal(view.need_newer):
        view.scroll_to_bottom()


@pytest.mark.clause("E105")
def test_the_last_row_in_view_is_told_once(view, qtbot):
    seen: list[str] = []
    view.visible_rows_changed.connect(seen.append)
    view.set_rows(many_rows(100), Hold.BOTTOM)
    qtbot.waitUntil(lambda: seen == ["k99"])
    view.viewport().repaint()
    view.set_rows(many_rows(101))
    qtbot.waitUntil(lambda: seen == ["k99", "k100"])


def test_the_button_to_the_newest_comes_and_goes(view, qtbot):
    view.set_rows(many_rows(100), Hold.BOTTOM)
    assert not view.jump.isVisible()
    view.show_row("k10", flash=False)
    view.set_new_below(3)
    qtbot.waitUntil(view.jump.isVisible)
    assert view.jump.accessibleName() == "3 条新消息，回到最新消息"
    QTest.mouseClick(view.jump, Qt.MouseButton.LeftButton)
    assert view.at_bottom
    qtbot.waitUntil(lambda: not view.jump.isVisible())
    view.has_newer = True
    with qtbot.waitSignal(view.newest_wanted):
        QTest.keyClick(view, Qt.Key.Key_End)


def test_a_jump_points_the_row_out_for_a_while(view, qtbot):
    view.set_rows(many_rows(100), Hold.BOTTOM)
    assert view.show_row("k10")
    assert view.look(view.rows[10]).flash == 1.0
    assert view.look(view.rows[11]).flash == 0.0
    assert not view.show_row("nobody")
    qtbot.waitUntil(lambda: view.look(view.rows[10]).flash == 0.0, timeout=4000)


# Mouse.


def test_text_is_selected_by_drag_and_copied(view):
    view.set_rows([said("a", "👌 市气象台发布预警"), said("b", "好的")], Hold.BOTTOM)
    start, end = text_point(view, "a", 2), text_point(view, "a", 6)
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    hover(view, end, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert view.selected_text == "市气象台"
    assert view.selected_key == "a"
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "市气象台"
    click(view, text_point(view, "b", 0))
    assert view.selected_text == ""


def test_a_double_click_selects_a_word(view):
    view.set_rows([said("a", "see the annex today")], Hold.BOTTOM)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=text_point(view, "a", 10))
    assert view.selected_text == "annex"


@pytest.mark.clause("E099")
def test_a_link_is_clicked(view, qtbot):
    text = "见 https://zd.example.gov.cn/a?b=1，谢谢"
    view.set_rows([said("a", text)], Hold.BOTTOM)
    point = text_point(view, "a", 10)
    hover(view, point)
    assert view.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    with qtbot.waitSignal(view.link_clicked) as told:
        click(view, point)
    assert told.args == ["https://zd.example.gov.cn/a?b=1"]


def test_every_part_of_a_row_answers(view, qtbot):
    view.set_rows(office_rows(), Hold.BOTTOM)
    view.resize(760, 1800)
    told: list[tuple[object, ...]] = []
    for name in ("file_action", "action_clicked"):
        getattr(view, name).connect(lambda key, action, name=name: told.append((name, key, action)))
    for name in ("picture_clicked", "quote_clicked", "retry", "author_clicked", "receipt_clicked"):
        getattr(view, name).connect(lambda what, name=name: told.append((name, what)))
    for key, kind, data in (
        ("f1", PartKind.FILE, ""),
        ("f3", PartKind.ACTION, "pause"),
        ("p1", PartKind.PICTURE, ""),
        ("o1", PartKind.QUOTE, ""),
        ("o3", PartKind.RETRY, ""),
        ("o3", PartKind.ACTION, "discard"),
        ("r1", PartKind.ACTION, "edit"),
        ("n1", PartKind.ACTION, "open"),
        ("o1", PartKind.MARK, ""),
        ("t1", PartKind.AVATAR, ""),
    ):
        click(view, part_point(view, key, kind, data))
    assert told == [
        ("file_action", "f1", "open"),
        ("file_action", "f3", "pause"),
        ("picture_clicked", "p1"),
        ("quote_clicked", "o1"),
        ("retry", "o3"),
        ("action_clicked", "o3", "discard"),
        ("action_clicked", "r1", "edit"),
        ("action_clicked", "n1", "open"),
        ("receipt_clicked", "o1"),
        ("author_clicked", "王建国"),
    ]


def test_the_menu_comes_by_mouse_and_by_key(view):
    view.set_rows([said("a", "一"), said("b", "二")], Hold.BOTTOM)
    asked: list[str] = []
    view.context_menu.connect(lambda key, _spot: asked.append(key))
    point = text_point(view, "a", 0)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, view.viewport().mapToGlobal(point))
    QApplication.sendEvent(view.viewport(), event)
    view.set_focus_row("b")
    QApplication.sendEvent(view, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint()))
    QTest.keyClick(view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert asked == ["a", "b", "b"]


def test_quick_buttons_come_under_the_mouse(view):
    view.set_rows([said("a", "一"), mine("b", "二", mark="3 人已读")], Hold.BOTTOM)
    replied: list[tuple[str, str]] = []
    menus: list[str] = []
    view.action_clicked.connect(lambda key, action: replied.append((key, action)))
    view.context_menu.connect(lambda key, _spot: menus.append(key))
    for key in ("a", "b"):
        laid, top = view.store.laid(view.store.place(key)), view.row_rect(key).topLeft()
        for part in laid.quick:
            assert laid.bubble is not None
            assert not part.rect.intersects(laid.bubble)
            hover(view, part.rect.center().toPoint() + top)
            assert view.viewport().toolTip() == {"reply": "回复", "more": "更多"}[part.data]
            click(view, part.rect.center().toPoint() + top)
    assert replied == [("a", "reply"), ("b", "reply")]
    assert menus == ["a", "b"]


# Keyboard.


def test_rows_are_walked_through_and_opened_by_keyboard(view, qtbot):
    view.set_rows(office_rows(), Hold.BOTTOM)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.focus_key == "n1"
    assert view.accessibleDescription().startswith("工作通知：关于做好汛期值班值守工作的通知")
    for _ in range(2):
        QTest.keyClick(view, Qt.Key.Key_Up)
    with qtbot.waitSignal(view.picture_clicked) as told:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert told.args == ["p2"]
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.visible_places().start == 0
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    assert view.visible_places().start > 0
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.at_bottom
    view.set_focus_row("t3")
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("收到，二七路隧道")


def test_a_row_walked_to_is_wholly_in_view(view):
    view.set_rows(many_rows(60), Hold.BOTTOM)
    for _ in range(40):
        QTest.keyClick(view, Qt.Key.Key_Up)
        rect = view.row_rect(view.focus_key)
        assert rect.top() >= 0
        assert rect.bottom() <= view.viewport().height()


# Words.


def test_rows_of_one_author_are_grouped():
    rows = grouped([said("a", "1"), said("b", "2"), mine("c", "3"), said("d", "4")])
    assert [row.continues for row in rows] == [False, True, False, False]
    again = grouped([rows[1]])
    assert not again[0].continues


@pytest.mark.clause("E095", "E099")
def test_links_and_names_are_found():
    text = "@李强国 @李强 看 www.zz.gov.cn/a(1)。和（https://a.cn/x）"
    assert [text[s.start : s.start + s.length] for s in link_spans(text)] == [
        "www.zz.gov.cn/a(1)",
        "https://a.cn/x",
    ]
    assert link_spans(text)[0].target == "https://www.zz.gov.cn/a(1)"
    named = mention_spans(text, [("李强", "p-li", True), ("李强国", "p-other", False)])
    assert [(s.target, s.kind) for s in named] == [("p-other", SpanKind.MENTION), ("p-li", SpanKind.ME)]


def test_every_row_can_be_said():
    assert (
        spoken(mine("a", "好", state=RowState.FAILED, error="已被移出该群"))
        == "我：好，09:42，发送失败，已被移出该群"
    )
    file = FileBox("表.xlsx", "2 MB", None, (RowAction("open", "打开"),))
    assert spoken(BubbleRow("f", RowKind.FILE, name="赵敏", file=file)) == "赵敏：文件 表.xlsx，2 MB"
    assert spoken(BubbleRow("p", RowKind.PICTURE, name="赵敏", picture=PictureBox(1, 1))) == "赵敏：图片"
    assert all(spoken(row) for row in office_rows())

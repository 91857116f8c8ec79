"""The ring around what has the keyboard: shown to who works by keys, and to nobody who works by mouse."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from widgets.controls import AvatarSpec, FilterItem, FilterTabs, Switch
from widgets.lists import PeopleDelegate, PeopleModel, PersonItem, RowView
from widgets.theme import ThemeManager


@pytest.fixture
def themes(qapp: QApplication):
    themes = ThemeManager(animations=False)
    before = qapp.styleSheet(), qapp.palette(), qapp.font()
    themes.apply(qapp)
    yield themes
    qapp.setStyleSheet(before[0])
    qapp.setPalette(before[1])
    qapp.setFont(before[2])


class Page(QWidget):
    """A button, tabs and a switch, and beside them an empty place that takes no keyboard."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.button = QPushButton("刷新")
        self.tabs = FilterTabs(themes, [FilterItem("a", "全部"), FilterItem("b", "未读")])
        self.switch = Switch(themes, "通知")
        for one in (self.button, self.tabs, self.switch):
            column.addWidget(one)
        column.addStretch(1)
        self.resize(300, 200)

    def press(self, spot: QPoint) -> None:
        """A press of the mouse as the window system reports it."""
        QTest.mouseClick(self.windowHandle(), Qt.MouseButton.LeftButton, pos=spot)

    def key(self, key: Qt.Key) -> None:
        """A key as the window system reports it."""
        QTest.keyClick(self.windowHandle(), key)


@pytest.fixture
def page(qtbot, themes) -> Page:
    page = Page(themes)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
    return page


def ringed(themes: ThemeManager, widget: QWidget) -> bool:
    """Whether the ring's colour is in what the widget paints."""
    QApplication.processEvents()
    image = widget.grab().toImage()
    wanted = themes.theme.color("focus").rgb()
    seen = (image.pixel(x, y) for x in range(image.width()) for y in (0, 1, image.height() // 2))
    return widget.hasFocus() and wanted in seen


def middle(page: QWidget, widget: QWidget) -> QPoint:
    return widget.mapTo(page, widget.rect().center())


def test_tab_shows_the_ring_and_the_mouse_takes_it_away(page, themes):
    page.button.setFocus()
    page.key(Qt.Key.Key_Tab)
    assert page.tabs.hasFocus()
    assert ringed(themes, page.tabs)
    page.press(QPoint(290, 190))
    assert page.tabs.hasFocus()
    assert not ringed(themes, page.tabs)
    page.key(Qt.Key.Key_Right)
    assert ringed(themes, page.tabs)


def test_a_button_pressed_by_mouse_has_no_ring_and_keeps_its_size(page, themes):
    page.key(Qt.Key.Key_Tab)
    page.press(middle(page, page.button))
    assert page.button.hasFocus()
    assert not ringed(themes, page.button)
    height = page.button.sizeHint().height()
    page.key(Qt.Key.Key_Tab)
    page.key(Qt.Key.Key_Backtab)
    assert ringed(themes, page.button)
    assert page.button.sizeHint().height() == height


def test_a_page_turned_by_mouse_shows_no_ring_on_what_gets_the_keyboard(qtbot, themes, page):
    """Qt hands the keyboard on as Tab does when what had it is hidden; nobody pressed Tab."""
    page.press(middle(page, page.button))
    assert page.button.hasFocus()
    page.button.hide()
    assert page.tabs.hasFocus()
    assert not ringed(themes, page.tabs)


def test_a_list_shows_its_ring_to_keys_only(qtbot, themes):
    model = PeopleModel()
    model.show_items([PersonItem("a", "赵敏", "规划处", AvatarSpec("赵敏", "a"))])
    view = RowView(themes, PeopleDelegate(themes), surface="list", name="同事")
    view.setModel(model)
    view.resize(280, 200)
    qtbot.addWidget(view)
    with qtbot.waitActive(view):
        view.show()
    view.setFocus()
    window = view.windowHandle()
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=view.visualRect(model.index(0, 0)).center())

    def shown() -> bool:
        image = view.viewport().grab().toImage()
        wanted = themes.theme.color("focus").rgb()
        return any(image.pixel(image.width() // 2, y) == wanted for y in range(4))

    assert not shown()
    QTest.keyClick(window, Qt.Key.Key_Down)
    assert shown()


def test_the_chosen_tab_stands_out_from_its_ground(qtbot, themes):
    canvas = QWidget()
    canvas.setProperty("surface", "canvas")
    tabs = FilterTabs(themes, [FilterItem("a", "全部"), FilterItem("b", "未读")], canvas)
    tabs.resize(tabs.sizeHint())
    qtbot.addWidget(canvas)
    place = tabs.places()[0][1]
    shown = tabs.grab().toImage().pixelColor(int(place.left()) + 5, int(place.center().y()))
    assert shown == themes.theme.color("raised")
    canvas.setProperty("surface", "content")
    shown = tabs.grab().toImage().pixelColor(int(place.left()) + 5, int(place.center().y()))
    assert shown == themes.theme.color("brand_weak")

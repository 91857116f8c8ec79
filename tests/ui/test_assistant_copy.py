"""Tables of answers: ruled in every theme, and tables still where they are pasted."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextTable

from app.features.assistant.answer_view import AnswerView
from app.features.assistant.copying import whole_answer
from app.showcase.assistant_service import ANSWER
from widgets.theme import ThemeManager
from widgets.theme.theme import Choice


@pytest.mark.clause("3.2.6.9.7")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tables_of_an_answer_are_ruled_and_go_to_other_programs_as_tables(qtbot, theme: Choice) -> None:
    themes = ThemeManager(animations=False)
    themes.set_theme(theme)
    view = AnswerView(themes)
    qtbot.addWidget(view)
    view.resize(700, 400)
    view.show_answer(ANSWER, 1)
    view.show()
    qtbot.waitExposed(view)
    (table,) = [one for one in view.document().rootFrame().childFrames() if isinstance(one, QTextTable)]
    box = view.document().documentLayout().frameBoundingRect(table)
    image = view.grab().toImage()
    line = themes.theme.color("line_strong").rgb()
    ruled = [
        y
        for y in range(image.height())
        if sum(image.pixel(x, y) == line for x in range(image.width())) > 0.8 * box.width()
    ]
    # Five lines over four rows, each one or two pixels high.
    assert 5 <= len(ruled) <= 10, ruled
    cursor = view.textCursor()
    cursor.select(QTextCursor.SelectionType.Document)
    view.setTextCursor(cursor)
    view.copy()
    mime = QGuiApplication.clipboard().mimeData()
    assert "时间\t事项\t责任单位\n8:30\t签到、试线\t市政府办公室\n" in mime.text()
    assert "1. 各区县于周四 17:00 前报送参会名单；" in mime.text()
    assert 'border="1"' in mime.html()
    # Nothing of the theme: white words on a dark ground would be unreadable in a document.
    for name in ("text", "content", "card", "brand_text"):
        assert themes.theme.color(name).name() not in mime.html(), name


def test_the_whole_answer_goes_as_it_was_written_and_as_rich_text(qapp) -> None:
    made = whole_answer(ANSWER, ANSWER + "（由模型生成）")
    assert made.text() == ANSWER + "（由模型生成）"
    assert 'border="1"' in made.html()
    assert "市应急管理局" in made.html()
    assert "[1]" in made.html()

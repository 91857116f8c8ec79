"""What was said in a meeting: a table of contents of its chapters (3.2.4.2), who said it (3.2.4.3), and a search."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from offline_ai.minutes.digest import Chapter, Minutes
from offline_ai.minutes.transcript import Transcript, Utterance
from widgets.controls import FilterItem, FilterTabs, SearchField, button, label, surface
from widgets.theme import ThemeManager

from .parts import Card, CardColumn, wrapped

MOST = 150
"""Statements that are built at once; more come by a button."""
EVERYBODY = ""
_AT = Qt.ItemDataRole.UserRole
_ROWS = 4


class SaidPanel(QWidget):
    """Statements in their order below the chapters they belong to. A chapter of the contents is scrolled to; one speaker, or
    words, narrow the list; a statement that is pressed then is shown among what was said before and after it."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._said: tuple[Utterance, ...] = ()
        self._chapters: list[Chapter] = []
        self._most = MOST
        self._cards: dict[int, Card] = {}
        space = themes.theme.space
        side = surface("list", "right")
        column = QVBoxLayout(side)
        column.setContentsMargins(space.l, space.m, space.s, space.m)
        column.setSpacing(space.s)
        self.contents = QListWidget()
        self.contents.setAccessibleName("章节")
        self.contents.setProperty("plain", True)
        self.contents.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.contents.itemClicked.connect(self._to_chapter)
        self.contents.itemActivated.connect(self._to_chapter)
        self.search = SearchField(themes, "在发言中查找")
        self.search.query_changed.connect(lambda _text: self._narrow())
        self.speakers = FilterTabs(themes)
        self.speakers.current_changed.connect(lambda _key: self._narrow())
        self.column = CardColumn(themes, "发言记录")
        self.column.body.setProperty("surface", "list")
        self.heading = label("章节", "secondary", "strong")
        column.addWidget(self.heading)
        column.addWidget(self.contents)
        column.addWidget(label("发言记录", "secondary", "strong"))
        column.addWidget(self.search)
        column.addWidget(self.speakers)
        column.addWidget(self.column, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(side)

    def put(self, transcript: Transcript, minutes: Minutes) -> None:
        """Show a meeting from its beginning."""
        self._said = transcript.utterances
        self._chapters = [one for one in minutes.chapters if 0 <= one.first < len(self._said)]
        self.contents.clear()
        for number, chapter in enumerate(self._chapters, 1):
            start = self._said[chapter.first].start
            at = f"{clock(start)}　" if start is not None else ""
            item = QListWidgetItem(f"{at}{number}. {chapter.title}")
            item.setToolTip(chapter.title)
            item.setData(_AT, chapter.first)
            self.contents.addItem(item)
        shown = bool(self._chapters)
        self.heading.setVisible(shown)
        self.contents.setVisible(shown)
        if shown:
            height = max(self.contents.sizeHintForRow(0), 1)
            rows = min(len(self._chapters), _ROWS)
            self.contents.setFixedHeight(rows * height + 2 * self.contents.frameWidth())
        counts = Counter(one.speaker for one in self._said)
        items = [FilterItem(EVERYBODY, "全部", len(self._said))]
        self.speakers.set_items(
            items + [FilterItem(name, name, count) for name, count in counts.most_common()]
        )
        self.speakers.set_current(EVERYBODY)
        self.search.clear()
        self._narrow()

    def _narrow(self) -> None:
        self._most = MOST
        self._fill()
        self.column.verticalScrollBar().setValue(0)

    def shown(self) -> list[int]:
        """Numbers of the statements that speaker and words leave."""
        who, text = self.speakers.current, self.search.text().strip()
        return [
            at
            for at, one in enumerate(self._said)
            if (who == EVERYBODY or one.speaker == who) and (not text or text in one.text)
        ]

    def _fill(self) -> None:
        self.column.clear()
        self._cards = {}
        found = self.shown()
        firsts = [one.first for one in self._chapters]
        last = -1
        for at in found[: self._most]:
            chapter = bisect_right(firsts, at) - 1
            if len(self._chapters) > 1 and chapter != last and chapter >= 0:
                title = f"{chapter + 1}. {self._chapters[chapter].title}"
                self.column.add(wrapped(title, "caption", "brand"))
            last = chapter
            self._cards[at] = self._card(at)
            self.column.add(self._cards[at])
        if not found and self._said:
            self.column.add(wrapped("没有这样的发言，可以换一个词或选“全部”。", "secondary", "weak"))
        if len(found) > self._most:
            more = button(f"继续显示（还有 {len(found) - self._most} 段）", "secondary", "small")
            more.clicked.connect(self._more)
            self.column.add(more)

    def _card(self, at: int) -> Card:
        one = self._said[at]
        card = Card(self._themes)
        time = clock(one.start) if one.start is not None else ""
        card.line(label(one.speaker, "secondary", "strong"), label(time, "caption", "weak"))
        card.column.addWidget(wrapped(one.text))
        card.setAccessibleName(f"{one.speaker}：{one.text}")
        card.pressed.connect(lambda: self.show_statement(at))
        return card

    def _more(self) -> None:
        self._most += MOST
        self._fill()

    def _to_chapter(self, item: QListWidgetItem) -> None:
        self.show_statement(item.data(_AT))

    def show_statement(self, at: int) -> None:
        """Scroll to a statement and put the focus there; what was narrowed down is shown whole again."""
        if not 0 <= at < len(self._said):
            return
        if self.speakers.current != EVERYBODY or self.search.text():
            self.speakers.set_current(EVERYBODY)
            self.search.clear()
            self._most = max(MOST, at + MOST)
            self._fill()
        elif at not in self._cards:
            self._most = at + MOST
            self._fill()
        card = self._cards[at]
        # New cards are shown, and have their places, only after the next turn of the event loop.
        card.show()
        self.column.body.adjustSize()
        self.column.rows.activate()
        self.column.verticalScrollBar().setValue(max(0, card.y() - self._themes.theme.space.s))
        card.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        return QSize(self._themes.theme.sizes.dialog, self._themes.theme.sizes.picker_height)


def clock(seconds: float) -> str:
    """01:02, from an hour on 01:01:02; transcripts that tell the time of the day show it (09:02:10)."""
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60:02}:{rest % 60:02}"

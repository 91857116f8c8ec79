"""One question and its answer with everything that can be done to it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.store.queries.assistant import Turn
from app.store.queries.found_pictures import PictureShown
from offline_ai.models.origin import Origin
from offline_ai.retrieval.intent import Intent, Way
from widgets.controls import IconButton, button, label, pill, surface
from widgets.theme import ThemeManager

from .answer_view import AnswerView, escaped
from .picture_row import PictureRow
from .ports import FIXED
from .ways_view import WayRow


class TurnView(QWidget):
    """Signals carry the turn: `again`, `copied`, `voted(turn, value)`, `removed`; `source_wanted(mark)`,
    `asked(question)` for a follow-up, `link_wanted(address)`, `pictures_wanted(view)`, `picture_chosen(PictureShown)`,
    `way_chosen(view, Way)` when the line was taken for the wrong thing."""

    again = Signal(object)
    copied = Signal(object)
    voted = Signal(object, int)
    removed = Signal(object)
    source_wanted = Signal(object)
    asked = Signal(str)
    link_wanted = Signal(str)
    pictures_wanted = Signal(object)
    picture_chosen = Signal(object)
    way_chosen = Signal(object, object)

    def __init__(self, themes: ThemeManager, turn: Turn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.turn = turn
        self.intent: Intent | None = None
        """How the line was read; None before, and for what was kept."""
        space = themes.theme.space
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, space.l)
        column.setSpacing(space.s)
        column.addWidget(self._question(space.m))
        self.way = WayRow(themes)
        self.way.chosen.connect(lambda way: self.way_chosen.emit(self, way))
        self.way.removed.connect(lambda: self.removed.emit(self.turn))
        self.way.hide()
        column.addWidget(self.way)
        self.status = label("", "secondary", "weak")
        self.answer = AnswerView(themes)
        self.answer.source_wanted.connect(self._source)
        self.answer.link_wanted.connect(self.link_wanted)
        self.problem = label("", "secondary", "bad", wrap=True)
        self.note = label("", "caption", "weak", wrap=True)
        self.note.hide()
        self.searched = label("", "caption", "weak", wrap=True)
        self.searched.hide()
        column.addWidget(self.status)
        column.addWidget(self.searched)
        column.addWidget(self.note)
        column.addWidget(self.answer)
        column.addWidget(self.problem)
        self.below: QWidget | None = None
        """What a search found, or the deed that waits for a yes."""
        self._below = QVBoxLayout()
        self._below.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._below)
        self._tail = QWidget()
        self._rows = QVBoxLayout(self._tail)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(space.s)
        column.addWidget(self._tail)
        self._tail.hide()
        self.problem.hide()
        self.votes: dict[int, IconButton] = {}
        self.pictures: PictureRow | None = None

    def _question(self, margin: int) -> QWidget:
        host = QWidget()
        row = QHBoxLayout(host)
        row.setContentsMargins(self._themes.theme.space.page, 0, 0, 0)
        row.addStretch(1)
        bubble = surface("card")
        inside = QVBoxLayout(bubble)
        inside.setContentsMargins(margin, margin // 2, margin, margin // 2)
        text = label(self.turn.question, "body", "strong", wrap=True)
        text.setTextInteractionFlags(text.textInteractionFlags().TextSelectableByMouse)
        # A label that breaks its lines asks for little width of its own accord.
        wanted = max(text.fontMetrics().horizontalAdvance(line) for line in self.turn.question.split("\n"))
        text.setMinimumWidth(min(wanted + margin, self._themes.theme.sizes.dialog))
        inside.addWidget(text)
        for name in self.turn.files:
            inside.addWidget(label(f"附件：{name}", "caption", "weak"))
        bubble.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Minimum)
        row.addWidget(bubble, 4)
        return host

    @property
    def themes(self) -> ThemeManager:
        """What it is dressed by."""
        return self._themes

    def show_below(self, shown: QWidget | None) -> None:
        """Rows that were found, or a card to agree to, in place of what was there."""
        if self.below is not None:
            self._below.removeWidget(self.below)
            self.below.hide()
            self.below.deleteLater()
        self.below = shown
        if shown is not None:
            self._below.addWidget(shown)

    def _show_way(self, *, newest: bool) -> None:
        if not self.turn.way:
            self.way.hide()
            return
        way = Way(self.turn.way)
        others = [one for one in (Way.ASK, Way.SEARCH) if one is not way]
        if self.intent is not None and self.intent.deed is not None and way is not Way.ACT:
            others.append(Way.ACT)
        # What was done stays done.
        done = way is Way.ACT and bool(self.turn.answer)
        if newest or way is not Way.ASK:
            kept = way is not Way.ASK and bool(self.turn.id)
            self.way.show_way(way, others if newest and not done else [], kept=kept)
        else:
            self.way.hide()

    def say(self, text: str) -> None:
        """What happens while there is nothing to show."""
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def grow(self, text: str) -> None:
        """The answer so far."""
        if text:
            self.say("")
        self.answer.grow(text)

    def finish(self, turn: Turn, *, newest: bool) -> None:
        """The kept answer with its marks and buttons; follow-ups only at the newest."""
        self.turn = turn
        self.say("已停止" if turn.state == "stopped" else "")
        plain = turn.origin in (Origin.RULES.value, FIXED)
        self.answer.show_answer(escaped(turn.answer) if plain else turn.answer, len(turn.marks))
        self.answer.setVisible(bool(turn.answer))
        self.searched.setText(turn.searched)
        self.searched.setVisible(bool(turn.searched))
        self.note.setText(turn.note)
        self.note.setVisible(bool(turn.note))
        self.problem.setText(turn.problem)
        self.problem.setVisible(bool(turn.problem))
        self._show_way(newest=newest)
        self._build_tail(newest)

    def _build_tail(self, newest: bool) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        self._pictures = QVBoxLayout()
        self._rows.addLayout(self._pictures)
        if self.turn.pictures:
            self.pictures_wanted.emit(self)
        self._sources_row()
        if self.turn.way in ("", Way.ASK.value):
            # A search and a deed are no answers to be judged, copied or made again.
            self._rows.addWidget(self._actions())
        else:
            self.votes = {}
        if newest and self.turn.follow_ups:
            self._follow_ups()
        self._tail.show()

    def show_pictures(self, pictures: Sequence[PictureShown]) -> None:
        """Those of the answer's pictures that may be seen now."""
        if pictures:
            self.pictures = PictureRow(self._themes, pictures)
            self.pictures.chosen.connect(self.picture_chosen)
            self._pictures.addWidget(self.pictures)

    def _sources_row(self) -> None:
        for number, mark in enumerate(self.turn.marks, 1):
            made = button(f"[{number}] {mark.title}", "link", "small")
            made.setAccessibleName(f"出处 {number}：{mark.title}")
            made.clicked.connect(lambda _checked=False, one=mark: self.source_wanted.emit(one))
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.addWidget(made)
            line.addStretch(1)
            self._rows.addWidget(row)

    def _actions(self) -> QWidget:
        host = QWidget()
        row = QHBoxLayout(host)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(self._themes.theme.space.xs)
        turn = self.turn
        if turn.origin != FIXED and turn.answer:
            origin = Origin(turn.origin)
            words = " · ".join(filter(None, (origin.label, origin.notice)))
            made_by = pill(words, "brand" if origin is Origin.MODEL else "neutral")
            row.addWidget(made_by, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        self.copy = IconButton(self._themes, "copy", "复制")
        self.copy.clicked.connect(lambda: self.copied.emit(self.turn))
        self.retry = IconButton(self._themes, "refresh", "重新生成")
        self.retry.clicked.connect(lambda: self.again.emit(self.turn))
        self.remove = IconButton(self._themes, "trash", "删除这条问答")
        self.remove.clicked.connect(lambda: self.removed.emit(self.turn))
        self.votes = {}
        for value, icon, words in ((1, "thumb-up", "赞"), (-1, "thumb-down", "踩")):
            made = IconButton(self._themes, icon, words)
            made.setCheckable(True)
            made.setChecked(turn.vote == value)
            made.clicked.connect(
                lambda _checked=False, v=value: self.voted.emit(self.turn, 0 if self.turn.vote == v else v)
            )
            self.votes[value] = made
        self.copy.setEnabled(bool(turn.answer) and not turn.withheld)
        for one in (self.copy, self.retry, *self.votes.values(), self.remove):
            row.addWidget(one)
        return host

    def _follow_ups(self) -> None:
        for text in self.turn.follow_ups:
            made = button(text, "secondary", "small")
            made.clicked.connect(lambda _checked=False, one=text: self.asked.emit(one))
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.addWidget(made)
            line.addStretch(1)
            self._rows.addWidget(row)

    def set_vote(self, turn: Turn) -> None:
        """Show another vote."""
        self.turn = turn
        for value, made in self.votes.items():
            made.setChecked(turn.vote == value)

    def busy(self, busy: bool) -> None:
        """While any answer is made nothing else is started."""
        self._tail.setEnabled(not busy)
        self.way.setEnabled(not busy)

    def _source(self, number: int) -> None:
        if 1 <= number <= len(self.turn.marks):
            self.source_wanted.emit(self.turn.marks[number - 1])

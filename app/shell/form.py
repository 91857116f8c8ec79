"""Parts of forms: labelled fields that say what is wrong with them, and a notice with a detail fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.shell.problems import Problem
from widgets.controls import PasswordField, label
from widgets.controls import button as control_button
from widgets.theme import TextRole, ThemeManager
from widgets.theme.stylesheet import restyle


def text(words: str, role: TextRole = "body", tone: str = "", *, wrap: bool = True) -> QLabel:
    """A label that breaks its lines."""
    return label(words, role, tone, wrap=wrap)


def button(words: str, kind: str = "secondary", action: Callable[[], object] | None = None) -> QPushButton:
    """A push button as tall as the fields; links are small."""
    made = control_button(words, kind, "" if kind == "link" else "large")
    made.setAutoDefault(False)
    if action is not None:
        # Without the lambda the click would pass its "checked" on.
        made.clicked.connect(lambda: action())  # noqa: PLW0108
    return made


class Field(QWidget):
    """A labelled line of input that says below what is wrong with it."""

    def __init__(self, title: str, *, hint: str = "", secret: ThemeManager | None = None) -> None:
        """`secret`: the text is a password, hidden unless revealed."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.label = text(title, "secondary")
        column.addWidget(self.label)
        if secret is not None:
            password = PasswordField(secret, hint)
            self.edit = password.edit
            column.addWidget(password)
        else:
            self.edit = QLineEdit()
            self.edit.setPlaceholderText(hint)
            column.addWidget(self.edit)
        self.edit.setAccessibleName(title)
        self.edit.setMinimumHeight(40)
        self.label.setBuddy(self.edit)
        self._error = text("", "caption", "bad")
        self._error.hide()
        column.addWidget(self._error)
        self.edit.textEdited.connect(lambda _text: self.complain(""))

    @property
    def value(self) -> str:
        """What was typed."""
        return self.edit.text()

    def complain(self, words: str) -> None:
        """Say what is wrong; "" takes it back."""
        self._error.setText(words)
        self._error.setVisible(bool(words))
        state = "error" if words else ""
        if self.edit.property("state") != state:
            self.edit.setProperty("state", state)
            restyle(self.edit)
        self.edit.setAccessibleDescription(words)


def enter_goes_on(fields: Sequence[Field], submit: Callable[[], object]) -> None:
    """What Enter does in the fields of a form, in their order: from a filled one to the next that is still empty, and to the
    form's end where all are filled. In an empty one it also goes to the end, which then says what is missing."""

    def pressed(place: int) -> None:
        shown = [one for one in fields[place + 1 :] if one.isVisible() and one.edit.isEnabled()]
        empty = next((one for one in shown if not one.value.strip()), None)
        if fields[place].value.strip() and empty is not None:
            empty.edit.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            submit()

    for place, field in enumerate(fields):
        field.edit.returnPressed.connect(partial(pressed, place))


class NoticeBox(QWidget):
    """What went wrong, in a sentence, with a fold for the detail."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(8)
        self._text = text("", "secondary", "bad")
        self._more = button("详情", "link", self._toggle)
        row.addWidget(self._text, 1)
        row.addWidget(self._more, 0, Qt.AlignmentFlag.AlignTop)
        self._detail = text("", "caption", "weak")
        self._detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail.hide()
        column.addLayout(row)
        column.addWidget(self._detail)
        self.hide()

    @property
    def words(self) -> str:
        """What is shown now."""
        return self._text.text() if not self.isHidden() else ""

    def say(self, problem: Problem | None, *, good: bool = False) -> None:
        """Show a problem (or good news); None hides the box."""
        self.setVisible(problem is not None)
        if problem is None:
            return
        self._text.setText(problem.text)
        self._text.setProperty("tone", "ok" if good else "bad")
        restyle(self._text)
        self._text.setAccessibleName(problem.text)
        self._detail.setText(problem.detail)
        self._detail.hide()
        self._more.setVisible(bool(problem.detail) and not good)

    def _toggle(self) -> None:
        self._detail.setVisible(self._detail.isHidden())

"""What a table or list says in its middle when, after it has been read, there is nothing in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel
from shiboken6 import isValid

from widgets.theme import ThemeManager

from .labels import label


class EmptyNote(QObject):
    """Belongs to `view`. Nothing is said before `settle()` is called the first time: what is still being read is not empty."""

    def __init__(self, themes: ThemeManager, view: QAbstractItemView, text: str) -> None:
        super().__init__(view)
        self._view = view
        self._settled = False
        self.label: QLabel = label(text, "secondary", "weak", wrap=True)
        self.label.setParent(view.viewport())
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.setContentsMargins(*[themes.theme.space.xl] * 4)
        self.label.hide()
        view.viewport().installEventFilter(self)
        model = view.model()
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._follow)

    def settle(self, text: str = "") -> None:
        """All that there is has been read; `text` replaces what is said."""
        self._settled = True
        if text:
            self.label.setText(text)
        self._follow()

    def _follow(self) -> None:
        if not isValid(self._view):
            return  # a model that goes with its view takes its rows out last
        empty = self._view.model().rowCount() == 0
        self.label.setVisible(self._settled and empty)
        if empty:
            self.label.setGeometry(self._view.viewport().rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.label.isVisibleTo(self._view.viewport()):
            self.label.setGeometry(self._view.viewport().rect())
        return super().eventFilter(watched, event)

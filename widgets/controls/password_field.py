"""A password box: reveal while wanted, and a word when Caps Lock is on."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from widgets.theme import ThemeManager

from .labels import label


class PasswordField(QWidget):
    """Signals: `changed(text)`, `submitted()`. `edit` is the line edit; its text never leaves through copy or undo."""

    changed = Signal(str)
    submitted = Signal()

    def __init__(
        self,
        themes: ThemeManager,
        placeholder: str = "密码",
        parent: QWidget | None = None,
        *,
        color: str = "text_2",
    ) -> None:
        """`color`: the token of the eye, which must stand out from the ground."""
        super().__init__(parent)
        self._themes, self._color = themes, color
        self.edit = QLineEdit()
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setAccessibleName(placeholder)
        self.edit.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | Qt.InputMethodHint.ImhSensitiveData
        )
        self.edit.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.edit.installEventFilter(self)
        self.edit.textChanged.connect(self.changed)
        self.edit.returnPressed.connect(self.submitted)
        self._reveal = QAction(themes.icons.icon("eye", color), "显示密码", self)
        self._reveal.setCheckable(True)
        self._reveal.toggled.connect(self._show_password)
        self.edit.addAction(self._reveal, QLineEdit.ActionPosition.TrailingPosition)
        self._caps = label("大写锁定已打开", "caption", "warn")
        self._caps.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(themes.theme.space.xs)
        column.addWidget(self.edit)
        column.addWidget(self._caps)
        self.setFocusProxy(self.edit)

    def text(self) -> str:
        """The password."""
        return self.edit.text()

    def clear(self) -> None:
        """Forget the password and hide what comes next."""
        self.edit.clear()
        self._reveal.setChecked(False)

    @property
    def caps_lock_shown(self) -> bool:
        """Whether the hint about Caps Lock is shown."""
        return not self._caps.isHidden()

    def _show_password(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.edit.setEchoMode(mode)
        self._reveal.setText("隐藏密码" if shown else "显示密码")
        self._reveal.setIcon(self._themes.icons.icon("eye-off" if shown else "eye", self._color))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            text = event.text()
            # No toolkit says portably whether the lock is on; a letter of the wrong case does.
            if len(text) == 1 and text.isascii() and text.isalpha():
                shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._caps.setVisible(text.isupper() != shift)
            elif event.key() == Qt.Key.Key_CapsLock:
                self._caps.hide()
        elif event.type() == QEvent.Type.FocusOut:
            self._caps.hide()
        return super().eventFilter(watched, event)

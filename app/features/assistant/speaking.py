"""Saying a question instead of writing it (3.2.6.3.7): what was understood is put into the field, to be read and sent."""

from __future__ import annotations

from collections.abc import Callable

from app.shell.tasks import Tasks

from .composer import Composer
from .ports import Ear, Unheard


class Speaking:
    """Joins the composer's microphone to an ear. `tell(text)` is how the user hears of what went wrong."""

    def __init__(
        self, ear: Ear | None, composer: Composer, tasks: Tasks, tell: Callable[[str], object]
    ) -> None:
        """Without an `ear` there is no microphone to be seen."""
        self._ear, self._composer, self._tasks, self._tell = ear, composer, tasks, tell
        self.active = False
        composer.mic.setVisible(ear is not None)
        composer.mic.clicked.connect(self.begin)
        composer.voice.sent.connect(self.finish)
        composer.voice.cancelled.connect(self.cancel)

    def begin(self) -> None:
        """Start to listen; an honest word where there is nothing to listen with."""
        if self.active or self._ear is None:
            return
        try:
            self._ear.start(self._composer.voice.show_level, self._full)
        except Unheard as problem:
            self._tell(problem.text)
            return
        self.active = True
        self._composer.set_listening(True)

    def finish(self) -> None:
        """Have it written down."""
        ear = self._ear
        if not self.active or ear is None:
            return
        self.active = False
        self._composer.set_listening(False)
        self._composer.set_writing(True)

        async def write() -> None:
            try:
                text = (await ear.finish()).strip()
                if text:
                    self._composer.field.insertPlainText(text)
                else:
                    self._tell("没有听清，请再说一次。")
            except Unheard as problem:
                self._tell(problem.text)
            finally:
                self._composer.set_writing(False)

        self._tasks.start(write(), "语音转文字")

    def cancel(self) -> None:
        """Forget what was said."""
        if self.active and self._ear is not None:
            self.active = False
            self._ear.cancel()
            self._composer.set_listening(False)

    def _full(self) -> None:
        """The longest length is reached, or the microphone went away."""
        self._composer.voice.hint.setText("录音已停止，请转成文字或取消")

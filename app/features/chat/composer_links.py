"""The card of a page that goes along with a text: asked for while the user writes, never later (E099)."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from app.preferences import Preferences
from app.shell.tasks import Tasks
from server_stub.contract.content import LinkPreview
from widgets.chat.composer import Composer
from widgets.chat.rows import link_spans

from .tools import LinkPreviews

REST_MS = 600
"""An address is asked for when typing rests."""


class LinkWriting:
    """Shows what will go along above the input; the user can leave it out."""

    def __init__(
        self, preferences: Preferences, tasks: Tasks, composer: Composer, previews: LinkPreviews | None
    ) -> None:
        self._preferences, self._tasks, self._composer, self._previews = (
            preferences,
            tasks,
            composer,
            previews,
        )
        self._asked = ""
        self._ready: LinkPreview | None = None
        self._refused: set[str] = set()
        self._timer = QTimer(composer)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._look)
        composer.typed.connect(self._typed)
        composer.preview_cleared.connect(self._cleared)

    def _typed(self) -> None:
        if self._previews is not None and self._preferences.values.link_previews:
            self._timer.start()

    def _look(self) -> None:
        address = first_link(self._composer.text())
        if address == self._asked:
            return
        self._asked, self._ready = address, None
        self._composer.set_preview("")
        if address and address not in self._refused:
            self._tasks.start(self._ask(address), "读取链接", on_error=lambda _error, _doing: None)

    async def _ask(self, address: str) -> None:
        found = await self._previews.fetch(address) if self._previews is not None else None
        if address == self._asked and found is not None and first_link(self._composer.text()) == address:
            self._ready = found
            self._composer.set_preview(f"链接：{found.title}")

    def _cleared(self) -> None:
        self._refused.add(self._asked)
        self._ready = None

    def take(self, text: str) -> LinkPreview | None:
        """What goes along with a text that is being sent."""
        ready = self._ready if self._ready is not None and first_link(text) == self._ready.url else None
        self.forget()
        return ready

    def forget(self) -> None:
        """Another conversation, or the text is gone."""
        self._timer.stop()
        self._asked, self._ready = "", None
        self._refused.clear()
        self._composer.set_preview("")


def first_link(text: str) -> str:
    """The first web address in a text, or ""."""
    found = link_spans(text)
    return found[0].target if found else ""

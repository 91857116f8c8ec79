"""Check-in from the meeting page: the big screen of one plan, and absences filled in its plan (3.1.6.4.7, 3.1.6.4.8)."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtWidgets import QWidget

from app.shell.tasks import Tasks
from meeting_seat_designer.editor.editor import SeatEditor
from meeting_seat_designer.engine.edits.seating import FillAbsences
from widgets.theme import ThemeManager

from .check_in_window import CheckInWindow
from .server_service import Sent, ServerPlans


class Host(Protocol):
    """The page, as far as check-in needs it."""

    tasks: Tasks

    def window(self) -> QWidget:
        """The big screen is as large at first."""
        ...

    async def save(self, editor: SeatEditor) -> None:
        """Save the editor's plan and wait for the disk."""
        ...

    async def upload(self, plan: str, editor: SeatEditor) -> Sent:
        """Bring the saved plan to the server."""
        ...


class CheckInDesk:
    """`window` is the big screen while it is open; one at a time."""

    def __init__(self, page: Host, server: ServerPlans, themes: ThemeManager) -> None:
        self._page, self._server, self._themes = page, server, themes
        self.window: CheckInWindow | None = None

    async def close_down(self) -> None:
        """The page goes away."""
        window, self.window = self.window, None
        if window is not None:
            await window.close_down()

    async def begin(self, plan: str, editor: SeatEditor) -> None:
        """Save, bring up, open."""
        await self._page.save(editor)
        await self._server.upload(plan)
        self.open(plan, editor)

    def open(self, plan: str, editor: SeatEditor) -> None:
        """The big screen for a plan; one at a time."""
        if self.window is not None:
            self.window.raise_()
            self.window.activateWindow()
            return
        window = CheckInWindow(self._server, self._themes, plan, editor.editing.document)
        window.closed.connect(self._closed)
        window.absences_filled.connect(
            lambda absent, seated, least: self._fill_absences(plan, editor, absent, seated, least=least)
        )
        if editor.keeper is not None:
            editor.keeper.kept.connect(window.refresh_from(lambda: editor.editing.document))
        window.resize(self._page.window().size())
        self.window = window
        window.show()

    def _closed(self) -> None:
        window, self.window = self.window, None
        if window is not None:
            self._page.tasks.start(window.tasks.close(), "关闭签到")

    def _fill_absences(
        self, plan: str, editor: SeatEditor, absent: list[str], seated: list[str], *, least: bool
    ) -> None:
        command = FillAbsences(absent, seated, least=least)
        editor.editing.close_merge()
        if not editor.editing.run(command):
            return
        words = f"已按最少移动处理 {len(absent)} 人缺席" if least else f"已递补 {len(absent)} 个缺席座位"
        if command.sides:
            words += f"，{len(command.sides)} 人换边"
        if self.window is not None:
            self.window.put(editor.editing.document)
            self.window.toasts.show(f"{words}。发布后只通知座位有变化的人。", "ok")

        async def work() -> None:
            await self._page.save(editor)
            await self._page.upload(plan, editor)

        self._page.tasks.start(work(), "保存递补")

"""Pages whose programs are heavy: imported and built at their first visit, ended with the window."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.features.contacts.service import SessionContacts
from app.preferences import Preferences
from app.session.session import Session
from widgets.theme import ThemeManager

if TYPE_CHECKING:
    from app.features.assistant.ports import Doing, Ear

log = logging.getLogger(__name__)


class HeavyPages:
    """Builds them; `close` ends those that were built."""

    def __init__(
        self,
        session: Session,
        contacts: SessionContacts,
        themes: ThemeManager,
        preferences: Preferences,
        open_conversation: Callable[[str, int], None],
        make_ear: Callable[[], Ear | None] = lambda: None,
        make_doing: Callable[[], Doing | None] = lambda: None,
    ) -> None:
        """`make_doing` gives the assistant what it may find and do;
        `make_ear` the assistant a microphone and who writes down what is said, None without a speech service."""
        self._make_ear, self._make_doing = make_ear, make_doing
        self._session, self._contacts, self._themes = session, contacts, themes
        self._preferences, self._open_conversation = preferences, open_conversation
        self._closers: list[Callable[[], Awaitable[None]]] = []

    def meeting(self, parent: QWidget) -> QWidget:
        """会议: plans of meetings and the seating editor."""
        # The editor is half the program: it is imported by those who seat meetings, when they do.
        from app.features.meeting.pickers import OrgPickers
        from app.features.meeting.server_page import ServerMeetingPage
        from app.features.meeting.server_service import ServerPlans

        folder = self._session.store.folder.path
        post = next(iter(self._session.me.posts), None)
        page = ServerMeetingPage(
            ServerPlans(self._session, folder / "meetings"),
            self._themes,
            OrgPickers(self._contacts, self._themes),
            (post.unit_id, post.unit_name) if post is not None else ("", ""),
            folder / "meeting-rooms",
            parent,
        )
        self._closers.append(page.close_down)
        return page

    def documents(self, parent: QWidget) -> QWidget:
        """公文: the document desk."""
        # Reading and recognising documents is heavy: imported when somebody does.
        from app.features.documents.office_words import SessionOfficeWords
        from app.features.documents.outside import SessionOutside
        from app.features.documents.service import DocumentService
        from app.features.documents.speech import HttpSpeech
        from app.features.documents.view import DocumentsPage

        folder = self._session.store.folder.path / "documents"
        speech = None
        if address := self._preferences.values.speech_url:
            try:
                speech = HttpSpeech(address)
            except ValueError:
                log.warning("the address of the speech recognition server is not usable")
        service = DocumentService(
            folder,
            SessionOutside(self._session),
            speech=speech,
            calls=self._session.assistant,
            office=SessionOfficeWords(self._session),
        )
        page = DocumentsPage(service, self._themes, parent)
        self._closers.append(page.close_page)
        return page

    def assistant(self, parent: QWidget) -> QWidget:
        """助手: questions and answers."""
        # Its engines are imported by those who ask something.
        from app.features.assistant.outside import session_assistant
        from app.features.assistant.view import AssistantPage

        page = AssistantPage(
            session_assistant(self._session),
            self._themes,
            parent,
            ear=self._make_ear(),
            doing=self._make_doing(),
        )
        page.place_wanted.connect(self._open_conversation)
        stop_listening = self._session.assistant_news.connect(lambda _news: page.renew())

        async def close() -> None:
            stop_listening.close()
            await page.close_page()

        self._closers.append(close)
        return page

    async def close(self) -> None:
        """Let what is under way end in order."""
        for close in self._closers:
            await close()

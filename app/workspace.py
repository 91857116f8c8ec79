"""Everything that one signed-in account shows: main window, pages, tray, notifications, and how they are joined."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QWidget

from app.announcer import PROGRAM, Announcer
from app.chat_surface import ChatMaker, ChatSurface
from app.console import console_entries
from app.features.admin.view import ConsolePage
from app.features.chat.contributed import MessageActionSource, PlusSource
from app.features.chat.session_service import SessionChat
from app.features.contacts.service import SessionContacts
from app.features.contacts.view import ContactsPage
from app.features.links.gate import LinkGate, SessionLinkRules
from app.features.secret.service import SessionSecret
from app.features.settings.lock_service import LockSettingsService
from app.features.settings.service import Autostart, SettingsService
from app.features.settings.view import SettingsPage
from app.heavy_pages import HeavyPages
from app.own_menu import OwnMenu
from app.preferences import Preferences
from app.search_desk import SearchDesk
from app.secret_desk import SecretDesk, SecretHost
from app.session.session import Session
from app.session.states import LinkState
from app.shell.faces import AccountFaces
from app.shell.notifications import NotificationCentre, TrayCentre
from app.shell.org_picker import OrgPicker, Picked
from app.shell.page import Count, ShellPage
from app.shell.problems import describe
from app.shell.share import Share
from app.shell.tasks import Tasks
from app.shell.tray import Tray
from app.shell.window import MainWindow
from app.store.changes import Subscription
from app.update_notice import UpdateNotice
from lock.policy.model import Trigger
from server_stub.contract.groups import CODE_PREFIX
from server_stub.contract.keys import CONSOLE_LINK
from server_stub.contract.meetings import LINK as MEETING_LINK
from server_stub.contract.personal import PERSON_PREFIX
from widgets.controls import AvatarSpec, RailItem
from widgets.theme import ThemeManager

if TYPE_CHECKING:
    from app.features.assistant.ports import Doing, Ear
    from app.session.file_reading import FileReading
    from widgets.guard import CaptureGuard

log = logging.getLogger(__name__)

SECRET_LINE = "收到一条消息"
CHAT, CONTACTS, MEETING, CONSOLE, SETTINGS = "chat", "contacts", "meeting", "console", "settings"
DOCUMENTS = "documents"
ASSISTANT = "assistant"
_KINDS = {CONSOLE: frozenset({"console"}), MEETING: frozenset({"meeting"})}


async def _never(_secret: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the user was, so that an unlock brings him back: ids only, nothing of the content."""

    page: str = ""
    conversation: str = ""
    plan: str = ""


class Workspace(QObject):
    """Signals: `quit_wanted()` when the user ended the program; `server_retry()` when he wants the server tried again;
    `lock_wanted(trigger)` when he locks it ("tray", "button").

    Build, then `show()`; `await close()` before the session is closed.
    """

    quit_wanted = Signal()
    server_retry = Signal()
    lock_wanted = Signal(str)
    kinds_shown = Signal(object)
    """Kinds of windows (frozenset) that are before the user's eyes and may have idle times of their own."""

    def __init__(
        self,
        session: Session,
        *,
        themes: ThemeManager,
        preferences: Preferences,
        settings: SettingsService,
        autostart: Autostart,
        recall_seconds: int,
        make_chat: ChatMaker,
        centres: Callable[[Callable[[str], None], Callable[[str, str], None]], list[NotificationCentre]],
        title: str = "政钉",
        make_guard: Callable[[], CaptureGuard] | None = None,
        proves: Callable[[str], Awaitable[bool]] = _never,
        make_ear: Callable[[], Ear | None] = lambda: None,
    ) -> None:
        """`make_guard` gives the program's capture guard, without which there is no secret chat; `proves` says whether a
        code or password opens this account. `make_chat` builds the chat page; `centres(on_open, on_reply)` the ways of notifying that
        come before the tray's balloons."""
        super().__init__()
        self.session = session
        self._themes = themes
        self._preferences = preferences
        self._settings_service = settings
        self._autostart = autostart
        self._make_chat = make_chat
        self._closing = False
        self.message_actions: list[MessageActionSource] = []
        """What other features add to a message's menu (message to todo, to calendar, to DING): append a source here."""
        self.plus_sources: list[PlusSource] = []
        """What they add to the composer's panel."""
        self.reading: FileReading | None = None
        """Reads the words of the chats' files, once the window is open."""
        self.lock_settings: Callable[[], LockSettingsService | None] = lambda: None
        """The lock of this account, once it watches."""
        self.tasks = Tasks(self._failed)
        self.updates = UpdateNotice(session, settings, themes, lambda: self.open_settings("about"))
        self.links = LinkGate(SessionLinkRules(session), themes, self.tasks)
        self.chat_service = SessionChat(session, recall_seconds=recall_seconds)
        self.contacts_service = SessionContacts(session)
        self._heavy = HeavyPages(
            session,
            self.contacts_service,
            themes,
            preferences,
            self.open_conversation,
            make_ear,
            self._make_doing,
        )
        self.unread = Count(self)
        self.secret = SecretDesk(SessionSecret(session, proves), themes, make_guard, self)
        self.tray = Tray(themes, self)
        self.window = self._build_window(title)
        self.faces = AccountFaces(themes, self.tasks, session.pictures.faces, session.pictures.picture, self)
        themes.set_faces(self.faces)
        self.own = OwnMenu(session, self.chat_service, themes, self.tasks, self.window, self._places)
        self.announcer = Announcer(
            session,
            self.chat_service,
            self.tasks,
            [
                *centres(self.open_conversation, self._reply),
                TrayCentre(self.tray.icon, self.open_conversation),
            ],
            preferences=preferences,
            is_watched=self._is_watched,
            alert=lambda: QApplication.alert(self.window),
        )
        self._subscriptions: list[Subscription] = [
            session.link_changed.connect(self._link_changed),
            session.store.changes.listen(lambda one: self.faces.changed(one.keys), table="people"),
            session.store.changes.listen(lambda one: self.faces.changed(one.keys), table="conversations"),
            session.command_refused.connect(lambda text: self.window.toasts.show(text, "bad") and None),
        ]
        self.search = SearchDesk(
            session, self.contacts_service, themes, self.tasks, self.window, self._pages, self
        )
        self._wire()

    def _build_window(self, title: str) -> MainWindow:
        me = self.session.me
        pages = [
            ShellPage(CHAT, "message", "消息", self._chat_page, badge=self.unread),
            ShellPage(CONTACTS, "contacts", "通讯录", self._contacts_page),
            ShellPage(MEETING, "meeting", "会议", self._heavy.meeting),
            ShellPage(ASSISTANT, "assistant", "助手", self._heavy.assistant),
            ShellPage(DOCUMENTS, "file", "公文", self._heavy.documents),
            ShellPage(SETTINGS, "settings", "设置", self._settings_page, bottom=True, shortcut="Ctrl+,"),
        ]
        if self.session.is_admin and console_entries(self.session, self._themes, self._told):
            pages.insert(-1, ShellPage(CONSOLE, "shield", "控制台", self._console_page))
        self._pages = pages
        self._places = [(page.id, page.title) for page in pages if not page.bottom]
        return MainWindow(
            pages,
            self._themes,
            self._preferences,
            title=title,
            user=AvatarSpec(name=me.name, seed=me.id),
            tray_there=lambda: self.tray.there,
            actions=[(RailItem("lock", "lock", "锁定", "Ctrl+Shift+L", selectable=False), self.lock)],
        )

    def _wire(self) -> None:
        self.tray.show_wanted.connect(self.window.bring_up)
        self.tray.lock_wanted.connect(lambda: self.lock_wanted.emit(Trigger.TRAY.value))
        self.tray.quit_wanted.connect(self.window.quit)
        self.unread.changed.connect(self.tray.set_unread)
        self.window.closing.connect(self.quit_wanted)
        self.window.hidden_to_tray.connect(self._explain_tray)
        self.window.add_shortcut("Ctrl+K", self.search.open, "搜索")
        self.window.add_shortcut("Ctrl+Q", self.window.quit, "退出政钉")
        self.own.settings_wanted.connect(lambda: self.open_settings("account"))
        self.window.link_line.again.connect(self._try_again)
        self.window.page_shown.connect(lambda _page: self.announcer.looked())
        self.window.page_shown.connect(self._kinds_changed)
        self.window.page_shown.connect(self._note_place)
        self.secret.shown_changed.connect(lambda _shown: self._kinds_changed(self.window.current))
        self.secret.unread_changed.connect(lambda: self._count_messages(self._message_count))
        self.secret.announced.connect(self._secret_arrived)
        self.secret.distrusted.connect(self.lock)

    def _kinds_changed(self, page: str) -> None:
        """The lock has thresholds of their own for these."""
        secret = page == CHAT and self.secret.is_shown
        self.kinds_shown.emit(frozenset({"secret"}) if secret else _KINDS.get(page, frozenset()))

    def _count_messages(self, count: int) -> None:
        self._message_count = count
        self.unread.set(count + self.secret.unread)

    _message_count = 0

    def _secret_arrived(self) -> None:
        """标准: the one line that a secret message may show (3.1.1.9)."""
        self.window.toasts.show(SECRET_LINE, "info")
        self.tasks.start(self.announcer.tell_secret(SECRET_LINE), "显示通知")

    def lock(self) -> None:
        """The user locks the client by a button or a command."""
        self.lock_wanted.emit(Trigger.BUTTON.value)

    # Pages, each built at its first visit.

    def _chat_page(self, parent: QWidget) -> QWidget:
        page = self._make_chat(self.chat_service, self.tasks, parent, self.message_actions, self.plus_sources)
        surface: ChatSurface = page  # type: ignore[assignment]
        surface.unread_changed.connect(self._count_messages)
        if isinstance(page, SecretHost):
            self.secret.attach(page)
        surface.search_wanted.connect(self.search.open)
        surface.notice_wanted.connect(self._open_address)
        surface.unit_group_wanted.connect(self.new_unit_group)
        surface.set_link_text(_quiet_word(self.session.link_state))
        surface.guard_links(self.links.open)
        return page

    def _contacts_page(self, parent: QWidget) -> QWidget:
        page = ContactsPage(self.contacts_service, self._themes, parent)
        page.message_wanted.connect(self.write_to)
        page.conversation_wanted.connect(self.open_conversation)
        page.copied.connect(lambda what: self.window.toasts.show(f"{what}已复制", "ok"))
        return page

    def _console_page(self, parent: QWidget) -> QWidget:
        entries = console_entries(
            self.session, self._themes, self._told, self._show_people, self.open_console
        )
        return ConsolePage(entries, self._themes, parent)

    def _show_people(self) -> None:
        """Go to the top of the address book, read anew."""
        page = self.window.show_page(CONTACTS)
        if isinstance(page, ContactsPage):
            page.refresh()

    def _settings_page(self, parent: QWidget) -> QWidget:
        page = SettingsPage(
            self._settings_service,
            self._themes,
            self._preferences,
            self._autostart,
            parent,
            lock=self.lock_settings(),
        )
        page.told.connect(self._told)
        return page

    @property
    def chat(self) -> ChatSurface | None:
        """The chat page once it has been visited."""
        return self.window.page(CHAT)  # type: ignore[return-value]

    # What leads from one place to another.

    def show(self) -> None:
        """Open the window at the conversations."""
        self.tray.start(self.session.me.name)
        self.own.start()
        self.window.bring_up()
        self._link_changed(self.session.link_state)
        self._preferences.changed.connect(self._preferred)
        # After the window has been painted: the readers are imported for it.
        QTimer.singleShot(0, self, self._start_reading)

    def _start_reading(self) -> None:
        if self._closing or self.reading is not None:
            return
        from app.session.file_reading import FileReading
        from app.word_reader import EngineReader

        self.reading = FileReading(self.session.store, self.session.files, EngineReader())
        self.reading.set_on(self._preferences.values.file_texts)

    def _preferred(self, name: str) -> None:
        if name == "file_texts" and self.reading is not None:
            self.reading.set_on(self._preferences.values.file_texts)

    def spot(self) -> Spot:
        """Where the user is now. A secret chat is no such place: it is opened anew each time."""
        chat, meeting = self.chat, self.window.page(MEETING)
        return Spot(
            page=self.window.current,
            conversation=chat.current_conversation if chat is not None else "",
            plan=getattr(meeting, "plan", ""),
        )

    def return_to(self, spot: Spot) -> None:
        """Show again what was before the user's eyes, the open conversation and the open seating plan."""
        if spot.conversation:
            page: ChatSurface = self.window.show_page(CHAT)  # type: ignore[assignment]
            page.open_conversation(spot.conversation)
        if spot.plan:
            from app.features.meeting.server_page import ServerMeetingPage

            meeting = self.window.show_page(MEETING)
            if isinstance(meeting, ServerMeetingPage):
                meeting.reopen(spot.plan)
        if spot.page and spot.page != self.window.current and self.window.has(spot.page):
            self.window.show_page(spot.page)

    def open_conversation(self, conversation_id: str, seq: int = 0) -> None:
        """Bring the window up at a conversation (a click on a notification), at message `seq` where it is not 0."""
        if self._closing:
            return
        self.window.bring_up()
        if conversation_id == PROGRAM:
            return
        page: ChatSurface = self.window.show_page(CHAT)  # type: ignore[assignment]
        self.secret.leave()
        page.open_conversation(conversation_id, seq)
        self.announcer.looked()

    def share(self, share: Share) -> None:
        """Files, words or a link of the program's own from outside (E057)."""
        if self._closing:
            return
        self.window.bring_up()
        if share.link.startswith(MEETING_LINK):
            self.open_seat(share.link.removeprefix(MEETING_LINK))
            return
        page: ChatSurface = self.window.show_page(CHAT)  # type: ignore[assignment]
        self.secret.leave()
        if share.link.startswith((CODE_PREFIX, PERSON_PREFIX)):
            page.join_by(share.link)
        if share.files or share.text:
            page.share(share.files, share.text, left_out=share.left_out)

    def open_unit(self, unit_id: str) -> None:
        """Go to a unit in the address book."""
        page = self.window.show_page(CONTACTS)
        if isinstance(page, ContactsPage):
            page.show_unit(unit_id)

    def _open_address(self, address: str) -> None:
        """The button of a work notice: seats open here, pages in the browser, which asks nothing of this program."""
        if address.startswith(MEETING_LINK):
            self.open_seat(address.removeprefix(MEETING_LINK))
            return
        if address.startswith(CONSOLE_LINK) and self.open_console(address.removeprefix(CONSOLE_LINK)):
            return
        url = QUrl(address, QUrl.ParsingMode.StrictMode)
        if url.scheme() not in ("http", "https") or not QDesktopServices.openUrl(url):
            self.window.toasts.show("此通知没有可以打开的页面。", "warn")

    def open_seat(self, meeting_id: str) -> None:
        """Go to the published plan of a meeting with the own seat marked."""
        from app.features.meeting.server_page import ServerMeetingPage

        page = self.window.show_page(MEETING)
        if isinstance(page, ServerMeetingPage):
            page.open_seat(meeting_id)

    def _note_place(self, page: str) -> None:
        if page != ASSISTANT:
            self._where = page

    _where = CHAT

    @property
    def where(self) -> str:
        """The title of the page that was used last beside the assistant."""
        return next((page.title for page in self._pages if page.id == self._where), "")

    def _make_doing(self) -> Doing:
        from app.assistant_doing import AssistantDoing

        return AssistantDoing(self.session, self.search, self)

    async def new_meeting(self, title: str) -> None:
        """Ask for the facts of a new meeting."""
        from app.features.meeting.server_page import ServerMeetingPage

        page = self.window.show_page(MEETING)
        if isinstance(page, ServerMeetingPage):
            await page.ask_titled(title)

    def new_unit_group(self) -> None:
        """Ask for a unit and make a group of all its people (E117)."""

        async def make(picked: list[Picked]) -> None:
            unit = picked[0]
            self.open_conversation(await self.session.groups.from_unit(unit.name, unit.id))

        picker = OrgPicker(
            self.contacts_service,
            self._themes,
            "从单位建群",
            make,
            people=False,
            several=False,
            confirm="创建群聊",
            parent=self.window,
        )
        picker.finished.connect(picker.deleteLater)
        picker.open()

    def write_to(self, person_id: str) -> None:
        """Go to the single chat with a person, making it if there is none."""
        self.tasks.start(self._write_to(person_id), "打开会话")

    async def _write_to(self, person_id: str) -> None:
        self.open_conversation(await self.session.conversations.open_single(person_id))

    def open_settings(self, section: str) -> None:
        """Go to a section of the settings."""
        page = self.window.show_page(SETTINGS)
        if isinstance(page, SettingsPage):
            page.open_section(section)

    def open_console(self, section: str) -> QWidget | None:
        """Go to a section of the administrators' console and return it; nothing for others."""
        if not self.session.is_admin:
            return None
        page = self.window.show_page(CONSOLE)
        if not isinstance(page, ConsolePage):
            return None
        page.open_section(section)
        return page.section(section)

    def _reply(self, conversation_id: str, text: str) -> None:
        """A reply was typed into a notification."""
        if text.strip() and not self._closing:
            self.tasks.start(self._send_reply(conversation_id, text.strip()), "发送回复")

    async def _send_reply(self, conversation_id: str, text: str) -> None:
        await self.session.send.text(conversation_id, text)
        await self.session.conversations.mark_read(conversation_id)

    def _is_watched(self, conversation_id: str) -> bool:
        """Whether the user looks at the conversation right now."""
        page = self.chat
        return (
            page is not None
            and self.window.current == CHAT
            and self.window.isActiveWindow()
            and not self.window.isMinimized()
            and page.current_conversation == conversation_id
        )

    # The connection, and what goes wrong.

    def _link_changed(self, state: LinkState) -> None:
        if state is LinkState.ONLINE and self.window.isVisible():
            self.tasks.start(self.updates.look(self.window), "检查更新", on_error=lambda *_: None)
        self.window.link_line.set_state(state)
        if self.chat is not None:
            self.chat.set_link_text(_quiet_word(state))

    def _try_again(self) -> None:
        self.session.network_hint()
        self.server_retry.emit()

    def _failed(self, error: BaseException, doing: str) -> None:
        if not self._closing:
            self.window.toasts.show(describe(error, doing).text, "bad")

    def _told(self, words: str) -> None:
        """Show good news."""
        if not self._closing:
            self.window.toasts.show(words, "ok")

    def notice(self, words: str) -> None:
        """Tell the user something that no page can."""
        if not self._closing:
            self.window.toasts.show(words, "bad")

    def _explain_tray(self) -> None:
        """The first time the window goes to the tray, say where it went."""
        self.tasks.start(self.announcer.explain_tray(), "提示")

    async def close(self) -> None:
        """Keep drafts and the window's place, take everything off the screen, and stop listening."""
        if self._closing:
            return
        self._closing = True
        for subscription in self._subscriptions:
            subscription.close()
        self.own.close()
        self.window.remember_place()
        self.window.hide()
        await self.secret.close()
        if self.chat is not None:
            await self.chat.close_page()
        contacts, settings = self.window.page(CONTACTS), self.window.page(SETTINGS)
        if isinstance(contacts, ContactsPage):
            contacts.close_page()
            await contacts.tasks.close()
        if isinstance(settings, SettingsPage):
            await settings.close_page()
        console = self.window.page(CONSOLE)
        if isinstance(console, ConsolePage):
            await console.close_page()
        await self._heavy.close()
        if self.reading is not None:
            await self.reading.close()
        await self.announcer.close()
        await self.tasks.close()
        self.faces.close()
        await self.chat_service.close()
        self.tray.close()
        self.window.deleteLater()


def _quiet_word(state: LinkState) -> str:
    """The word over the conversation list; without a connection the line over the whole window speaks."""
    return "" if state is LinkState.OFFLINE else state.label

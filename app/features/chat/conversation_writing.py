"""What is being written in an open conversation: sending, replies, drafts, files on their way out (E090, E095, E102)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.preferences import Preferences
from app.shell.tasks import Tasks
from app.store.records import ConversationRow, Draft
from server_stub.contract.content import LinkPreview, Quote, TextContent
from server_stub.contract.conversations import ConversationKind
from widgets.chat.composer import Composer

from .composer_links import LinkWriting
from .composer_voice import VoiceWriting
from .conversation_files import ConversationFiles
from .conversation_reply import may_mention_all, mention_source
from .feed import ConversationFeed
from .mentions import EVERYONE, EVERYONE_NAME
from .send_dialog import Brought, SendDialog, facts_of
from .service import ChatService
from .sound import Recording
from .tools import ChatTools


class ConversationWriting(QObject):
    """Signals: `sent()` when something of the user's goes to the bottom of the list."""

    sent = Signal()

    def __init__(
        self,
        service: ChatService,
        preferences: Preferences,
        tasks: Tasks,
        composer: Composer,
        files: ConversationFiles,
        tools: ChatTools | None = None,
        tell: Callable[[str, str], None] = lambda _text, _kind: None,
    ) -> None:
        super().__init__(composer)
        self._service, self._preferences, self._tasks = service, preferences, tasks
        self._composer, self._files = composer, files
        self._feed: ConversationFeed | None = None
        self._reply: Quote | None = None
        self._tools = tools or ChatTools()
        self.links = LinkWriting(preferences, tasks, composer, self._tools.previews)
        self.voice = VoiceWriting(tasks, composer, self._tools.recorder, self._send_voice, tell)
        self.asking: SendDialog | None = None
        """The question before something pasted or dropped goes out, while it is open."""
        self._offered = (0, 0)
        """Members and cards that the @ picker knows."""
        composer.submitted.connect(self._submit)
        composer.files_chosen.connect(self.send_files)
        composer.files_brought.connect(self.ask_files)
        composer.picture_pasted.connect(self.ask_image)
        composer.typed.connect(self._typed)
        composer.draft_changed.connect(self._save_draft)
        composer.reply_cleared.connect(lambda: self.answer(None))
        composer.recent_emoji_changed.connect(lambda recent: preferences.set(recent_emoji=tuple(recent)))
        preferences.changed.connect(self._preferences_changed)
        self._preferences_changed("send_key")

    def _preferences_changed(self, name: str) -> None:
        if name == "send_key":
            self._composer.set_enter_sends(self._preferences.values.send_key == "enter")

    # From one conversation to the next.

    def attach(self, feed: ConversationFeed) -> None:
        """Write into this conversation from now on."""
        self._feed, self._offered = feed, (0, 0)
        feed.head_changed.connect(self._members_came)

    def _members_came(self) -> None:
        """A group seen for the first time has its members and their cards only after it is on the screen."""
        feed = self._feed
        if feed is not None and feed.opened and self._offered != (len(feed.members), len(feed.members)):
            self._tasks.start(self.offer_members(), "读取群成员")

    def leave(self) -> None:
        """Write into none; what was typed is kept as the draft of the one that is left, what was being said is not."""
        self.voice.cancel()
        self.links.forget()
        self._composer.flush_draft()
        self._feed = self._reply = None
        self._composer.set_text("")
        self._composer.clear_reply()
        self._composer.set_mention_source(None)

    def show_draft(self, draft: Draft | None) -> None:
        """Bring back what was typed and not sent."""
        feed = self._feed
        if draft is None or feed is None or self._composer.text():
            return
        self._composer.set_text(draft.text, self._names(draft.mentions))
        if draft.quote is not None:
            self._reply = draft.quote
            self._composer.set_reply(feed.name(draft.quote.sender_id), draft.quote.text)

    async def offer_members(self) -> None:
        """Names for the @ picker, once the conversation is on the screen."""
        feed = self._feed
        if feed is None or feed.row is None or feed.row.kind is not ConversationKind.GROUP:
            return
        people = await self._service.people([member.person_id for member in feed.members])
        if feed is self._feed:
            self._offered = (len(feed.members), len(people))
            everyone = may_mention_all(feed.row, feed.members, feed.me)
            self._composer.set_mention_source(
                mention_source(feed.members, people, feed.me, everyone=everyone)
            )

    # Sending.

    def _submit(self, text: str, mentions: list[str]) -> None:
        feed = self._feed
        if feed is None:
            return
        if feed.row is not None and not may_mention_all(feed.row, feed.members, feed.me):
            # Out of an old draft, or the right was taken away while writing: the words stay, nobody is called.
            mentions = [id for id in mentions if id != EVERYONE]
        quote, self._reply = self._reply, None
        preview = self.links.take(text)
        self._tasks.start(self._send(feed, text, mentions, quote, preview), "发送消息")
        self.sent.emit()

    async def _send(
        self,
        feed: ConversationFeed,
        text: str,
        mentions: list[str],
        quote: Quote | None,
        preview: LinkPreview | None,
    ) -> None:
        try:
            await self._service.send_text(
                feed.conversation_id, text, mentions=mentions, quote=quote, preview=preview
            )
        except Exception:
            # It did not even get into the outbox (a full disk): what was written must not be lost.
            if feed is self._feed and not self._composer.text():
                self._composer.set_text(text, self._names(mentions))
                self.answer(quote)
            raise

    # What was pasted, dropped or taken of the screen is shown first: a slip of the hand must not reach a group of hundreds.

    def ask_files(self, paths: Sequence[Path], row: ConversationRow | None = None) -> None:
        """Show files that were pasted or dropped, and send them when the user says so; `row`: into another conversation."""
        dialog = self._ask(lambda id, quote: self._files.send(id, paths, quote), row)
        if dialog is not None:
            dialog.show_files([Brought(path.name, "", False) for path in paths])
            self._tasks.start(self._measure(dialog, paths), "读取文件")
            self._open(dialog)

    def ask_image(self, image: QImage) -> None:
        """Show a picture that was pasted or taken of the screen, and send it when the user says so."""
        dialog = self._ask(lambda id, quote: self._files.send_image(id, image, quote))
        if dialog is not None:
            dialog.show_picture(image)
            self._open(dialog)

    def _ask(
        self, send: Callable[[str, Quote | None], None], row: ConversationRow | None = None
    ) -> SendDialog | None:
        row = row or (self._feed.row if self._feed is not None else None)
        if row is None or self.asking is not None:
            return None
        dialog = self.asking = SendDialog(self._composer.themes, row, self._owner())

        def agreed() -> None:
            # Another conversation may be on the screen by now: it goes where the dialog said.
            here = self._feed is not None and self._feed.conversation_id == row.id
            send(row.id, self._take_reply() if here else None)
            if here:
                self.sent.emit()

        dialog.accepted.connect(agreed)
        dialog.finished.connect(self._answered)
        return dialog

    def _open(self, dialog: SendDialog) -> None:
        dialog.open()
        dialog.place_over(self._owner())

    def _owner(self) -> QWidget:
        return self._composer.parentWidget() or self._composer

    def _answered(self, _result: int) -> None:
        dialog, self.asking = self.asking, None
        if dialog is not None:
            dialog.deleteLater()
        self._composer.focus_text()

    async def _measure(self, dialog: SendDialog, paths: Sequence[Path]) -> None:
        files = await asyncio.to_thread(facts_of, paths)
        if dialog is self.asking:
            dialog.show_files(files)

    def send_files(self, paths: Sequence[Path]) -> None:
        """Send files from the disk that were chosen."""
        if self._feed is not None:
            self._files.send(self._feed.conversation_id, paths, self._take_reply())
            self.sent.emit()

    def _send_voice(self, recording: Recording) -> None:
        if self._feed is not None:
            self._tasks.start(
                self._voice(self._feed.conversation_id, recording, self._take_reply()), "发送语音"
            )
            self.sent.emit()

    async def _voice(self, conversation_id: str, recording: Recording, quote: Quote | None) -> None:
        await self._service.kinds.send_voice(
            conversation_id,
            recording.data,
            duration_ms=recording.duration_ms,
            waveform=recording.waveform,
            media_type=recording.media_type,
            name=recording.name,
            quote=quote,
        )

    def _typed(self) -> None:
        if self._feed is not None:
            self._service.notify_typing(self._feed.conversation_id)

    # Replies and drafts.

    def _take_reply(self) -> Quote | None:
        quote = self._reply
        if quote is not None:
            self._composer.clear_reply()
            self.answer(None)
        return quote

    def answer(self, quote: Quote | None) -> None:
        """Quote a message in the next one, or none."""
        self._reply = quote
        if quote is not None and self._feed is not None:
            self._composer.set_reply(self._feed.name(quote.sender_id), quote.text)
        self._save_draft(self._composer.text())

    def edit_again(self, content: TextContent) -> None:
        """A text that was taken back comes into the input, below what stands there."""
        before = self._composer.text()
        text = f"{before}\n{content.text}" if before.strip() else content.text
        self._composer.set_text(text, self._names(content.mentions))
        self.answer(content.quote or self._reply)
        self._composer.focus_text()

    def _save_draft(self, text: str) -> None:
        if self._feed is not None:
            draft = Draft(self._feed.conversation_id, text, tuple(self._composer.mentions()), self._reply)
            self._tasks.start(self._service.save_draft(draft), "保存草稿")

    def _names(self, ids: Iterable[str]) -> dict[str, str]:
        feed = self._feed
        return {id: EVERYONE_NAME if id == EVERYONE else feed.name(id) if feed else "" for id in ids}

"""One question from the field to the kept answer: words checked, sources found, a model or rules, sources marked."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from app.session.http import SessionEnded
from app.session.states import NetworkError
from app.store.queries.assistant import KNOWLEDGE, MESSAGE, Mark, Talk, Turn, is_guarded
from app.store.queries.found_pictures import PictureShown
from offline_ai.documents.model import Document
from offline_ai.models.origin import Origin
from offline_ai.retrieval.answer import NOTHING
from offline_ai.retrieval.intent import Intent, Way
from offline_ai.sensitive.lists import SensitiveWord
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.llm import (
    AnswerCheck,
    AssistantPolicy,
    AssistantSetup,
    ChatRequest,
    Feedback,
    UseKind,
)

from .dropped import Dropped, name_of
from .engine import OfflineEngine, plain
from .following import follow_ups
from .knowledge import Knowledge
from .library import Library, Readable
from .ports import FIXED, Asker, History, Server
from .prompting import messages

_TITLE = 24
_NEAR = 4
"""Passages of knowledge bases that a model is given besides the sentences that were found."""
_ENDS = "。！？!?；;\n"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question. `files` were dropped into it; `model` "" for rules; `share`: the model may read excerpts of messages;
    `way`: that it is one was decided, see Turn; `where`: the title of the page that was used before."""

    question: str
    talk_id: str = ""
    files: tuple[Path, ...] = ()
    model: str = ""
    share: bool = False
    way: str = ""
    where: str = ""


@dataclass(slots=True)
class Watch:
    """What is told while an answer is made."""

    text: Callable[[str], None] = field(default=lambda _text: None)
    """All of the answer so far."""
    status: Callable[[str], None] = field(default=lambda _text: None)
    """What happens while nothing can be shown."""


class AssistantService:
    """Everything without waiting for disk or network in the interface's thread."""

    def __init__(
        self,
        server: Server,
        history: History,
        library: Library,
        engine: OfflineEngine,
        asker: Asker,
        knowledge: Knowledge | None = None,
    ) -> None:
        self._server, self.history, self._library = server, history, library
        self._knowledge = knowledge
        self._engine, self.asker = engine, asker
        self.setup: AssistantSetup | None = None
        self._dropped = Dropped(engine)

    async def enter(self) -> AssistantSetup:
        """Ask the server what there is; without a connection what it said last. Raises ApiError FORBIDDEN."""
        try:
            self.setup = await self._server.setup()
        except NetworkError:
            self.setup = await self.history.remembered()
            if self.setup is None:
                raise
            # Without the server there is no model; words and replies still hold.
            self.setup = msgspec.structs.replace(self.setup, models=[])
        except ApiError as error:
            if error.code is ErrorCode.FORBIDDEN:
                self.setup = None
                await self.history.remember(None)
            raise
        else:
            await self.history.remember(self.setup)
        return self.setup

    @property
    def policy(self) -> AssistantPolicy:
        """In force."""
        return self.setup.policy if self.setup is not None else AssistantPolicy()

    def _words(self) -> list[SensitiveWord]:
        found = self.setup.words if self.setup is not None else []
        return [SensitiveWord(one.text, one.kind, one.note) for one in found]

    # An answer.

    async def ask(self, wanted: Wanted, watch: Watch, *, instead_of: str = "") -> Turn:
        """The kept answer. Cancelling keeps what is there as 已停止. `instead_of`: the turn that is made again."""
        before = await self.history.turns(wanted.talk_id) if wanted.talk_id else []
        old = next((one for one in before if one.id == instead_of), None)
        before = [one for one in before if one.id != instead_of and not one.withheld]
        turn = Turn(
            id=uuid7(),
            talk_id=wanted.talk_id or uuid7(),
            at=old.at if old is not None else int(time.time() * 1000),
            question=wanted.question,
            way=wanted.way,
            files=tuple(path.name for path in wanted.files) or (old.files if old is not None else ()),
        )
        work = _Work(turn)
        try:
            await self._answer(wanted, before, work, watch)
        except asyncio.CancelledError:
            work.turn = msgspec.structs.replace(work.turn, answer=work.shown, state="stopped")
            # The task is being cancelled: keeping is a task of its own.
            keeping = asyncio.ensure_future(self._keep(work.turn, instead_of))
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(keeping)
            return work.turn
        except (NetworkError, ApiError) as error:
            text = error.message if isinstance(error, ApiError) else error.text
            problem = text or "回答没有完成，请重新生成。"
            work.turn = msgspec.structs.replace(work.turn, answer=work.shown, state="failed", problem=problem)
        await self._keep(work.turn, instead_of)
        return work.turn

    async def intent(
        self, line: str, talk_id: str, places: Sequence[str], chats: Sequence[str]
    ) -> Intent | None:
        """How a line is to be taken (3.2.6.5.1); None where a forbidden word stands in it: then nothing is found or done."""
        if await self._engine.forbidden_kind(line, self._words()) is not None:
            return None
        turns = await self.history.turns(talk_id) if talk_id else []
        return await self._engine.intent(line, turns[-1].question if turns else "", places, chats)

    async def forbids(self, text: str) -> bool:
        """Whether a forbidden word stands in it."""
        return await self._engine.forbidden_kind(text, self._words()) is not None

    async def note(self, line: str, talk_id: str, way: Way, *, words: str = "", answer: str = "") -> Turn:
        """Keep a search or a deed in the talk: what was looked for, what was done."""
        turn = Turn(
            id=uuid7(),
            talk_id=talk_id or uuid7(),
            at=int(time.time() * 1000),
            question=line,
            answer=answer,
            origin=FIXED,
            way=way.value,
            words=words,
        )
        await self._keep(turn, "")
        if way is Way.SEARCH:
            await self._count(UseKind.LOCAL_ANSWER)
        return turn

    async def _keep(self, turn: Turn, instead_of: str) -> None:
        if instead_of:
            await self.history.remove_turn(instead_of)
        await self.history.put(turn, turn.question.strip().replace("\n", " ")[:_TITLE])

    async def _answer(self, wanted: Wanted, before: Sequence[Turn], work: _Work, watch: Watch) -> None:
        watch.status("正在检查问题…")
        if await self._is_blocked(wanted.question, work, UseKind.QUESTION_BLOCKED, watch):
            return
        sees = wanted.model in self.seeing
        files = await self._dropped.read(wanted.files, sees, watch.status)
        # A talk goes on about what was dropped into it, and an answer that is made again keeps its files.
        files |= self._dropped.named([*work.turn.files, *(name for one in before for name in one.files)])
        for document in files.values():
            if await self._is_blocked(document.text, work, UseKind.QUESTION_BLOCKED, watch):
                return
        work.turn = msgspec.structs.replace(work.turn, note=self._dropped.note(wanted.model, sees, files))
        watch.status("正在查找…")
        asked = await self._engine.rewrite(wanted.question, [one.question for one in before])
        question = asked.text
        work.turn = msgspec.structs.replace(work.turn, searched=asked.told)
        readable: list[Readable] = []
        near: list[Readable] = []
        reads = not wanted.model or wanted.share
        terms = [list(group) for group in asked.groups]
        if self._knowledge is not None:
            # The organisation's own: its model may read what the person may.
            # By rules only the words leave this machine.
            near = await self._knowledge.find(terms, question if wanted.model else "")
            readable += near
        if reads:
            readable += await self._library.find(terms)
        parts = {one.part: one for one in readable} | {key: Readable(key, name_of(key), "") for key in files}
        documents = {one.part: plain(one.text) for one in readable} | files
        found = await self._engine.ask(question, documents) if documents else None
        marks = (
            tuple(
                Mark(
                    key=parts[quote.source.document].key,
                    title=parts[quote.source.document].title,
                    start=parts[quote.source.document].start + quote.start,
                    end=parts[quote.source.document].start + quote.end,
                    # What is guarded is read again through the oracle; a dropped file may be gone tomorrow.
                    text="" if is_guarded(quote.source.document) else quote.text,
                )
                for quote in found.quotes
            )
            if found is not None
            else ()
        )
        if reads:
            # Shown beside the answer; a model is told nothing of them.
            pictures = await self._library.pictures(terms, [mark.key for mark in marks])
            work.turn = msgspec.structs.replace(work.turn, pictures=tuple(pictures))
        if wanted.model:
            quoted = [] if found is None else [quote.text for quote in found.quotes]
            for one in near[:_NEAR]:
                # Passages that say it in other words: the model is given them, though no word of the question is there.
                if not any(mark.key == one.key and one.start <= mark.start < one.end for mark in marks):
                    marks = (*marks, Mark(key=one.key, title=one.title, start=one.start, end=one.end))
                    quoted.append(one.text)
            await self._by_model(wanted, before, work, watch, marks, quoted, files)
        else:
            text = found.text if found is not None else NOTHING
            if text == NOTHING and work.turn.pictures:
                text = f"没有找到写明答案的消息，找到 {len(work.turn.pictures)} 张相关图片。"
            if await self._is_blocked(text, work, UseKind.ANSWER_BLOCKED, watch):
                return
            work.shown = text
            watch.text(text)
            work.turn = msgspec.structs.replace(
                work.turn,
                answer=text,
                origin=Origin.RULES.value,
                marks=marks,
                material=tuple(dict.fromkeys(mark.key for mark in marks)),
            )
            await self._count(UseKind.LOCAL_ANSWER)
        follow = await follow_ups(self._engine, work.turn)
        work.turn = msgspec.structs.replace(work.turn, follow_ups=follow)

    async def _by_model(
        self,
        wanted: Wanted,
        before: Sequence[Turn],
        work: _Work,
        watch: Watch,
        marks: tuple[Mark, ...],
        quoted: Sequence[str],
        files: dict[str, Document],
    ) -> None:
        words = self._words()
        if not wanted.share:
            # Answers made of messages are not told to a model either.
            before = [one for one in before if not any(key.startswith(MESSAGE) for key in one.material)]
        material = tuple(
            dict.fromkeys([*(mark.key for mark in marks), *(key for one in before for key in one.material)])
        )
        work.turn = msgspec.structs.replace(
            work.turn,
            origin=Origin.MODEL.value,
            model=wanted.model,
            marks=marks,
            material=tuple(key for key in material if is_guarded(key)),
        )
        request = ChatRequest(
            model=wanted.model,
            stream=True,
            messages=messages(
                self.asker,
                wanted.where,
                wanted.question,
                before,
                marks,
                quoted,
                files,
                self._dropped.shown(files) if wanted.model in self.seeing else {},
            ),
        )
        watch.status("正在思考…")
        whole = ""
        async with contextlib.aclosing(self._server.chat(request)) as heard:  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
            async for one in heard:
                if one.replace is not None:
                    whole = one.replace
                whole += one.text
                if one.forbidden:
                    # The server's own fixed reply, to the byte.
                    work.shown = whole
                    watch.text(whole)
                    work.turn = msgspec.structs.replace(
                        work.turn,
                        answer=whole,
                        origin=FIXED,
                        model="",
                        marks=(),
                        pictures=(),
                        material=(),
                        note="",
                    )
                    return
                if one.held:
                    watch.status(f"已生成 {one.held} 字，核验后显示…")
                if words and self.policy.check is AnswerCheck.WHOLE:
                    continue
                ready = whole
                if words:
                    ready = whole[: max(whole.rfind(char) for char in _ENDS) + 1]
                    if len(ready) <= len(work.shown):
                        continue
                    if await self._is_blocked(ready, work, UseKind.ANSWER_BLOCKED, watch):
                        return
                if ready != work.shown:
                    work.shown = ready
                    watch.text(ready)
        if await self._is_blocked(whole, work, UseKind.ANSWER_BLOCKED, watch):
            return
        work.shown = whole
        watch.text(whole)
        work.turn = msgspec.structs.replace(work.turn, answer=whole)

    async def _is_blocked(self, text: str, work: _Work, kind: UseKind, watch: Watch) -> bool:
        """Whether a forbidden word stands in it; then the fixed reply of its kind is the answer."""
        found = await self._engine.forbidden_kind(text, self._words())
        if found is None:
            return False
        asked = kind is UseKind.QUESTION_BLOCKED
        reply = self.policy.reply_to_question(found) if asked else self.policy.reply_to_answer(found)
        await self._fixed(work, reply, kind, watch)
        return True

    async def _fixed(self, work: _Work, reply: str, kind: UseKind, watch: Watch) -> None:
        work.shown = reply
        watch.text(reply)
        work.turn = msgspec.structs.replace(
            work.turn,
            answer=reply,
            origin=FIXED,
            model="",
            marks=(),
            pictures=(),
            material=(),
            follow_ups=(),
            note="",
            searched="",
        )
        await self._count(kind)

    async def _count(self, kind: UseKind) -> None:
        # An answer is not lost because it could not be counted.
        with contextlib.suppress(NetworkError, ApiError, SessionEnded):
            await self._server.used(kind)

    @property
    def seeing(self) -> list[str]:
        """Models that may be given pictures."""
        return list(self.setup.vision_models) if self.setup is not None else []

    # Around it.

    async def passage(self, mark: Mark) -> Readable | None:
        """The whole text around a source, if it may be seen now."""
        if is_guarded(mark.key):
            if not mark.key.startswith(KNOWLEDGE):
                found = await self._library.read(mark.key)
            else:
                found = await self._knowledge.read(mark.key) if self._knowledge is not None else None
            # The places of quotes count without blank lines.
            return replace(found, text=plain(found.text).text) if found is not None else None
        document = self._dropped.get(mark.key)
        return Readable(mark.key, mark.title, document.text if document is not None else mark.text)

    async def picture(self, key: str) -> PictureShown | None:
        """A picture beside an answer, if it may be seen now."""
        return await self._library.picture(key)

    async def vote(self, turn: Turn, value: int, reason: str = "") -> None:
        """Thumbs up (1), down (-1), none (0)."""
        await self.history.vote(turn.id, value, reason)
        up = None if value == 0 else value > 0
        with contextlib.suppress(NetworkError, SessionEnded):
            await self._server.feedback(Feedback(answer_id=turn.id, up=up, reason=reason, model=turn.model))

    async def export(self, talk: Talk) -> str:
        """A talk as Markdown, as it may be seen now."""
        lines = [f"# {talk.title}", ""]
        for turn in await self.history.turns(talk.id):
            answer = turn.answer or (f"（搜索：{turn.words}）" if turn.words else "")
            lines += [f"**问：** {turn.question}", "", answer, ""]
            if turn.origin != FIXED:
                origin = Origin(turn.origin)
                lines += [f"*{' · '.join(filter(None, (origin.label, origin.notice)))}*", ""]
            lines += [f"[{number}] {mark.title}" for number, mark in enumerate(turn.marks, 1)]
            lines.append("")
        return "\n".join(lines)

    async def close(self) -> None:
        """End the engines' process."""
        await self._engine.close()


@dataclass(slots=True)
class _Work:
    turn: Turn
    shown: str = ""

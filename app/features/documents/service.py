"""What the document pages need: the engines in their process, the office's word list, the directory and the chats."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from app.shell.whole_file import write_whole
from offline_ai.documents.model import Document
from offline_ai.documents.structure import Node
from offline_ai.minutes.digest import Action, Minutes
from offline_ai.minutes.transcript import SpeechRecogniser, Transcript
from offline_ai.models.interface import ModelFailed, Turn
from offline_ai.official.elements import Element
from offline_ai.official.receiving import Registration
from offline_ai.proofread.model import Finding, Report
from offline_ai.retrieval.answer import Answer
from offline_ai.retrieval.index import Source
from offline_ai.sensitive.lists import SensitiveWord, format_words, parse_words, starting_words
from offline_ai.sensitive.matcher import Hit
from offline_ai.text.keywords import Keyword
from offline_ai.text.summary import Summary
from offline_ai.worker.host import WorkerProcess

from . import by_model
from .office_words import OfficeWords
from .speech import SOUNDS
from .writer import Blocked, ModelCalls, ModelWriter

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Said:
    """Stands beside a result. `note`: why rules made it though a model was chosen, or what a model did not read;
    `reply`: the fixed reply, in place of a result."""

    note: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class ChatTarget:
    """A conversation that minutes can be sent to."""

    id: str
    title: str


class Outside(Protocol):
    """The rest of the client: the directory and the chats of the signed-in account."""

    async def resolve(self, name: str) -> tuple[str, str] | None:
        """(id, full name) of the one person or unit that a name means, or None."""
        ...

    async def chats(self) -> list[ChatTarget]:
        """Conversations, the last used first."""
        ...

    async def send(self, conversation_id: str, text: str) -> None:
        """Send a text."""
        ...


class Engine(Protocol):
    """Runs a job by name, see `offline_ai.worker.jobs`; blocks, and is called in a thread."""

    def run(self, name: str, *arguments: Any, tell: Tell | None = None) -> Any: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class DocumentService:
    """All of it without waiting. Jobs raise OfflineAIError with a Chinese reason, or Cancelled."""

    def __init__(
        self,
        folder: Path,
        outside: Outside,
        engine: Engine | None = None,
        speech: SpeechRecogniser | None = None,
        calls: ModelCalls | None = None,
        office: OfficeWords | None = None,
    ) -> None:
        """`folder`: where the word list of this account lies; `speech`: turns recordings into transcripts; `calls`:
        where the organisation's models are asked, None for rules alone; `office`: where its words come from."""
        self._office = office
        self.speech = speech
        self.writer = ModelWriter(calls, self._forbidden_kind) if calls is not None else None
        self.model = ""
        """Who writes summaries, maps, answers and minutes: a model that was chosen, or "" for rules."""
        self._folder = folder
        self.outside = outside
        self._engine: Engine = engine or WorkerProcess()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="documents")
        self._words: list[SensitiveWord] | None = None

    async def _run(self, name: str, *arguments: Any, tell: Tell | None = None) -> Any:
        loop = asyncio.get_running_loop()

        def told(value: float) -> None:
            if tell is not None:
                loop.call_soon_threadsafe(tell, value)

        return await loop.run_in_executor(
            self._threads, lambda: self._engine.run(name, *arguments, tell=told)
        )

    async def _disk(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def cancel(self) -> None:
        """End the job that runs now, a model's too, and those that wait behind it."""
        if self.writer is not None:
            self.writer.cancel()
        self._engine.cancel()

    async def close(self) -> None:
        """End the process."""
        self.cancel()
        if self._office is not None:
            self._office.close()
        await asyncio.get_running_loop().run_in_executor(None, self._engine.close)
        self._threads.shutdown(wait=False, cancel_futures=True)

    # documents

    async def open(self, path: Path, tell: Tell | None = None) -> tuple[Document, list[Node]]:
        return await self._run("open", path, tell=tell)

    async def models(self) -> list[str]:
        """The organisation's models that may be asked now; one that is gone is not chosen any more."""
        found = await self.writer.enter() if self.writer is not None else []
        if self.model not in found:
            self.model = ""
        return found

    async def summarise(self, document: Document, variant: int) -> tuple[Summary | None, list[Keyword], Said]:
        """None with the fixed reply where a forbidden word was in the way."""
        by_rules, words = await self._run("summarise", document, variant)
        if not self.model:
            return by_rules, words, Said()
        made, said = await self._by_model(by_model.summary(self, document, variant), by_rules)
        return made, words, said

    async def mind_map(self, document: Document, variant: int) -> tuple[Node | None, bool, Said]:
        """The map, and whether a model made it."""
        by_rules = await self._run("mind_map", document, variant)
        if not self.model:
            return by_rules, False, Said()
        made, said = await self._by_model(by_model.mind(self, document, variant), by_rules)
        return made, made is not by_rules, said

    async def ask(
        self, question: str, documents: Mapping[str, Document], before: Sequence[Turn] = ()
    ) -> tuple[Answer | None, Said]:
        """`before`: what was asked and answered, which a model is told again."""
        by_rules = await self._run("ask", question, dict(documents))
        if not self.model:
            return by_rules, Said()
        return await self._by_model(by_model.answer(self, question, documents, before), by_rules)

    async def proofread(self, document: Document, material: Document | None = None) -> Report:
        """`material`: what the draft was written from, for the rule on facts."""
        return await self._run("proofread", document, material)

    async def elements(self, document: Document) -> list[Element]:
        return await self._run("elements", document)

    async def export(
        self, marked: bool, document: Document, findings: Sequence[Finding], original: Path, target: Path
    ) -> None:
        """Write the marked or the corrected docx."""
        job = "export_marked" if marked else "export_corrected"
        data: bytes = await self._run(job, document, list(findings), original)
        await self.write(target, data)

    async def write(self, target: Path, data: bytes) -> None:
        """Write a file."""
        await self._disk(lambda: write_whole(data, target))

    async def sources(self, question: str, documents: Mapping[str, Document]) -> list[Source]:
        """The passages that a model is given."""
        return await self._run("sources", question, dict(documents))

    async def _by_model(self, work: Coroutine[Any, Any, tuple[Any, str]], by_rules: Any) -> tuple[Any, Said]:
        """What the model made; by rules where it failed, nothing where a forbidden word was in it."""
        try:
            made, note = await work
        except ModelFailed as problem:
            return by_rules, Said(note=f"模型没有完成：{problem.message}已改用规则与摘录。")
        except Blocked as blocked:
            return None, Said(reply=blocked.reply)
        return made, Said(note=note)

    # sensitive words

    async def _forbidden_kind(self, text: str, words: Sequence[SensitiveWord]) -> str | None:
        if not words or not text.strip():
            return None
        document = Document()
        for line in text.split("\n"):
            document.add("paragraph", line)
        hits: list[Hit] = await self._run("sensitive", document, list(words))
        listed = set(words)
        return next((hit.word.kind for hit in hits if hit.word in listed), None)

    async def words(self) -> list[SensitiveWord]:
        """The list of this account; at first the one that ships."""
        if self._words is None:
            self._words = await self._disk(self._read_words)
        return list(self._words or [])

    def _read_words(self) -> list[SensitiveWord]:
        path = self._folder / "sensitive.csv"
        return parse_words(path.read_text("utf-8")) if path.exists() else starting_words()

    async def keep_words(self, words: Sequence[SensitiveWord]) -> None:
        """Replace the list."""
        self._words = list(words)
        text = format_words(words)

        def write() -> None:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = self._folder / "sensitive.csv.new"
            fresh.write_text(text, "utf-8")
            fresh.replace(self._folder / "sensitive.csv")

        await self._disk(write)

    async def read_text(self, path: Path) -> str:
        """A text file that was chosen for import."""
        return await self._disk(lambda: path.read_text("utf-8-sig"))

    async def sensitive(self, document: Document) -> list[Hit]:
        """By the organisation's list and the account's own; a word of both is the organisation's."""
        office = await self.office_words()
        known = {word.text for word in office}
        own = [word for word in await self.words() if word.text not in known]
        return await self._run("sensitive", document, [*office, *own])

    async def office_words(self) -> list[SensitiveWord]:
        """The organisation's list, which administrators keep; empty without the permission."""
        return await self._office.words() if self._office is not None else []

    # receiving and minutes

    async def receive(
        self, path: Path, today: date, tell: Tell | None = None, *, right: int = 0
    ) -> Registration:
        """`right`: quarter turns to the right on top of what was found."""
        return await self._run("receive", path, today, right, tell=tell)

    async def minutes(self, path: Path, day: date) -> tuple[Transcript, Minutes | None, Said]:
        """Owners are resolved in the directory; an unreachable directory leaves them as they were said."""
        if self.speech is not None and path.suffix.lower() in SOUNDS:
            speech = self.speech
            transcript: Transcript = await self._disk(lambda: speech.transcribe(path))
            minutes: Minutes = await self._run("digest", transcript, day)
        else:
            transcript, minutes = await self._run("minutes", path, day)
        said = Said()
        if self.model:
            made_by, said = await self._by_model(by_model.minutes(self, transcript, minutes), minutes)
            if made_by is None:
                return transcript, None, said
            minutes = made_by
        known: dict[str, tuple[str, str] | None] = {}
        made: list[Action] = []
        for action in minutes.actions:
            if action.owner and action.owner not in known:
                try:
                    known[action.owner] = await self.outside.resolve(action.owner)
                except Exception:
                    known[action.owner] = None
            found = known.get(action.owner)
            made.append(replace(action, owner_id=found[0], owner=found[1]) if found else action)
        minutes.actions = made
        return transcript, minutes, said

    async def export_minutes(self, minutes: Minutes, target: Path) -> None:
        data: bytes = await self._run("export_minutes", minutes)
        await self.write(target, data)

    async def export_form(self, fields: Sequence[tuple[str, str]], target: Path) -> None:
        """The registration form as a sheet of one row, or appended to a sheet that is there."""

        def write() -> None:
            import openpyxl

            if target.exists():
                book = openpyxl.load_workbook(target)
                sheet = book.active
            else:
                book = openpyxl.Workbook()
                sheet = book.active
                if sheet is not None:
                    sheet.title = "收文登记"
                    sheet.append([name for name, _ in fields])
            if sheet is not None:
                # A value that begins like a formula stays a text.
                sheet.append([f"'{value}" if value[:1] in "=+-@" else value for _, value in fields])
            book.save(target)

        await self._disk(write)

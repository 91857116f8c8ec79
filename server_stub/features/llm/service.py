"""An answer from the question to the last token: right, quota, forbidden words, provider, accounting, trail."""

import asyncio
import collections
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import AssistantPolicy, SensitiveEntry
from server_stub.contract.permissions import ASSISTANT
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from . import keeping, ledger
from .gate import AnswerGate, Forbidden
from .pool import Pool
from .ports import Ask, Audit, Figures, Permissions, ProviderFailed
from .words import WordMatcher

log = logging.getLogger(__name__)
_MINUTE_S = 60.0
_LONG = 20_000
"""Characters from which the words are looked for in a thread."""


@dataclass
class Answer:
    """What happened, for the books."""

    account: ledger.Account
    provider: str = ""
    outcome: str = "stopped"
    written: list[str] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    began: float = field(default_factory=time.perf_counter)
    first_s: float | None = None
    finish: str = ""


@dataclass(frozen=True)
class Show:
    """What goes to the reader: text; or a sign of life (`held` characters, `thinking`); or `replace` everything."""

    text: str = ""
    held: int = 0
    thinking: bool = False
    replace: str | None = None


class AssistantService:
    """Chat and embeddings for people who may."""

    def __init__(
        self, database: Database, permissions: Permissions, pool: Pool, audit: Audit, figures: Figures
    ) -> None:
        self._database = database
        self._permissions = permissions
        self.pool = pool
        self._audit = audit
        self._figures = figures
        self.policy = AssistantPolicy()
        self.words: list[SensitiveEntry] = []
        self.matcher = WordMatcher([])
        self._seen: tuple[int, int, int] = (-1, -1, -1)
        self._recent: dict[str, collections.deque[float]] = {}
        self._books: set[asyncio.Task[None]] = set()

    @property
    def words_version(self) -> int:
        """Of the list in force."""
        return self._seen[1]

    async def start(self) -> None:
        """Read the settings."""
        await self.refresh()

    async def close(self) -> None:
        """Finish the books, let go of the providers."""
        await asyncio.gather(*self._books, return_exceptions=True)
        await self.pool.close()

    async def refresh(self) -> None:
        """Take over what administrators changed, here or at another server process."""
        found = await self._database.read(keeping.versions)
        if found != self._seen:
            await self._load()

    async def _load(self) -> None:
        def work(connection: Connection):
            return (
                keeping.versions(connection),
                keeping.read_policy(connection),
                keeping.read_words(connection),
                keeping.read_providers(connection),
            )

        seen, self.policy, words, providers = await self._database.read(work)
        if seen[1] != self._seen[1]:
            self.words = words
            self.matcher = await asyncio.to_thread(WordMatcher, words)
        if seen[2] != self._seen[2]:
            self.pool.set(providers)
        self._seen = seen

    async def admit(self, caller: Caller) -> None:
        """Raises FORBIDDEN for whom the assistant is not given; the only door to every call of this feature."""

        def work(connection: Connection) -> tuple[bool, tuple[int, int, int]]:
            may = self._permissions.allowed_now(connection, [caller.person_id], ASSISTANT)
            return bool(may), keeping.versions(connection)

        may, seen = await self._database.read(work)
        if not may:
            raise ApiError(ErrorCode.FORBIDDEN, message="您没有使用智能助手的权限，请联系管理员开通。")
        if seen != self._seen:
            await self._load()

    def _pace(self, person_id: str) -> None:
        """Requests of the last minute at this server process. Raises THROTTLED."""
        limit = self.policy.requests_per_minute
        if not limit:
            return
        now = time.monotonic()
        if len(self._recent) > 10_000:
            self._recent = {
                who: times for who, times in self._recent.items() if times and times[-1] > now - _MINUTE_S
            }
        recent = self._recent.setdefault(person_id, collections.deque())
        while recent and recent[0] <= now - _MINUTE_S:
            recent.popleft()
        if len(recent) >= limit:
            raise ApiError(
                ErrorCode.THROTTLED,
                message="提问过于频繁，请稍后再试。",
                retry_after=recent[0] + _MINUTE_S - now,
            )
        recent.append(now)

    async def forbidden_in(self, ask: Ask) -> SensitiveEntry | None:
        """The forbidden word in anything that was asked (3.2.6.11.6), or None."""
        if self.matcher.empty:
            return None
        texts: list[str] = []
        for message in ask.messages:
            content = message["content"]
            parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
            texts.extend(parts)
        matcher = self.matcher

        def look() -> SensitiveEntry | None:
            return next((word for text in texts if (word := matcher.first(text)) is not None), None)

        # Long material would hold up everybody else's answers.
        return await asyncio.to_thread(look) if sum(map(len, texts)) > _LONG else look()

    async def begin(self, caller: Caller, ask: Ask) -> Answer:
        """Admitted before. Raises where the model, the pace or a quota is against it."""
        self.pool.known(ask)
        self._pace(caller.person_id)
        wanted = _tokens_of(ask) + ask.longest
        account = await self._database.write(
            lambda connection: ledger.open_account(connection, caller.person_id, ask.model, wanted)
        )
        return Answer(account)

    async def answer(self, answer: Answer, ask: Ask) -> AsyncIterator[Show]:
        """What is shown, piece by piece. Raises ProviderFailed, ApiError. The books are closed however it ends."""
        gate = AnswerGate(self.matcher, self.policy.check)
        try:
            word = await self.forbidden_in(ask)
            if word is not None:
                answer.outcome, answer.finish = "question_blocked", "content_filter"
                yield Show(text=self.policy.reply_to_question(word.kind))
                return
            try:
                async with aclosing(self._written(answer, ask, gate)) as shows:  # pyright: ignore[reportArgumentType]
                    async for show in shows:
                        yield show
                for text in gate.finish():
                    yield Show(text=text)
                if not any(answer.written):
                    raise ProviderFailed("empty", "模型没有给出回答，请换一种问法重试。")
                answer.outcome = "answered"
            except Forbidden as found:
                answer.outcome, answer.finish = "answer_blocked", "content_filter"
                reply = self.policy.reply_to_answer(found.word.kind)
                yield Show(replace=reply) if found.shown else Show(text=reply)
        except (ProviderFailed, ApiError):
            answer.outcome = "failed"
            raise
        finally:
            self._close_books(answer, ask)

    async def _written(self, answer: Answer, ask: Ask, gate: AnswerGate) -> AsyncIterator[Show]:
        # Closing this iterator closes the provider's connection: that is how "stop" reaches the model.
        async with aclosing(self.pool.stream(ask)) as pieces:  # pyright: ignore[reportArgumentType]
            async for name, piece in pieces:
                answer.provider = name
                if piece.finish:
                    answer.finish = piece.finish
                if piece.prompt_tokens or piece.completion_tokens:
                    answer.prompt_tokens = piece.prompt_tokens
                    answer.completion_tokens = piece.completion_tokens
                if piece.thinking:
                    yield Show(thinking=True)
                if not piece.text:
                    continue
                if answer.first_s is None:
                    answer.first_s = time.perf_counter() - answer.began
                answer.written.append(piece.text)
                passed = gate.feed(piece.text)
                for text in passed:
                    yield Show(text=text)
                if not passed:
                    yield Show(held=gate.held)

    def _close_books(self, answer: Answer, ask: Ask) -> None:
        """In a task of its own: the caller may be gone, and its cancellation must not lose the tokens."""
        self.keep(self._booked(answer, ask))

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` to its end whatever becomes of the caller."""
        task = asyncio.get_running_loop().create_task(work)
        self._books.add(task)
        task.add_done_callback(self._books.discard)

    async def _booked(self, answer: Answer, ask: Ask) -> None:
        if answer.outcome in ("question_blocked",):
            prompt = completion = 0
        else:
            # Providers that do not count, or were stopped before they could, are estimated.
            completion = answer.completion_tokens or estimate("".join(answer.written))
            prompt = answer.prompt_tokens or (_tokens_of(ask) if answer.written else 0)
        blocked = answer.outcome.endswith("_blocked")
        account = answer.account
        with contextlib.suppress(RuntimeError):
            await self._database.write(
                lambda connection: ledger.close_account(
                    connection, account, prompt=prompt, completion=completion, blocked=blocked
                )
            )
            await self._audit("llm_chat", account.person_id, account.model, answer.outcome)
        self._figures.llm_answer(
            answer.provider or "none", answer.outcome, answer.first_s, prompt + completion
        )

    async def embed(self, caller: Caller, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """Vectors and tokens; counted like answers. Admitted before."""
        self._pace(caller.person_id)
        wanted = sum(estimate(text) for text in texts)
        account = await self._database.write(
            lambda connection: ledger.open_account(connection, caller.person_id, model, wanted)
        )
        tokens, outcome = 0, "failed"
        try:
            vectors, counted = await self.pool.embed(model, texts)
            tokens, outcome = counted or wanted, "embedded"
            return vectors, tokens
        finally:
            await asyncio.shield(
                self._database.write(
                    lambda connection: ledger.close_account(connection, account, prompt=tokens)
                )
            )
            await self._audit("llm_embed", caller.person_id, model, outcome)
            self._figures.llm_answer("embeddings", outcome, None, tokens)


def estimate(text: str) -> int:
    """Tokens of a text, roughly: a Chinese character each, four letters each."""
    wide = sum(1 for char in text if char > "\u2e7f")
    return wide + (len(text) - wide + 3) // 4


def _tokens_of(ask: Ask) -> int:
    total = 0
    for message in ask.messages:
        content = message["content"]
        if isinstance(content, str):
            total += estimate(content)
        else:
            total += sum(estimate(part["text"]) if part["type"] == "text" else 1000 for part in content)
    return total

"""The organisation's model as the document pages use it: asked, checked for forbidden words, stopped."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

from app.session.assistant import Heard
from app.session.http import SessionEnded
from app.session.states import NetworkError
from offline_ai.models.interface import ModelFailed, Turn
from offline_ai.sensitive.lists import SensitiveWord
from offline_ai.worker.host import Cancelled
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import AssistantSetup, ChatMessage, ChatRequest, UseKind

Check = Callable[[str, Sequence[SensitiveWord]], Awaitable[str | None]]
"""The kind of the first forbidden word in a text, or None."""


class ModelCalls(Protocol):
    """The calls of app.session.assistant that are used here."""

    async def setup(self) -> AssistantSetup: ...

    async def used(self, kind: UseKind) -> None: ...

    def chat(self, wanted: ChatRequest) -> AsyncIterator[Heard]: ...


class Blocked(Exception):
    """A forbidden word in what was asked or answered: nothing but the fixed reply may be shown."""

    def __init__(self, reply: str) -> None:
        super().__init__("forbidden word")
        self.reply = reply


class ModelWriter:
    """Without a permission, a model or a connection there are no `models`, and nothing is ever sent."""

    def __init__(self, calls: ModelCalls, check: Check) -> None:
        self._calls, self._check = calls, check
        self._setup: AssistantSetup | None = None
        self._running: set[asyncio.Task[str]] = set()

    @property
    def models(self) -> list[str]:
        """What the account may ask now; empty at first."""
        return list(self._setup.models) if self._setup is not None else []

    async def enter(self) -> list[str]:
        """Ask the server what there is; a refusal leaves nothing."""
        try:
            self._setup = await self._calls.setup()
        except (ApiError, NetworkError, SessionEnded):
            self._setup = None
        return self.models

    async def write(self, model: str, turns: Sequence[Turn]) -> str:
        """The whole answer. Raises ModelFailed, Blocked, and Cancelled after `cancel`."""
        task = asyncio.ensure_future(self._written(model, turns))
        self._running.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            me = asyncio.current_task()
            if me is not None and me.cancelling():
                raise
            raise Cancelled from None
        finally:
            task.cancel()
            self._running.discard(task)

    def cancel(self) -> None:
        """Stop what is being written; the server stops the model."""
        for task in self._running:
            task.cancel()

    async def _written(self, model: str, turns: Sequence[Turn]) -> str:
        if self._setup is None or model not in self._setup.models:
            raise ModelFailed("模型现在不可用。")
        policy, words = self._setup.policy, self._words()
        asked = "\n".join(turn.text for turn in turns)
        if (kind := await self._check(asked, words)) is not None:
            raise await self._blocked(policy.reply_to_question(kind), UseKind.QUESTION_BLOCKED)
        messages = [ChatMessage(role=turn.role, content=turn.text) for turn in turns]
        whole = ""
        try:
            request = ChatRequest(model=model, stream=True, messages=messages)
            async with contextlib.aclosing(self._calls.chat(request)) as heard:  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]
                async for one in heard:
                    whole = one.replace if one.replace is not None else whole + one.text
                    if one.forbidden:
                        # The server's own fixed reply, to the byte; the server has counted it.
                        raise Blocked(whole)
        except ApiError as error:
            if error.code is ErrorCode.FORBIDDEN:
                self._setup = None
            raise ModelFailed(error.message or "模型服务没有接受请求。") from error
        except NetworkError as error:
            raise ModelFailed(error.text or "连不上模型服务。") from error
        if (kind := await self._check(whole, words)) is not None:
            raise await self._blocked(policy.reply_to_answer(kind), UseKind.ANSWER_BLOCKED)
        return whole

    def _words(self) -> list[SensitiveWord]:
        found = self._setup.words if self._setup is not None else []
        return [SensitiveWord(one.text, one.kind, one.note) for one in found]

    async def _blocked(self, reply: str, kind: UseKind) -> Blocked:
        with contextlib.suppress(NetworkError, ApiError, SessionEnded):
            await self._calls.used(kind)
        return Blocked(reply)

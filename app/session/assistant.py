"""The calls of the contract about the assistant, typed; and the stream of an answer."""

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from app.session.http import HttpCaller
from app.session.states import NetworkError
from server_stub.contract.llm import (
    EXTENSION,
    HELD,
    THINKING,
    AssistantPolicy,
    AssistantSetup,
    AssistantUse,
    ChatRequest,
    Feedback,
    Providers,
    ProviderSetting,
    Quotas,
    Usage,
    UseKind,
    WordHits,
    WordList,
    WordTest,
)

_ADMIN = "/admin/assistant"


@dataclass(frozen=True, slots=True)
class Heard:
    """Part of an answer: `text` to add, or `replace` for everything so far, or a sign of life; `forbidden`: it is the
    fixed reply."""

    text: str = ""
    replace: str | None = None
    held: int = 0
    thinking: bool = False
    forbidden: bool = False


class AssistantCalls:
    """Raises what HttpCaller raises."""

    def __init__(self, http: HttpCaller) -> None:
        self._http = http

    async def setup(self) -> AssistantSetup:
        """What the page needs; FORBIDDEN for whom the assistant is not given."""
        return await self._http.call("GET", "/assistant", AssistantSetup)

    async def used(self, kind: UseKind) -> None:
        """Count what was done here."""
        await self._http.call("POST", "/assistant/uses", type(None), body=AssistantUse(kind=kind))

    async def feedback(self, wanted: Feedback) -> None:
        """Thumbs up or down."""
        await self._http.call("POST", "/assistant/feedback", type(None), body=wanted)

    async def chat(self, wanted: ChatRequest) -> AsyncIterator[Heard]:
        """The answer as it comes. Closing the iterator stops the model. Raises NetworkError where it breaks."""
        ended = False
        async with contextlib.aclosing(self._http.lines("/v1/chat/completions", wanted)) as lines:  # pyright: ignore[reportArgumentType]
            async for line in lines:
                if line.startswith(":"):
                    heard = _comment(line[1:].strip())
                    if heard is not None:
                        yield heard
                    continue
                if not line.startswith("data:"):
                    continue
                data = line[5:].strip()
                if data == "[DONE]":
                    ended = True
                    break
                heard = _event(data)
                if heard is not None:
                    yield heard
        if not ended:
            raise NetworkError("回答中断，请重新生成。", "stream cut off")

    # Administration.

    async def policy(self) -> AssistantPolicy:
        """Fixed replies and limits."""
        return await self._http.call("GET", f"{_ADMIN}/policy", AssistantPolicy)

    async def set_policy(self, wanted: AssistantPolicy) -> None:
        """Replace them."""
        await self._http.call("PUT", f"{_ADMIN}/policy", type(None), body=wanted)

    async def words(self) -> WordList:
        """Forbidden words."""
        return await self._http.call("GET", f"{_ADMIN}/words", WordList)

    async def set_words(self, wanted: WordList) -> WordList:
        """Replace them."""
        return await self._http.call("PUT", f"{_ADMIN}/words", WordList, body=wanted)

    async def test_words(self, text: str) -> WordHits:
        """What the server finds."""
        return await self._http.call("POST", f"{_ADMIN}/words/test", WordHits, body=WordTest(text=text))

    async def providers(self) -> Providers:
        """With their health."""
        return await self._http.call("GET", f"{_ADMIN}/providers", Providers)

    async def save_provider(self, provider_id: str, wanted: ProviderSetting) -> Providers:
        """Make (with an empty id) or replace one."""
        if not provider_id:
            return await self._http.call("POST", f"{_ADMIN}/providers", Providers, body=wanted)
        return await self._http.call("PUT", f"{_ADMIN}/providers/{provider_id}", Providers, body=wanted)

    async def remove_provider(self, provider_id: str) -> Providers:
        """Forget one."""
        return await self._http.call("DELETE", f"{_ADMIN}/providers/{provider_id}", Providers)

    async def check_provider(self, provider_id: str) -> Providers:
        """Ask it now."""
        return await self._http.call("POST", f"{_ADMIN}/providers/{provider_id}/check", Providers)

    async def quotas(self) -> Quotas:
        """With today's use."""
        return await self._http.call("GET", f"{_ADMIN}/quotas", Quotas)

    async def set_quotas(self, wanted: Quotas) -> Quotas:
        """Replace them."""
        return await self._http.call("PUT", f"{_ADMIN}/quotas", Quotas, body=wanted)

    async def usage(self) -> Usage:
        """The report."""
        return await self._http.call("GET", f"{_ADMIN}/usage", Usage)


def _comment(text: str) -> Heard | None:
    if text.startswith(HELD):
        count = text.removeprefix(HELD).strip()
        return Heard(held=int(count)) if count.isdigit() else None
    return Heard(thinking=True) if text == THINKING else None


def _event(data: str) -> Heard | None:
    try:
        event: dict[str, Any] = json.loads(data)
        if "error" in event:
            raise NetworkError(str(event["error"]["message"]), str(event["error"].get("code", "")))
        if EXTENSION in event:
            return Heard(replace=str(event[EXTENSION]["replace"]), forbidden=True)
        choice = event["choices"][0] if event["choices"] else {}
        text = choice.get("delta", {}).get("content") or ""
        forbidden = choice.get("finish_reason") == "content_filter"
        return Heard(text=text, forbidden=forbidden) if text or forbidden else None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NetworkError("服务器的回答无法识别，请重新生成。", "malformed event") from None

"""The providers that are there, and which of them answers: priority, circuit breakers, retries before the first word."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import Provider

from .breaker import Breaker
from .keeping import KeptProvider
from .ports import Ask, ModelProvider, Piece, ProviderFailed

log = logging.getLogger(__name__)
NO_PROVIDER = "还没有可用的模型服务，请联系管理员在控制台中配置；此前助手按规则与摘录回答。"
_PAUSE_S = 0.2


@dataclass
class Member:
    """A provider with its breaker."""

    kept: KeptProvider
    provider: ModelProvider
    breaker: Breaker


class Pool:
    """Rebuilt from the settings when they change; a provider whose setting is the same keeps its connections."""

    def __init__(self, make: Callable[[KeptProvider], ModelProvider]) -> None:
        self._make = make
        self._members: list[Member] = []
        self._closing: set[asyncio.Task[None]] = set()

    def set(self, kept: Sequence[KeptProvider]) -> None:
        """Take over the providers, in order."""
        before = {member.kept.id: member for member in self._members}
        members: list[Member] = []
        for one in kept:
            old = before.get(one.id)
            if old is not None and old.kept == one:
                members.append(before.pop(one.id))
            else:
                members.append(Member(one, self._make(one), Breaker()))
        self._members = members
        for gone in before.values():
            self._later(gone)

    def _later(self, gone: Member) -> None:
        """Close it when its last answers are over, at the latest after ten minutes."""

        async def close() -> None:
            try:
                await asyncio.sleep(600)
            finally:
                await gone.provider.close()

        task = asyncio.get_running_loop().create_task(close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def models(self) -> list[str]:
        """Chat models of the enabled providers."""
        return list(
            dict.fromkeys(
                model
                for one in self._members
                if one.kept.setting.enabled
                for model in one.kept.setting.models
            )
        )

    def vision_models(self) -> list[str]:
        """Chat models that an enabled provider with eyes has."""
        return list(
            dict.fromkeys(
                model
                for one in self._members
                if one.kept.setting.enabled and one.kept.setting.vision
                for model in one.kept.setting.models
            )
        )

    def embedding_models(self) -> list[str]:
        """The same for embeddings."""
        return list(
            dict.fromkeys(
                model
                for one in self._members
                if one.kept.setting.enabled
                for model in one.kept.setting.embedding_models
            )
        )

    def described(self) -> list[Provider]:
        """For administrators."""
        made: list[Provider] = []
        for member in self._members:
            setting, breaker = member.kept.setting, member.breaker
            made.append(
                Provider(
                    id=member.kept.id,
                    name=setting.name,
                    kind=setting.kind,
                    address=setting.address,
                    has_key=bool(member.kept.sealed_key),
                    models=setting.models,
                    embedding_models=setting.embedding_models,
                    vision=setting.vision,
                    enabled=setting.enabled,
                    priority=setting.priority,
                    first_token_s=setting.first_token_s,
                    between_tokens_s=setting.between_tokens_s,
                    retries=setting.retries,
                    state=breaker.state,
                    problem=breaker.problem,
                    checked_at=breaker.at,
                )
            )
        return made

    async def check(self, provider_id: str) -> None:
        """Ask one whether it is there; the outcome is in its state. Raises NOT_FOUND."""
        for member in self._members:
            if member.kept.id == provider_id:
                try:
                    await member.provider.check()
                except ProviderFailed as error:
                    member.breaker.failed(error.text)
                else:
                    member.breaker.good()
                return
        raise ApiError(ErrorCode.NOT_FOUND, message="这个模型服务已不存在。")

    def _candidates(self, model: str, *, embeddings: bool) -> list[Member]:
        if not (self.embedding_models() if embeddings else self.models()):
            raise ApiError(ErrorCode.UNAVAILABLE, "no provider", message=NO_PROVIDER)
        found = [
            one
            for one in self._members
            if one.kept.setting.enabled
            and model in (one.kept.setting.embedding_models if embeddings else one.kept.setting.models)
        ]
        if not found:
            raise ApiError(ErrorCode.NOT_FOUND, f"model {model[:80]}", message="没有这个模型。")
        return found

    def known(self, ask: Ask) -> None:
        """Raises NOT_FOUND, UNAVAILABLE where there is no provider at all, BAD_REQUEST for pictures that none can see."""
        self._answering(ask)

    def _answering(self, ask: Ask) -> list[Member]:
        found = self._candidates(ask.model, embeddings=False)
        if ask.pictures:
            found = [one for one in found if one.kept.setting.vision]
            if not found:
                raise ApiError(ErrorCode.BAD_REQUEST, "image_url", message="这个模型不能查看图片。")
        return found

    async def stream(self, ask: Ask) -> AsyncIterator[tuple[str, Piece]]:
        """The answer, each piece with the provider's name. Before the first piece other tries and providers stand in;
        after it a failure is the caller's to see. Raises ProviderFailed, ApiError."""
        last: ProviderFailed | None = None
        for member in self._answering(ask):
            for attempt in range(member.kept.setting.retries + 1):
                if not member.breaker.allows():
                    last = last or ProviderFailed(
                        "breaker open", "模型服务暂时不可用，请稍后再试。", retry_after=member.breaker.rests_s
                    )
                    break
                begun = False
                settled = False
                try:
                    async with aclosing(member.provider.stream(ask)) as pieces:  # pyright: ignore[reportArgumentType]
                        async for piece in pieces:
                            begun = True
                            yield member.kept.setting.name, piece
                    member.breaker.good()
                    settled = True
                    return
                except ProviderFailed as error:
                    settled = True
                    last = error
                    if error.ours:
                        member.breaker.good()
                        raise
                    member.breaker.failed(error.text)
                    log.warning("provider failed", extra={"provider": member.kept.id, "why": error.why})
                    if begun:
                        raise
                    if not error.again or attempt == member.kept.setting.retries:
                        break
                    await asyncio.sleep(error.retry_after or _PAUSE_S * 2**attempt)
                finally:
                    if not settled:
                        member.breaker.left()
        raise last or ProviderFailed("no provider", NO_PROVIDER)

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """Vectors from the first provider that gives them."""
        last: ProviderFailed | None = None
        for member in self._candidates(model, embeddings=True):
            for attempt in range(member.kept.setting.retries + 1):
                if not member.breaker.allows():
                    break
                try:
                    answer = await member.provider.embed(model, texts)
                except ProviderFailed as error:
                    last = error
                    if error.ours:
                        member.breaker.good()
                        raise
                    member.breaker.failed(error.text)
                    if not error.again or attempt == member.kept.setting.retries:
                        break
                    await asyncio.sleep(error.retry_after or _PAUSE_S * 2**attempt)
                except BaseException:
                    member.breaker.left()
                    raise
                else:
                    member.breaker.good()
                    return answer
        raise last or ProviderFailed("breaker open", "模型服务暂时不可用，请稍后再试。", retry_after=5)

    async def close(self) -> None:
        """Let go of everything."""
        for task in list(self._closing):
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        for member in self._members:
            await member.provider.close()
        self._members = []

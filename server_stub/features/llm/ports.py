"""What providers are to the service, and what the service is given."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection

from server_stub.contract.errors import ApiError, ErrorCode

Audit = Callable[[str, str, str, str], Awaitable[None]]
"""kind, person, target, result."""
Announce = Callable[[], Awaitable[None]]
"""That something changed."""


@dataclass(frozen=True)
class Ask:
    """A question to a model, known to be in order. `messages` and `options` in OpenAI's form."""

    model: str
    messages: list[dict[str, Any]]
    longest: int
    options: dict[str, Any] = field(default_factory=dict)
    pictures: int = 0
    """How many are in the messages."""


@dataclass(frozen=True)
class Piece:
    """Part of an answer. `thinking`: the model thinks, and no text came. Tokens where the provider counts them."""

    text: str = ""
    thinking: bool = False
    finish: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


class ProviderFailed(Exception):
    """No answer, or a broken one. `text` is Chinese; `status` of HTTP where there was one."""

    def __init__(
        self, why: str, text: str, *, again: bool = False, retry_after: float = 0.0, ours: bool = False
    ) -> None:
        """`again`: trying once more may help. `ours`: the request was refused, the provider is well."""
        super().__init__(why)
        self.why, self.text, self.again, self.retry_after, self.ours = why, text, again, retry_after, ours

    def refusal(self) -> ApiError:
        """As the caller sees it."""
        if self.why == "throttled":
            return ApiError(ErrorCode.THROTTLED, self.why, message=self.text, retry_after=self.retry_after)
        code = ErrorCode.BAD_REQUEST if self.ours else ErrorCode.UNAVAILABLE
        return ApiError(code, self.why, message=self.text, retry_after=self.retry_after)


class ModelProvider(Protocol):
    """A place where models run. All raise ProviderFailed."""

    def stream(self, ask: Ask) -> AsyncIterator[Piece]:
        """The answer as it is written. Closing the iterator stops the model."""
        ...

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """One vector per text, and the tokens read."""
        ...

    async def check(self) -> None:
        """Whether it answers at all."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Permissions(Protocol):
    """Feature permissions."""

    def allowed_now(self, connection: Connection, person_ids: Any, feature: str) -> set[str]:
        """See PermissionService."""
        ...


class Sealer(Protocol):
    """Keeps providers' keys unreadable in the database."""

    def seal(self, text: str) -> bytes:
        """Sealed bytes."""
        ...

    def open(self, sealed: bytes) -> str:
        """What was sealed."""
        ...


class Figures(Protocol):
    """Metrics."""

    def llm_answer(self, provider: str, outcome: str, first_s: float | None, tokens: int) -> None:
        """One answer or failure."""
        ...

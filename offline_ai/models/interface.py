"""Models behind two small interfaces; whoever has an endpoint or a local file implements them outside of this package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation with a model."""

    role: Role
    text: str


class ModelFailed(Exception):
    """The model gave no usable answer; `message` is Chinese. Callers fall back to the model-free engine."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ChatModel(Protocol):
    """Writes text. Called from worker threads, so implementations may block."""

    @property
    def name(self) -> str:
        """What is shown as the model's name."""
        ...

    def chat(
        self, turns: Sequence[Turn], *, on_token: Callable[[str], None] | None = None, most_tokens: int = 1024
    ) -> str:
        """The answer; pieces of it go to `on_token` as they come, which may raise to stop. Raises ModelFailed."""
        ...


class EmbeddingModel(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """Vectors of models with different names are never compared."""
        ...

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, all of one length. Raises ModelFailed."""
        ...

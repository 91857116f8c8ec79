"""The rest of the client, as the assistant sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.session.assistant import Heard
from app.store.queries.assistant import Talk, Turn
from offline_ai.retrieval.intent import Deed
from server_stub.contract.llm import AssistantSetup, ChatRequest, Feedback, UseKind
from widgets.lists import PeopleItem

FIXED = "fixed"
"""Origin of a reply in the organisation's own fixed words, made by no model and no rule."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: told to the model, and written over the page. `phone`: whole or empty.

    `post`: the title of the main post; `place`: where its unit stands, from the top of the organisation down.
    """

    name: str
    unit: str
    phone: str = ""
    post: str = ""
    place: str = ""

    @property
    def known(self) -> str:
        """One line for the model: unit, its place, post, name."""
        unit = f"{self.unit}（{self.place}）" if self.place and self.place != self.unit else self.unit
        return "，".join(filter(None, (self.name, unit, self.post)))


class Server(Protocol):
    """The calls of app.session.assistant that are used here."""

    async def setup(self) -> AssistantSetup: ...

    async def used(self, kind: UseKind) -> None: ...

    async def feedback(self, wanted: Feedback) -> None: ...

    def chat(self, wanted: ChatRequest) -> AsyncIterator[Heard]: ...


class History(Protocol):
    """Talks kept in the encrypted store."""

    async def talks(self, text: str = "") -> list[Talk]: ...

    async def turns(self, talk_id: str) -> list[Turn]: ...

    async def put(self, turn: Turn, title: str) -> None: ...

    async def vote(self, turn_id: str, value: int, reason: str) -> None: ...

    async def rename(self, talk_id: str, title: str) -> None: ...

    async def remove_turn(self, turn_id: str) -> None: ...

    async def remove_talk(self, talk_id: str) -> None: ...

    async def remember(self, setup: AssistantSetup | None) -> None:
        """Keep what the server said last, for a start without it."""
        ...

    async def remembered(self) -> AssistantSetup | None: ...


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a message goes to: a person, or the `conversation` of a group. `line` tells people of one name apart."""

    id: str
    name: str
    line: str = ""
    conversation: bool = False


class Doing(Protocol):
    """What the client can find and do for a line that is no question. Finding shows what the person may see, no more."""

    def where(self) -> str:
        """The title of the page that was used before this one."""
        ...

    async def known(self) -> tuple[Sequence[str], Sequence[str]]:
        """Titles of what can be opened, and names of the groups that the person is in."""
        ...

    async def find(self, text: str) -> Sequence[PeopleItem]:
        """The first few of each kind under their headings; without a connection what this machine knows."""
        ...

    def open_row(self, item_id: str) -> None:
        """Go to what a found row stands for."""
        ...

    def search(self, text: str) -> None:
        """The search window with these words."""
        ...

    async def addressees(self, name: str) -> Sequence[Addressee]:
        """People and own groups of that name, the likeliest first."""
        ...

    async def do(self, deed: Deed, addressee: Addressee | None) -> str:
        """Do what was agreed to; says what was done."""
        ...


class Unheard(Exception):
    """There is no microphone, or nothing could be written down; `text` is for the user."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Ear(Protocol):
    """A microphone with a service behind it that writes down what is said."""

    def start(self, level: Callable[[float, int], None], ended: Callable[[], None]) -> None:
        """Listen; `level(0 to 1, milliseconds so far)`, `ended()` when it can go on no longer. Raises Unheard."""
        ...

    async def finish(self) -> str:
        """End, and what was understood. Raises Unheard."""
        ...

    def cancel(self) -> None:
        """End and forget it."""
        ...

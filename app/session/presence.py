"""Who is online and who is writing: told live, kept nowhere."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.session.listeners import Listeners
from server_stub.contract import frames

_TYPING_GAP = 3.0
_MAX_WATCHED = 200


@dataclass(frozen=True, slots=True)
class TypingNotice:
    """Somebody is writing; forget it after five seconds."""

    conversation_id: str
    person_id: str


class Presence:
    """Part of a session. What is sent while offline is dropped; whom one follows is said again with every connection."""

    def __init__(self, send: Callable[[frames.Typing | frames.Watch], object]) -> None:
        self.typing: Listeners[TypingNotice] = Listeners()
        self.changed: Listeners[frozenset[str]] = Listeners()
        """Person ids whose presence changed; ask `is_online(id)`."""
        self._send = send
        self._online: set[str] = set()
        self._watched: list[str] = []
        self._parties: dict[str, list[str]] = {}
        self._typed: dict[str, float] = {}

    def is_online(self, person_id: str) -> bool:
        """Whether a watched person is online."""
        return person_id in self._online

    def watch(self, person_ids: Sequence[str], party: str = "chat") -> None:
        """Whose presence `party` follows from now on (replaces its last call; 200 in all)."""
        self._parties[party] = list(person_ids)
        everybody = (id_ for ids in self._parties.values() for id_ in ids)
        self._watched = list(dict.fromkeys(everybody))[:_MAX_WATCHED]
        self._send(frames.Watch(person_ids=self._watched))

    def notify_typing(self, conversation_id: str) -> None:
        """The user is writing; sent at most every three seconds."""
        now = time.monotonic()
        if now - self._typed.get(conversation_id, -_TYPING_GAP) >= _TYPING_GAP:
            self._typed[conversation_id] = now
            self._send(frames.Typing(conversation_id=conversation_id))

    # What comes from below.

    def connected(self) -> None:
        """A new connection knows nothing of whom one follows."""
        if self._watched:
            self._send(frames.Watch(person_ids=self._watched))

    def disconnected(self) -> None:
        """Nobody is known to be online any more."""
        gone, self._online = frozenset(self._online), set()
        if gone:
            self.changed.emit(gone)

    def take(self, frame: frames.Presence | frames.TypingFrame) -> None:
        """The server's word."""
        if isinstance(frame, frames.TypingFrame):
            self.typing.emit(TypingNotice(frame.conversation_id, frame.person_id))
            return
        changed = frozenset(frame.online) ^ (frozenset(frame.online) & self._online)
        changed |= frozenset(frame.offline) & self._online
        self._online.update(frame.online)
        self._online.difference_update(frame.offline)
        if changed:
            self.changed.emit(changed)

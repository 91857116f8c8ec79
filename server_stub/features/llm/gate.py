"""Between the model and the reader: nothing forbidden passes (3.2.6.11.7)."""

from server_stub.contract.llm import AnswerCheck

from .words import WordMatcher

_ENDS = "。！？!?；;\n"
_OVERLAP = 120
"""Characters of what has passed that are looked at again, for words that lie across."""
_LONGEST_SENTENCE = 400


class Forbidden(Exception):
    """A forbidden word. `shown`: whether something has passed before."""

    def __init__(self, shown: bool) -> None:
        super().__init__("forbidden word")
        self.shown = shown


class AnswerGate:
    """Feed what the model writes; get what may be shown. Without words everything passes at once."""

    def __init__(self, matcher: WordMatcher, check: AnswerCheck) -> None:
        self._matcher, self._check = matcher, check
        self._held: list[str] = []
        self._passed = ""
        self._shown = False
        self.held = 0
        """Characters that wait."""

    def feed(self, text: str) -> list[str]:
        """Pieces that may be shown now. Raises Forbidden."""
        if self._matcher.empty:
            return [text]
        self._held.append(text)
        self.held += len(text)
        if self._check is AnswerCheck.WHOLE:
            return []
        waiting = "".join(self._held)
        end = max(waiting.rfind(char) for char in _ENDS) + 1
        if not end and len(waiting) > _LONGEST_SENTENCE:
            end = len(waiting)
        if not end:
            return []
        return self._pass([waiting[:end]], waiting[end:])

    def finish(self) -> list[str]:
        """The rest, at the end of the answer. Raises Forbidden."""
        return self._pass(self._held, "") if self._held else []

    def _pass(self, pieces: list[str], kept: str) -> list[str]:
        text = "".join(pieces)
        if self._matcher.holds(self._passed + text):
            raise Forbidden(self._shown)
        self._passed = (self._passed + text)[-_OVERLAP:]
        self._shown = True
        self._held = [kept] if kept else []
        self.held = len(kept)
        return pieces

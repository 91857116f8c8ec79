"""Between the model and the reader: nothing forbidden passes (3.2.6.11.7)."""

from server_stub.contract.llm import AnswerCheck, SensitiveEntry

from .words import WordMatcher

_ENDS = "。！？!?；;\n"
_OVERLAP = 120
"""Characters of what has passed that are looked at again together with what follows."""
_LONGEST_SENTENCE = 400


class Forbidden(Exception):
    """A forbidden word. `shown`: whether something has passed before."""

    def __init__(self, shown: bool, word: SensitiveEntry) -> None:
        super().__init__("forbidden word")
        self.shown, self.word = shown, word


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
        self._held = [waiting]
        # A sentence waits until no word that began in it can still be going on: not one token of it passes.
        safe = self._matcher.safe(waiting)
        end = max(waiting.rfind(char, 0, safe) for char in _ENDS) + 1
        if not end and len(waiting) > _LONGEST_SENTENCE:
            end = safe
        return self._pass(waiting, end) if end else []

    def finish(self) -> list[str]:
        """The rest, at the end of the answer. Raises Forbidden."""
        waiting = "".join(self._held)
        return self._pass(waiting, len(waiting)) if waiting else []

    def _pass(self, waiting: str, end: int) -> list[str]:
        word = self._matcher.first(self._passed + waiting)
        if word is not None:
            raise Forbidden(self._shown, word)
        self._passed = (self._passed + waiting[:end])[-_OVERLAP:]
        self._shown = True
        self._held = [waiting[end:]] if waiting[end:] else []
        self.held = len(waiting) - end
        return [waiting[:end]]

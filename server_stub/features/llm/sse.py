"""Server-sent events from bytes, whatever the bytes; and the thoughts that models write before their answers."""

import codecs

LONGEST_LINE = 1024 * 1024


class TooLong(Exception):
    """A line without an end."""


class EventReader:
    """Feed bytes in any cut; get the data of the events that are complete."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[str]:
        """Data of finished events. Raises TooLong."""
        text = self._rest + self._decoder.decode(chunk)
        # A carriage return at the very end may be half of a line end.
        held = "\r" if text.endswith("\r") else ""
        text = text[: len(text) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
        *lines, rest = text.split("\n")
        self._rest = rest + held
        if len(self._rest) > LONGEST_LINE:
            raise TooLong
        found: list[str] = []
        for line in lines:
            if not line:
                if self._data:
                    found.append("\n".join(self._data))
                self._data = []
            elif line.startswith("data:"):
                self._data.append(line[5:].removeprefix(" "))
        return found


class ThoughtFilter:
    """Takes <think>…</think> off the beginning of an answer, also where the tags come in pieces."""

    OPEN, CLOSE = "<think>", "</think>"

    def __init__(self) -> None:
        self._state = "begin"
        self._held = ""

    @property
    def thinking(self) -> bool:
        """Whether a thought is under way."""
        return self._state == "thought"

    def feed(self, text: str) -> str:
        """What of it belongs to the answer."""
        if self._state == "answer":
            return text
        self._held += text
        if self._state == "begin":
            begun = self._held.lstrip()
            if begun.startswith(self.OPEN):
                self._state, self._held = "thought", begun[len(self.OPEN) :]
            elif self.OPEN.startswith(begun):
                return ""
            else:
                return self._answer(self._held)
        if self._state == "thought":
            at = self._held.find(self.CLOSE)
            if at < 0:
                self._held = self._held[-len(self.CLOSE) :]
                return ""
            rest = self._held[at + len(self.CLOSE) :]
            self._state, self._held = "gap", rest
        rest = self._held.lstrip()
        return self._answer(rest) if rest else ""

    def finish(self) -> str:
        """What was held back as a possible tag."""
        return self._held if self._state == "begin" else ""

    def _answer(self, text: str) -> str:
        self._state, self._held = "answer", ""
        return text

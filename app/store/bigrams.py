"""Cuts text into search tokens: character bigrams of Chinese, whole words of letters and digits."""

import unicodedata

_MAX_CHARACTERS = 20_000
PLACE = "§"
"""Begins the token that names a message's conversation; never part of a text token."""


def normalise(text: str) -> str:
    """Full-width and compatibility forms to their plain ones, lower case."""
    return unicodedata.normalize("NFKC", text[:_MAX_CHARACTERS]).lower()


def _runs(text: str) -> list[tuple[bool, str]]:
    """Runs of (is an ASCII word, characters); everything that is no letter or digit separates."""
    runs: list[tuple[bool, str]] = []
    current: list[str] = []
    kind = False
    for character in text:
        if not character.isalnum():
            if current:
                runs.append((kind, "".join(current)))
                current = []
            continue
        word = character.isascii()
        if current and word != kind:
            runs.append((kind, "".join(current)))
            current = []
        kind = word
        current.append(character)
    if current:
        runs.append((kind, "".join(current)))
    return runs


def tokens_of(text: str) -> set[str]:
    """Tokens to index: for 郑州会议 they are 郑州, 州会, 会议 and 议; for Plan2 it is plan2.

    The single last character lets a one-character query find it as a prefix.
    """
    found: set[str] = set()
    for word, run in _runs(normalise(text)):
        if word:
            found.add(run[:64])
        else:
            found.update(run[i : i + 2] for i in range(len(run) - 1))
            found.add(run[-1])
    return found


def document(text: str, conversation: int) -> str:
    """The indexed form of a message."""
    return " ".join([f"{PLACE}{conversation}", *sorted(tokens_of(text))])


def query_of(text: str, conversation: int | None = None) -> str:
    """The FTS5 expression whose hits hold every token of `text`; empty when it has no letter or digit."""
    parts: list[str] = []
    for word, run in _runs(normalise(text)):
        if word:
            parts.append(f'"{run[:64]}"*')
        elif len(run) == 1:
            parts.append(f'"{run}"*')
        else:
            parts += [f'"{run[i : i + 2]}"' for i in range(len(run) - 1)]
    if not parts:
        return ""
    if conversation is not None:
        parts.append(f'"{PLACE}{conversation}"')
    return " AND ".join(dict.fromkeys(parts))


def matches(text: str, wanted: str) -> bool:
    """Whether the normalised text holds every part of the wanted text (parts are separated by spaces)."""
    plain = normalise(text)
    return all(part in plain for part in normalise(wanted).split())

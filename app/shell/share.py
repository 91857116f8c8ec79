"""What comes from outside to be sent or opened here: files, words, and the program's own links (E057)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec

SCHEME = "zhengding"
MOST_FILES = 50
MOST_TEXT = 5000


@dataclass(frozen=True, slots=True)
class Share:
    """Files and words to be sent to a conversation that the user chooses; or `link`, one of the program's own."""

    files: tuple[Path, ...] = ()
    text: str = ""
    link: str = ""
    left_out: int = 0
    """Files beyond MOST_FILES that were given too: the user is told of them."""

    def __bool__(self) -> bool:
        return bool(self.files or self.text or self.link)

    def and_also(self, more: Share) -> Share:
        """Both together, where the first still waits for the user to sign in."""
        files, over = _first((*self.files, *more.files))
        words = "\n".join(one for one in (self.text, more.text) if one)[:MOST_TEXT]
        return Share(files, words, more.link or self.link, self.left_out + more.left_out + over)


class _Wire(msgspec.Struct, tag="share", omit_defaults=True):
    """How one start of the program hands it to the one that runs."""

    files: list[str] = []
    text: str = ""
    link: str = ""
    left_out: int = 0


def pack(share: Share) -> str:
    """For the local socket."""
    files = [str(one) for one in share.files]
    return msgspec.json.encode(_Wire(files, share.text, share.link, share.left_out)).decode()


def unpack(message: str) -> Share:
    """What another start handed over; nothing when it was something else."""
    try:
        found = msgspec.json.decode(message, type=_Wire)
    except msgspec.DecodeError:
        return Share()
    files, over = _first(Path(one) for one in found.files if Path(one).is_absolute())
    return Share(files, found.text[:MOST_TEXT], found.link, max(0, found.left_out) + over)


def of_files(names: Sequence[str]) -> Share:
    """Files named on the command line, some of them as file: addresses; where they lie is settled before they are handed over."""
    paths: list[Path] = []
    for name in names:
        if name.startswith("file:"):
            from PySide6.QtCore import QUrl

            name = QUrl(name).toLocalFile()
        if name:
            paths.append(Path(name).absolute())
    files, over = _first(paths)
    return Share(files, left_out=over)


def _first(paths: Iterable[Path]) -> tuple[tuple[Path, ...], int]:
    """As many as are sent at once, each named once, and how many are beyond."""
    found = tuple(dict.fromkeys(paths))
    return found[:MOST_FILES], max(0, len(found) - MOST_FILES)


def of_link(link: str) -> Share:
    """What a link says, from a page or another program; nothing where it is not one of ours.

    `zhengding://share?text=…&url=…` carries words only: no page gets a file of this machine into a dialog.
    """
    parts = urlsplit(link)
    if parts.scheme != SCHEME:
        return Share()
    if parts.netloc != "share":
        return Share(link=link)
    asked = parse_qs(parts.query)
    address = asked.get("url", [""])[0].strip()
    if urlsplit(address).scheme not in ("http", "https"):
        address = ""
    words = asked.get("text", [""])[0].strip()
    return Share(text="\n".join(one for one in (words, address) if one)[:MOST_TEXT])

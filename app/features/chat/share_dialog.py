"""分享到会话: files and words from outside go to conversations that the user chooses (E057)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from widgets.controls import Banner
from widgets.theme import ThemeManager

from .forward_dialog import ForwardDialog
from .service import ChatService

NAMES_SHOWN = 3

Deliver = Callable[[str, Path], Awaitable[None]]
"""Sends one file or folder to a conversation, sealed; raises FileRefused, NetworkError, ApiError."""


class ShareDialog(ForwardDialog):
    """Files are read where they lie. After a failure a second try sends only what has not gone yet. `left_out`: files beyond those that
    are sent at once."""

    def __init__(
        self,
        service: ChatService,
        themes: ThemeManager,
        files: Sequence[Path],
        text: str,
        deliver: Deliver,
        parent: QWidget | None = None,
        *,
        left_out: int = 0,
    ) -> None:
        self._files, self._text, self._deliver = tuple(files), text.strip(), deliver
        self._went: set[tuple[str, object]] = set()
        shown = what_is_shared(self._files, self._text)
        super().__init__(service, themes, shown, self._share, parent, title="分享到会话", verb="发送")
        self._chat = service
        self.too_many = Banner(themes, too_many(len(self._files), left_out), kind="warn")
        self.content.insertWidget(self.content.indexOf(self.shown), self.too_many)
        self.too_many.setVisible(bool(left_out))

    async def _share(self, targets: list[str], note: str) -> None:
        for target in targets:
            for path in self._files:
                if (target, path) not in self._went:
                    await self._deliver(target, path)
                    self._went.add((target, path))
            for kind, words in (("text", self._text), ("note", note)):
                if words and (target, kind) not in self._went:
                    await self._chat.send_text(target, words)
                    self._went.add((target, kind))


def too_many(taken: int, left_out: int) -> str:
    """Why not all of the files are sent, and what to do with the others."""
    return (
        f"您选了 {taken + left_out} 个文件，一次最多发送 {taken} 个。这次发送前 {taken} 个；"
        f"其余 {left_out} 个请再选中发送一次，或先放进一个文件夹，把文件夹整个发送。"
    )


def what_is_shared(files: Sequence[Path], text: str) -> str:
    """What is to be sent, in a line or two."""
    lines: list[str] = []
    if files:
        names = "、".join(path.name for path in files[:NAMES_SHOWN])
        lines.append(names if len(files) <= NAMES_SHOWN else f"{names} 等 {len(files)} 个文件")
    if text:
        first = " ".join(text.split())
        lines.append(first if len(first) <= 80 else first[:80] + "…")
    return "\n".join(lines)

"""Files that were dropped into a talk: read once, kept in memory as long as the page lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from offline_ai.documents.model import Document
from offline_ai.errors import EmptyDocument
from server_stub.contract.llm import MOST_PICTURES

from .engine import OfflineEngine

_FILE = "f/"


class Dropped:
    """Files of this session by key; their text is kept on the disk only where it was quoted."""

    def __init__(self, engine: OfflineEngine) -> None:
        self._engine = engine
        self._files: dict[str, Document] = {}
        self._pictures: dict[str, bytes] = {}
        """Those of them that are pictures, made small for models that see."""

    def get(self, key: str) -> Document | None:
        """What was read."""
        return self._files.get(key)

    def named(self, names: Sequence[str]) -> dict[str, Document]:
        """Those of these names that were read, by key."""
        keys = [_FILE + name for name in names]
        return {key: self._files[key] for key in keys if key in self._files}

    async def read(
        self, paths: Sequence[Path], sees: bool, status: Callable[[str], None]
    ) -> dict[str, Document]:
        """Read what was dropped, by key. `sees`: the model that is asked may be given pictures.

        Raises OfflineAIError.
        """
        found: dict[str, Document] = {}
        for path in paths:
            key = _FILE + path.name
            status(f"正在读取 {path.name}…")
            if is_picture(path.name):
                self._pictures[key] = await self._engine.picture(path)
            try:
                document = await self._engine.open(path)
            except EmptyDocument:
                # A photo without a word is something to look at for those who can.
                if key not in self._pictures or not sees:
                    raise
                document = Document()
            found[key] = self._files[key] = document
        return found

    def shown(self, files: Mapping[str, Document]) -> dict[str, bytes]:
        """The pictures that a model that sees is given: the newest."""
        there = [key for key in files if key in self._pictures]
        newest = sorted(there, key=list(self._pictures).index)[-MOST_PICTURES:]
        return {key: self._pictures[key] for key in newest}

    def note(self, model: str, sees: bool, files: Mapping[str, Document]) -> str:
        """What became of the pictures, in a sentence for the user."""
        there = [key for key in files if key in self._pictures]
        if not there:
            return ""
        if sees:
            seen = self.shown(files)
            left = f"，另有 {len(there) - len(seen)} 张按识别出的文字处理" if len(there) > len(seen) else ""
            return f"{len(seen)} 张图片已缩小后交给模型查看{left}。"
        who = f"模型“{model}”不能查看图片，" if model else ""
        return f"{who}已按图片中识别出的文字回答。"


def is_picture(name: str) -> bool:
    """Whether a file is a picture by its name."""
    return name.lower().endswith((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"))


def name_of(key: str) -> str:
    """The file's name."""
    return key.removeprefix(_FILE)

"""A folder as one stream: its files one after the other (E100). Read on one machine, written on another, safely."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.session.filecache import SourceChanged, safe_name
from app.store.folders import make_private
from server_stub.contract.content import FolderContent
from server_stub.contract.content_kinds import MAX_FOLDER_FILES, FolderEntry
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.sealed import CHUNK

MAX_DEPTH = 32
MAX_PATHS_BYTES = 200_000
"""All names of a folder together; they travel inside the message."""
LEFT_OUT = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
"""What the system itself puts into folders."""


class FolderRefused(Exception):
    """A folder cannot be sent; `text` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class UnsafeTree(Exception):
    """A received folder would write where it must not, or is not what it says; `text` is for the user."""

    def __init__(self, text: str = "这个文件夹的内容不安全或已损坏，没有保存。") -> None:
        super().__init__(text)
        self.text = text


def scan_tree(root: Path) -> tuple[list[FolderEntry], list[str]]:
    """List the files of a folder in order of name, and its folders without files. Raises FolderRefused.

    Links are left out: they may lead anywhere.
    """
    entries: list[FolderEntry] = []
    empty: list[str] = []
    names = 0

    def walk(folder: Path, prefix: str, depth: int) -> None:
        nonlocal names
        if depth > MAX_DEPTH:
            raise FolderRefused(f"“{root.name}”里的文件夹层数太多（最多 {MAX_DEPTH} 层）。")
        found = False
        for item in sorted(os.scandir(folder), key=lambda one: one.name):
            if item.is_symlink() or item.name.lower() in LEFT_OUT:
                continue
            path = f"{prefix}{item.name}"
            names += len(path.encode("utf-8", "replace"))
            if item.is_dir(follow_symlinks=False):
                found = True
                walk(Path(item.path), path + "/", depth + 1)
            elif item.is_file(follow_symlinks=False):
                found = True
                entries.append(FolderEntry(path, item.stat(follow_symlinks=False).st_size))
            if len(entries) > MAX_FOLDER_FILES:
                raise FolderRefused(
                    f"“{root.name}”里的文件超过 {MAX_FOLDER_FILES} 个，请压缩成一个文件后再发送。"
                )
            if names > MAX_PATHS_BYTES:
                raise FolderRefused(f"“{root.name}”里的文件名太长太多，请压缩成一个文件后再发送。")
        if not found and prefix:
            empty.append(prefix.rstrip("/"))

    try:
        walk(root, "", 1)
    except OSError:
        raise FolderRefused(f"“{root.name}”里有无法读取的内容。") from None
    return entries, empty


class TreeReader:
    """Gives the files of a folder as one stream, a chunk at each call. Raises OSError (SourceChanged too)."""

    def __init__(self, root: Path, entries: Sequence[FolderEntry]) -> None:
        self._pieces = self._read(root, entries)
        self._rest = b""

    def __call__(self) -> bytes:
        while len(self._rest) < CHUNK:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        given, self._rest = self._rest[:CHUNK], self._rest[CHUNK:]
        return given

    @staticmethod
    def _read(root: Path, entries: Sequence[FolderEntry]) -> Iterator[bytes]:
        for entry in entries:
            left = entry.size
            with root.joinpath(*entry.path.split("/")).open("rb") as reader:
                while left:
                    piece = reader.read(min(CHUNK, left))
                    if not piece:
                        raise SourceChanged("a file of the folder became shorter")
                    left -= len(piece)
                    yield piece
                if reader.read(1):
                    raise SourceChanged("a file of the folder grew")


def _safe_parts(path: str) -> tuple[str, ...]:
    parts = path.split("/")
    if not 0 < len(parts) <= MAX_DEPTH:
        raise UnsafeTree
    made: list[str] = []
    for part in parts:
        clean = safe_name(part)
        if part in ("", ".", "..") or "\x00" in part or not clean or clean in (".", ".."):
            raise UnsafeTree
        made.append(clean)
    return tuple(made)


def unpack_tree(chunks: Iterator[bytes], folder: FolderContent, target: Path) -> Path:
    """Write a received folder below `target`, whole or not at all; returns the new folder. Raises UnsafeTree, OSError."""
    if len(folder.entries) > MAX_FOLDER_FILES or len(folder.empty) > MAX_FOLDER_FILES:
        raise UnsafeTree
    if any(entry.size < 0 for entry in folder.entries):
        raise UnsafeTree
    if sum(entry.size for entry in folder.entries) != folder.file.size:
        raise UnsafeTree
    places = [_safe_parts(entry.path) for entry in folder.entries]
    if len({tuple(part.casefold() for part in place) for place in places}) != len(places):
        raise UnsafeTree
    name = _safe_parts(folder.file.name.replace("/", "_") or "文件夹")[0]
    part = make_private(target / f".{uuid7()}.part")
    try:
        rest = b""
        for place, entry in zip(places, folder.entries, strict=True):
            goal = part.joinpath(*place)
            goal.parent.mkdir(parents=True, exist_ok=True)
            left = entry.size
            with goal.open("xb") as writer:
                while left:
                    if not rest:
                        rest = next(chunks, b"")
                        if not rest:
                            raise UnsafeTree
                    writer.write(rest[:left])
                    taken = min(left, len(rest))
                    rest, left = rest[taken:], left - taken
        for path in folder.empty:
            part.joinpath(*_safe_parts(path)).mkdir(parents=True, exist_ok=True)
        part.chmod(0o755)
        return _put(part, target, name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _put(part: Path, target: Path, name: str) -> Path:
    """Give the finished folder its name; what has the name already stays."""
    for number in range(1, 1000):
        goal = target / (name if number == 1 else f"{name} ({number})")
        if not goal.exists():
            part.rename(goal)
            return goal
    raise OSError("no free name")

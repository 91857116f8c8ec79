"""What the meeting pages need of the rest of the client: where plans lie, and publishing (3.1.6)."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import msgspec

from meeting_seat_designer.editor.keeping import Opened, open_plan, recovery_of
from meeting_seat_designer.engine.errors import FormatError
from meeting_seat_designer.engine.files import dumps, load, save, write_bytes
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.templates import template
from server_stub.contract.meetings import Meeting

SUFFIX = ".seating.json"
_ID = re.compile(r"[\w-]{1,80}")


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """One plan in the list. `damaged` plans can be looked at only as files; `changed` is seconds since 1970."""

    id: str
    title: str
    place: str
    when: str
    people: int
    seated: int
    published: int
    changed: float
    damaged: bool = False
    unsaved: bool = False
    meeting: Meeting | None = None
    """The meeting on the server that the plan belongs to; None for a plan of this machine alone."""
    local: bool = False
    """Of this machine alone although there is a server to share it on."""
    sync: str = ""
    """"waiting": changes here are not on the server yet; "conflict": somebody else changed it meanwhile."""


class Note(msgspec.Struct, frozen=True):
    """What is known of a plan's copy on the server: the version it was made from, and the file's digest then."""

    base: int
    digest: str


class MeetingService(Protocol):
    """The seating plans of the signed-in account."""

    async def plans(self) -> list[PlanEntry]:
        """All plans, the last changed first."""
        ...

    async def create(self, title: str, room: str) -> str:
        """Make a plan from a template; its id."""
        ...

    async def open(self, plan: str) -> tuple[Path, Opened]:
        """The plan's file and content. Raises FormatError."""
        ...

    async def copy(self, plan: str) -> str:
        """A copy under another id. Raises FormatError."""
        ...

    async def remove(self, plan: str) -> None:
        """Put a plan away (it is kept in the folder's trash)."""
        ...

    @property
    def can_publish(self) -> bool:
        """Whether plans can be published from here."""
        ...


def _entry(path: Path) -> PlanEntry:
    ident = path.name.removesuffix(SUFFIX)
    changed = path.stat().st_mtime
    unsaved = recovery_of(path).exists()
    try:
        document = load(path)
    except FormatError:
        return PlanEntry(
            ident, ident, "文件已损坏，无法打开", "", 0, 0, 0, changed, damaged=True, unsaved=unsaved
        )
    meeting = document.meeting
    version = document.plan.published.version if document.plan.published else 0
    return PlanEntry(
        ident,
        meeting.title or "未命名会议",
        meeting.place or document.room.name,
        meeting.start,
        sum(1 for person in document.people if person.status == "attending"),
        len(document.plan.seats),
        version,
        changed,
        unsaved=unsaved,
    )


class FilePlans:
    """Plans as files in a folder of the profile; every call reads or writes in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, plan: str) -> Path:
        if not _ID.fullmatch(plan):
            raise FormatError("方案编号无效")
        return self._folder / f"{plan}{SUFFIX}"

    async def plans(self) -> list[PlanEntry]:
        def read() -> list[PlanEntry]:
            if not self._folder.is_dir():
                return []
            found = [
                _entry(path) for path in self._folder.glob(f"*{SUFFIX}") if not path.name.startswith(".")
            ]
            return sorted(found, key=lambda entry: (-entry.changed, entry.id))

        return await asyncio.to_thread(read)

    async def create(self, title: str, room: str) -> str:
        document = template(room)
        document.meeting.title = title
        return await asyncio.to_thread(self._write, document)

    def _write(self, document: Document) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        plan = time.strftime("%Y%m%d-") + uuid.uuid4().hex[:8]
        save(document, self._path(plan))
        return plan

    async def open(self, plan: str) -> tuple[Path, Opened]:
        path = self._path(plan)
        return path, await asyncio.to_thread(open_plan, path)

    async def copy(self, plan: str) -> str:
        def work() -> str:
            document = open_plan(self._path(plan)).document
            document.meeting.title = f"{document.meeting.title} 副本".strip()
            document.plan.published = None
            document.plan.version = 1
            document.plan.checkins = {}
            return self._write(document)

        return await asyncio.to_thread(work)

    async def remove(self, plan: str) -> None:
        def work() -> None:
            path = self._path(plan)
            trash = self._folder / "trash"
            trash.mkdir(exist_ok=True)
            path.replace(trash / path.name)
            recovery_of(path).unlink(missing_ok=True)
            self._note_path(plan).unlink(missing_ok=True)

        await asyncio.to_thread(work)

    @property
    def can_publish(self) -> bool:
        return False

    # For plans that are on the server as well; in the caller's thread.

    def has(self, plan: str) -> bool:
        """Whether there is a file."""
        return self._path(plan).exists()

    def ids(self) -> list[str]:
        """Every plan of the folder."""
        if not self._folder.is_dir():
            return []
        names = [path.name for path in self._folder.glob(f"*{SUFFIX}")]
        return [name.removesuffix(SUFFIX) for name in names if not name.startswith(".")]

    def entry(self, plan: str) -> PlanEntry:
        """The entry of one plan."""
        return _entry(self._path(plan))

    def put(self, plan: str, document: Document, base: int) -> None:
        """Write the server's version of a plan."""
        self._folder.mkdir(parents=True, exist_ok=True)
        data = dumps(document)
        write_bytes(self._path(plan), data)
        recovery_of(self._path(plan)).unlink(missing_ok=True)
        self.set_note(plan, Note(base, _digest(data)))

    def read(self, plan: str) -> tuple[Document, str]:
        """The plan's saved content and its digest. Raises FormatError."""
        document = load(self._path(plan))
        return document, _digest(dumps(document))

    def store(self, document: Document) -> str:
        """Keep a document as a new plan; its id."""
        return self._write(document)

    def note(self, plan: str) -> Note | None:
        """What is known of the server's copy."""
        try:
            return msgspec.json.decode(self._note_path(plan).read_bytes(), type=Note)
        except (OSError, msgspec.MsgspecError):
            return None

    def set_note(self, plan: str, note: Note) -> None:
        """Remember it."""
        write_bytes(self._note_path(plan), msgspec.json.encode(note))

    def adopt(self, plan: str, other: str, note: Note) -> None:
        """Go on with a plan of this machine as that of a meeting on the server."""
        self._path(plan).replace(self._path(other))
        recovery_of(self._path(plan)).unlink(missing_ok=True)
        self.set_note(other, note)

    def _note_path(self, plan: str) -> Path:
        path = self._path(plan)
        return path.with_name(f".{path.name}.server")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

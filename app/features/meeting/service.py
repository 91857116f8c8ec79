"""What the meeting pages need of the rest of the client: where plans lie, and publishing (3.1.6)."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from meeting_seat_designer.editor.keeping import Opened, open_plan, recovery_of
from meeting_seat_designer.engine.errors import FormatError
from meeting_seat_designer.engine.files import load, save
from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.templates import template

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

    async def publish(self, document: Document) -> str:
        """Publish a plan; what to say afterwards. Raises RuntimeError with a sentence to show."""
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

        await asyncio.to_thread(work)

    @property
    def can_publish(self) -> bool:
        return False

    async def publish(self, document: Document) -> str:
        raise RuntimeError("请先登录再发布座位图")

"""What the import page needs of the server and of the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from app.session.http import HttpCaller
from app.session.session import Session
from app.session.states import NetworkError
from app.shell.whole_file import write_whole
from server_stub.contract.accounts import Progress
from server_stub.contract.directory import ImportApply, ImportPreview, ImportResult, ImportRows
from server_stub.contract.errors import ApiError

SUFFIXES = (".xlsx", ".csv")
MOST_BYTES = 64 * 1024 * 1024
_LONG_S = 600.0
"""Checking and writing a whole city takes minutes on a small machine."""
_ASK_S = 0.3
_BASE = "/admin/directory"


class FileProblem(Exception):
    """The chosen file cannot be used; `text` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class DirectoryImportService(Protocol):
    """Calls raise what app.shell.problems puts into words."""

    async def is_empty(self) -> bool:
        """Whether the organisation has no units below its top yet."""
        ...

    async def preview(self, path: Path, *, create_units: bool) -> ImportPreview:
        """Upload a file and hear what it would change; nothing is written."""
        ...

    async def rows(self, import_id: str, offset: int, limit: int, only: str) -> ImportRows:
        """A page of its rows; `only`: "", "problems" or "warnings"."""
        ...

    async def apply(
        self, import_id: str, *, accept_partial: bool, on_progress: Callable[[Progress], None]
    ) -> ImportResult:
        """Write it, all in one transaction."""
        ...

    async def discard(self, import_id: str) -> None:
        """Forget the file, or take back what is being written; quiet when it is gone already."""
        ...

    async def template(self) -> bytes:
        """An empty .xlsx to fill in."""
        ...

    async def export(self) -> bytes:
        """Everybody as .xlsx."""
        ...

    async def problems(self, import_id: str) -> bytes:
        """The rows that would be left out as .xlsx, with the reasons."""
        ...

    async def save(self, data: bytes, path: Path) -> None:
        """Write a file of the user's; it is there whole or not at all."""
        ...


class SessionDirectoryImport:
    """See DirectoryImportService."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._http: HttpCaller = session.api.http

    async def is_empty(self) -> bool:
        return (await self._session.api.unit_children()).unit.unit_count == 0

    async def preview(self, path: Path, *, create_units: bool) -> ImportPreview:
        data = await asyncio.to_thread(read_file, path)
        return await self._http.call(
            "POST",
            _BASE + "/import",
            ImportPreview,
            content=data,
            query={"filename": path.name, "create_units": create_units},
            timeout=_LONG_S,
        )

    async def rows(self, import_id: str, offset: int, limit: int, only: str) -> ImportRows:
        query = {"offset": offset, "limit": limit, "only": only}
        path = f"{_BASE}/import/{import_id}/rows"
        return await self._http.call("GET", path, ImportRows, query=query, timeout=_LONG_S)

    async def apply(
        self, import_id: str, *, accept_partial: bool, on_progress: Callable[[Progress], None]
    ) -> ImportResult:
        watching = asyncio.ensure_future(self._watch(import_id, on_progress))
        try:
            return await self._http.call(
                "POST",
                f"{_BASE}/import/{import_id}/apply",
                ImportResult,
                body=ImportApply(accept_partial=accept_partial),
                timeout=_LONG_S,
            )
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self, import_id: str, on_progress: Callable[[Progress], None]) -> None:
        while True:
            await asyncio.sleep(_ASK_S)
            try:
                on_progress(await self._http.call("GET", f"{_BASE}/import/{import_id}/progress", Progress))
            except (NetworkError, ApiError):
                continue  # The call that writes says what is wrong.

    async def discard(self, import_id: str) -> None:
        try:
            await self._http.call("DELETE", f"{_BASE}/import/{import_id}", type(None), timeout=_LONG_S)
        except ApiError:
            return

    async def template(self) -> bytes:
        return await self._get("/template")

    async def export(self) -> bytes:
        return await self._get("/export")

    async def problems(self, import_id: str) -> bytes:
        return await self._get(f"/import/{import_id}/problems")

    async def _get(self, path: str) -> bytes:
        return (await self._http.raw("GET", _BASE + path, timeout=_LONG_S)).content

    async def save(self, data: bytes, path: Path) -> None:
        await asyncio.to_thread(write_whole, data, path)


def read_file(path: Path) -> bytes:
    """The content of a chosen file; raises FileProblem with a sentence, or OSError."""
    if path.suffix.lower() not in SUFFIXES:
        raise FileProblem(f"“{path.name}”不是 .xlsx 或 .csv 表格，请另存为 .xlsx 后再选择。")
    if path.is_dir():
        raise FileProblem(f"“{path.name}”是文件夹，请选择表格文件。")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise FileProblem(f"“{path.name}”超过 64 MB，请拆分后分批导入。")
    if size == 0:
        raise FileProblem(f"“{path.name}”是空文件，请重新选择。")
    return path.read_bytes()

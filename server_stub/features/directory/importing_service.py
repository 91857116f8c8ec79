"""Imports: upload with a preview, then the writing of it in one transaction."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from server_stub.contract.accounts import Progress
from server_stub.contract.directory import ImportApply, ImportPreview, ImportResult, ImportRows
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.http.endpoint import Caller
from server_stub.storage.database import Database

from .exporting import problem_rows
from .importing import FIELDS, Sheet, read_sheet
from .importing_plan import AccountBook, Plan, PlannedPerson, UnitPath, make_plan
from .importing_view import PlanView
from .pinyin import of_name
from .tables import imports, persons, posts, units
from .writing import insert_all, recount

KEEP_S = 24 * 3600
_SHOWN = 500
_SAMPLE = 20
_STEPS = 5
_LEVEL_ENDINGS = ((5, ("网格",)), (4, ("社区", "村", "居委会")), (3, ("街道", "镇", "乡")))

AuditRecord = Callable[[str, str, str, str], Awaitable[None]]
"""Kind, person id, object, result."""
Changed = Callable[[list[str]], Awaitable[None]]
"""Learns which existing people's cards an import changed."""


@dataclass(slots=True)
class _Upload:
    id: str
    person_id: str
    filename: str
    create_units: bool
    sheet: Sheet
    view: PlanView | None = None


class ImportService:
    """For administrators only; the endpoints say so. One import is written at a time."""

    def __init__(
        self,
        database: Database,
        accounts: AccountBook,
        audit: AuditRecord,
        changed: Changed | None = None,
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._audit = audit
        self._changed = changed
        self._writing = asyncio.Lock()
        self._progress: dict[str, Progress] = {}
        self._newest: _Upload | None = None
        self._cancelled: set[str] = set()

    async def preview(
        self, caller: Caller, filename: str, data: bytes, *, create_units: bool
    ) -> ImportPreview:
        """Read a file and say what it would change; nothing of the directory is written."""
        sheet = await asyncio.to_thread(read_sheet, filename, data)
        plan = await self._plan(sheet, create_units)
        import_id = uuid7()

        def keep(connection: Connection) -> None:
            old = int((time.time() - KEEP_S) * 1000)
            # A newer file of the same person replaces the one before.
            connection.execute(
                delete(imports).where(
                    (imports.c.created_at < old) | (imports.c.person_id == caller.person_id)
                )
            )
            connection.execute(
                insert(imports).values(
                    id=import_id,
                    person_id=caller.person_id,
                    created_at=int(time.time() * 1000),
                    filename=filename,
                    create_units=create_units,
                    data=data,
                )
            )

        await self._database.write(keep)
        self._newest = _Upload(
            import_id, caller.person_id, filename, create_units, sheet, PlanView(sheet, plan)
        )
        return _preview(import_id, filename, sheet, plan)

    async def rows(self, caller: Caller, import_id: str, *, offset: int, limit: int, only: str) -> ImportRows:
        """Return a page of a previewed file; `only`: "" all, "problems", "warnings"."""
        view = await self._view(caller, import_id)
        return view.page(offset, limit, only)

    async def problems(self, caller: Caller, import_id: str) -> bytes:
        """Return the rows that an import would leave out, as .xlsx with what is wrong with each."""
        view = await self._view(caller, import_id)
        return await asyncio.to_thread(problem_rows, view.columns, view.left_out())

    async def _view(self, caller: Caller, import_id: str) -> PlanView:
        upload = await self._upload(caller, import_id)
        if upload.view is None:
            # Another server process took the file, or this one has been started anew.
            plan = await self._plan(upload.sheet, upload.create_units)
            upload.view = PlanView(upload.sheet, plan)
            self._newest = upload
        return upload.view

    async def apply(self, caller: Caller, import_id: str, wanted: ImportApply) -> ImportResult:
        """Write what the preview showed, all in one transaction; CONFLICT when it has errors and they are not accepted."""
        upload = await self._upload(caller, import_id)
        async with self._writing:
            self._progress[import_id] = Progress(done=0, total=_STEPS, stage="核对")
            try:
                result, changed = await self._apply(upload, import_id, wanted)
            except ApiError as error:
                self._progress[import_id] = Progress(done=0, total=_STEPS, error=error.message)
                raise
            finally:
                self._newest = None
                self._cancelled.clear()
            self._progress = {import_id: Progress(done=_STEPS, total=_STEPS, stage="完成", finished=True)}
        summary = f"people {result.people} changed {result.changed}"
        await self._audit("directory_import", caller.person_id, upload.filename, summary)
        if self._changed is not None and changed:
            await self._changed(changed)
        return result

    async def _apply(
        self, upload: _Upload, import_id: str, wanted: ImportApply
    ) -> tuple[ImportResult, list[str]]:
        before = await self._database.read(_fingerprint)
        plan = await self._plan(upload.sheet, upload.create_units)
        self._step(import_id, 1, "计算拼音")
        spelt = await asyncio.to_thread(
            lambda: {one.name: of_name(one.name) for one in (*plan.new, *plan.changed)}
        )

        def work(connection: Connection) -> tuple[ImportResult, list[str]]:
            now = plan
            if _fingerprint(connection) != before:
                # Somebody changed the directory meanwhile: what counts is how it is now.
                now = make_plan(connection, upload.sheet, self._accounts, create_units=upload.create_units)
            if now.errors and not wanted.accept_partial:
                raise ApiError(
                    ErrorCode.CONFLICT,
                    f"{len(now.errors)} errors",
                    message=f"文件中有 {len(now.errors)} 处错误，未导入任何内容。请改正后重新上传，或选择“只导入无误的行”。",
                )
            ids = self._write(connection, now, spelt, import_id)
            connection.execute(delete(imports).where(imports.c.id == import_id))
            result = ImportResult(
                units=len(now.new_units),
                people=len(now.new),
                changed=len(now.changed),
                skipped=now.rows - now.good_rows,
            )
            return result, ids

        return await self._database.write(work)

    async def progress(self, caller: Caller, import_id: str) -> Progress:
        """Return how far the writing is; NOT_FOUND for others' imports."""
        found = self._progress.get(import_id)
        if found is None:
            await self._upload_row(caller, import_id)
            return Progress(done=0, total=_STEPS)
        return found

    async def discard(self, caller: Caller, import_id: str) -> None:
        """Forget an uploaded file; one that is being written is taken back whole, as long as it is not committed."""
        await self._upload_row(caller, import_id)
        self._cancelled.add(import_id)
        await self._database.write(
            lambda connection: connection.execute(delete(imports).where(imports.c.id == import_id)) and None
        )

    # Inside.

    def _step(self, import_id: str, done: int, stage: str) -> None:
        """Say how far it is; raises when it was cancelled meanwhile, so that the transaction is taken back."""
        if import_id in self._cancelled:
            raise ApiError(ErrorCode.GONE, "cancelled", message="导入已取消，没有写入任何内容。")
        self._progress[import_id] = Progress(done=done, total=_STEPS, stage=stage)

    async def _plan(self, sheet: Sheet, create_units: bool) -> Plan:
        return await self._database.read(
            lambda connection: make_plan(connection, sheet, self._accounts, create_units=create_units)
        )

    async def _upload_row(self, caller: Caller, import_id: str):
        row = await self._database.read(
            lambda connection: connection.execute(
                select(imports).where(imports.c.id == import_id, imports.c.person_id == caller.person_id)
            ).one_or_none()
        )
        if row is None:
            raise ApiError(
                ErrorCode.NOT_FOUND, message="没有找到这次导入，可能已完成或已过期，请重新上传文件。"
            )
        return row

    async def _upload(self, caller: Caller, import_id: str) -> _Upload:
        row = await self._upload_row(caller, import_id)
        if self._newest is not None and self._newest.id == import_id:
            return self._newest
        sheet = await asyncio.to_thread(read_sheet, row.filename, bytes(row.data))
        return _Upload(import_id, caller.person_id, row.filename, bool(row.create_units), sheet)

    def _write(
        self, connection: Connection, plan: Plan, spelt: dict[str, tuple[str, str]], import_id: str
    ) -> list[str]:
        self._step(import_id, 2, "写入单位和人员")
        unit_ids = _write_units(connection, plan)
        for person in plan.new:
            person.person_id = uuid7()
        insert_all(
            connection, persons, [_card(person, spelt) | {"id": person.person_id} for person in plan.new]
        )
        changed_ids = [person.person_id for person in plan.changed]
        if plan.changed:
            connection.execute(
                update(persons)
                .where(persons.c.id == bindparam("key"))
                .values(
                    {
                        name: bindparam(f"to_{name}")
                        for name in ("name", "pinyin", "initials", "phone", "rank")
                    }
                )
                .values(version=persons.c.version + 1),
                [
                    {"key": person.person_id}
                    | {f"to_{name}": value for name, value in _card(person, spelt).items()}
                    for person in plan.changed
                ],
            )
            for start in range(0, len(changed_ids), _SHOWN):
                page = changed_ids[start : start + _SHOWN]
                connection.execute(delete(posts).where(posts.c.person_id.in_(page)))
        self._step(import_id, 3, "写入职务")
        insert_all(
            connection,
            posts,
            [
                {
                    "person_id": person.person_id,
                    "unit_id": unit_ids[path],
                    "title": post.title,
                    "main": post.main,
                    "sort_order": post.row if post.order is None else post.order,
                }
                for person in (*plan.new, *plan.changed)
                for path, post in person.posts.items()
            ],
        )
        self._step(import_id, 4, "建立账号")
        self._accounts.add(
            connection,
            [
                (person.person_id, person.login or f"{spelt_of(person, spelt)[0]}*", person.phone)
                for person in plan.new
            ],
        )
        self._accounts.change_phones(connection, {one.person_id: one.phone for one in plan.changed})
        if plan.new or plan.changed:
            recount(connection)
        return changed_ids


def spelt_of(person: PlannedPerson, spelt: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """Return pinyin and initials, made beforehand for all that were known then."""
    return spelt.get(person.name) or of_name(person.name)


def _card(person: PlannedPerson, spelt: dict[str, tuple[str, str]]) -> dict[str, object]:
    pinyin, initials = spelt_of(person, spelt)
    return {
        "name": person.name,
        "pinyin": pinyin,
        "initials": initials[:40],
        "phone": person.phone,
        "rank": person.rank,
    }


def _write_units(connection: Connection, plan: Plan) -> dict[UnitPath, str]:
    ids = dict(plan.unit_ids)
    wanted = {path[:-1] for path in plan.new_units}
    paths: dict[UnitPath, str] = {}
    kept = [ids[path] for path in wanted if path in ids]
    found: dict[str, tuple[str, int]] = {}
    for start in range(0, len(kept), _SHOWN):
        page = kept[start : start + _SHOWN]
        last = select(func.max(units.c.sort_order)).where(units.c.parent_id.in_(page)).scalar_subquery()
        for row in connection.execute(select(units.c.id, units.c.path, last).where(units.c.id.in_(page))):
            found[row[0]] = (row[1], (row[2] or 0) + 1)
    orders: dict[UnitPath, int] = {}
    for path in wanted:
        if path in ids:
            paths[path], orders[path] = found[ids[path]]
    rows: list[dict[str, object]] = []
    for path in plan.new_units:
        above = path[:-1]
        unit_id = ids[path] = uuid7()
        paths[path] = f"{paths.get(above, '/')}{unit_id}/"
        orders[above] = orders.get(above, 0) + 1
        rows.append(
            {
                "id": unit_id,
                "parent_id": ids.get(above, ""),
                "path": paths[path],
                "name": path[-1],
                "level": level_of(path),
                "sort_order": orders[above],
            }
        )
    insert_all(connection, units, rows)
    return ids


def level_of(path: UnitPath) -> int:
    """Return the level of a unit by its place and name: 1 市, 2 区县 or bureau, 3 乡镇街道, 4 村社区, 5 网格, 0 department."""
    if len(path) <= 2:
        return len(path)
    for level, endings in _LEVEL_ENDINGS:
        if path[-1].endswith(endings):
            return level
    return 0


def _fingerprint(connection: Connection) -> tuple[int, ...]:
    """Return numbers that change with the directory."""
    return (
        connection.execute(select(func.count()).select_from(units)).scalar_one(),
        connection.execute(select(func.count()).select_from(posts)).scalar_one(),
        *connection.execute(
            select(func.count(), func.coalesce(func.sum(persons.c.version), 0)).select_from(persons)
        ).one(),
    )


def _preview(import_id: str, filename: str, sheet: Sheet, plan: Plan) -> ImportPreview:
    fields = list(sheet.columns)
    return ImportPreview(
        id=import_id,
        filename=filename,
        rows=plan.rows,
        good=plan.good_rows,
        new_units=len(plan.new_units),
        new_people=len(plan.new),
        changed_people=len(plan.changed),
        unchanged_people=plan.unchanged,
        error_count=len(plan.errors),
        errors=plan.errors[:_SHOWN],
        warning_count=len(plan.warnings),
        warnings=plan.warnings[:_SHOWN],
        columns={field: sheet.columns[field] for field in FIELDS if field in sheet.columns},
        sample=[[row.cells.get(field, "") for field in fields] for row in sheet.rows[:_SAMPLE]],
    )

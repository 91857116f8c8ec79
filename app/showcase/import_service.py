"""An import in memory: a file of invented people, some rows wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from server_stub.contract.accounts import Progress
from server_stub.contract.directory import (
    ImportPreview,
    ImportResult,
    ImportRow,
    ImportRowError,
    ImportRows,
)

COLUMNS = {"name": "姓名", "phone": "手机号", "unit": "单位", "title": "职务", "rank": "职级"}
_NAMES = ["王建国", "李晓燕", "欧阳振宇", "赵敏", "陈伟", "周明", "吴倩", "郑涛", "冯雪", "孙丽华"]
_UNITS = (
    "绿城市/市应急管理局/防汛抗旱处",
    "绿城市/中原区/桐柏路街道/颖河社区/第三网格",
    "绿城市/市自然资源和规划局/国土空间规划与城市设计管理处",
)
_PHONE = "手机号应为以 1 开头的 11 位数字，请改正。"
_UNIT = "单位“市应急局”不存在。请核对名称；确需新建，请选择“自动新建单位”。"
_LEFT = "此行没有问题，但同一人的其他行有错，因此一并不导入。"
_POST = "文件中没有此人的这项职务，导入后将被移除。如需保留，请在文件中补上一行。"


class ShowcaseImport:
    """See features.admin.directory_import.service.DirectoryImportService. `error` is raised by every call while set."""

    def __init__(self, rows: int = 5000, *, bad: bool = True) -> None:
        self.error: Exception | None = None
        self.saved: list[Path] = []
        self._rows = [_row(number, bad=bad) for number in range(2, rows + 2)]

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    def _some(self, only: str) -> list[ImportRow]:
        if only == "problems":
            return [row for row in self._rows if row.state in ("bad", "left")]
        return [row for row in self._rows if row.warnings] if only == "warnings" else self._rows

    async def is_empty(self) -> bool:
        return False

    async def preview(self, path: Path, *, create_units: bool) -> ImportPreview:
        self._check()
        errors = [line for row in self._some("problems") if row.state == "bad" for line in row.problems]
        warnings = [line for row in self._rows for line in row.warnings]
        states = [row.state for row in self._rows]
        return ImportPreview(
            id="i1",
            filename=path.name,
            rows=len(self._rows),
            good=len(self._rows) - len(self._some("problems")),
            new_units=0,
            new_people=states.count("new"),
            changed_people=states.count("changed"),
            unchanged_people=states.count("same"),
            error_count=len(errors),
            errors=errors[:500],
            warning_count=len(warnings),
            warnings=warnings[:500],
            columns=COLUMNS,
        )

    async def rows(self, import_id: str, offset: int, limit: int, only: str) -> ImportRows:
        self._check()
        found = self._some(only)
        return ImportRows(total=len(found), rows=found[offset : offset + limit])

    async def apply(
        self, import_id: str, *, accept_partial: bool, on_progress: Callable[[Progress], None]
    ) -> ImportResult:
        self._check()
        return ImportResult(units=0, people=4386, changed=312, skipped=len(self._some("problems")))

    async def discard(self, import_id: str) -> None:
        return

    async def template(self) -> bytes:
        self._check()
        return b"PK"

    async def export(self) -> bytes:
        self._check()
        return b"PK"

    async def problems(self, import_id: str) -> bytes:
        return b"PK"

    async def save(self, data: bytes, path: Path) -> None:
        self.saved.append(path)


def _row(number: int, *, bad: bool) -> ImportRow:
    cells = [
        _NAMES[number % len(_NAMES)],
        f"138{number:08d}",
        _UNITS[number % len(_UNITS)],
        ("科员", "党组成员、副局长、一级调研员", "网格员")[number % 3],
        "二级主任科员",
    ]
    state, problems, warnings = ("new", "changed", "same")[number % 3], [], []
    if bad and number % 173 == 0:
        state, cells[1] = "bad", "1380013800O"
        problems = [ImportRowError(row=number, column="手机号", value=cells[1], message=_PHONE)]
    elif bad and number % 211 == 0:
        state, cells[2] = "bad", "绿城市/市应急局/综合处"
        problems = [ImportRowError(row=number, column="单位", value=cells[2], message=_UNIT)]
    elif bad and number % 211 == 1:
        state = "left"
        problems = [ImportRowError(row=number, column="", value="", message=_LEFT)]
    elif number % 400 == 7:
        warnings = [ImportRowError(row=number, column="职务", value="科员", message=_POST)]
    return ImportRow(row=number, state=state, cells=cells, problems=problems, warnings=warnings)

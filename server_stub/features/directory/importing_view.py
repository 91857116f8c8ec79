"""A previewed file as pages of rows, each with what becomes of it and why."""

from collections.abc import Iterator, Sequence

from server_stub.contract.directory import ImportRow, ImportRowError, ImportRows

from .importing import FIELDS, Row, Sheet
from .importing_plan import Plan

OUT = ("bad", "left")
"""States of rows that are not written."""
_LEFT = "此行没有问题，但同一人的其他行有错，因此一并不导入。"


class PlanView:
    """Rows of one sheet under one plan. Page by page: a whole city's rows are never built at once."""

    def __init__(self, sheet: Sheet, plan: Plan) -> None:
        self._fields = [field for field in FIELDS if field in sheet.columns]
        self._problems = _by_row(plan.errors)
        self._warnings = _by_row(plan.warnings)
        self._states = plan.states
        self.columns = {field: sheet.columns[field] for field in self._fields}
        """Field → heading, in the order of the cells."""
        self._lists: dict[str, Sequence[Row]] = {
            "": sheet.rows,
            "problems": [row for row in sheet.rows if self._state(row) in OUT],
            "warnings": [row for row in sheet.rows if row.number in self._warnings],
        }

    def page(self, offset: int, limit: int, only: str) -> ImportRows:
        """Rows from `offset`; raises KeyError for an unknown filter."""
        rows = self._lists[only]
        return ImportRows(total=len(rows), rows=[self._row(row) for row in rows[offset : offset + limit]])

    def left_out(self) -> Iterator[ImportRow]:
        """Every row that is not written."""
        return (self._row(row) for row in self._lists["problems"])

    def _state(self, row: Row) -> str:
        # A row that names nobody has an error of its own.
        return self._states.get(row.number, "bad")

    def _row(self, row: Row) -> ImportRow:
        state = self._state(row)
        problems = self._problems.get(row.number, [])
        if state == "left":
            problems = [ImportRowError(row=row.number, column="", value="", message=_LEFT)]
        return ImportRow(
            row=row.number,
            state=state,
            cells=[row.cells.get(field, "") for field in self._fields],
            problems=problems,
            warnings=self._warnings.get(row.number, []),
        )


def _by_row(lines: Sequence[ImportRowError]) -> dict[int, list[ImportRowError]]:
    found: dict[int, list[ImportRowError]] = {}
    for line in lines:
        found.setdefault(line.row, []).append(line)
    return found

"""Which requirements of the catalogue are shown by tests: `python tests/bed/trace.py [--json] [--check]`."""

from __future__ import annotations

import argparse
import ast
import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Requirement:
    """One row of docs/requirements.csv."""

    id: str
    area: str
    title: str
    where: str


@dataclass(frozen=True)
class Catalogue:
    """All requirements, in the catalogue's order."""

    rows: tuple[Requirement, ...]

    @classmethod
    def read(cls, path: Path) -> Catalogue:
        """Read the catalogue; raises ValueError when an id stands twice."""
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = tuple(
                Requirement(r["id"], r["area"], r["title"], r["where"]) for r in csv.DictReader(file)
            )
        twice = {row.id for row in rows if sum(other.id == row.id for other in rows) > 1}
        if twice:
            raise ValueError(f"{path.name}: ids that stand twice: {', '.join(sorted(twice))}")
        return cls(rows)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(row.id for row in self.rows)


@dataclass(frozen=True)
class Claim:
    """A test file's word that it shows requirement `id`."""

    id: str
    file: str
    line: int


@dataclass
class Trace:
    """Claims of a test tree, against a catalogue."""

    catalogue: Catalogue
    claims: list[Claim] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def covered(self) -> frozenset[str]:
        return frozenset(claim.id for claim in self.claims) & self.catalogue.ids

    def areas(self) -> dict[str, tuple[list[str], list[str]]]:
        """Per area, in the catalogue's order: ids covered, ids not yet."""
        covered = self.covered
        result: dict[str, tuple[list[str], list[str]]] = {}
        for row in self.catalogue.rows:
            result.setdefault(row.area, ([], []))[0 if row.id in covered else 1].append(row.id)
        return result


def _clause_calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "clause"
            and isinstance(node.func.value, ast.Attribute)
            and node.func.value.attr == "mark"
        ):
            yield node


def collect(tests: Path, catalogue: Catalogue) -> Trace:
    """Read every `pytest.mark.clause("ID", ...)` under `tests`, without running anything."""
    trace = Trace(catalogue)
    for path in sorted(tests.rglob("*.py")):
        name = path.relative_to(tests.parent).as_posix()
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"), filename=name)
        except SyntaxError as error:
            trace.problems.append(f"{name}:{error.lineno}: {error.msg}")
            continue
        for call in _clause_calls(tree):
            if not call.args or call.keywords:
                trace.problems.append(f"{name}:{call.lineno}: clause() takes one or more requirement ids")
            for argument in call.args:
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    trace.problems.append(
                        f"{name}:{call.lineno}: a requirement id must be written out as text"
                    )
                elif argument.value not in catalogue.ids:
                    trace.problems.append(f"{name}:{call.lineno}: no such requirement: {argument.value}")
                else:
                    trace.claims.append(Claim(argument.value, name, call.lineno))
    return trace


def as_json(trace: Trace) -> str:
    """The whole trace for other programs."""
    where: dict[str, list[str]] = {}
    for claim in trace.claims:
        where.setdefault(claim.id, []).append(f"{claim.file}:{claim.line}")
    areas = {area: {"covered": done, "open": left} for area, (done, left) in trace.areas().items()}
    total = {"covered": len(trace.covered), "all": len(trace.catalogue.rows)}
    whole = {"total": total, "areas": areas, "tests": where, "problems": trace.problems}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def as_text(trace: Trace) -> str:
    """A table per area, then what is not yet covered."""
    titles = {row.id: row.title for row in trace.catalogue.rows}
    lines = ["已由测试证明的需求（covered by tests）：", ""]
    for area, (done, left) in trace.areas().items():
        lines.append(f"  {area:<20} {len(done):>4} / {len(done) + len(left)}")
        lines += [f"      {clause:<14} {titles[clause]}" for clause in done]
    lines += ["", "尚未覆盖的需求（not yet）：", ""]
    for area, (_, left) in trace.areas().items():
        if left:
            lines.append(f"  {area}：{' '.join(left)}")
    return "\n".join([*lines, "", f"合计 {len(trace.covered)} / {len(trace.catalogue.rows)}"])


def main(arguments: list[str]) -> int:
    """Print the trace; exit code 1 when a test names a requirement that does not exist."""
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(prog="dev.py trace", description="测试覆盖了需求目录的哪些条目")
    parser.add_argument("--json", action="store_true", help="给程序读的输出")
    parser.add_argument("--check", action="store_true", help="只核对编号，不列表")
    parser.add_argument("--tests", type=Path, default=root / "tests", help=argparse.SUPPRESS)
    parser.add_argument(
        "--catalogue", type=Path, default=root / "docs" / "requirements.csv", help=argparse.SUPPRESS
    )
    options = parser.parse_args(arguments)
    trace = collect(options.tests, Catalogue.read(options.catalogue))
    if options.json:
        print(as_json(trace))
    elif not options.check:
        print(as_text(trace))
    for problem in trace.problems:
        print(f"错误：{problem}", file=sys.stderr)
    return 1 if trace.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Every test of one server also runs on two: a new one that nobody brought here is named by this test."""

from __future__ import annotations

import ast
from pathlib import Path

HERE = Path(__file__).parent


def _tests(file: Path) -> set[str]:
    """Names of the tests that pytest finds in a file: those defined there and those imported from another."""
    found: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("e2e.test_"):
            found |= {one.asname or one.name for one in node.names}
    return {name for name in found if name.startswith("test_")}


def test_every_test_of_one_server_runs_on_two():
    one = {name for file in HERE.parent.glob("test_*.py") for name in _tests(file)}
    two = {name for file in HERE.glob("test_*.py") for name in _tests(file)}
    assert len(one) > 40
    assert one - two == set()

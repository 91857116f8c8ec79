"""Every command and example of docs/seating.md works as printed."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from meeting_seat_designer.cards.presets import PRESETS, read_preset
from meeting_seat_designer.cli import main
from meeting_seat_designer.engine.files import dumps, load, loads
from meeting_seat_designer.engine.sync import sync_changes, sync_full
from meeting_seat_designer.engine.tables.people_io import read_people
from meeting_seat_designer.engine.tables.rules_io import read_ranks, read_rules
from meeting_seat_designer.engine.templates import TEMPLATES, template

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = DOCS / "examples" / "seating"
TEXT = (DOCS / "seating.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def test_every_command_of_the_page_runs_as_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in EXAMPLES.iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.strip()]
    assert len(lines) > 20
    for line in lines:
        command, _, comment = line.partition("  # ")
        expected = int(match.group(1)) if (match := re.search(r"退出码 (\d)", comment)) else 0
        words = shlex.split(command)
        assert words[:3] == ["python", "-m", "meeting_seat_designer"], line
        assert main(words[3:]) == expected, (line, capsys.readouterr().err)
        if "-o" in words:
            assert Path(words[words.index("-o") + 1]).stat().st_size > 0, line


def test_the_page_names_every_template_and_preset() -> None:
    for name in (*TEMPLATES, *PRESETS):
        assert name in TEXT


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert (DOCS / target).exists(), target


def test_the_examples_are_valid() -> None:
    (example,) = blocks("json")
    document = loads(example.encode())
    assert document.plan.seats == {"r1-1": "p1"}
    layout = load(EXAMPLES / "layout.json")
    assert dumps(layout) == (EXAMPLES / "layout.json").read_bytes()
    assert len(read_people(EXAMPLES / "people.csv").people) == 8
    assert not read_people(EXAMPLES / "people.csv").errors
    assert len(read_people(EXAMPLES / "people.json").people) == 2
    assert read_rules(EXAMPLES / "rules.json").name == "市委规则"
    assert len(read_ranks(EXAMPLES / "ranks.json").ranks) == 2
    assert read_preset(EXAMPLES / "card.json").width == 180
    empty = template("u")
    full = sync_full(empty, json.loads((EXAMPLES / "oa-full.json").read_text("utf-8")))
    assert full.added == ["oa-1001", "oa-1002"]
    changes = sync_changes(empty, json.loads((EXAMPLES / "oa-changes.json").read_text("utf-8")))
    assert changes.added == ["oa-1003", "oa-1001"]

"""The command line: commands, exit codes and messages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from meeting_seat_designer.cli import main
from meeting_seat_designer.engine.files import load, save
from meeting_seat_designer.engine.model.rules import RuleSet
from meeting_seat_designer.engine.tables.rules_io import write_rules
from meeting_seat_designer.engine.templates import template

PEOPLE = """姓名,单位,职级,角色
陈伟,发改委,一级巡视员,主席台
赵敏,水利局,二级巡视员,主席台
孙倩,教育局,一级调研员,主席台
周明,教育局,二级调研员,
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    save(template("theatre"), tmp_path / "layout.json")
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    return tmp_path


def run(*arguments: object) -> int:
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as stop:
        return int(stop.code or 0)


def test_arrange_explain_diff_and_lint(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = files / "plan.json"
    assert run("arrange", files / "layout.json", files / "people.csv", "-o", plan, "--strict") == 0
    assert "已排 4 人，待排 0 人" in capsys.readouterr().out
    assert len(load(plan).plan.seats) == 4
    assert run("explain", plan, "1排4座") == 0
    out = capsys.readouterr().out
    assert "陈伟" in out
    assert "居中向两侧（按尊位），左为尊" in out
    assert run("explain", plan, "1排4座", "--json") == 0
    assert json.loads(capsys.readouterr().out)["name"] == "陈伟"
    rules = files / "rules.json"
    write_rules(rules, RuleSet(honour="right"))
    other = files / "other.json"
    assert run("arrange", files / "layout.json", files / "people.csv", "--rules", rules, "-o", other) == 0
    capsys.readouterr()
    assert run("diff", plan, other) == 0
    assert "其中换座 2 人" in capsys.readouterr().out
    assert run("lint", plan) == 0
    assert "没有提醒" in capsys.readouterr().out


def test_exit_codes(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = files / "plan.json"
    (files / "odd.csv").write_text(PEOPLE + "高远,二七区,特级,\n", "utf-8")
    assert run("arrange", files / "layout.json", files / "odd.csv", "-o", plan) == 0
    assert "高远（职级未知，未参与排座）" in capsys.readouterr().err
    assert run("arrange", files / "layout.json", files / "odd.csv", "-o", plan, "--strict") == 1
    assert run("lint", plan) == 0
    assert run("lint", plan, "--strict") == 1
    assert run("explain", plan, "无此座") == 2
    assert "错误：没有座位“无此座”" in capsys.readouterr().err
    assert run("lint", files / "none.json") == 2
    assert run("arrange", files / "people.csv", files / "people.csv", "-o", plan) == 2
    assert run("arrange", files / "layout.json", "-o", plan) == 2
    assert "缺少参数" in capsys.readouterr().err
    assert run("fly") == 2
    assert run("explain", plan) == 2
    assert "取值无效" in capsys.readouterr().err


def test_module_runs_without_qt(files: Path) -> None:
    code = (
        "import sys; from meeting_seat_designer.cli import main;"
        f"code = main(['template', 'u', '-o', {str(files / 'u.json')!r}]);"
        "assert not [m for m in sys.modules if m.startswith('PySide6')]; sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "21 座" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "--format", "pdf", "--frame", "stage"], "主席台视角"),
        (["export", "--format", "xlsx", "--by", "seat"], "已导出"),
        (["cards", "--preset", "holder", "--content", "both"], "座牌 4 张，2 页"),
    ],
)
def test_printing_needs_no_display(files: Path, arguments: list[str], said: str) -> None:
    plan = files / "plan.json"
    assert run("arrange", files / "layout.json", files / "people.csv", "-o", plan) == 0
    target = files / "out.bin"
    clean = {
        k: v for k, v in os.environ.items() if k not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    }
    command, *rest = arguments
    done = subprocess.run(
        [sys.executable, "-m", "meeting_seat_designer", command, str(plan), *rest, "-o", str(target)],
        capture_output=True,
        encoding="utf-8",
        env=clean,
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    assert target.read_bytes()[:4] == (b"PK\x03\x04" if "xlsx" in rest else b"%PDF")

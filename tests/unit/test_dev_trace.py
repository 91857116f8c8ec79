"""`dev.py trace`: claims are found without running tests, unknown ids are refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bed.trace import Catalogue, as_json, as_text, collect, main

ROOT = Path(__file__).resolve().parents[2]
ROWS = "id,area,title,where\nE001,login,账号密码登录,desktop\n3.2.1,im,单聊,desktop\n3.2.2,im,群聊,desktop\nQ01,quality,国密,quality\n"
# Spelled in two parts, so that the real trace does not take these samples for claims.
MARK = "@pytest.mark." + "clause"


@pytest.fixture
def sample(tmp_path):
    (tmp_path / "requirements.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    (tmp_path / "tests" / "e2e").mkdir()
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / "tests" / name).write_text("import pytest\n" + text, encoding="utf-8")


def traced(folder: Path):
    return collect(folder / "tests", Catalogue.read(folder / "requirements.csv"))


def test_marks_on_functions_classes_modules_and_parameters_count(sample):
    write(
        sample,
        "unit/test_a.py",
        f"{MARK}('E001')\nclass TestX:\n  {MARK}('3.2.1')\n  async def test_y(self): ...\n",
    )
    write(
        sample,
        "e2e/test_b.py",
        f"pytestmark = [{MARK[1:]}('Q01', '3.2.1')]\nX = pytest.param(1, marks={MARK[1:]}('E001'))\n",
    )
    trace = traced(sample)
    assert trace.problems == []
    assert trace.covered == {"E001", "3.2.1", "Q01"}
    assert trace.areas() == {"login": (["E001"], []), "im": (["3.2.1"], ["3.2.2"]), "quality": (["Q01"], [])}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("('9.9')", "no such requirement: 9.9"),
        ("()", "takes one or more"),
        ("(NAME)", "must be written out"),
        ("('E001', why='x')", "takes one or more"),
    ],
)
def test_wrong_claims_are_refused_with_their_place(sample, line, problem):
    write(sample, "unit/test_a.py", f"NAME = 'E001'\n{MARK}{line}\ndef test_x(): ...\n")
    trace = traced(sample)
    assert len(trace.problems) == 1
    assert trace.problems[0].startswith("tests/unit/test_a.py:3: ")
    assert problem in trace.problems[0]


def test_a_file_that_does_not_parse_is_a_problem_not_a_crash(sample):
    write(sample, "unit/test_a.py", "def broken(:\n")
    assert traced(sample).problems[0].startswith("tests/unit/test_a.py:2: ")


def test_other_marks_and_calls_named_clause_do_not_count(sample):
    write(sample, "unit/test_a.py", "@pytest.mark.slow('E001')\ndef test_x(): sql.clause('E001')\n")
    assert traced(sample).covered == frozenset()


def test_text_and_json_say_the_same(sample):
    write(sample, "unit/test_a.py", f"{MARK}('3.2.1')\ndef test_x(): ...\n")
    trace = traced(sample)
    text, data = as_text(trace), json.loads(as_json(trace))
    assert "合计 1 / 4" in text
    assert "单聊" in text
    assert data["total"] == {"covered": 1, "all": 4}
    assert data["areas"]["im"] == {"covered": ["3.2.1"], "open": ["3.2.2"]}
    assert data["tests"] == {"3.2.1": ["tests/unit/test_a.py:2"]}


def test_exit_code_tells_of_problems(sample, capsys):
    where = ["--tests", str(sample / "tests"), "--catalogue", str(sample / "requirements.csv")]
    assert main(["--check", *where]) == 0
    write(sample, "unit/test_a.py", f"{MARK}('9.9')\ndef test_x(): ...\n")
    assert main(["--check", *where]) == 1
    assert "9.9" in capsys.readouterr().err


def test_an_id_that_stands_twice_in_the_catalogue_is_refused(sample):
    (sample / "requirements.csv").write_text(ROWS + "E001,login,again,desktop\n", encoding="utf-8")
    with pytest.raises(ValueError, match="E001"):
        Catalogue.read(sample / "requirements.csv")


def test_the_project_s_own_tests_claim_only_what_exists():
    done = subprocess.run(
        [sys.executable, "dev.py", "trace", "--json"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["total"]["all"] == len(
        Catalogue.read(ROOT / "docs" / "requirements.csv").rows
    )

"""`dev.py bench`: figures, bars and peers side by side; a failed benchmark never hides the others."""

import json

import pytest
from bed.benchtable import BadBar, Bar, find, main, number, table

GOOD = """
def run():
    print("noise that is no result")
    return {"name": "群发消息", "unit": "ms", "figures": {"p50": 12.34, "deliveries_per_s": 123456.0, "note": "x"},
            "bar": {"p50": {"max": 20}, "deliveries_per_s": ">= 200000"}, "peer": {"p50": 24.8, "ejabberd": 49.8}}
"""


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "benchmarks"
    folder.mkdir()
    (folder / "good.py").write_text(GOOD, encoding="utf-8")
    (folder / "_shared.py").write_text("raise SystemExit('not a benchmark')")
    return tmp_path


def test_table_shows_figure_bar_peer_and_verdict(tree, capsys):
    assert main(["good"], tree) == 0
    out = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.startswith("  ")}
    assert rows["p50"] == ["12.3", "≤", "20", "24.8", "达标"]
    assert rows["deliveries_per_s"] == ["123,456", "≥", "200,000", "未达标"]
    assert rows["note"] == ["x", "—"]
    assert rows["对照"] == ["ejabberd", "49.8"]
    assert "达标 1，未达标 1，未能测量 0" in out
    assert "noise" not in out


def test_json_holds_machine_figures_and_verdicts(tree, capsys):
    assert main(["--json"], tree) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["machine"]["cores"] >= 1
    (result,) = whole["results"]
    assert result["file"] == "good"
    assert result["verdict"] == {"p50": True, "deliveries_per_s": False, "note": None}


def test_a_failure_is_a_row_and_an_exit_code(tree, capsys):
    (tree / "benchmarks" / "bad.py").write_text("def run():\n    raise RuntimeError('no server')\n")
    (tree / "benchmarks" / "odd.py").write_text(
        "def run():\n    return {'figures': {'a': 1}, 'bar': {'a': [1]}}\n"
    )
    assert main([], tree) == 1
    out = capsys.readouterr().out
    assert "失败：RuntimeError: no server" in out
    assert "结果不合规定" in out
    assert "12.3" in out
    assert "未能测量 2" in out


def test_strict_fails_on_a_missed_bar(tree):
    assert main(["--strict", "good"], tree) == 1


def test_an_unknown_name_lists_the_known(tree, capsys):
    assert main(["nothing"], tree) == 2
    assert "good" in capsys.readouterr().err
    with pytest.raises(KeyError):
        find(tree / "benchmarks", ["_shared"])


@pytest.mark.parametrize(
    ("raw", "figure", "better", "shown"),
    [
        ({"max": 20}, "p50", None, "≤ 20"),
        ({"min": 5000}, "rate", None, "≥ 5,000"),
        ("<= 1.5 s", "start", None, "≤ 1.5"),
        ("≥ 100,000", "x", None, "≥ 100,000"),
        (50, "ms", None, "≤ 50"),
        (5000, "messages/s", None, "≥ 5,000"),
        (5000, "messages/s", "lower", "≤ 5,000"),
        (3, "frames", "higher", "≥ 3"),
    ],
)
def test_bars_of_every_shape(raw, figure, better, shown):
    assert str(Bar.read(raw, figure=figure, unit="", better=better)) == shown


@pytest.mark.parametrize("raw", [None, True, [1], {"max": 1, "min": 0}, {"about": 3}, "fast"])
def test_other_bars_are_refused(raw):
    with pytest.raises(BadBar):
        Bar.read(raw, figure="x", unit="", better=None)


def test_bars_hold_at_their_very_limit():
    assert Bar(True, 20).holds(20)
    assert Bar(False, 20).holds(20)
    assert not Bar(True, 20).holds(20.1)
    assert not Bar(False, 20).holds(19.9)


def test_numbers_read_easily():
    assert [number(v) for v in (0.01234, 12.345, 999, 1234567.8, 0, "n/a")] == [
        "0.0123",
        "12.3",
        "999",
        "1,234,568",
        "0",
        "n/a",
    ]


def test_an_empty_run_is_an_empty_table():
    assert table([]).split() == ["指标", "实测", "门槛", "同类对照", "结论"]

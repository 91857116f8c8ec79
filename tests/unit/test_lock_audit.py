"""The lock's log: a chain that shows tampering, filters, and exports that open in a spreadsheet."""

import csv
import hashlib
from pathlib import Path

import openpyxl
import pytest

from lock.audit.chain import AuditChain, BrokenChain, LockEntry
from lock.audit.export import HEADINGS, to_csv, to_xlsx


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def entry(at_ms: int, trigger: str = "idle", person: str = "p1", window: str = "") -> LockEntry:
    return LockEntry(at_ms, "lock", "done", trigger, "", window, person, "d1")


@pytest.fixture
def chain(tmp_path: Path) -> AuditChain:
    made = AuditChain(tmp_path / "lock.log", digest)
    for number, trigger in enumerate(["idle", "tray", "hotkey", "idle"]):
        made.append(entry(1000 * number, trigger, "p1" if number < 3 else "p2"))
    return made


def test_the_chain_goes_on_after_a_restart(chain: AuditChain, tmp_path: Path) -> None:
    again = AuditChain(tmp_path / "lock.log", digest)
    again.append(entry(9000))
    assert again.verify() == 5


@pytest.mark.clause("3.2.3.1.8")
def test_entries_are_found_by_date_trigger_and_user(chain: AuditChain) -> None:
    assert [e.at_ms for e in chain.entries(from_ms=1000, to_ms=3000)] == [1000, 2000]
    assert [e.at_ms for e in chain.entries(trigger="idle")] == [0, 3000]
    assert [e.at_ms for e in chain.entries(trigger="idle", person_id="p2")] == [3000]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: [lines[0].replace("idle", "tray"), *lines[1:]], 1),
        (lambda lines: [lines[0], *lines[2:]], 2),
        (lambda lines: [lines[0], lines[2], lines[1], lines[3]], 2),
        (lambda lines: [*lines[:3], "{}"], 4),
        (lambda lines: [*lines[:3], "nonsense"], 4),
    ],
)
def test_a_changed_missing_or_moved_line_shows(chain: AuditChain, tmp_path: Path, change, line: int) -> None:
    file = tmp_path / "lock.log"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(change(lines)) + "\n")
    with pytest.raises(BrokenChain) as found:
        chain.verify()
    assert found.value.line == line


def test_lines_cut_from_the_end_show_while_the_client_runs(chain: AuditChain, tmp_path: Path) -> None:
    file = tmp_path / "lock.log"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:2]))
    with pytest.raises(BrokenChain):
        chain.verify()


def test_a_line_torn_by_a_crash_is_dropped_and_the_rest_kept(chain: AuditChain, tmp_path: Path) -> None:
    file = tmp_path / "lock.log"
    with file.open("a") as stream:
        stream.write('{"at_ms": 5, "acti')
    again = AuditChain(file, digest)
    again.append(entry(9000))
    assert again.verify() == 5


@pytest.mark.clause("3.2.3.1.8")
def test_exports_open_with_headings_and_chinese_words(chain: AuditChain, tmp_path: Path) -> None:
    chain.append(entry(1_790_000_000_000, "forced", window='=HYPERLINK("http://x")'))
    to_csv(chain.entries(), tmp_path / "log.csv")
    to_xlsx(chain.entries(), tmp_path / "log.xlsx")
    with (tmp_path / "log.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    sheet = openpyxl.load_workbook(tmp_path / "log.xlsx").active
    assert sheet is not None
    cells = [[str(value or "") for value in line] for line in sheet.iter_rows(values_only=True)]
    assert rows[0] == list(HEADINGS)
    assert rows == cells
    assert rows[1][:4] == ["1970-01-01 08:00:00", "锁定", "成功", "超时自动锁定"]
    assert rows[-1][0] == "2026-09-21 22:13:20"
    assert rows[-1][3] == "服务器强制锁定"
    assert rows[-1][5].startswith("'=")

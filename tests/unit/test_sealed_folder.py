"""Seating plans are sealed while the account is locked: whole at every moment, bound to their place, opened again."""

from pathlib import Path

import pytest

from app.store.sealed_folder import SUFFIX, open_folder, seal_folder, sealing_key

KEY = sealing_key(bytes(range(32)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plans = tmp_path / "meetings"
    (plans / "deep").mkdir(parents=True)
    (plans / "全市防汛会议.seat").write_bytes("王建国 第一排".encode())
    (plans / "deep" / "b.seat").write_bytes(b"x" * 100_000)
    return plans


def contents(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_nothing_readable_is_left_and_everything_comes_back(folder: Path) -> None:
    before, times = contents(folder), (folder / "deep" / "b.seat").stat().st_mtime_ns
    assert seal_folder(folder, KEY) == 2
    sealed = contents(folder)
    assert all(name.endswith(SUFFIX) for name in sealed)
    assert not any("王建国".encode() in data for data in sealed.values())
    assert seal_folder(folder, KEY) == 0
    assert open_folder(folder, KEY) == 2
    assert contents(folder) == before
    assert (folder / "deep" / "b.seat").stat().st_mtime_ns == times


def test_a_wrong_key_or_a_moved_file_opens_nothing_and_loses_nothing(folder: Path) -> None:
    seal_folder(folder, KEY)
    sealed = contents(folder)
    assert open_folder(folder, sealing_key(bytes(32))) == 0
    assert contents(folder) == sealed
    (folder / f"b.seat{SUFFIX}").write_bytes((folder / "deep" / f"b.seat{SUFFIX}").read_bytes())
    (folder / f"short{SUFFIX}").write_bytes(b"x")
    assert open_folder(folder, KEY) == 2
    assert not (folder / "b.seat").exists()
    assert (folder / f"short{SUFFIX}").exists()


def test_an_end_in_the_middle_of_sealing_leaves_the_plain_file(folder: Path) -> None:
    plain = (folder / "deep" / "b.seat").read_bytes()
    seal_folder(folder, KEY)
    (folder / "deep" / "b.seat").write_bytes(plain)
    assert open_folder(folder, KEY) == 1
    assert set(contents(folder)) == {"全市防汛会议.seat", "b.seat"}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert seal_folder(tmp_path / "none", KEY) == open_folder(tmp_path / "none", KEY) == 0

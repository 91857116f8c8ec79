"""Preferences of a profile: kept, tolerant of damage, told when they change."""

import json

import pytest

from app.preferences import Preferences, parse


@pytest.mark.clause("E156")
def test_font_size_survives_a_restart(tmp_path, qtbot):
    path = tmp_path / "p" / "preferences.json"
    first = Preferences(path)
    with qtbot.waitSignal(first.changed) as told:
        first.set(font_size="large")
    assert told.args == ["font_size"]
    first.flush()
    assert Preferences(path).values.font_size == "large"


def test_written_by_itself_a_moment_later(tmp_path, qtbot):
    path = tmp_path / "preferences.json"
    preferences = Preferences(path)
    preferences.set(theme="dark", recent_emoji=("👌",))
    qtbot.waitUntil(path.exists)
    assert parse(path.read_text("utf-8")).recent_emoji == ("👌",)


def test_damage_gives_defaults():
    assert parse("{").theme == "system"
    assert parse("[]").theme == "system"
    mixed = parse(json.dumps({"theme": "pink", "font_size": 3, "send_key": "ctrl_enter", "new": 1}))
    assert (mixed.theme, mixed.font_size, mixed.send_key) == ("system", "standard", "ctrl_enter")


def test_bad_values_are_refused_and_same_values_are_silent(tmp_path, qtbot):
    preferences = Preferences(tmp_path / "preferences.json")
    with pytest.raises(ValueError, match="theme"):
        preferences.set(theme="pink")
    with pytest.raises(TypeError):
        preferences.set(nonsense=1)
    with qtbot.assertNotEmitted(preferences.changed):
        preferences.set(theme="system")

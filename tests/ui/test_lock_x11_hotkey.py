"""The global hotkey on a real X server, pressed by xdotool while another window has the focus."""

import asyncio
import os
import subprocess

import pytest
from PySide6.QtWidgets import QLineEdit

from lock.hotkey.combination import DEFAULT, Combination
from lock.hotkey.source import HotkeyTaken
from lock.hotkey.x11 import X11Hotkey


def press(keys: str) -> None:
    subprocess.run(["xdotool", "key", "--clearmodifiers", keys], check=True)


def opened() -> X11Hotkey:
    source = X11Hotkey.open(os.environ["DISPLAY"])
    assert source is not None
    return source


@pytest.mark.clause("3.2.3.1.6")
async def test_the_hotkey_works_while_another_window_has_the_focus(xvfb: str, qtbot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    source, pressed = opened(), asyncio.Event()
    await source.register(Combination.parse(DEFAULT), pressed.set)
    await asyncio.to_thread(press, "ctrl+alt+l")
    await asyncio.wait_for(pressed.wait(), 5)
    assert field.text() == ""
    await source.close()


@pytest.mark.clause("3.2.3.1.6")
async def test_it_works_with_caps_lock_on(xvfb: str) -> None:
    source, pressed = opened(), asyncio.Event()
    await source.register(Combination.parse(DEFAULT), pressed.set)
    await asyncio.to_thread(press, "Caps_Lock")
    try:
        await asyncio.to_thread(subprocess.run, ["xdotool", "key", "ctrl+alt+l"], check=True)
        await asyncio.wait_for(pressed.wait(), 5)
    finally:
        await asyncio.to_thread(press, "Caps_Lock")
        await source.close()


@pytest.mark.clause("3.2.3.1.6")
async def test_a_combination_that_another_program_holds_is_said_and_the_old_one_stays(xvfb: str) -> None:
    other, source = opened(), opened()
    pressed = asyncio.Event()
    await other.register(Combination.parse("Ctrl+Alt+K"), lambda: None)
    await source.register(Combination.parse("Ctrl+Alt+J"), pressed.set)
    with pytest.raises(HotkeyTaken, match="已被其他程序占用"):
        await source.register(Combination.parse("Ctrl+Alt+K"), lambda: None)
    await asyncio.to_thread(press, "ctrl+alt+j")
    await asyncio.wait_for(pressed.wait(), 5)
    await other.close()
    taken_over = asyncio.Event()
    await source.register(Combination.parse("Ctrl+Alt+K"), taken_over.set)
    await asyncio.to_thread(press, "ctrl+alt+k")
    await asyncio.wait_for(taken_over.wait(), 5)
    await source.close()

"""Key combinations as text, and the fake and null sources behind the interface."""

import re

import pytest

from lock.hotkey.combination import DEFAULT, BadCombination, Combination
from lock.hotkey.source import FakeHotkey, HotkeyTaken, HotkeyUnavailable, NullHotkey
from lock.hotkey.windows import WindowsHotkey, virtual_key


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Ctrl+Alt+L", DEFAULT),
        ("alt + control + l", DEFAULT),
        ("win+F12", "Super+F12"),
        ("shift+ctrl+space", "Ctrl+Shift+Space"),
        ("F9", "F9"),
    ],
)
def test_combinations_are_read_in_any_order_and_case(text: str, plain: str) -> None:
    assert str(Combination.parse(text)) == plain


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "例如 Ctrl+Alt+L"),
        ("Ctrl+", "例如 Ctrl+Alt+L"),
        ("Ctrl+Alt", "只能有一个普通按键"),
        ("Ctrl+A+B", "只能有一个普通按键"),
        ("Shift+L", "以免影响正常输入"),
        ("L", "以免影响正常输入"),
        ("Ctrl+F13", "不支持按键“F13”"),
        ("Ctrl+§", "不支持按键"),
    ],
)
def test_bad_combinations_are_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(BadCombination, match=re.escape(says)):
        Combination.parse(text)


def test_windows_virtual_keys() -> None:
    assert [virtual_key(key) for key in ("L", "7", "F1", "F12", "Space")] == [0x4C, 0x37, 0x70, 0x7B, 0x20]
    assert WindowsHotkey.open() is None


async def test_fake_and_null_sources_keep_the_interface() -> None:
    fake, pressed = FakeHotkey(), []
    await fake.register(Combination.parse(DEFAULT), lambda: pressed.append(1))
    fake.taken = {"Ctrl+Alt+K"}
    with pytest.raises(HotkeyTaken, match=r"Ctrl\+Alt\+K 已被其他程序占用"):
        await fake.register(Combination.parse("Ctrl+Alt+K"), lambda: pressed.append(2))
    fake.press()
    assert pressed == [1]
    await fake.close()
    fake.press()
    assert pressed == [1]
    with pytest.raises(HotkeyUnavailable, match="托盘"):
        await NullHotkey().register(Combination.parse(DEFAULT), lambda: None)
    await NullHotkey().close()

"""A key combination as the user writes it, such as "Ctrl+Alt+L"."""

import re
from dataclasses import dataclass

MODIFIERS = ("Ctrl", "Alt", "Shift", "Super")
DEFAULT = "Ctrl+Alt+L"
_ALIASES = {
    "control": "Ctrl",
    "ctrl": "Ctrl",
    "alt": "Alt",
    "shift": "Shift",
    "super": "Super",
    "win": "Super",
    "meta": "Super",
}
_NAMED_KEYS = {
    "space": "Space",
    "pause": "Pause",
    "insert": "Insert",
    "home": "Home",
    "end": "End",
    "delete": "Delete",
}


class BadCombination(ValueError):
    """The text is not a combination that can be a global hotkey; the message is for the user."""


@dataclass(frozen=True)
class Combination:
    """Modifiers in the order of `MODIFIERS`, and one key: A–Z, 0–9, F1–F12 or a named key."""

    modifiers: tuple[str, ...]
    key: str

    def __str__(self) -> str:
        return "+".join((*self.modifiers, self.key))

    @classmethod
    def parse(cls, text: str) -> "Combination":
        """Read `text`; raise `BadCombination` with what is wrong."""
        parts = [part.strip() for part in text.split("+")]
        if not all(parts):
            raise BadCombination("请按住修饰键再按一个按键，例如 Ctrl+Alt+L。")
        found: set[str] = set()
        keys: list[str] = []
        for part in parts:
            modifier = _ALIASES.get(part.lower())
            if modifier is None:
                keys.append(part)
            else:
                found.add(modifier)
        if len(keys) != 1:
            raise BadCombination("快捷键需要且只能有一个普通按键，例如 Ctrl+Alt+L。")
        key = _key(keys[0])
        modifiers = tuple(name for name in MODIFIERS if name in found)
        # A single Shift, or nothing, with a letter would swallow ordinary typing in every program.
        if not set(modifiers) - {"Shift"} and not key.startswith("F"):
            raise BadCombination("快捷键需要包含 Ctrl、Alt 或 Super，以免影响正常输入。")
        return cls(modifiers, key)


def _key(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9]", text):
        return text.upper()
    if re.fullmatch(r"[Ff]([1-9]|1[0-2])", text):
        return text.upper()
    named = _NAMED_KEYS.get(text.lower())
    if named is None:
        raise BadCombination(f"不支持按键“{text}”。请使用字母、数字或 F1 至 F12。")
    return named

"""What a platform's hotkey registration looks like to the lock."""

from collections.abc import Callable
from typing import Protocol

from .combination import Combination

Pressed = Callable[[], None]
"""Called on the event loop when the combination is pressed."""


class HotkeyTaken(Exception):
    """Another program holds the combination."""

    def __init__(self, combination: Combination) -> None:
        super().__init__(f"快捷键 {combination} 已被其他程序占用，请换一个。")
        self.combination = combination


class HotkeyUnavailable(Exception):
    """This desktop gives no global hotkeys; the message says what to do instead."""


class HotkeySource(Protocol):
    """Registers one combination at a time."""

    name: str
    tells_conflicts: bool
    """Whether `register` can tell that another program holds the combination."""

    async def register(self, combination: Combination, pressed: Pressed) -> None:
        """Take `combination` in place of the one before; raise `HotkeyTaken` or `HotkeyUnavailable`.

        After a failure the combination before is still in force.
        """
        ...

    async def close(self) -> None:
        """Let go of the combination."""
        ...


class NullHotkey:
    """No global hotkeys here (Wayland without a working portal, no display)."""

    name = "不可用"
    tells_conflicts = False

    async def register(self, combination: Combination, pressed: Pressed) -> None:
        """Always refuse, saying what else locks."""
        raise HotkeyUnavailable("当前桌面不支持全局快捷键，请使用托盘菜单或窗口上的锁定按钮。")

    async def close(self) -> None:
        """Nothing to let go of."""


class FakeHotkey:
    """A source for tests: `press` plays the user, `taken` the other programs."""

    name = "fake"
    tells_conflicts = True

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.combination: Combination | None = None
        self._pressed: Pressed | None = None

    async def register(self, combination: Combination, pressed: Pressed) -> None:
        """Take it unless it is in `taken`."""
        if str(combination) in self.taken:
            raise HotkeyTaken(combination)
        self.combination, self._pressed = combination, pressed

    def press(self) -> None:
        """The user presses the registered combination."""
        if self._pressed is not None:
            self._pressed()

    async def close(self) -> None:
        """Forget it."""
        self.combination = self._pressed = None

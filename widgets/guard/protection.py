"""How well windows are protected against capture, as a grade with words for a badge."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """What is in force, weakest first. `wire` is the stable name for other programs."""

    NONE = 0
    """Nothing: a capture shows everything and is not noticed."""
    DETECTING = 20
    """Recorders are noticed and the content is concealed; a one-shot capture may come through."""
    REQUESTED = 30
    """The desktop was asked to leave the windows out, but does not say whether it does; recorders are noticed."""
    BLACKED = 40
    """The system blackens the windows in captures; confirmed by reading back."""
    EXCLUDED = 50
    """The system leaves the windows out of captures, or forbids captures; confirmed by reading back."""

    @property
    def wire(self) -> str:
        """A stable name: none, detecting, requested, blacked, excluded."""
        return self.name.lower()

    @classmethod
    def of_wire(cls, name: str) -> Level:
        """The level of a wire name; an unknown one counts as nothing."""
        return next((level for level in cls if level.wire == name), cls.NONE)


_LABELS = {
    Level.NONE: "无防截屏保护",
    Level.DETECTING: "录屏检测 生效中",
    Level.REQUESTED: "防截屏 已请求",
    Level.BLACKED: "防截屏 生效中",
    Level.EXCLUDED: "防截屏 生效中",
}
_SHORT = {
    Level.NONE: "无防截屏",
    Level.DETECTING: "录屏检测",
    Level.REQUESTED: "防截屏（系统未确认）",
    Level.BLACKED: "防截屏",
    Level.EXCLUDED: "防截屏",
}
_TONES = {
    Level.NONE: "bad",
    Level.DETECTING: "warn",
    Level.REQUESTED: "warn",
    Level.BLACKED: "ok",
    Level.EXCLUDED: "ok",
}
_MEANING = {
    Level.NONE: "截屏和录屏都会拍到内容，也不会被发现。",
    Level.DETECTING: "发现录屏会立即隐藏内容；一次性截屏可能来不及阻止。",
    Level.REQUESTED: "已请求系统不拍摄本窗口，但系统不返回结果；发现录屏会立即隐藏内容。",
    Level.BLACKED: "系统会在截屏和录屏里把窗口变黑。",
    Level.EXCLUDED: "系统不允许截屏和录屏拍到内容。",
}


@dataclass(frozen=True)
class Protection:
    """What protects the guarded windows at this moment.

    `platform`: whose means they are ("Windows", "统信 UOS", "X11"). `excepted_until_ms`: end of a running exception
    (Unix time) or 0; while it runs the level is NONE. `problems`: what could not be put into force, in Chinese.
    """

    level: Level
    platform: str = ""
    excepted_until_ms: int = 0
    problems: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The badge's words."""
        return "防截屏例外 生效中" if self.excepted_until_ms else _LABELS[self.level]

    @property
    def tone(self) -> str:
        """The badge's pill tone: ok, warn or bad."""
        return "bad" if self.excepted_until_ms else _TONES[self.level]

    @property
    def for_others(self) -> str:
        """What the other side is told, behind "对方": "Windows 防截屏"."""
        if self.excepted_until_ms:
            return "防截屏例外中"
        return f"{self.platform} {_SHORT[self.level]}".strip() if self.level else _SHORT[self.level]

    @property
    def explanation(self) -> str:
        """A tooltip: what the level means, then the problems."""
        meaning = "为远程协助或辅助工具临时放行。" if self.excepted_until_ms else _MEANING[self.level]
        return "\n".join((meaning, *self.problems))

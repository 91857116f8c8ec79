"""The three levels in words, icons and colours (3.1.1.9)."""

from __future__ import annotations

from dataclasses import dataclass

from server_stub.contract.secret import SecretLevel

from .bubble import Way


@dataclass(frozen=True)
class LevelLook:
    """How a level shows: `icon` and `tone` (pill tone) of its own, how a message is read and announced."""

    title: str
    icon: str
    tone: str
    color: str
    """Token of the word in the list."""
    way: Way
    reading: str
    announces: bool
    """A banner 收到一条消息."""
    counts: bool
    """A number at the entry."""
    explanation: str


LOOKS: dict[SecretLevel, LevelLook] = {
    SecretLevel.STANDARD: LevelLook(
        "标准",
        "bell",
        "neutral",
        "text_2",
        Way.TAP,
        "点按查看",
        announces=True,
        counts=True,
        explanation="来消息时提示“收到一条消息”，点一下即可查看。",
    ),
    SecretLevel.ENHANCED: LevelLook(
        "增强",
        "eye",
        "brand",
        "brand_text",
        Way.HOLD,
        "按住查看",
        announces=False,
        counts=True,
        explanation="来消息时只显示数字；按住才显示，松开即隐藏。",
    ),
    SecretLevel.HIGHEST: LevelLook(
        "最高",
        "shield",
        "secret",
        "secret_text",
        Way.LINES,
        "按住逐行查看",
        announces=False,
        counts=False,
        explanation="来消息没有任何提示；每次进入须验证口令，按住逐行显示。",
    ),
}

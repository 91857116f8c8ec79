"""Who made a result: said on the screen beside it, always."""

from __future__ import annotations

from enum import Enum


class Origin(Enum):
    """A model wrote it, or rules and excerpts made it."""

    MODEL = "model"
    RULES = "rules"

    @property
    def label(self) -> str:
        """由模型生成 or 规则与摘录生成."""
        return "由模型生成" if self is Origin.MODEL else "规则与摘录生成"

    @property
    def notice(self) -> str:
        """内容为人工智能生成 where a model wrote, else empty."""
        return AI_NOTICE if self is Origin.MODEL else ""


AI_NOTICE = "内容为人工智能生成"

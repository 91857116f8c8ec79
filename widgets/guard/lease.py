"""A time-boxed exception from the guard, for assistive and remote-help tools."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_S = 3600
"""No exception lasts longer; whoever needs more asks again."""


class LeaseRefused(ValueError):
    """An exception without reason or end; the text is Chinese."""


@dataclass(frozen=True)
class Lease:
    """Who asked why, from when until when (Unix milliseconds). `ended_ms` is 0 while it runs."""

    why: str
    started_ms: int
    until_ms: int
    ended_ms: int = 0

    @classmethod
    def of(cls, seconds: float, why: str, now_ms: int) -> Lease:
        """Raises LeaseRefused when there is no reason, or the time is not between 0 and `LONGEST_S`."""
        if not why.strip():
            raise LeaseRefused("请填写放行的原因。")
        if not 0 < seconds <= LONGEST_S:
            raise LeaseRefused(f"放行时间应在 {LONGEST_S // 60} 分钟以内。")
        return cls(why.strip(), now_ms, now_ms + round(seconds * 1000))

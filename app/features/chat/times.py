"""Times as an office clerk reads them: 09:41, 昨天, 周五, 11月3日, 2025年3月1日."""

from __future__ import annotations

from datetime import datetime, timedelta

WEEKDAYS = "一二三四五六日"
SEPARATE_AFTER_MS = 5 * 60 * 1000
"""A silence longer than this gets a time line before the next message."""


def local(ms: int) -> datetime:
    """Unix milliseconds as local time."""
    return datetime.fromtimestamp(ms / 1000).astimezone()


def short_time(ms: int, now_ms: int) -> str:
    """For the conversation list: the time today, 昨天, the weekday within a week, else the date."""
    if not ms:
        return ""
    then, now = local(ms), local(now_ms)
    days = (now.date() - then.date()).days
    if days <= 0:
        return f"{then:%H:%M}"
    if days == 1:
        return "昨天"
    if days < 7:
        return f"周{WEEKDAYS[then.weekday()]}"
    if then.year == now.year:
        return f"{then.month}月{then.day}日"
    return f"{then.year}/{then.month}/{then.day}"


def line_time(ms: int, now_ms: int) -> str:
    """For the lines between messages: 今天 09:20, 昨天 18:02, 周五 08:00, 11月3日 09:41."""
    then, now = local(ms), local(now_ms)
    clock = f"{then:%H:%M}"
    days = (now.date() - then.date()).days
    if days <= 0:
        return f"今天 {clock}"
    if days == 1:
        return f"昨天 {clock}"
    if days < 7:
        return f"周{WEEKDAYS[then.weekday()]} {clock}"
    if then.year == now.year:
        return f"{then.month}月{then.day}日 {clock}"
    return f"{then.year}年{then.month}月{then.day}日 {clock}"


def needs_line(before_ms: int, ms: int) -> bool:
    """Whether a time line stands between two messages (0: there is none before)."""
    if not before_ms:
        return True
    return ms - before_ms > SEPARATE_AFTER_MS or local(before_ms).date() != local(ms).date()


def until_midnight_ms(now_ms: int) -> int:
    """How long "今天" and "昨天" stay true."""
    now = local(now_ms)
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=1, microsecond=0)
    return max(1000, int((tomorrow - now).total_seconds() * 1000))

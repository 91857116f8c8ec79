"""How long messages are kept (数据定期删除, 3.2.3.2)."""

from .wire import Request, Wire

EVERY_HOURS = (24, 168, 720)
"""Daily, weekly, monthly."""
SHORTEST_DAYS, LONGEST_DAYS = 7, 3650


class RetentionPolicy(Request, frozen=True, kw_only=True):
    """Messages older than `days` are deleted every `every_hours` (one of EVERY_HOURS) while it is `on`. Files stay."""

    on: bool = False
    days: int = 365
    every_hours: int = 24


class RetentionState(Wire, frozen=True, kw_only=True):
    """What is set, when it ran last (Unix milliseconds, 0: never) and how many messages it took then; and how many are
    older than `days` now."""

    policy: RetentionPolicy
    ran_at: int = 0
    removed: int = 0
    waiting: int = 0


class RetentionAsked(Wire, frozen=True, kw_only=True):
    """How many messages are older than so many days."""

    waiting: int


class RetentionRun(Wire, frozen=True, kw_only=True):
    """What a run took away."""

    removed: int
    conversations: int

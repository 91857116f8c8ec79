"""The audit trail as administrators look it up: who did what when, and how it ended."""

from .wire import Wire

MOST_EXPORTED = 200_000
"""Lines in one exported file; where more fit the filter, the newest."""


class AuditLine(Wire, frozen=True, kw_only=True):
    """One line. `actor` is a person's id, "" for the server itself or somebody unknown."""

    id: int
    at_ms: int
    actor: str
    actor_name: str = ""
    action: str
    """A key of audit_words.ACTIONS, or one that a newer server writes."""
    target: str = ""
    target_name: str = ""
    """The target with names in the place of ids; "" where it has none that are known."""
    result: str = ""


class AuditPage(Wire, frozen=True, kw_only=True):
    """GET /api/v1/admin/audit: lines, the newest first. `more`: older ones fit the filter; ask with `before` = the last id."""

    lines: list[AuditLine]
    more: bool = False

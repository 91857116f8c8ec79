"""One synchronisation with the OA system: changes where possible, else the whole list. Source: 3.1.6.3."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from meeting_seat_designer.engine.model.document import Document
from meeting_seat_designer.engine.sync import Synced, sync_changes, sync_full
from meeting_seat_designer.oa.client import OaClient, OaError, TooOld

_MEETING = ("title", "start", "end", "place", "organiser")


class Fetched(NamedTuple):
    """What the OA system says: the edit with its changes, the version reached, facts of the meeting, and whether whole."""

    synced: Synced
    version: str
    meeting: dict[str, str]
    whole: bool


def fetch(document: Document, client: OaClient, meeting: str, since: str = "") -> Fetched:
    """Ask for changes since a version, or for everyone when there is none or it is too old; changes nothing itself.

    Run `synced.edit` on the document's history and keep `version` for the next time. SeatingError when it fails.
    """
    if since:
        try:
            answer = client.changes(meeting, since)
            return Fetched(sync_changes(document, answer), answer["version"], {}, False)
        except TooOld:
            pass
    answer = client.attendees(meeting)
    if not answer["people"] and any(person.status == "attending" for person in document.people):
        raise OaError("OA 系统返回了空名单；为免误删，未作任何改动。会议确已取消时，请在人员中手动取消")
    facts: Any = answer.get("meeting")
    known: dict[str, str] = {}
    if isinstance(facts, dict):
        known = {
            key: value
            for key, value in cast(dict[str, Any], facts).items()
            if key in _MEETING and isinstance(value, str)
        }
    return Fetched(sync_full(document, answer), answer["version"], known, True)

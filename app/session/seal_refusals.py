"""What is not as its sender sealed it: never shown; the user and the administrators hear of it, once."""

import logging
from collections.abc import Callable

from app.session.api import ApiClient
from app.session.http import SessionEnded
from app.session.side_work import SideWork
from app.session.states import NetworkError
from server_stub.contract.errors import ApiError
from server_stub.contract.keys import SealReport

log = logging.getLogger(__name__)


class SealRefusals:
    """Part of a session."""

    def __init__(self, api: ApiClient, side: SideWork, tell: Callable[[str], None]) -> None:
        """`tell` takes the sentence for the user."""
        self._api, self._side, self._tell = api, side, tell
        self._reported: set[tuple[str, str]] = set()

    def refused(self, conversation_id: str, what: str, reason: str) -> None:
        """`what`: a message's seq or a file's id; `reason`: in the words of SealReport."""
        if (conversation_id, what) in self._reported:
            return
        self._reported.add((conversation_id, what))
        log.error("a sealed body was refused", extra={"reason": reason})
        self._tell("收到的内容未通过校验，可能被篡改或重放，已拒绝显示并上报管理员。")
        self._side.start(self._report(SealReport(conversation_id=conversation_id, what=what, reason=reason)))

    async def _report(self, report: SealReport) -> None:
        try:
            await self._api.report_seal(report)
        except (NetworkError, ApiError, SessionEnded):
            # The next start fetches it, refuses it and reports it again.
            self._reported.discard((report.conversation_id, report.what))

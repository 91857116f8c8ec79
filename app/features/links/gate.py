"""Judges a link before it opens: blocked sites do not, strange ones are asked about; both are reported (3.2.3.4.4)."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Protocol

import msgspec
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QWidget

from app.session.session import Session
from app.session.states import NetworkError
from app.shell.tasks import Tasks
from app.store.queries import preferences
from server_stub.contract.errors import ApiError
from server_stub.contract.links import REASONS, LinkPolicy, LinkReport, Verdict, judge
from widgets.controls import ConfirmDialog, Dialog, label
from widgets.theme import ThemeManager

log = logging.getLogger(__name__)

FRESH_S = 60.0
"""Rules that are older are asked for anew, should the word of a change have been lost; without the server the last known ones hold."""
_WAIT_S = 3.0
_KEPT = "link_policy"


class LinkRules(Protocol):
    """The organisation's rules."""

    async def policy(self) -> LinkPolicy:
        """Those in force, as far as known."""
        ...

    async def report(self, report: LinkReport) -> None:
        """Tell the server; nothing happens without it."""
        ...


class SessionLinkRules:
    """Asks the server, and remembers in the store. What administrators change holds for the next link that is clicked."""

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        self._session, self._clock = session, clock
        self._policy: LinkPolicy | None = None
        self._read_at = 0.0
        self._told, self._known = 0, 0
        """How often a change was told, and of those how many the policy holds."""
        session.link_news.connect(lambda _nothing: self._changed())

    def _changed(self) -> None:
        self._told += 1

    async def policy(self) -> LinkPolicy:
        told = self._told
        if self._policy is not None and self._known == told and self._clock() - self._read_at < FRESH_S:
            return self._policy
        try:
            # A click does not wait for a server that does not answer.
            async with asyncio.timeout(_WAIT_S):
                found = await self._session.api.http.call("GET", "/links/policy", LinkPolicy)
        except (NetworkError, ApiError, TimeoutError):
            if self._policy is None:
                raw = await self._session.store.read(lambda db: preferences.get(db, _KEPT, None))
                try:
                    self._policy = msgspec.convert(raw, LinkPolicy) if raw else LinkPolicy()
                except msgspec.ValidationError:
                    self._policy = LinkPolicy()
            return self._policy
        if found != self._policy:
            await self._session.set_preference(_KEPT, msgspec.to_builtins(found))
        # What was told while the answer was on its way is asked for again.
        self._policy, self._read_at, self._known = found, self._clock(), told
        return found

    async def report(self, report: LinkReport) -> None:
        try:
            await self._session.api.http.call("POST", "/links/reports", type(None), body=report)
        except (NetworkError, ApiError) as error:
            log.info("a stopped link was not reported", extra={"reason": type(error).__name__})


class LinkGate:
    """`open(address, opener, over)` opens, asks or refuses; dialogs stand over the window of `over`."""

    def __init__(self, rules: LinkRules, themes: ThemeManager, tasks: Tasks) -> None:
        self._rules, self._themes, self._tasks = rules, themes, tasks

    def open(self, address: str, opener: Callable[[QUrl], object], over: QWidget) -> None:
        """Judge, then do it."""
        self._tasks.start(self._judge(address, opener, over), "打开链接")

    async def _judge(self, address: str, opener: Callable[[QUrl], object], over: QWidget) -> None:
        verdict = judge(address, await self._rules.policy())
        if verdict.act == "open":
            opener(QUrl(address))
        elif verdict.act == "block":
            self._refuse(verdict, over)
        else:
            self._ask(verdict, address, opener, over)

    def _tell(self, verdict: Verdict, outcome: str) -> None:
        report = LinkReport(host=verdict.host, reason=verdict.reason, outcome=outcome)
        self._tasks.start(self._rules.report(report), "上报链接")

    def _refuse(self, verdict: Verdict, over: QWidget) -> None:
        dialog = Dialog(self._themes, "链接已拦截", over.window())
        where = f"\n{verdict.host}" if verdict.host else ""
        dialog.content.addWidget(label(f"{REASONS[verdict.reason]}{where}", "body", "weak", wrap=True))
        dialog.add_button("知道了", "primary", default=True, slot=dialog.accept)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self._tell(verdict, "blocked")

    def _ask(self, verdict: Verdict, address: str, opener: Callable[[QUrl], object], over: QWidget) -> None:
        text = f"{REASONS[verdict.reason]}真正打开的网站是：{verdict.host}\n\n{address[:500]}"
        dialog = ConfirmDialog(
            self._themes, "打开前请确认", text, "仍要打开", "不打开", danger=True, parent=over.window()
        )

        def accepted() -> None:
            self._tell(verdict, "opened")
            opener(QUrl(address))

        dialog.accepted.connect(accepted)
        dialog.rejected.connect(lambda: self._tell(verdict, "left"))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

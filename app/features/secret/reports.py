"""What the guard sees is told to the server, and by it to the other side and to administrators."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.shell.tasks import Tasks
from server_stub.contract.ids import uuid7
from server_stub.contract.secret import CaptureReport, LeaseReport, Shielding
from widgets.guard import CaptureEvent, CaptureGuard, Lease, Protection

from .service import SecretService

PROBE_MS = 2500
"""Longer than the guard's first look takes."""


class GuardReports(QObject):
    """Follows the guard from the beginning until `close`."""

    def __init__(
        self,
        service: SecretService,
        guard: CaptureGuard,
        tasks: Tasks,
        guarded: QWidget,
        chat_id: Callable[[], str],
        parent: QWidget,
    ) -> None:
        """`guarded`: the chat that the guard covers; `chat_id`: the chat that is open in it, or "". `parent`: the page."""
        super().__init__(parent)
        self._service, self._guard, self._tasks = service, guard, tasks
        self._guarded, self._chat_id, self._page = guarded, chat_id, parent
        self._lease_id = ""
        self._probe = QTimer(self)
        self._probe.setSingleShot(True)
        self._probe.setInterval(PROBE_MS)
        self._probe.timeout.connect(self._probed)
        guard.protection_changed.connect(self._protection)
        guard.capture_began.connect(self._capture)
        guard.capture_ended.connect(self._capture)
        guard.lease_changed.connect(self._lease_changed)

    def probe(self) -> None:
        """Find out now what this device can do, so that others know it before the first chat is opened here."""
        self._guard.register(self._guarded)
        self._probe.start()

    def _probed(self) -> None:
        self.report()
        if not self._page.isVisible():
            self._guard.unregister(self._guarded)

    def report(self) -> None:
        """Tell what this device achieves now; nothing where the chat is not guarded."""
        if not self._service.allowed or not self._guard.is_registered(self._guarded):
            return
        protection = self._guard.protection
        shielding = Shielding(
            protection=protection.level.wire,
            words=protection.for_others,
            excepted_until=protection.excepted_until_ms,
        )
        self._quietly(self._service.report_device(shielding))

    def _protection(self, _protection: Protection) -> None:
        if not self._probe.isActive():
            self.report()

    def _capture(self, event: CaptureEvent) -> None:
        if not self._chat_id() or event.excepted:
            return
        report = CaptureReport(
            id=_uuid_of(event.id),
            chat_id=self._chat_id(),
            words=event.words,
            at=event.started_ms,
            ended_at=event.ended_ms,
        )
        self._quietly(self._service.report_capture(report))

    def _quietly(self, work: Coroutine[Any, Any, object]) -> None:
        # Told again with the next change: a report that cannot go out must not disturb the user.
        self._tasks.start(work, "上报防护情况", on_error=lambda _error, _doing: None)

    def _lease_changed(self, lease: Lease) -> None:
        if not lease.ended_ms:
            self._lease_id = uuid7()
        report = LeaseReport(
            id=self._lease_id or uuid7(),
            why=lease.why,
            at=lease.started_ms,
            until=lease.until_ms,
            ended_at=lease.ended_ms,
        )
        self._quietly(self._service.report_lease(report))

    def close(self) -> None:
        """Stop listening."""
        for signal, slot in (
            (self._guard.protection_changed, self._protection),
            (self._guard.capture_began, self._capture),
            (self._guard.capture_ended, self._capture),
            (self._guard.lease_changed, self._lease_changed),
        ):
            signal.disconnect(slot)
        self._probe.stop()


def _uuid_of(event_id: str) -> str:
    """The guard's ids are hexadecimal digits; the server takes them as UUIDs."""
    plain = event_id.replace("-", "")
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:32]))

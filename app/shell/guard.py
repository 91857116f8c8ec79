"""Catches what nobody caught: logs it by type and place, and tells the user in one sentence."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger(__name__)

NOTICE = "刚才的操作没有完成，程序已记录原因。请重试；如反复出现，请联系管理员。"
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Guard:
    """Hooks in from `install` to `remove`. `notice(sentence)` may be called from any thread."""

    def __init__(self, notice: Callable[[str], None] = lambda _text: None) -> None:
        self.notice = notice
        self._hooks = (sys.excepthook, threading.excepthook)

    def install(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take over Python's, the threads', the loop's and Qt's last words."""
        sys.excepthook = self._python
        threading.excepthook = self._thread
        loop.set_exception_handler(self._loop)
        qInstallMessageHandler(self._qt)

    def remove(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give them back."""
        sys.excepthook, threading.excepthook = self._hooks
        loop.set_exception_handler(None)
        qInstallMessageHandler(None)

    def _python(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.error("unexpected error", exc_info=(kind, error, trace))
        self.notice(NOTICE)

    def _thread(self, caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None:
            log.error(
                "unexpected error in a thread",
                exc_info=(caught.exc_type, caught.exc_value, caught.exc_traceback),
            )

    def _loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException):
            log.error(
                "unexpected error in the loop: %s",
                context.get("message", ""),
                exc_info=(type(error), error, error.__traceback__),
            )
            self.notice(NOTICE)
        else:
            log.warning("the loop says: %s", context.get("message", ""))

    def _qt(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        log.log(_QT_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)

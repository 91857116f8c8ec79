"""What nobody caught is logged without secrets and told in a sentence; a request to end is heard while Qt waits."""

import asyncio
import json
import logging
import os
import signal
import sys
import threading

from PySide6.QtCore import qWarning

from app.shell.guard import NOTICE, Guard
from app.shell.logs import FILE, ClientLog, scrub
from app.shell.stop_signals import StopSignals

SECRET = "Sehr-geheim-1 13803710001"


async def test_an_error_that_nobody_caught_is_told_and_logged_without_its_text(tmp_path):
    said: list[str] = []
    log = ClientLog(tmp_path)
    log.start()
    loop = asyncio.get_running_loop()
    guard = Guard(said.append)
    guard.install(loop)
    try:

        def fail() -> None:
            raise RuntimeError(SECRET)

        loop.call_soon(fail)
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        try:
            fail()
        except RuntimeError:
            sys.excepthook(*sys.exc_info())
        qWarning("a word of Qt")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    finally:
        guard.remove(loop)
        log.stop()
    assert said == [NOTICE, NOTICE]
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    entries = [json.loads(line) for line in text.splitlines()]
    assert [entry["message"] for entry in entries if "error" in entry].count("unexpected error") == 1
    assert any("fail" in place for place in entries[0]["where"])
    assert any(entry["message"] == "Qt: a word of Qt" for entry in entries)
    assert "geheim" not in text


def test_secrets_in_messages_and_fields_are_dropped(tmp_path):
    log = ClientLog(tmp_path)
    log.start()
    logging.getLogger("x").info("call 13803710001", extra={"access_token": "abc", "count": 3})
    log.stop()
    entry = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    assert entry["message"] == "call 138****0001"
    assert entry["access_token"] == "***"
    assert entry["count"] == 3


def test_scrubbing_keeps_what_helps():
    assert scrub("https://user:pass@host/x Bearer abc.def") == "https://user:***@host/x Bearer ***"
    assert scrub("store opened in 12 ms") == "store opened in 12 ms"


async def test_a_request_to_end_is_heard_at_once():
    heard = asyncio.get_running_loop().create_future()
    stop = StopSignals(lambda: heard.done() or heard.set_result(True))
    before = signal.getsignal(signal.SIGTERM)
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        assert await asyncio.wait_for(heard, 5)
    finally:
        stop.close()
    assert signal.getsignal(signal.SIGTERM) is not before

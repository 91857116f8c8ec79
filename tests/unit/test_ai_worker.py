"""The process of the engines: results, refusals and progress come back, a cancelled job ends at once, nothing is left."""

from __future__ import annotations

import threading
import time
from datetime import date
from pathlib import Path

import pytest
from bed.letters import letter, picture

from offline_ai.errors import DamagedDocument
from offline_ai.sensitive.lists import SensitiveWord
from offline_ai.worker.host import Cancelled, WorkerProcess

DATA = Path(__file__).parents[1] / "data" / "ai"


def test_jobs_refusals_and_cancelling(tmp_path: Path) -> None:
    worker = WorkerProcess()
    try:
        document, outline = worker.run("open", DATA / "flood.txt")
        assert outline[0].text == "一、压实防汛责任"
        summary, keywords = worker.run("summarise", document, 0)
        assert summary.sentences
        assert keywords[0].weight == 1.0
        assert worker.run("proofread", document, None).findings == ()
        hits = worker.run("sensitive", document, [SensitiveWord("防汛责任", "类")])
        assert [hit.found for hit in hits] == ["防汛责任"]
        broken = tmp_path / "a.docx"
        broken.write_bytes(b"PK\x03\x04broken")
        with pytest.raises(DamagedDocument) as caught:
            worker.run("open", broken)
        assert caught.value.hint
        scan = tmp_path / "scan.png"
        scan.write_bytes(picture(letter(1), 1))
        errors: list[BaseException] = []

        def work() -> None:
            try:
                worker.run("receive", scan, date(2026, 11, 26), 0)
            except Cancelled as error:
                errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        while not worker._turn.locked():
            thread.join(0.01)
        started = time.monotonic()
        worker.cancel()
        thread.join(10)
        assert time.monotonic() - started < 5
        assert len(errors) == 1
        # No moment is too early for a cancel: here the next process is asked for and not yet there.
        second = threading.Thread(target=work)
        second.start()
        while not worker._waiting:
            second.join(0.001)
        worker.cancel()
        second.join(10)
        assert len(errors) == 2
        worker.cancel()  # Nothing runs: nothing happens to the next job.
        assert worker.run("open", DATA / "flood.txt")[0].text == document.text
        process = worker._process
        assert process is not None
    finally:
        worker.close()
    assert process.poll() is not None
    with pytest.raises(Cancelled):
        worker.run("open", DATA / "flood.txt")

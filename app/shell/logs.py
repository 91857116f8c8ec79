"""The client's log: one JSON object a line in the profile's folder, written by a thread, with secrets dropped."""

from __future__ import annotations

import json
import logging
import logging.handlers
import queue
import re
import time
from pathlib import Path
from types import TracebackType
from typing import Any

FILE = "client.log"
MEGABYTES = 2
KEPT = 3
DROPPED = "***"
_PLAIN = set(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {"message", "asctime", "taskName"}
_SECRET_NAMES = re.compile(
    r"pass(word|code)?|token|secret|proof|authorization|cookie|^code$|key|phone|body|text|content", re.I
)
_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_LONG = re.compile(r"\b[A-Za-z0-9_\-+/=.]{40,}\b")
_URL_PASSWORD = re.compile(r"(\w+://[^:/@\s]+):[^@\s]+@")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]+")


def scrub(text: str) -> str:
    """`text` without phone numbers, bearer tokens, passwords in addresses, and long random strings."""
    text = _URL_PASSWORD.sub(rf"\1:{DROPPED}@", text)
    text = _BEARER.sub(rf"\1{DROPPED}", text)
    text = _PHONE.sub(r"\1****\2", text)
    return _LONG.sub(DROPPED, text)


def where(trace: TracebackType | None) -> list[str]:
    """The places of a traceback, innermost last; no values."""
    places: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-12:]


class JsonLines(logging.Formatter):
    """One record, one line. Errors are logged by type and place: their texts may quote what the user wrote."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry: dict[str, Any] = {
            "at": f"{at}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name in _PLAIN:
                continue
            plain = isinstance(value, int | float) or value is None
            entry[name] = DROPPED if _SECRET_NAMES.search(name) else value if plain else scrub(str(value))
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            entry["where"] = where(record.exc_info[2])
        return json.dumps(entry, ensure_ascii=False)


class _Formatted(logging.handlers.QueueHandler):
    """Formats at once (the record's arguments may change later) and hands the line to the writing thread."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        line = self.format(record)
        return logging.makeLogRecord({"levelno": record.levelno, "msg": line, "name": record.name})


class ClientLog:
    """The log from `start` to `stop`."""

    def __init__(self, folder: Path, level: int = logging.INFO) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        writer = logging.handlers.RotatingFileHandler(
            folder / FILE, maxBytes=MEGABYTES << 20, backupCount=KEPT, encoding="utf-8", delay=True
        )
        lines: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._level = level
        self._before = logging.WARNING
        self._handler = _Formatted(lines)
        self._handler.setFormatter(JsonLines())
        self._listener = logging.handlers.QueueListener(lines, writer)
        self._writer = writer

    def start(self) -> None:
        """Begin to write what the program logs."""
        root = logging.getLogger()
        self._before = root.level
        root.setLevel(self._level)
        root.addHandler(self._handler)
        # One line per request would tell whom one talks to, and when.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        logging.getLogger("qasync").setLevel(logging.WARNING)
        self._listener.start()

    def stop(self) -> None:
        """Write what is left and close the file."""
        root = logging.getLogger()
        root.removeHandler(self._handler)
        root.setLevel(self._before)
        self._listener.stop()
        self._writer.close()

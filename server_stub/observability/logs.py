"""Structured logs: one JSON object a line, with secrets dropped before they are formatted."""

import json
import logging
import logging.handlers
import re
import sys
import time
from pathlib import Path
from typing import Any

_PLAIN = set(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {"message", "asctime", "taskName"}
_SECRET_NAMES = re.compile(
    r"pass(word|code)?|token|secret|proof|authorization|cookie|^code$|key|phone|body|text|content", re.I
)
_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]+")
_LONG = re.compile(r"\b[A-Za-z0-9_\-+/=.]{40,}\b")
_URL_PASSWORD = re.compile(r"(\w+://[^:/@\s]+):[^@\s]+@")
DROPPED = "***"


def scrub(text: str) -> str:
    """Return `text` without phone numbers, bearer tokens, passwords in URLs, and long random strings."""
    text = _URL_PASSWORD.sub(rf"\1:{DROPPED}@", text)
    text = _BEARER.sub(rf"\1{DROPPED}", text)
    text = _PHONE.sub(r"\1****\2", text)
    return _LONG.sub(DROPPED, text)


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object. Values whose names sound like secrets are dropped.

    Exceptions are logged by type and place only: their texts and the values in their frames may hold what a
    user wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name in _PLAIN:
                continue
            if _SECRET_NAMES.search(name):
                entry[name] = DROPPED
            else:
                entry[name] = scrub(value) if isinstance(value, str) else _plain(value)
        if record.exc_info and record.exc_info[0] is not None:
            entry["error"] = record.exc_info[0].__name__
            entry["where"] = _where(record.exc_info[2])
        return json.dumps(entry, ensure_ascii=False)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | bool) or value is None else scrub(str(value))


def _where(trace: Any) -> list[str]:
    places: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-12:]


def set_up(level: str, folder: Path | None, name: str = "server.log") -> None:
    """Send all logs to stderr and, with `folder`, to the file `name` there (5 files of 5 MB)."""
    formatter = JsonLines()
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                folder / name, maxBytes=5_000_000, backupCount=5, encoding="utf-8"
            )
        )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    root.setLevel(level)
    # httpx names whole URLs, uvicorn's access log repeats what the metrics count.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)

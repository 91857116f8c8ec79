"""A small OA meeting system over real HTTP, as docs/seating.md describes its interface."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "geheim-4711"
MEETING = "m/2026 03"


class OaSimulator:
    """An OA meeting system: keeps attendees and a numbered journal of changes; `break_with` spoils the next answers."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.journal: list[dict[str, Any]] = []
        self.forgotten = 0
        self.break_with: tuple[int, bytes] | None = None
        self.loop_pages = False
        self.asked: list[str] = []
        simulator = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, body = simulator.answer(self.path, self.headers.get("Authorization", ""))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = False
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/oa/v1"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def change(self, kind: str, **person: Any) -> None:
        """Add, cancel or change a person, as the OA's own users do."""
        if kind == "cancelled":
            del self.people[person["id"]]
        else:
            self.people[person["id"]] = person
        self.journal.append({"type": kind, "person": person})

    def answer(self, path: str, authorization: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if self.break_with is not None:
            return self.break_with
        if authorization != f"Bearer {TOKEN}":
            return 401, b"{}"
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        root = "/oa/v1/meetings/m%2F2026%2003/attendees"
        version = str(len(self.journal))
        if parts.path == root:
            start = int(query.get("cursor", 0))
            people = list(self.people.values())
            page: dict[str, Any] = {"version": version, "people": people[start : start + 2]}
            if start == 0:
                page["meeting"] = {"title": "工作会议", "place": "第一会议室", "secret_field": 1}
            if start + 2 < len(people) or self.loop_pages:
                page["next"] = "2" if self.loop_pages else str(start + 2)
            return 200, json.dumps(page).encode()
        if parts.path == f"{root}/changes":
            since = int(query["since"])
            if since < self.forgotten:
                return 410, b"{}"
            return 200, json.dumps({"version": version, "changes": self.journal[since:]}).encode()
        return 404, b"{}"

"""What a client remembers of its server: limits and services that hold also while the server is away."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from server_stub.contract.accounts import ServerInfo

SERVER_FACTS = "server_facts"
RECALL_SECONDS = 120
"""Until the server has said otherwise once."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What the account remembers of its server, for a start without it."""

    organisation: str = ""
    recall_seconds: int = RECALL_SECONDS
    max_file_bytes: int = 0
    blocked: tuple[str, ...] = field(default=())
    map_url: str = ""
    speech_url: str = ""
    preview_hosts: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, info: ServerInfo) -> ServerFacts:
        """From the server's own words."""
        seconds = info.recall_seconds or RECALL_SECONDS
        return cls(
            info.organisation,
            seconds,
            info.max_file_bytes,
            tuple(info.blocked_extensions),
            info.map_url,
            info.speech_url,
            tuple(info.preview_hosts),
        )

    @classmethod
    def read(cls, raw: Any) -> ServerFacts:
        """From what the store kept; anything odd gives the defaults."""
        try:
            organisation, seconds, largest, blocked, *more = raw
            known = cls(str(organisation), int(seconds), int(largest), tuple(map(str, blocked)))
            if len(more) == 3:
                map_url, speech_url, hosts = more
                known = replace(
                    known,
                    map_url=str(map_url),
                    speech_url=str(speech_url),
                    preview_hosts=tuple(map(str, hosts)),
                )
            return known
        except (TypeError, ValueError):
            return cls()

    def pack(self) -> list[Any]:
        """For the store."""
        return [
            self.organisation,
            self.recall_seconds,
            self.max_file_bytes,
            list(self.blocked),
            self.map_url,
            self.speech_url,
            list(self.preview_hosts),
        ]

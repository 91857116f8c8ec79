"""Plays the demo's history through the server's own services, sealed as clients seal it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from server_stub.contract.content import (
    AnyContent,
    FileContent,
    FileRef,
    ImageContent,
    NoticeContent,
    Quote,
    TextContent,
    encode_content,
    summary,
)
from server_stub.contract.files import CHUNK_BYTES
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.sealed import new_key, seal_chunk, seal_message

from .story import Line, Notice, Paper, Talk


class World(Protocol):
    """The services that the demo plays through; app.py builds it from the real features."""

    async def open_single(self, person_id: str, other_id: str) -> str:
        """Return the id of the single chat of two people."""
        ...

    async def create_group(
        self, owner_id: str, name: str, member_ids: Sequence[str], announcement: str
    ) -> str:
        """Return the id of a new group."""
        ...

    async def conversation_key(self, conversation_id: str) -> tuple[int, bytes]:
        """Return epoch and key, opened from an envelope as a device does."""
        ...

    async def send(
        self, sender_id: str, conversation_id: str, client_id: str, body: bytes, file_ids: list[str]
    ) -> int:
        """Send a sealed body; returns its seq."""
        ...

    async def upload(
        self, uploader_id: str, file_id: str, size: int, extension: str, chunks: list[bytes]
    ) -> None:
        """Store sealed chunks."""
        ...

    async def notify(self, notice: Notice, person_id: str, content: NoticeContent) -> tuple[str, int]:
        """Write a service's message; returns conversation id and seq."""
        ...

    async def settle(
        self,
        conversation_id: str,
        times: dict[int, int],
        read: dict[str, int],
        pinned: list[str],
        muted: list[str],
    ) -> None:
        """Give messages their times (Unix ms), people their cursors and settings."""
        ...


@dataclass
class DemoPlayer:
    """Plays talks and notices. `ids`: name → person id; `crowd`: people who fill groups."""

    world: World
    algorithms: Algorithms
    ids: dict[str, str]
    crowd: Sequence[str]
    now_ms: int

    async def talk(self, talk: Talk) -> None:
        """Play one conversation."""
        people = [self.ids[name] for name in talk.people]
        if talk.name:
            people += [one for one in self.crowd if one not in people][: talk.crowd]
            conversation_id = await self.world.create_group(
                people[0], talk.name, people[1:], talk.announcement
            )
        else:
            conversation_id = await self.world.open_single(people[0], people[1])
        epoch, key = await self.world.conversation_key(conversation_id)
        seqs: list[int] = []
        contents: list[AnyContent] = []
        times: dict[int, int] = {}
        for line in talk.lines:
            content, file_ids = await self._content(line, talk, seqs, contents)
            client_id, sender_id = uuid7(), self.ids[line.who]
            body = seal_message(
                self.algorithms,
                key,
                epoch=epoch,
                conversation_id=conversation_id,
                sender_id=sender_id,
                client_id=client_id,
                plaintext=encode_content(content),
            )
            seq = await self.world.send(sender_id, conversation_id, client_id, body, file_ids)
            seqs.append(seq)
            contents.append(content)
            times[seq] = self.now_ms - line.ago_min * 60_000
        for early in range(1, seqs[0]):
            times[early] = times[seqs[0]] - 3_600_000
        await self.world.settle(
            conversation_id,
            times,
            self._cursors(talk, people, seqs),
            [self.ids[name] for name in talk.pinned_by],
            [self.ids[name] for name in talk.muted_by],
        )

    async def notice(self, notice: Notice) -> None:
        """Write one service message."""
        person_id = self.ids[notice.who]
        content = NoticeContent(title=notice.title, text=notice.text)
        conversation_id, seq = await self.world.notify(notice, person_id, content)
        await self.world.settle(conversation_id, {seq: self.now_ms - notice.ago_min * 60_000}, {}, [], [])

    def _cursors(self, talk: Talk, people: Sequence[str], seqs: Sequence[int]) -> dict[str, int]:
        late = {self.ids[name] for name in talk.unread_for}
        cursors: dict[str, int] = {}
        for number, person_id in enumerate(people):
            behind = person_id in late or (number >= len(talk.people) and number % 9 == 0)
            cursors[person_id] = seqs[-min(4, len(seqs))] if behind else seqs[-1]
        return cursors

    async def _content(
        self, line: Line, talk: Talk, seqs: Sequence[int], contents: Sequence[AnyContent]
    ) -> tuple[AnyContent, list[str]]:
        if line.paper is not None:
            reference = await self._upload(self.ids[line.who], line.paper)
            if line.paper.width:
                picture = ImageContent(
                    file=reference,
                    width=line.paper.width,
                    height=line.paper.height,
                    thumbnail=line.paper.thumbnail,
                )
                return picture, [reference.file_id]
            return FileContent(file=reference), [reference.file_id]
        quote = None
        if line.quote is not None:
            quoted = talk.lines[line.quote]
            quote = Quote(
                seq=seqs[line.quote], sender_id=self.ids[quoted.who], text=summary(contents[line.quote])[:80]
            )
        mentions = ["all"] if line.mention_all else [self.ids[name] for name in line.mentions]
        return TextContent(text=line.text, mentions=mentions, quote=quote), []

    async def _upload(self, uploader_id: str, paper: Paper) -> FileRef:
        file_id, key = uuid7(), new_key()
        pieces = [paper.data[at : at + CHUNK_BYTES] for at in range(0, len(paper.data), CHUNK_BYTES)]
        sealed = [
            seal_chunk(
                self.algorithms, key, file_id=file_id, index=index, last=index == len(pieces) - 1, data=piece
            )
            for index, piece in enumerate(pieces)
        ]
        extension = paper.name.rpartition(".")[2]
        await self.world.upload(uploader_id, file_id, len(paper.data), extension, sealed)
        return FileRef(
            file_id=file_id,
            key=key,
            name=paper.name,
            size=len(paper.data),
            digest=self.algorithms.sm3(paper.data),
            media_type=paper.media_type,
        )


def demo_password() -> str:
    """Return a password for the demo's accounts: readable, and another one on each server."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    return "zd-" + "".join(secrets.choice(letters) for _ in range(4)) + f"-{secrets.randbelow(9000) + 1000}"


Progressed = Callable[[int, int, str], None]
"""Done, total, stage in Chinese."""

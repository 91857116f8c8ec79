"""A secret chat over REST as a client speaks it: keys opened from envelopes, bodies sealed and opened."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import httpx

from bed.office import Office, SignedInAs
from server_stub.contract.ids import uuid7
from server_stub.contract.secret import AnySecret, SecretText, decode_secret, encode_secret
from server_stub.contract.sm.sealed import open_chunk, open_envelope, open_message, seal_chunk, seal_message

EVERYONE = {"changes": [{"subject": "everyone", "allow": True}]}


async def allow_everyone(office: Office) -> SignedInAs:
    """Give secret chat to everyone; the administrator's session."""
    admin = await office.sign_in("admin")
    answer = await admin.http.post("/admin/features/secret_chat", json=EVERYONE)
    assert answer.status_code == 200, answer.text
    return admin


@dataclass
class Talker:
    """One side of one secret chat."""

    office: Office
    session: SignedInAs
    me: str
    chat_id: str = ""
    protection: str = "excluded"

    @property
    def http(self) -> httpx.AsyncClient:
        """The signed-in caller."""
        return self.session.http

    async def with_(self, peer: Talker) -> str:
        """Begin a chat; both sides know it then."""
        answer = await self.http.post("/secret/chats", json={"person_id": peer.me})
        assert answer.status_code == 200, answer.text
        self.chat_id = peer.chat_id = answer.json()["id"]
        return self.chat_id

    def _key(self, client_id: str, envelope: str) -> bytes:
        return open_envelope(
            self.office.server.algorithms,
            self.session.device.pair.private,
            conversation_id=client_id,
            epoch=1,
            envelope=base64.b64decode(envelope),
        )

    async def begin(self, client_id: str) -> httpx.Response:
        """Ask for a key."""
        body = {"client_id": client_id, "protection": self.protection}
        return await self.http.post(f"/secret/chats/{self.chat_id}/keys", json=body)

    async def send(self, content: AnySecret | str, parts: list[bytes] | None = None) -> dict[str, Any]:
        """Send; the message as the server tells it."""
        if isinstance(content, str):
            content = SecretText(text=content)
        client_id, alg = uuid7(), self.office.server.algorithms
        begun = await self.begin(client_id)
        assert begun.status_code == 200, begun.text
        key = self._key(client_id, begun.json()["envelope"])
        for number, part in enumerate(parts or []):
            sealed = seal_chunk(
                alg, key, file_id=client_id, index=number, last=number == len(parts or []) - 1, data=part
            )
            put = await self.http.put(
                f"/secret/chats/{self.chat_id}/parts/{client_id}/{number}", content=sealed
            )
            assert put.status_code == 204, put.text
        body = seal_message(
            alg,
            key,
            epoch=1,
            conversation_id=self.chat_id,
            sender_id=self.me,
            client_id=client_id,
            plaintext=encode_secret(content),
        )
        sent = await self.http.post(
            f"/secret/chats/{self.chat_id}/messages",
            json={
                "client_id": client_id,
                "body": base64.b64encode(body).decode(),
                "parts": len(parts or []),
            },
        )
        assert sent.status_code == 200, sent.text
        return sent.json()

    async def try_open(self, seq: int) -> httpx.Response:
        """Ask for body and key."""
        path = f"/secret/chats/{self.chat_id}/messages/{seq}/open"
        return await self.http.post(path, json={"protection": self.protection})

    async def open(self, seq: int) -> tuple[dict[str, Any], AnySecret, bytes]:
        """Message, content, and its parts together."""
        answer = await self.try_open(seq)
        assert answer.status_code == 200, answer.text
        opened, alg = answer.json(), self.office.server.algorithms
        message = opened["message"]
        key = self._key(message["client_id"], opened["envelope"])
        plain = open_message(
            alg,
            lambda _epoch: key,
            conversation_id=self.chat_id,
            sender_id=message["sender_id"],
            client_id=message["client_id"],
            sealed=base64.b64decode(opened["body"]),
        )
        data, parts = b"", message.get("parts", 0)
        for number in range(parts):
            piece = await self.http.get(f"/secret/chats/{self.chat_id}/parts/{message['client_id']}/{number}")
            assert piece.status_code == 200, piece.text
            data += open_chunk(
                alg,
                key,
                file_id=message["client_id"],
                index=number,
                last=number == parts - 1,
                sealed=piece.content,
            )
        return message, decode_secret(plain), data

    async def page(self) -> httpx.Response:
        """The chat."""
        return await self.http.get(f"/secret/chats/{self.chat_id}")

    async def seqs(self) -> list[int]:
        """Messages that still exist."""
        return [one["seq"] for one in (await self.page()).json()["messages"]]

    async def rows(self) -> list[dict[str, Any]]:
        """The list."""
        return (await self.http.get("/secret")).json()["chats"]

    async def report(self, protection: str) -> None:
        """Tell the device's protection."""
        body = {"protection": protection, "words": "Windows 防截屏"}
        assert (await self.http.put("/secret/device", json=body)).status_code == 204


async def talkers(office: Office) -> tuple[Talker, Talker]:
    """王建国 and 冯雪 with a chat between them."""
    made = [
        Talker(office, await office.sign_in(login), office.staff[login].id)
        for login in ("wangjianguo", "fengxue")
    ]
    await made[0].with_(made[1])
    return made[0], made[1]

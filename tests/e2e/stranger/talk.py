"""Somebody else's client: written from docs/protocol.md and docs/security-keys.md alone, with nothing of the product.

It signs in, registers its device, renews its token, finds a colleague, gets the conversation's key out of its envelope,
sends a sealed message and a sealed file, and opens those that come back. Every step is told as a line of JSON.

    python talk.py URL LOGIN PASSWORD COLLEAGUE TEXT FILE
"""

import asyncio
import base64
import json
import os
import secrets
import sys
import time
import uuid

import httpx
import msgspec
import websockets
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from gmssl import sm2

CHUNK = 1024 * 1024
ORDER = int(sm2.default_ecc_table["n"], 16)
pack, unpack = msgspec.msgpack.encode, msgspec.msgpack.decode


def tell(step, **facts):
    print(json.dumps({"step": step, **facts}, ensure_ascii=False), flush=True)


def uuid7():
    bits = (int(time.time() * 1000) << 80) | secrets.randbits(80)
    bits = bits & ~(0xF << 76) | 7 << 76
    return str(uuid.UUID(int=bits & ~(0x3 << 62) | 2 << 62))


def sm3(data):
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


# SM2 by gmssl, which takes and gives hexadecimal texts.


class Device:
    def __init__(self):
        self.id = uuid7()
        self.tool = sm2.CryptSM2("%064x" % (secrets.randbelow(ORDER - 2) + 1), "00" * 64, mode=1)
        # Set afterwards: the constructor strips digits from the front of some keys.
        self.tool.public_key = self.tool._kg(int(self.tool.private_key, 16), sm2.default_ecc_table["g"])
        self.public = b"\x04" + bytes.fromhex(self.tool.public_key)

    def sign(self, data):
        return bytes.fromhex(self.tool.sign_with_sm3(data))

    def open(self, ciphertext):
        assert ciphertext[0] == 4, "an uncompressed point first"
        return self.tool.decrypt(ciphertext[1:])


# SM4-GCM, additional data, and the three sealed formats.


def gcm_seal(key, nonce, plain, aad):
    sealer = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    sealer.authenticate_additional_data(aad)
    return sealer.update(plain) + sealer.finalize() + sealer.tag


def gcm_open(key, nonce, sealed, aad):
    opener = Cipher(algorithms.SM4(key), modes.GCM(nonce, sealed[-16:])).decryptor()
    opener.authenticate_additional_data(aad)
    return opener.update(sealed[:-16]) + opener.finalize()


def parts(*values):
    return b"".join(len(value).to_bytes(4, "big") + value for value in values)


def open_envelope(device, envelope, conversation, epoch):
    assert (len(envelope), envelope[0]) == (142, 1), "an envelope of version 1"
    key = device.open(envelope[1:114])
    aad = parts(b"zhengding/envelope", b"\x01", conversation.encode(), epoch.to_bytes(4, "big"))
    gcm_open(key, envelope[114:126], envelope[126:], aad)
    return key


def message_aad(epoch, conversation, sender, client_id):
    names = (conversation.encode(), sender.encode(), client_id.encode())
    return parts(b"zhengding/message", b"\x01", epoch.to_bytes(4, "big"), *names)


def seal_message(key, epoch, conversation, sender, client_id, content):
    nonce = os.urandom(12)
    sealed = gcm_seal(key, nonce, pack(content), message_aad(epoch, conversation, sender, client_id))
    return b"\x01" + epoch.to_bytes(4, "big") + nonce + sealed


def open_message(keys, message):
    body = message["body"]
    assert body[0] == 1, "a message of version 1"
    epoch = int.from_bytes(body[1:5], "big")
    aad = message_aad(epoch, message["conversation_id"], message["sender_id"], message["client_id"])
    return unpack(gcm_open(keys[epoch], body[5:17], body[17:], aad))


def chunk_aad(file_id, index, last):
    number, mark = index.to_bytes(8, "big"), b"\x01" if last else b"\x00"
    return parts(b"zhengding/chunk", b"\x01", file_id.encode(), number, mark)


class Stranger:
    def __init__(self, url, login, password):
        self.url, self.login, self.password = url, login, password
        self.device = Device()
        self.http = httpx.Client(base_url=url + "/api/v1", trust_env=False, timeout=20)

    def call(self, method, path, body=None, **query):
        answer = self.http.request(method, path, json=body, params=query or None)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def sign_in(self):
        assert self.call("GET", "/server")["protocol"] == 1
        public = base64.b64encode(self.device.public).decode()
        device = {
            "id": self.device.id, "name": "别家客户端", "platform": "linux", "app_version": "9.9", "public_key": public,
        }  # fmt: skip
        body = {"login": self.login, "password": self.password, "device": device}
        answer = self.call("POST", "/auth/sign-in", body)
        self.me, self.session, self.tokens = answer["person"]["id"], answer["session_id"], answer["tokens"]

    def renew(self):
        signed_at = int(time.time() * 1000)
        old = self.tokens["refresh_token"]
        proof = self.device.sign(f"zd-refresh{self.session}\n{old}\n{signed_at}".encode())
        body = {
            "session_id": self.session, "refresh_token": old, "signed_at": signed_at,
            "proof": base64.b64encode(proof).decode(),
        }  # fmt: skip
        self.tokens = self.call("POST", "/auth/refresh", body)
        self.http.headers["authorization"] = f"Bearer {self.tokens['access_token']}"

    def find(self, name):
        (person,) = self.call("GET", "/directory/search", q=name)["people"]
        self.chat = self.call("POST", "/conversations/single", {"person_id": person["id"]})

    def fetch_keys(self):
        wanted = {"items": [{"conversation_id": self.chat["id"], "epochs": []}]}
        self.keys = {
            one["epoch"]: open_envelope(
                self.device, base64.b64decode(one["envelope"]), self.chat["id"], one["epoch"]
            )
            for one in self.call("POST", "/keys/envelopes", wanted)["envelopes"]
        }

    def upload(self, data, name):
        file_id, key = uuid7(), os.urandom(16)
        pieces = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)] or [b""]
        body = {"id": file_id, "size": len(data), "chunks": len(pieces), "extension": name.rpartition(".")[2]}
        self.call("POST", "/files", body)
        digests = b""
        for index, piece in enumerate(pieces):
            nonce = os.urandom(12)
            last = index == len(pieces) - 1
            sealed = b"\x01" + nonce + gcm_seal(key, nonce, piece, chunk_aad(file_id, index, last))
            digests += sm3(sealed)
            headers = {"x-chunk-sm3": sm3(sealed).hex()}
            path = f"/files/{file_id}/chunks/{index}"
            self.http.put(path, content=sealed, headers=headers).raise_for_status()
        self.call("POST", f"/files/{file_id}/complete", {"digest": base64.b64encode(sm3(digests)).decode()})
        return {"file_id": file_id, "key": key, "name": name, "size": len(data), "digest": sm3(data)}

    def download(self, file):
        count = max(1, -(-file["size"] // CHUNK))
        plain = b""
        for index in range(count):
            answer = self.http.get(f"/files/{file['file_id']}/chunks/{index}")
            answer.raise_for_status()
            sealed = answer.content
            assert answer.headers["x-chunk-sm3"] == sm3(sealed).hex()
            assert sealed[0] == 1, "a chunk of version 1"
            aad = chunk_aad(file["file_id"], index, index == count - 1)
            plain += gcm_open(file["key"], sealed[1:13], sealed[13:], aad)
        assert sm3(plain) == file["digest"], "the plain bytes are those that were sent"
        return plain

    def sync(self):
        position, seen = 0, 0
        while True:
            page = self.call("GET", "/sync", after=position, limit=100)
            seen += len(page.get("events", []))
            position = page["next"]
            if not page.get("more"):
                return seen

    async def send(self, socket, content, file_ids=()):
        client_id, chat = uuid7(), self.chat["id"]
        epoch = self.chat.get("epoch", 1)
        body = seal_message(self.keys[epoch], epoch, chat, self.me, client_id, content)
        frame = {"type": "send", "client_id": client_id, "conversation_id": chat, "body": body}
        for again in (False, True):
            # Twice: the second time the server must say that it has it already.
            await socket.send(pack({**frame, "file_ids": list(file_ids)}))
            ack = await self.next_frame(socket, "ack", "nack")
            assert ack["type"] == "ack", ack
            assert ack.get("duplicate", False) is again
        return ack["seq"]

    async def next_frame(self, socket, *kinds):
        while True:
            frame = unpack(await socket.recv())
            if frame["type"] == "event" and frame["event"]["type"] == "message":
                self.inbox.append(frame["event"]["message"])
            if frame["type"] in kinds:
                return frame

    async def receive(self, socket):
        """The next message of somebody else in this conversation, opened."""
        while True:
            while self.inbox:
                message = self.inbox.pop(0)
                if message["sender_id"] != self.me and message["conversation_id"] == self.chat["id"]:
                    mark = {"conversation_id": self.chat["id"], "seq": message["seq"]}
                    await socket.send(pack({"type": "read", **mark}))
                    return message, open_message(self.keys, message)
            await self.next_frame(socket, "event")

    async def talk(self, text, data):
        self.inbox = []
        address = self.url.replace("http", "ws", 1) + "/api/v1/ws"
        async with websockets.connect(address, proxy=None) as socket:
            token = self.tokens["access_token"]
            await socket.send(
                pack({"type": "hello", "access_token": token, "protocol": 1, "last_event_id": 0})
            )
            welcome = await self.next_frame(socket, "welcome", "bye")
            assert welcome["type"] == "welcome", welcome
            tell("welcome", heartbeat=welcome.get("heartbeat_seconds"), events=self.sync())
            tell("sent", seq=await self.send(socket, {"type": "text", "text": text}))
            file = self.upload(data, "来自别家.bin")
            content = {"type": "file", "file": file}
            tell("sent file", seq=await self.send(socket, content, [file["file_id"]]))
            message, content = await self.receive(socket)
            tell("received", type=content["type"], text=content.get("text"), quote=content.get("quote"))
            self.tampered(message)
            message, content = await self.receive(socket)
            plain = self.download(content["file"])
            tell("received file", name=content["file"]["name"], sm3=sm3(plain).hex())
            await socket.send(pack({"type": "ping", "t": 1}))
            await self.next_frame(socket, "pong")
        page = self.call("GET", f"/conversations/{self.chat['id']}/messages", limit=50)
        again = [
            open_message(self.keys, {**one, "body": base64.b64decode(one["body"])})
            for one in page["messages"]
        ]
        tell("history", types=[one["type"] for one in again])

    def tampered(self, message):
        """A body that was moved or changed does not open."""
        body = bytearray(message["body"])
        body[-1] ^= 1
        for wrong in ({**message, "body": bytes(body)}, {**message, "sender_id": self.me}):
            try:
                open_message(self.keys, wrong)
            except InvalidTag:
                continue
            raise AssertionError("it opened all the same")


def main(url, login, password, colleague, text, path):
    with open(path, "rb") as file:
        data = file.read()
    me = Stranger(url, login, password)
    me.sign_in()
    me.renew()
    tell("signed in", person=me.me)
    me.find(colleague)
    me.fetch_keys()
    tell("keys", epochs=sorted(me.keys))
    asyncio.run(asyncio.wait_for(me.talk(text, data), 60))
    me.call("POST", "/auth/sign-out")
    tell("done")


if __name__ == "__main__":
    main(*sys.argv[1:])

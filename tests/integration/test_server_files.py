"""Sealed files over REST: resume, integrity, limits, who may read, and what is cleared away; on both databases."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from bed.chat import RunningChat, Somebody, running_chat
from sqlalchemy import Engine, insert, select, update

from server_stub.contract.content import TextContent
from server_stub.contract.files import CHUNK_BYTES, HEADER_CHUNK_DIGEST
from server_stub.contract.ids import uuid7
from server_stub.features.files.collector import Ages
from server_stub.features.files.service import SEAL_BYTES, FileLimits
from server_stub.features.files.tables import file_chunks, files
from server_stub.gateway.assembly import Settings
from server_stub.storage.engine import embedded_engine, postgres_engine


@pytest.fixture(params=["sqlcipher", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "sqlcipher":
        return embedded_engine(tmp_path / "server.db", b"\x07" * 32)
    return postgres_engine(request.getfixturevalue("fresh_postgres")())


LIMITS = FileLimits(max_bytes=5 * CHUNK_BYTES, unfinished_per_person=3)


@pytest.fixture
async def server(engine: Engine, tmp_path: Path):
    settings = Settings(chunk_folder=tmp_path / "chunks", file_limits=LIMITS, ages=Ages(pause=3600))
    async with running_chat(
        engine, tmp_path, settings=settings, writers=2 if engine.dialect.name == "postgresql" else 1
    ) as running:
        yield running


@dataclass
class Upload:
    """A file of a test: sealed chunks are random bytes, the server opens none."""

    server: RunningChat
    id: str
    size: int
    pieces: list[bytes]

    @property
    def start(self) -> dict[str, object]:
        return {"id": self.id, "size": self.size, "chunks": len(self.pieces), "extension": "pdf"}

    def sm3(self, data: bytes) -> bytes:
        return self.server.town.algorithms.sm3(data)

    @property
    def digest(self) -> str:
        import base64

        whole = self.sm3(b"".join(self.sm3(piece) for piece in self.pieces))
        return base64.b64encode(whole).decode()

    async def put(self, http: httpx.AsyncClient, index: int, data: bytes | None = None) -> httpx.Response:
        data = self.pieces[index] if data is None else data
        return await http.put(
            f"/files/{self.id}/chunks/{index}",
            content=data,
            headers={HEADER_CHUNK_DIGEST: self.sm3(data).hex()},
        )

    async def complete(self, http: httpx.AsyncClient) -> httpx.Response:
        return await http.post(f"/files/{self.id}/complete", json={"digest": self.digest})

    async def whole(self, http: httpx.AsyncClient) -> None:
        assert (await http.post("/files", json=self.start)).status_code == 200
        for index in range(len(self.pieces)):
            assert (await self.put(http, index)).status_code == 204
        assert (await self.complete(http)).json()["complete"] is True


def upload(server: RunningChat, size: int = 2 * CHUNK_BYTES + 500) -> Upload:
    count = max(1, -(-size // CHUNK_BYTES))
    pieces = [
        os.urandom((CHUNK_BYTES if index < count - 1 else size - CHUNK_BYTES * (count - 1)) + 33)
        for index in range(count)
    ]
    return Upload(server, uuid7(), size, pieces)


async def group_of(server: RunningChat, owner: Somebody, *others: Somebody) -> str:
    async with server.http(owner) as http:
        answer = await http.post(
            "/conversations/group",
            json={"client_id": uuid7(), "name": "资料群", "member_ids": [one.id for one in others]},
        )
        return answer.json()["id"]


async def share(server: RunningChat, who: Somebody, conversation_id: str, *file_ids: str) -> httpx.Response:
    client_id = uuid7()
    async with server.http(who) as http:
        body = server.seal(who, conversation_id, client_id, TextContent(text="附件"))
        import base64

        return await http.post(
            f"/conversations/{conversation_id}/messages",
            json={
                "client_id": client_id,
                "body": base64.b64encode(body).decode(),
                "file_ids": list(file_ids),
            },
        )


async def test_an_upload_goes_on_where_it_was_cut_off_and_downloads_in_any_order(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    file = upload(server)
    async with server.http(anna) as http:
        state = (await http.post("/files", json=file.start)).json()
        assert state["received"] == []
        assert (await file.put(http, 2)).status_code == 204
        assert (await file.put(http, 0)).status_code == 204
        early = await file.complete(http)
        assert (early.status_code, early.json()["detail"]) == (409, "2 of 3 chunks")
    async with server.http(anna) as http:
        # Another connection, perhaps another day: the same announcement takes the upload up again.
        assert (await http.post("/files", json=file.start)).json()["received"] == [0, 2]
        assert (await file.put(http, 1)).status_code == 204
        # A repeat of what was stored changes nothing.
        assert (await file.put(http, 1)).status_code == 204
        assert (await file.complete(http)).json()["complete"] is True
        assert (await file.complete(http)).json()["complete"] is True
        for index in (2, 0, 1):
            answer = await http.get(f"/files/{file.id}/chunks/{index}")
            assert answer.content == file.pieces[index]
            assert answer.headers[HEADER_CHUNK_DIGEST] == file.sm3(file.pieces[index]).hex()
        assert (await http.get(f"/files/{file.id}/chunks/3")).status_code == 404
        assert (await http.get(f"/files/{file.id}/chunks/-1")).status_code in {400, 404}
        assert (await http.get(f"/files/{file.id}/chunks/x")).status_code in {400, 404}


async def test_damaged_chunks_are_refused_and_leave_no_trace(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    file = upload(server, 1000)
    async with server.http(anna) as http:
        await http.post("/files", json=file.start)
        path = f"/files/{file.id}/chunks/0"
        wrong = await http.put(path, content=file.pieces[0], headers={HEADER_CHUNK_DIGEST: "0" * 64})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "integrity")
        for header in ({}, {HEADER_CHUNK_DIGEST: "zz"}, {HEADER_CHUNK_DIGEST: "g" * 64}):
            assert (await http.put(path, content=file.pieces[0], headers=header)).status_code in {400, 422}
        assert (await http.get(f"/files/{file.id}")).json()["received"] == []
        assert [one for one in (server.folder / "chunks").rglob("*") if one.is_file()] == []
        assert (await file.put(http, 0)).status_code == 204
        forged = await http.post(f"/files/{file.id}/complete", json={"digest": "AAAA"})
        assert (forged.status_code, forged.json()["code"]) == (422, "integrity")
        assert (await http.get(f"/files/{file.id}")).json()["complete"] is False


async def test_a_complete_file_cannot_be_changed(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    file = upload(server, 1000)
    async with server.http(anna) as http:
        await file.whole(http)
        changed = await file.put(http, 0, os.urandom(900))
        assert (changed.status_code, changed.json()["code"]) == (409, "conflict")
        other = file.start | {"size": 999}
        assert (await http.post("/files", json=other)).json()["code"] == "conflict"
        assert (await http.get(f"/files/{file.id}/chunks/0")).content == file.pieces[0]


async def test_sizes_and_types_are_limited(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    file = upload(server, 1000)
    async with server.http(anna) as http:
        cases = [
            ({"size": LIMITS.max_bytes + 1, "chunks": 6}, "too_large"),
            ({"size": -1}, "too_large"),
            ({"chunks": 2}, "bad_request"),
            ({"chunks": 0}, "bad_request"),
            ({"extension": "exe"}, "type_not_allowed"),
            ({"extension": "PDF"}, "bad_request"),
            ({"extension": "a b"}, "bad_request"),
            ({"extension": "x" * 21}, "bad_request"),
            ({"id": "../../etc/passwd"}, "bad_request"),
            ({"id": uuid7().upper()}, "bad_request"),
            ({"size": 2**63}, "too_large"),
        ]
        for change, code in cases:
            answer = await http.post("/files", json=file.start | change)
            assert answer.json()["code"] == code, change
        too_big = (await http.post("/files", json=file.start | {"size": LIMITS.max_bytes + 1})).json()
        assert too_big["message"] == "文件不能超过 5 MB。"
        await http.post("/files", json=file.start)
        assert (await file.put(http, 0, os.urandom(1000 + SEAL_BYTES + 1))).json()["code"] == "too_large"
        assert (await file.put(http, 0, os.urandom(CHUNK_BYTES + SEAL_BYTES + 1))).json()[
            "code"
        ] == "too_large"
        assert (await file.put(http, 0, b"")).json()["code"] == "too_large"
        index = await http.put(
            f"/files/{file.id}/chunks/1", content=b"x", headers={HEADER_CHUNK_DIGEST: file.sm3(b"x").hex()}
        )
        assert index.json()["code"] == "bad_request"


async def test_uploads_under_way_are_limited_a_person(server: RunningChat) -> None:
    anna, bo = server.town.add("王建国"), server.town.add("赵敏")
    async with server.http(anna) as http, server.http(bo) as theirs:
        answers = [await http.post("/files", json=upload(server, 10).start) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert (await theirs.post("/files", json=upload(server, 10).start)).status_code == 200


async def test_only_those_who_may_see_a_message_may_read_its_file(server: RunningChat) -> None:
    anna, bo, eve, late = [server.town.add(name) for name in ("王建国", "赵敏", "外人", "后来")]
    chat = await group_of(server, anna, bo, server.town.add("凑数"))
    file = upload(server, 1000)

    async def reads(who: Somebody) -> int:
        async with server.http(who) as http:
            state = await http.get(f"/files/{file.id}")
            chunk = await http.get(f"/files/{file.id}/chunks/0")
            assert state.status_code == chunk.status_code
            return chunk.status_code

    async with server.http(anna) as http:
        await http.post("/files", json=file.start)
        await file.put(http, 0)
        # Not closed yet: it cannot be sent.
        assert (await share(server, anna, chat, file.id)).status_code == 404
        await file.complete(http)
    assert [await reads(one) for one in (anna, bo, eve)] == [200, 404, 404]
    # Somebody else's file cannot be named to get at it, nor written to.
    assert (await share(server, bo, chat, file.id)).status_code == 404
    async with server.http(eve) as http:
        assert (await file.put(http, 0)).status_code == 404
        assert (await file.complete(http)).status_code == 404
        assert (await http.post("/files", json=file.start)).status_code == 404
    assert (await share(server, anna, chat, file.id)).status_code == 200
    assert [await reads(one) for one in (anna, bo, eve)] == [200, 200, 404]
    async with server.http(anna) as http:
        added = await http.post(f"/conversations/{chat}/members", json={"add": [late.id]})
        assert added.status_code < 300, added.text
    # Who came later sees the messages from then on, and their files.
    assert await reads(late) == 404
    # Who may read it may pass it on, and then those see it.
    async with server.http(bo) as http:
        single = (await http.post("/conversations/single", json={"person_id": eve.id})).json()["id"]
    assert (await share(server, bo, single, file.id)).status_code == 200
    assert await reads(eve) == 200
    kinds = {(kind, wanted) for _who, kind, _target, wanted in server.town.refusals if kind == "file"}
    assert kinds == {("file", "read"), ("file", "upload")}


async def age(server: RunningChat, seconds: float) -> None:
    """Let everything be older: rows and blobs."""
    moved = int(seconds * 1000)
    await server.database.write(
        lambda connection: (
            connection.execute(update(files).values(touched_at=files.c.touched_at - moved)) and None
        )
    )
    then = time.time() - seconds
    for path in (server.folder / "chunks").rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))


async def test_the_collector_takes_what_nobody_needs_and_nothing_else(server: RunningChat) -> None:
    anna, bo = server.town.add("王建国"), server.town.add("赵敏")
    chat = await group_of(server, anna, bo, server.town.add("凑数"))
    sent, unsent, broken = upload(server, 100), upload(server, 200), upload(server, 2 * CHUNK_BYTES)
    collector = server.chat.collector
    async with server.http(anna) as http:
        await sent.whole(http)
        await unsent.whole(http)
        await http.post("/files", json=broken.start)
        await broken.put(http, 0)
        assert (await share(server, anna, chat, sent.id)).status_code == 200
        assert await collector.collect() == (0, 0)
        await age(server, 2 * 24 * 3600)
        # A broken upload is given up after a day; a whole one waits a week for its message.
        assert (await collector.collect())[0] == 1
        assert (await http.get(f"/files/{broken.id}")).status_code == 404
        assert (await http.get(f"/files/{unsent.id}")).status_code == 200
        await age(server, 8 * 24 * 3600)
        assert (await collector.collect())[0] == 1
        assert (await http.get(f"/files/{unsent.id}")).status_code == 404
        assert (await http.get(f"/files/{sent.id}/chunks/0")).content == sent.pieces[0]
    left = [path for path in (server.folder / "chunks").rglob("*") if path.is_file()]
    assert [path.name for path in left] == [sent.sm3(sent.pieces[0]).hex()]


async def test_a_chunk_that_two_files_share_stays_until_the_last_goes(server: RunningChat) -> None:
    anna, bo = server.town.add("王建国"), server.town.add("赵敏")
    chat = await group_of(server, anna, bo, server.town.add("凑数"))
    first = upload(server, 300)
    second = Upload(server, uuid7(), 300, list(first.pieces))
    async with server.http(anna) as http:
        await first.whole(http)
        await second.whole(http)
        assert (await share(server, anna, chat, second.id)).status_code == 200
        await age(server, 9 * 24 * 3600)
        await server.chat.collector.collect()
        assert (await http.get(f"/files/{first.id}")).status_code == 404
        assert (await http.get(f"/files/{second.id}/chunks/0")).content == second.pieces[0]


async def test_a_blob_set_aside_is_brought_back_when_a_row_names_it(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    file = upload(server, 300)
    blobs = server.chat.files._blobs
    async with server.http(anna) as http:
        await file.whole(http)
        # As an interrupted collector leaves it that looked before the row was there.
        assert blobs.set_aside(file.sm3(file.pieces[0])) is True
        gone = await http.get(f"/files/{file.id}/chunks/0")
        assert (gone.status_code, gone.json()["code"]) == (410, "gone")
        await server.chat.collector.collect()
        assert (await http.get(f"/files/{file.id}/chunks/0")).content == file.pieces[0]


async def test_the_server_keeps_neither_names_nor_rows_beyond_the_chunks(server: RunningChat) -> None:
    anna = server.town.add("王建国")
    file = upload(server, 300)
    async with server.http(anna) as http:
        await file.whole(http)
    rows = await server.database.read(lambda connection: connection.execute(select(file_chunks)).all())
    assert [(row.file_id, row.size) for row in rows] == [(file.id, len(file.pieces[0]))]
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await server.database.write(
            lambda connection: (
                connection.execute(
                    insert(file_chunks).values(file_id="x", chunk_index=0, digest=b"d", size=1)
                )
                and None
            )
        )

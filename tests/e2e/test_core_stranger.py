"""The documents suffice: a program of somebody else's, written from them alone, talks with a real client."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from bed.duo import PASSWORD, Duo, history, texts, until_count

from app.store.queries import conversations
from server_stub.contract.content import FileContent, Quote

PROGRAM = Path(__file__).parent / "stranger" / "talk.py"
ALLOWED = {"httpx", "websockets", "msgspec", "gmssl", "cryptography"}


def test_the_stranger_knows_nothing_of_the_product():
    names = set()
    for node in ast.walk(ast.parse(PROGRAM.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {one.name.split(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert names - set(sys.stdlib_module_names) <= ALLOWED


async def test_a_strangers_program_written_from_the_documents_talks_with_a_real_client(
    duo: Duo, tmp_path: Path
):
    feng = await duo.sign_in("fengxue")
    data = os.urandom(1024 * 1024 + 5)
    (tmp_path / "送出.bin").write_bytes(data)
    # Isolated: neither our folders nor the tests' can be imported.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(PROGRAM),
        *(
            duo.url_of("liqiang"),
            "liqiang",
            PASSWORD,
            feng.me.name,
            "您好，我是别家的客户端",
            str(tmp_path / "送出.bin"),
        ),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=tmp_path,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    steps: dict[str, Any] = {}

    async def follow(until: str) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        async with asyncio.timeout(60):
            while until not in steps:
                line = await process.stdout.readline()
                if not line:
                    raise AssertionError((await process.stderr.read()).decode())
                told = json.loads(line)
                steps[told.pop("step")] = told

    try:
        await follow("sent file")
        chat = await feng.conversations.open_single(steps["signed in"]["person"])
        await until_count(feng, chat, 2)
        rows = await history(feng, chat)
        assert texts(rows) == ["您好，我是别家的客户端"]
        assert [row.seq for row in rows] == [steps["sent"]["seq"], steps["sent file"]["seq"]]
        file = rows[1].content
        assert isinstance(file, FileContent)
        assert file.file.name == "来自别家.bin"
        assert await feng.attachments.read(file.file.file_id) == data
        quote = Quote(seq=rows[0].seq, sender_id=rows[0].sender_id, text="您好")
        await feng.send.text(chat, "收到，欢迎 🤝", quote=quote)
        await follow("received")
        assert steps["received"]["text"] == "收到，欢迎 🤝"
        assert steps["received"]["quote"]["seq"] == rows[0].seq
        back = tmp_path / "回件.bin"
        back.write_bytes(os.urandom(2 * 1024 * 1024))
        await feng.send.files(chat, [back])
        await follow("done")
        assert steps["received file"]["name"] == "回件.bin"
        assert steps["received file"]["sm3"] == sm3_of(back)
        assert steps["history"]["types"] == ["text", "file", "text", "file"]
        assert await process.wait() == 0
        row = await feng.store.read(lambda db: conversations.get(db, chat))
        assert row is not None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def sm3_of(path: Path) -> str:
    from cryptography.hazmat.primitives import hashes

    digest = hashes.Hash(hashes.SM3())
    digest.update(path.read_bytes())
    return digest.finalize().hex()

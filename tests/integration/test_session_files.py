"""Files of 20 MB over a slow line: paused, resumed, cancelled, and taken up again after a restart or a crash."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bed.duo import Duo, history, until, until_count
from bed.proxy import Proxy, running_proxy

from app.session.session import Session
from app.store.queries import messages, transfers
from app.store.records import TransferRow, TransferState
from server_stub.contract.content import FileContent

SIZE = 20 * 1024 * 1024


@pytest.fixture
async def slow(duo: Duo) -> AsyncIterator[Proxy]:
    """A line on which 20 MB take a while, so that there is a middle to stop in."""
    async with running_proxy(duo.port) as proxy:
        duo.via = proxy.port
        yield proxy


def big(folder: Path) -> Path:
    file = folder / "防汛预案.bin"
    file.write_bytes(os.urandom(SIZE))
    return file


def underway(row: TransferRow | None) -> bool:
    return row is not None and 0 < row.done < row.chunks


async def transfer(session: Session, file_id: str) -> TransferRow | None:
    return await session.store.read(lambda db: transfers.get(db, file_id))


async def start_upload(duo: Duo, slow: Proxy, file: Path) -> tuple[Session, Session, str, str]:
    """Li sends the file to Feng; returns when some of it is up."""
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    slow.latency = 0.04
    await li.send.files(chat, [file])
    (row,) = await li.store.read(transfers.active)
    await until(li, lambda db: underway(transfers.get(db, row.file_id)))
    return li, feng, chat, row.file_id


async def saved(session: Session, file_id: str, target: Path) -> bytes:
    await session.attachments.save(file_id, target)
    return await asyncio.to_thread(target.read_bytes)


async def test_an_upload_pauses_survives_a_restart_and_goes_on_where_it_was(
    duo: Duo, slow: Proxy, tmp_path: Path
):
    file = big(tmp_path)
    li, feng, chat, file_id = await start_upload(duo, slow, file)
    await li.attachments.pause(file_id)
    paused = await transfer(li, file_id)
    assert paused is not None
    assert paused.state is TransferState.PAUSED
    await li.send.text(chat, "文件稍后")
    await until_count(feng, chat, 1)
    await li.close()
    slow.latency = 0.0
    back = await duo.resume("liqiang")
    row = await transfer(back, file_id)
    assert row is not None
    assert row.state is TransferState.PAUSED, "a pause holds over a restart"
    assert row.done == paused.done > 0
    # What was sealed when it was sent goes out, whatever becomes of the file.
    content = file.read_bytes()
    file.unlink()
    slow.record = True
    await back.attachments.resume(file_id)
    await until_count(back, chat, 2, 60)
    await until_count(feng, chat, 2, 60)
    assert len(slow.passed) < SIZE, "what was up already was not sent again"
    assert await saved(feng, file_id, tmp_path / "收到.bin") == content


async def test_an_upload_cut_by_a_crash_of_the_server_goes_on_by_itself(
    duo: Duo, slow: Proxy, tmp_path: Path
):
    file = big(tmp_path)
    li, feng, chat, file_id = await start_upload(duo, slow, file)
    await duo.kill_server()
    slow.latency = 0.0
    await duo.start_server()
    for one in (li, feng):
        one.network_hint()
    await until_count(feng, chat, 1, 60)
    assert await saved(feng, file_id, tmp_path / "收到.bin") == file.read_bytes()


async def test_a_download_pauses_and_goes_on_after_a_restart(duo: Duo, slow: Proxy, tmp_path: Path):
    file = big(tmp_path)
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    await li.send.files(chat, [file])
    await until_count(feng, chat, 1, 60)
    content = (await history(feng, chat))[0].content
    assert isinstance(content, FileContent)
    file_id = content.file.file_id
    slow.latency = 0.04
    await feng.attachments.download(file_id)
    await until(feng, lambda db: underway(transfers.get(db, file_id)))
    await feng.attachments.pause(file_id)
    await feng.close()
    slow.latency = 0.0
    back = await duo.resume("fengxue")
    row = await transfer(back, file_id)
    assert row is not None
    assert row.state is TransferState.PAUSED
    assert 0 < row.done < row.chunks
    slow.record = True
    await back.attachments.resume(file_id)
    await until(
        back, lambda db: (r := transfers.get(db, file_id)) is not None and r.state is TransferState.DONE, 60
    )
    assert len(slow.passed) < SIZE
    assert await saved(back, file_id, tmp_path / "收到.bin") == file.read_bytes()


async def test_a_cancelled_upload_leaves_no_message_and_no_bytes(duo: Duo, slow: Proxy, tmp_path: Path):
    file = big(tmp_path)
    li, feng, chat, file_id = await start_upload(duo, slow, file)
    await li.attachments.cancel(file_id)
    assert await transfer(li, file_id) is None
    assert await li.store.read(lambda db: messages.pending(db, chat)) == []
    assert [one for one in li.store.folder.files.rglob("*") if one.is_file()] == []
    slow.latency = 0.0
    await li.send.text(chat, "取消了")
    await until_count(feng, chat, 1)
    assert len(await history(feng, chat)) == 1

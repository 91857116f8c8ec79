"""What the server stores and what goes over the wire: nothing of it is the users' text (3.3.4, sealing of the design)."""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.duo import Duo, history, until, until_count

from app.store.queries import transfers
from app.store.records import TransferState
from server_stub.contract.content import FileContent

CANARY = "金丝雀-KESTREL-7719"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"PIXELS-OF-THE-CANARY-0042" * 40
FILE_NAME = "CANARY-秘密名单-5531.docx"
FILE_TEXT = b"WORDS-IN-THE-CANARY-FILE-8864 " * 2000
QUOTE = "QUOTED-CANARY-1209"


def forms() -> list[bytes]:
    words = [CANARY, "KESTREL-7719", FILE_NAME, "CANARY-秘密名单", QUOTE]
    found = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le", "gb18030")]
    escaped = [word.encode("unicode_escape") for word in words]
    return [*found, *escaped, b"PIXELS-OF-THE-CANARY", b"WORDS-IN-THE-CANARY-FILE"]


def assert_absent(data: bytes, where: str) -> None:
    for form in forms():
        assert form not in data, f"{form!r} in {where}"


@pytest.mark.clause("3.1.2.2", "E177")
async def test_nothing_of_messages_pictures_and_files_lies_open_on_the_server_or_the_wire(
    duo: Duo, tmp_path: Path
):
    taps = {await duo.way("liqiang"), await duo.way("fengxue")}
    for tap in taps:
        tap.record = True
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    chat = await li.conversations.open_single(feng.me.id)
    await li.send.text(chat, CANARY)
    await li.send.image(chat, PICTURE, name="CANARY-秘密名单.png", width=1, height=1, thumbnail=PICTURE[:900])
    paper = tmp_path / FILE_NAME
    paper.write_bytes(FILE_TEXT)
    await li.send.files(chat, [paper])
    await until_count(feng, chat, 3)
    # Two uploads race; which message comes first does not matter here.
    content = next(row.content for row in await history(feng, chat) if isinstance(row.content, FileContent))
    await feng.attachments.download(content.file.file_id)
    await until(
        feng, lambda db: (row := transfers.get(db, content.file.file_id)) and row.state is TransferState.DONE
    )
    target = tmp_path / "out.docx"
    await feng.attachments.save(content.file.file_id, target)
    assert target.read_bytes() == FILE_TEXT, "the scan must look at a conversation that really worked"
    for session in list(duo.sessions):
        await session.close()
    await duo.stop_server()

    for tap in taps:
        assert len(tap.passed) > 50_000
        assert_absent(bytes(tap.passed), "the wire")
    files = [file for file in duo.data.rglob("*") if file.is_file()]
    assert any("chunks" in file.parts for file in files)
    for file in files:
        assert_absent(file.read_bytes(), str(file.relative_to(duo.data)))
    data = await duo.kept()
    assert li.me.id.encode() in data, "the scan reads the opened database"
    assert_absent(data, "the opened database")
    for file in (duo.folder / "home").rglob("*"):
        if file.is_file():
            assert_absent(file.read_bytes(), f"the client's {file.name}")

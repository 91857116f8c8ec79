"""A secret talk between two real clients over a real server process; after burning, every byte on every disk is looked at."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from bed.duo import PASSWORD, Duo, until_count
from bed.pages import plain_pages
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.features.secret.service import SessionSecret
from app.features.secret.view import SecretPage
from app.session.secret import Burnt, SecretBody
from app.session.session import Session
from app.shell.logs import ClientLog
from app.showcase.secret_pages import guard_of, settle
from app.store.connection import derive
from server_stub.contract.permissions import SECRET_CHAT, GrantChange, Subject
from server_stub.contract.secret import SecretMessage, SecretPolicy, SecretText, SecretVoice
from widgets.theme import ThemeManager

WORDS = "密聊金丝雀-HERON-4471"
FILE_NAME = "密聊名单-EGRET-9023.txt"
FILE_WORDS = "WORDS-OF-THE-SECRET-FILE-5518 机密正文"
SOUND = b"PCM-OF-THE-SECRET-VOICE-3306" * 400
ORDINARY = "普通消息-SPARROW-1180"
BURN_S = 5


def forms(*words: str) -> list[bytes]:
    found = [word.encode(code) for word in words for code in ("utf-8", "utf-16-le", "gb18030")]
    return [*found, *(word.encode("unicode_escape") for word in words)]


SECRETS = [
    *forms(WORDS, FILE_NAME, FILE_WORDS, "HERON-4471", "EGRET-9023"),
    b"PCM-OF-THE-SECRET-VOICE",
    b"WORDS-OF-THE-SECRET",
]


def found_in(data: bytes) -> list[bytes]:
    return [form for form in SECRETS if form in data]


def temporary() -> set[Path]:
    """What lies in the system's folder for temporary files."""
    return set(Path(tempfile.gettempdir()).iterdir())


async def until_shown(page: SecretPage, condition: Callable[[], object], seconds: float = 60) -> None:
    """Look after everything the server tells, and with every tick of the page's clock."""
    told = asyncio.Event()
    page.chat.changed.connect(told.set)
    page.chat._tick.timeout.connect(told.set)
    async with asyncio.timeout(seconds):
        while not condition():
            told.clear()
            await told.wait()


async def window(session: Session, themes: ThemeManager) -> SecretPage:
    async def never(_secret: str) -> bool:
        return False

    page = SecretPage(SessionSecret(session, never), guard_of(themes), themes)
    page.resize(1000, 700)
    page.show()
    page.start()
    await settle(page)
    return page


async def until_allowed(session: Session) -> None:
    told = asyncio.Event()
    subscription = session.features.changed.connect(lambda _features: told.set())
    async with asyncio.timeout(30):
        while not session.features.allows(SECRET_CHAT):
            told.clear()
            await told.wait()
    subscription.close()


@pytest.mark.clause("3.1.1.5", "3.1.1.6")
async def test_after_burning_no_byte_is_left_with_either_side_or_on_the_server(
    qapp, duo: Duo, tmp_path_factory: pytest.TempPathFactory
):
    before = temporary()
    log = ClientLog(duo.folder / "home" / "logs", logging.DEBUG)
    log.start()
    admin = await duo.sign_in("admin")
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    # A second device of the receiver's, which is off while everything happens.
    away = await duo.keep(
        await duo.accounts("feng-second").sign_in(duo.url_of("fengxue"), "fengxue", PASSWORD)
    )
    await away.close()
    await admin.api.change_grants(SECRET_CHAT, [GrantChange(subject=Subject.EVERYONE, allow=True)])
    await admin.secret.set_policy(SecretPolicy(burn_s=BURN_S))
    await until_allowed(li)
    await until_allowed(feng)
    chat = await li.conversations.open_single(feng.me.id)
    await li.send.text(chat, ORDINARY)
    await until_count(feng, chat, 1)

    themes = ThemeManager("light", animations=False)
    mine, theirs = await window(li, themes), await window(feng, themes)
    mine.open_with(feng.me.id)
    await until_shown(mine, lambda: mine.chat.chat_id)
    await settle(mine)
    for sign in WORDS:
        mine.chat.writing.edit._insert(sign)
    QTest.keyClick(mine.chat.writing.edit, Qt.Key.Key_Return)
    await settle(mine)
    folder = tmp_path_factory.mktemp("sources")
    paper, picture = folder / FILE_NAME, folder / "picture.png"
    paper.write_text(FILE_WORDS * 50, "utf-8")
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkMagenta)
    assert image.save(str(picture))
    pixels = picture.read_bytes()
    for file in (paper, picture):
        mine.chat.writing.send_file(file)
        await settle(mine)
    voice = SecretBody(SecretVoice(duration_ms=900, rate=16_000, size=len(SOUND)), SOUND)
    await li.secret.send(mine.chat.chat_id, voice, "excluded")
    await until_shown(mine, lambda: len(mine.chat.rows) == 4)
    SECRETS.append(pixels[len(pixels) // 3 : len(pixels) // 3 + 40])

    # The receiver opens all four; only then do they run.
    theirs.refresh()
    await settle(theirs)
    assert theirs.list.model.items[0].chat.unread == 4
    theirs.open_chat(mine.chat.chat_id)
    await until_shown(theirs, lambda: len(theirs.chat.rows) == 4)
    for row in theirs.chat.rows:
        QTest.mouseClick(row.bubble, Qt.MouseButton.LeftButton)
    await settle(theirs)
    bodies = [row.bubble.body for row in theirs.chat.rows]
    first, second, third, fourth = (body.look() for body in bodies)
    assert first.content == SecretText(text=WORDS)
    assert second.data == paper.read_bytes()
    assert third.data == pixels
    assert fourth.data == SOUND
    await until_shown(mine, lambda: not mine.chat.rows)
    await until_shown(theirs, lambda: not theirs.chat.rows)
    assert all(body.is_burnt for body in bodies)
    for session in (li, feng):
        page = await session.secret.page(mine.chat.chat_id)
        assert page.messages == []

    # The device that was off finds nothing, and asking by number neither.
    again = await duo.resume("feng-second")
    assert (await again.secret.page(mine.chat.chat_id)).messages == []
    stale = theirs.chat.chat_id
    for seq in range(1, 5):
        asked = SecretMessage(chat_id=stale, seq=seq, client_id="x", sender_id=li.me.id, sent_at=0)
        with pytest.raises(Burnt):
            await again.secret.reveal(asked, "excluded")
    # Not in search, previews, drafts, notifications or anything else that a client keeps.
    for session in (li, feng, again):
        assert await session.messages.search("HERON") == []

    keys = [(session.store.folder.path, session.store.key) for session in (li, feng, again, admin)]
    for page in (mine, theirs):
        page.hide()
        await page.close_page()
        page.deleteLater()
    for session in list(duo.sessions):
        await session.close()
    await duo.stop_server()
    log.stop()

    looked = 0
    for file in duo.folder.rglob("*"):
        if file.is_file():
            looked += 1
            assert found_in(file.read_bytes()) == [], file
    assert looked > 20
    ordinary = 0
    for place, key in keys:
        for file in (place / "store.db",):
            pages = b"".join(plain_pages(file, derive(key, "database")))
            ordinary += any(form in pages for form in forms(ORDINARY))
            assert found_in(pages) == [], file
    assert ordinary >= 2, "the scan must find what is kept"
    opened = await duo.kept()
    assert li.me.id.encode() in opened
    assert found_in(opened) == []
    for file in temporary() - before:
        if file.is_file():
            assert found_in(file.read_bytes()) == [], file

"""The lock falls while a secret message is being read: gone from screen, memory and accessible tree, hidden after it."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import mss
import pytest
from bed.duo import PASSWORD, Duo
from bed.duo_fixtures import duo, office_template
from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from test_lock_walk import told
from test_main_lock import LockingDesk, seen

from app.features.secret.view import SecretPage
from app.session.secret import SecretBody
from app.showcase.secret_pages import guard_of
from app.workspace import CHAT, Workspace
from server_stub.contract.permissions import SECRET_CHAT, GrantChange, Subject
from server_stub.contract.secret import SecretLevel, SecretPicture, SecretText

__all__ = ["duo", "office_template"]

WORDS = "金丝雀七号文件"
COLOUR = QColor(255, 0, 255)
SIDE = 240


def picture() -> SecretBody:
    """One that can be counted on the screen."""
    image = QImage(SIDE, SIDE, QImage.Format.Format_RGB32)
    image.fill(COLOUR)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    data = bytes(buffer.data().data())
    return SecretBody(SecretPicture(width=SIDE, height=SIDE, size=len(data)), data)


def on_screen() -> int:
    """How much of the picture the real screen shows."""
    with mss.MSS() as screen:
        shot = screen.grab(screen.monitors[0])
    return memoryview(bytes(shot.raw)).cast("I").tolist().count(COLOUR.rgb())


async def enter(desk: LockingDesk, workspace: Workspace, chat_id: str, level: SecretLevel) -> SecretPage:
    """Through the entry in the list to the open chat; under 最高 with the password, each time."""
    tab = workspace.window.page(CHAT)
    await desk.until(lambda: not tab.list.secret.isHidden() and workspace.secret.page is not None)
    page = workspace.secret.page
    await desk.until(lambda: chat_id in page._chats)
    workspace.secret.enter("")
    page.open_chat(chat_id)
    if level is SecretLevel.HIGHEST:
        assert not page.chat.chat_id
        page.unlock_dialog.field.edit.setText(PASSWORD)
        page.unlock_dialog.go.click()
    await desk.until(lambda: page.chat.chat_id == chat_id and len(page.chat.rows) == 2)
    return page


def begin(bubble: QWidget, level: SecretLevel) -> None:
    """Reveal: a tap, or a button that goes down and stays down."""
    if level is SecretLevel.STANDARD:
        QTest.mouseClick(bubble, Qt.MouseButton.LeftButton)
    else:
        QTest.mousePress(bubble, Qt.MouseButton.LeftButton)


@pytest.mark.clause("3.1.1.5", "3.1.1.9", "3.2.3.1.2")
@pytest.mark.parametrize("level", list(SecretLevel))
async def test_a_lock_covers_a_message_that_is_being_read(qapp, duo: Duo, tmp_path: Path, level: SecretLevel):
    wang, admin = await duo.sign_in("wangjianguo"), await duo.sign_in("admin")
    await admin.api.change_grants(SECRET_CHAT, [GrantChange(subject=Subject.EVERYONE, allow=True)])
    desk = LockingDesk(tmp_path / "home", duo.url)
    desk.make_guard = lambda: guard_of(desk.themes)
    client = await desk.start()
    workspace = await desk.sign_in("fengxue", PASSWORD)
    await desk.until(lambda: client.lock and client.lock.controller)
    chat = await wang.secret.open(workspace.session.me.id)
    await wang.secret.change(chat.id, level=level, burn_s=300)
    for body in (SecretBody(SecretText(text=WORDS)), picture()):
        await wang.secret.send(chat.id, body, "excluded")

    page = await enter(desk, workspace, chat.id, level)
    text, image = (row.bubble for row in page.chat.rows)
    begin(text, level)
    await desk.until(lambda: text.is_shown)
    begin(image, level)
    await desk.until(lambda: image.is_shown and on_screen() > SIDE)
    bodies = [text.body, image.body]
    # A hold passes from one to the other: only what is held is open.
    assert text.is_shown == (level is SecretLevel.STANDARD)

    workspace.lock_wanted.emit("button")
    # At once, before the loop turns again: covered, closed, burnt.
    assert seen() == ["政钉"]
    assert not page.chat.chat_id
    assert all(body.is_burnt for body in bodies)
    assert not image.is_shown
    assert not (image.hold is not None and image.hold.is_held)
    await desk.until(lambda: on_screen() == 0)
    await desk.until(lambda: client.workspace is None and client.lock.controller._shutting.done())
    lock_page = client.lock.page
    assert on_screen() == 0
    assert not any(WORDS in words for words in told(lock_page.window()))
    # Nothing of the program keeps the words either.
    gc.collect()
    assert not [
        one for one in gc.get_objects() if isinstance(one, SecretBody) and not one.is_burnt and _says(one)
    ]

    lock_page.field.edit.setText(PASSWORD)
    QTest.keyClick(lock_page.field.edit, Qt.Key.Key_Return)
    await desk.until(lambda: client.workspace is not None and client.workspace.window.isVisible())
    workspace = client.workspace
    # A secret chat is no place that one comes back to.
    assert not workspace.secret.is_shown
    page = await enter(desk, workspace, chat.id, level)
    text, image = (row.bubble for row in page.chat.rows)
    await asyncio.sleep(0)
    assert not text.is_shown
    assert not image.is_shown
    assert text.body is None
    assert on_screen() == 0
    # It can be read again as before, as long as its time runs.
    begin(text, level)
    await desk.until(lambda: text.is_shown)
    assert text.body.look().content == SecretText(text=WORDS)
    await desk.end()


def _says(body: SecretBody) -> bool:
    content = body.look().content
    return isinstance(content, SecretText) and content.text == WORDS

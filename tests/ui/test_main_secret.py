"""Secret chat in the whole client over a real server: the entries come with the permission, the banner says one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.duo import PASSWORD, Duo
from bed.duo_fixtures import duo, office_template
from client_bed import Desk
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.session.secret import SecretBody
from app.showcase.secret_pages import guard_of, settle
from app.workspace import CHAT, SECRET_LINE
from server_stub.contract.permissions import SECRET_CHAT, GrantChange, Subject
from server_stub.contract.secret import SecretText

__all__ = ["duo", "office_template"]


@pytest.mark.clause("3.1.1", "3.1.1.1", "3.1.1.9", "3.1.1.10")
async def test_from_the_entry_to_a_burning_message_and_away_with_the_permission(
    qapp, duo: Duo, tmp_path: Path
):
    desk = Desk(tmp_path / "home", duo.url)
    await desk.start()
    desk.make_guard = lambda: guard_of(desk.themes)
    workspace = await desk.sign_in("fengxue", PASSWORD)
    tab = workspace.window.page(CHAT)
    wang, admin = await duo.sign_in("wangjianguo"), await duo.sign_in("admin")
    me = workspace.session.me.id
    workspace.write_to(wang.me.id)
    await desk.until(lambda: tab.current_peer == wang.me.id)
    assert tab.list.secret.isHidden()
    assert tab.secret_tool.isHidden()

    await admin.api.change_grants(SECRET_CHAT, [GrantChange(subject=Subject.EVERYONE, allow=True)])
    await desk.until(lambda: not tab.list.secret.isHidden())
    await desk.until(lambda: not tab.secret_tool.isHidden())
    page = workspace.secret.page
    await desk.until(lambda: page._seen_unread is not None)

    chat = await wang.secret.open(me)
    await wang.secret.send(chat.id, SecretBody(SecretText(text="只有一行字可以出现")), "none")
    await desk.until(lambda: desk.centre.notes)
    assert [(note.title, note.text) for note in desk.centre.notes] == [("政钉", SECRET_LINE)]
    await desk.until(lambda: workspace.secret.unread == 1)
    assert workspace.unread.count == 1

    kinds: list[frozenset[str]] = []
    workspace.kinds_shown.connect(kinds.append)
    QTest.mouseClick(tab.secret_tool, Qt.MouseButton.LeftButton)
    # The lock may have a threshold of its own for secret windows (3.2.3.1.1).
    assert kinds == [frozenset({"secret"})]
    await desk.until(lambda: page.isVisible() and page.chat.rows)
    bubble = page.chat.rows[0].bubble
    QTest.mouseClick(bubble, Qt.MouseButton.LeftButton)
    await desk.until(lambda: bubble.body is not None)
    body = bubble.body
    assert body.look().content == SecretText(text="只有一行字可以出现")
    # The sender sees what the guard of the reading device really found.
    await desk.until(lambda: page._guard.protection.level.wire == "excluded")
    page.reports.report()
    await settle(page)
    (device,) = (await wang.secret.page(chat.id)).devices
    assert device.online
    assert device.shielding.protection == "excluded"

    # The permission goes, and with it at once everything on the screen and in memory.
    await admin.api.change_grants(
        SECRET_CHAT, [GrantChange(subject=Subject.PERSON, subject_id=me, allow=False)]
    )
    await desk.until(lambda: not page.isVisible())
    assert body.is_burnt
    assert kinds[-1] == frozenset()
    assert tab.list.secret.isHidden()
    assert tab.secret_tool.isHidden()
    await settle(page)
    await desk.end()

"""Links in messages under the organisation's rules, from the console to a click in a real client (3.2.3.4.4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bed.duo import PASSWORD, Duo
from bed.duo_fixtures import duo, office_template
from client_bed import Desk
from PySide6.QtWidgets import QApplication

from app.features.admin.links.view import LinksSection, SessionLinksAdmin
from app.features.links.gate import SessionLinkRules
from app.session.states import LinkState
from widgets.controls import ConfirmDialog, Dialog
from widgets.theme import ThemeManager

__all__ = ["duo", "office_template"]


def dialogs() -> list[Dialog]:
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, Dialog) and one.isVisible()]


@pytest.mark.clause("3.2.3.4.4")
async def test_a_blocked_link_does_not_open_and_a_strange_one_is_asked_about(
    qapp, duo: Duo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # No time passes: what holds does so because it was told.
    monkeypatch.setattr(SessionLinkRules.__init__, "__defaults__", (lambda: 0.0,))
    admin, wang = await duo.sign_in("admin"), await duo.sign_in("wangjianguo")
    desk = Desk(tmp_path / "home", duo.url)
    await desk.start()
    opened: list[str] = []
    try:
        workspace = await desk.sign_in("fengxue", PASSWORD)
        await desk.until(lambda: workspace.session.link_state is LinkState.ONLINE)
        chat = await wang.conversations.open_single(workspace.session.me.id)
        await wang.send.text(chat, "https://bad.example/x 和 https://www.gov.cn@evil.example/")
        workspace.open_conversation(chat)
        view = workspace.chat.conversation
        view._opener = lambda url: opened.append(url.toString()) or True
        await desk.until(lambda: [row for row in view.list.rows if row.is_bubble])

        async def click(address: str) -> None:
            view.list.link_clicked.emit(address)
            await workspace.tasks.settle()

        # Without rules everything opens.
        await click("https://bad.example/x")
        assert opened == ["https://bad.example/x"]

        section = LinksSection(SessionLinksAdmin(admin), ThemeManager(animations=False))
        section.resize(900, 640)
        section.show()
        section.entered()
        await section.tasks.settle()
        assert not section.save.isEnabled()
        section.on.setChecked(True)
        section.blocked.setPlainText("https://Bad.example/\nnot a site")
        section.save.click()
        await section.tasks.settle()
        assert "“not a site”不是网站地址" in section.problem.label.text()
        section.blocked.setPlainText("https://Bad.example/")
        section.trusted.setPlainText("gov.cn")
        told: list[None] = []
        workspace.session.link_news.connect(told.append)
        section.save.click()
        await section.tasks.settle()
        assert section.blocked.toPlainText() == "bad.example"
        assert not section.save.isEnabled()

        # Told at once: the next click is judged by them.
        await desk.until(lambda: bool(told))
        await click("https://bad.example/x")
        (refused,) = dialogs()
        assert refused.windowTitle() == "链接已拦截"
        refused.accept()
        await click("https://www.gov.cn/")
        assert opened[1:] == ["https://www.gov.cn/"]
        await click("https://www.gov.cn@evil.example/")
        (asked,) = [one for one in dialogs() if isinstance(one, ConfirmDialog)]
        assert "真正打开的网站是：evil.example" in asked.text.text()
        assert not asked.accept_button.isDefault()
        asked.reject()
        await click("https://www.gov.cn@evil.example/")
        (asked,) = [one for one in dialogs() if isinstance(one, ConfirmDialog)]
        asked.accept()
        await workspace.tasks.settle()
        assert opened[2:] == ["https://www.gov.cn@evil.example/"]

        # The rules hold without the server too, and after a start without it.
        await duo.stop_server()
        await click("https://bad.example/x")
        (refused,) = dialogs()
        refused.accept()
        fresh: Any = SessionLinkRules(workspace.session)
        assert (await fresh.policy()).blocked == ["bad.example"]
        assert len(opened) == 3
        await section.close_page()
        section.close()
        section.deleteLater()
    finally:
        await desk.end()

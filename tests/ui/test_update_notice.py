"""A new version is said once, over the window, and leads to its page (E173)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bed.office import PASSWORD, Office, running_office
from client_bed import Desk
from PySide6.QtWidgets import QApplication

from app.session.states import LinkState
from app.workspace import SETTINGS
from widgets.controls import ConfirmDialog


@pytest.fixture
async def office(tmp_path):
    async with running_office(tmp_path / "server") as running:
        yield running


def asked() -> list[ConfirmDialog]:
    return [
        one for one in QApplication.topLevelWidgets() if isinstance(one, ConfirmDialog) and one.isVisible()
    ]


def recommend(office: Office, version: str) -> None:
    settings = office.server.settings
    more = {"client_version": version, "client_notes": "修复若干问题", "client_url": "https://a.example/"}
    office.server.settings = replace(settings, **more)


@pytest.mark.clause("E173")
async def test_a_new_version_is_told_once(qapp, tmp_path, office: Office):
    recommend(office, "0.2.0")
    desk = Desk(tmp_path / "home", office.url)
    await desk.start()
    workspace = await desk.sign_in("fengxue", PASSWORD)
    await desk.until(asked)
    (dialog,) = asked()
    assert dialog.windowTitle() == "有新版本 0.2.0"
    assert "修复若干问题" in dialog.text.text()
    dialog.accept()
    assert workspace.window.current == SETTINGS
    page = workspace.window.page(SETTINGS)
    await desk.until(page.sections["about"].get.isVisible)
    await desk.end()
    # The same version is not told again, a newer one is, and one's own is not.
    for version, told in (("0.2.0", 0), ("0.3.0", 1), ("0.1.0", 0)):
        recommend(office, version)
        again = Desk(tmp_path / "home", office.url)
        again.keys = desk.keys
        client = await again.start()
        await again.until(lambda c=client: c.workspace and c.workspace.updates._looked)
        assert client.workspace.session.link_state is LinkState.ONLINE
        await client.workspace.tasks.settle()
        assert len(asked()) == told, version
        for one in asked():
            one.reject()
        await again.end()

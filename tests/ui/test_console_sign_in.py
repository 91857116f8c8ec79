"""登录安全 in the console on a real server: what it says is in force, for the next sign-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bed.duo import Duo, MemoryPort, make_office, running_duo
from bed.office import PASSWORD
from PySide6.QtWidgets import QWidget

from app.features.admin.sign_in.service import SessionSignInAdmin
from app.features.admin.sign_in.view import SignInSection
from app.session.session import Session
from app.session.states import NetworkError, SignInStep
from server_stub.contract.accounts import LoginPolicy
from server_stub.contract.errors import ApiError
from widgets.theme import ThemeManager


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organisation") / "server"
    asyncio.run(make_office(folder))
    return folder


@pytest.fixture
async def duo(qapp, tmp_path: Path, template: Path) -> AsyncIterator[Duo]:
    async with running_duo(tmp_path, template) as running:
        yield running


async def opened(session: Session, qtbot) -> SignInSection:
    """The page as it is after its first visit."""
    section = SignInSection(SessionSignInAdmin(session), ThemeManager(animations=False))
    section.resize(1000, 680)
    qtbot.addWidget(section)
    section.show()
    section.entered()
    await section.tasks.settle()
    return section


@pytest.mark.clause("E006")
async def test_the_second_factor_is_switched_on_and_holds_for_the_next_sign_in(duo: Duo, qtbot) -> None:
    admin = await duo.sign_in("admin")
    section = await opened(admin, qtbot)
    assert section.who.currentData() == "off"
    assert not section.save.isEnabled()
    told: list[str] = []
    section.told.connect(told.append)
    section.who.setCurrentIndex(section.who.findData("everyone"))
    section.days.setValue(7)
    assert section.save.isEnabled()
    # A visit in between takes nothing of what is being edited away.
    section.entered()
    await section.tasks.settle()
    assert section.days.value() == 7
    section.save.click()
    await section.tasks.settle()
    assert told == ["登录设置已生效"]
    assert not section.save.isEnabled()
    fresh = duo.accounts("another-desk", MemoryPort())
    assert (await fresh.sign_in(duo.url, "fengxue", PASSWORD)).step is SignInStep.NEEDS_CODE
    # Another administrator's console reads what is in force, not what a page starts with.
    again = await opened(admin, qtbot)
    assert (again.who.currentData(), again.days.value()) == ("everyone", 7)
    assert not again.save.isEnabled()
    again.who.setCurrentIndex(again.who.findData("off"))
    again.save.click()
    await again.tasks.settle()
    section.entered()
    await section.tasks.settle()
    assert section.who.currentData() == "off"
    for one in (section, again):
        await one.close_page()


@pytest.mark.clause("3.2.3.4.1")
async def test_length_kinds_and_age_of_passwords_hold_at_once(duo: Duo, qtbot) -> None:
    admin, feng = await duo.sign_in("admin"), await duo.sign_in("fengxue")
    section = await opened(admin, qtbot)
    assert (section.length.value(), section.kinds.currentData(), section.age.value()) == (8, 2, 0)
    section.length.setValue(12)
    section.kinds.setCurrentIndex(section.kinds.findData(4))
    # One step up from 长期有效 is the shortest that there is, and down again it is 长期有效.
    section.age.stepUp()
    assert section.age.value() == 7
    section.age.setValue(90)
    section.save.click()
    await section.tasks.settle()
    again = await opened(admin, qtbot)
    assert (again.length.value(), again.kinds.currentData(), again.age.value()) == (12, 4, 90)
    with pytest.raises(ApiError) as weak:
        await feng.api.change_password(PASSWORD, "Kurz-1aB")
    assert weak.value.message == "密码过于简单：至少 12 位，并同时包含大写字母、小写字母、数字和符号。"
    for one in (section, again):
        await one.close_page()


class Unreachable:
    """A server that does not answer."""

    async def policy(self) -> LoginPolicy:
        raise NetworkError(detail="ConnectError")

    async def change(self, policy: LoginPolicy) -> None:
        raise NetworkError(detail="ConnectError")


@pytest.mark.clause("E006")
async def test_what_goes_wrong_is_said_and_nothing_seems_saved(qtbot) -> None:
    section = SignInSection(Unreachable(), ThemeManager(animations=False))
    host = QWidget()
    section.setParent(host)
    qtbot.addWidget(host)
    host.show()
    told: list[str] = []
    section.told.connect(told.append)
    section.entered()
    await section.tasks.settle()
    assert section.problem.isVisible()
    section.days.setValue(section.days.value() + 1)
    section.save.click()
    await section.tasks.settle()
    assert section.problem.isVisible()
    assert section.save.isEnabled()
    assert told == []
    await section.close_page()

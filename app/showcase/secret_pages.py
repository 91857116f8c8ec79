"""Secret chat: the list, the three levels, what is said when something is in the way."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.features.secret.view import SecretPage
from server_stub.contract.secret import SecretFile, SecretIncident, SecretLevel
from widgets.guard import CaptureGuard, FakeShield, FakeWatcher, Level
from widgets.theme import ThemeManager

from .office import MINUTE, NOW_MS
from .secret_service import CODE, ShowcaseSecret

SIZE = (1302, 768)


def guard_of(themes: ThemeManager, watcher: FakeWatcher | None = None) -> CaptureGuard:
    """A guard as on Windows, with a recorder that can be begun."""
    return CaptureGuard(themes, FakeShield("Windows", Level.EXCLUDED), [watcher or FakeWatcher()])


async def page_of(
    themes: ThemeManager, service: ShowcaseSecret, guard: CaptureGuard | None = None
) -> SecretPage:
    """The page with its list read."""
    made = SecretPage(service, guard or guard_of(themes), themes)
    made.resize(*SIZE)
    made.show()
    made.start()
    await settle(made)
    return made


async def settle(page: SecretPage) -> None:
    """Until nothing is on its way."""
    for _ in range(3):
        await page.tasks.settle()
        await page.chat.tasks.settle()


async def enter(page: SecretPage, chat_id: str) -> None:
    """Open a chat, with the unlock code where it is asked for."""
    page.open_chat(chat_id)
    dialog = page.unlock_dialog
    if dialog is not None:
        dialog.field.edit.setText(CODE)
        dialog.go.click()
        await dialog.tasks.settle()
    await settle(page)


async def listed(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseSecret()
    service.put("s-p-zhao", "p-zhao", "x")
    return await page_of(themes, service)


async def highest(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseSecret()
    service.put("s-p-wang", "p-wang", "明早七点半，老地点碰头。\n材料带纸质件，不要拍照。", ago=3 * MINUTE)
    own = service.put("s-p-wang", service.me.id, "收到，准时到。", ago=2 * MINUTE)
    service.read_by_receiver(own, 18)
    page = await page_of(themes, service)
    await enter(page, "s-p-wang")
    return page


async def standard(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseSecret()
    service.put("s-p-zhou", "p-zhou", "还没有打开的一条", ago=6 * MINUTE)
    service.put(
        "s-p-zhou",
        "p-zhou",
        "明早七点半，老地点碰头，材料带纸质件。请转告赵处，不要在群里说。",
        ago=5 * MINUTE,
    )
    service.put(
        "s-p-zhou",
        "p-zhou",
        SecretFile(name="第三季度干部调整建议名单（内部讨论稿）.pdf", size=348_160),
        b"%PDF",
        ago=4 * MINUTE,
    )
    page = await page_of(themes, service)
    await enter(page, "s-p-zhou")
    for row in page.chat.rows[1:3]:
        row.bubble._tap()
    await settle(page)
    service.clock += 9_000
    page.chat._ticked()
    await page.chat._sending("s-p-zhou", _body("收到。"))
    await settle(page)
    sent = service.messages["s-p-zhou"][-1]
    service.read_by_receiver(sent, 18)
    await page.chat._read("s-p-zhou")
    return page


def _body(text: str):
    from app.session.secret import SecretBody
    from server_stub.contract.secret import SecretText

    return SecretBody(SecretText(text=text))


async def held(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseSecret()
    service.put(
        "s-p-zhao",
        "p-zhao",
        "评审意见：第二项不同意，第四项需补充依据。\n请周三前改好，只发给我。",
        ago=MINUTE,
    )
    page = await page_of(themes, service)
    await enter(page, "s-p-zhao")
    await service.change("s-p-zhao", level=SecretLevel.HIGHEST)
    await page.chat._read("s-p-zhao")
    bubble = page.chat.rows[0].bubble
    page.activateWindow()
    bubble.setFocus()
    QTest.mousePress(bubble, Qt.MouseButton.LeftButton, pos=bubble.rect().center())
    await settle(page)
    if bubble.hold is not None:
        bubble.hold.move_to(QPointF(20, 18))
    return page


async def refused(themes: ThemeManager, _data: Path) -> QWidget:
    from server_stub.contract.errors import ApiError, ErrorCode

    service = ShowcaseSecret()
    service.incidents = [SecretIncident(kind="capture", words="录屏软件 OBS", at=NOW_MS - 1000)]
    service.refusal = ApiError(
        ErrorCode.FORBIDDEN,
        "peer protection",
        message="“最高”密聊要求对方设备具备防截屏，对方设备未达到，不能发送。",
    )
    page = await page_of(themes, service)
    await enter(page, "s-p-wang")
    page.chat.writing.edit.put("明早七点半")
    page.chat.writing.send_text()
    await settle(page)
    return page


async def concealed(themes: ThemeManager, _data: Path) -> QWidget:
    service, watcher = ShowcaseSecret(), FakeWatcher()
    service.put("s-p-zhou", "p-zhou", "x")
    page = await page_of(themes, service, guard_of(themes, watcher))
    await enter(page, "s-p-zhou")
    watcher.begin("one", tool="OBS")
    return page


async def lost(themes: ThemeManager, _data: Path) -> QWidget:
    service = ShowcaseSecret()
    page = await page_of(themes, service)
    service.lost.add("p-zhao")
    await enter(page, "s-p-zhao")
    dialog = page.lost_dialog
    return dialog if dialog is not None else page


BOOK = {
    "secret-list": listed,
    "secret-highest": highest,
    "secret-standard": standard,
    "secret-held": held,
    "secret-refused": refused,
    "secret-concealed": concealed,
    "secret-lost": lost,
}

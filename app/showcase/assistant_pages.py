"""The page 助手: at the start, with a model's answer, by rules with sources, while it writes, and a source."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.features.admin.assistant.view import TABS, AssistantSection
from app.features.admin.view import ConsoleEntry, ConsolePage
from app.features.assistant.view import AssistantPage
from widgets.theme import ThemeManager

from .assistant_service import (
    ShowcaseAdmin,
    ShowcaseDoing,
    ShowcaseKnowledge,
    ShowcaseServer,
    showcase_assistant,
)
from .console_pages import ShowcasePermissions

WINDOW = (1302, 768)


async def _page(themes: ThemeManager, server: ShowcaseServer | None = None) -> AssistantPage:
    page = AssistantPage(showcase_assistant(server), themes)
    page.resize(*WINDOW)
    page.show()
    await page.tasks.settle()
    return page


async def _asked(page: AssistantPage, *questions: str) -> AssistantPage:
    for question in questions:
        page.ask(question)
        await page.tasks.settle()
        await asyncio.sleep(0.06)
    return page


async def start(themes: ThemeManager, _data: Path) -> QWidget:
    return await _page(themes)


async def model(themes: ThemeManager, _data: Path) -> QWidget:
    page = await _page(themes)
    page.composer.share.setChecked(True)
    await _asked(page, "防汛工作调度会什么时候开？")
    page.area.verticalScrollBar().setValue(0)
    return page


async def picture(themes: ThemeManager, data: Path) -> QWidget:
    server = ShowcaseServer(
        "图中是一张会场平面图：主席台面向南，座位共 **12 排**。", models=("看图大模型-7B",)
    )
    server.seeing = ["看图大模型-7B"]
    page = await _page(themes, server)
    plan = QImage(900, 600, QImage.Format.Format_RGB32)
    plan.fill(Qt.GlobalColor.white)
    paths = [data / "会场平面图.png", data / "签到处.png"]
    for path in paths:
        plan.save(str(path))
    page.ask("这张图里有几排座位？", (paths[0],))
    await page.tasks.settle()
    page.composer.add_files(paths[1:])
    await asyncio.sleep(0.06)
    return page


async def _ruled(themes: ThemeManager) -> AssistantPage:
    page = await _page(themes, ShowcaseServer(models=()))
    return await _asked(page, "抽水泵车由哪个单位负责？有多少台？", "调度会的联系电话是多少？")


async def rules(themes: ThemeManager, _data: Path) -> QWidget:
    return await _ruled(themes)


async def _routed(themes: ThemeManager, *lines: str) -> AssistantPage:
    page = AssistantPage(showcase_assistant(ShowcaseServer(models=())), themes, doing=ShowcaseDoing())
    page.resize(*WINDOW)
    page.show()
    await page.tasks.settle()
    for line in lines:
        page.take(line)
        await page.tasks.settle()
        await asyncio.sleep(0.06)
    return page


async def found(themes: ThemeManager, _data: Path) -> QWidget:
    return await _routed(themes, "防汛值班表")


async def deed(themes: ThemeManager, _data: Path) -> QWidget:
    return await _routed(themes, "打开设置", "给王建国发消息：明天上午九点在第一会议室开会，请带值班表")


async def asked_way(themes: ThemeManager, _data: Path) -> QWidget:
    return await _routed(themes, "抽水泵车由哪个单位负责？", "给赵六发消息")


async def source(themes: ThemeManager, _data: Path) -> QWidget:
    page = await _ruled(themes)
    page.views[-1].source_wanted.emit(page.views[-1].turn.marks[0])
    await page.tasks.settle()
    return page.dialog or page


def _console(key: str) -> Callable[[ThemeManager, Path], Awaitable[QWidget]]:
    async def make(themes: ThemeManager, _data: Path) -> QWidget:
        made: list[AssistantSection] = []

        def section(parent: QWidget) -> QWidget:
            made.append(
                AssistantSection(ShowcaseAdmin(), ShowcaseKnowledge(), ShowcasePermissions(), themes, parent)
            )
            return made[0]

        page = ConsolePage([ConsoleEntry("assistant", "assistant", "智能助手", "应用", section)], themes)
        page.resize(*WINDOW)
        page.show()
        made[0].tabs.set_current(key)
        made[0].show_tab(key)
        await made[0].tasks.settle()
        return page

    return make


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "assistant-start": start,
    "assistant-model": model,
    "assistant-picture": picture,
    "assistant-rules": rules,
    "assistant-source": source,
    "assistant-found": found,
    "assistant-deed": deed,
    "assistant-ways": asked_way,
    **{f"console-assistant-{key}": _console(key) for key in TABS},
}

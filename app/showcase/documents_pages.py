"""The document pages: the desk with each tool, receiving, minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.features.documents.view import DocumentsPage
from app.features.documents.words import WordsPanel
from offline_ai.documents.model import Box, Document
from offline_ai.official.elements import Element
from offline_ai.official.receiving import FIELDS, Registration
from widgets.theme import ThemeManager

from .assistant_service import ShowcaseServer
from .documents_service import ShowcaseOfficeWords, showcase_documents
from .documents_texts import LEAVE, MEETING, NOTICE

WINDOW = (1302, 768)


async def _page(themes: ThemeManager, data: Path, place: str = "desk") -> DocumentsPage:
    service = showcase_documents(data / "documents", office=ShowcaseOfficeWords())
    page = DocumentsPage(service, themes)
    page.resize(*WINDOW)
    page.show()
    page.show_place(place)
    await asyncio.sleep(0)
    return page


async def _desk(themes: ThemeManager, data: Path, tool: str) -> DocumentsPage:
    page = await _page(themes, data)
    paths = []
    for name, text in (
        ("关于规范请假审批工作的通知.txt", LEAVE),
        ("关于切实做好2026年防汛工作的通知（送审稿）.txt", NOTICE),
    ):
        path = data / name
        path.write_text(text, "utf-8")
        paths.append(path)
    page.desk.open_files(paths)
    await page.tasks.settle()
    page.desk.show_tool(tool)
    if tool != "ask":
        page.desk.panels[tool].start()
    await page.tasks.settle()
    await asyncio.sleep(0.05)
    return page


async def empty(themes: ThemeManager, data: Path) -> QWidget:
    return await _page(themes, data)


async def summary(themes: ThemeManager, data: Path) -> QWidget:
    return await _desk(themes, data, "summary")


async def mind(themes: ThemeManager, data: Path) -> QWidget:
    return await _desk(themes, data, "mind")


async def ask(themes: ThemeManager, data: Path) -> QWidget:
    page = await _desk(themes, data, "ask")
    panel = page.desk.panels["ask"]
    for question in ("抽水泵车有多少台？", "三天以上请假由谁审批？"):
        panel.field.setText(question)  # type: ignore[attr-defined]
        panel.start()
        await page.tasks.settle()
    await asyncio.sleep(0.05)
    return page


async def _by_model(themes: ThemeManager, data: Path, tool: str, answer: str) -> DocumentsPage:
    page = DocumentsPage(showcase_documents(data / "documents", ShowcaseServer(answer)), themes)
    page.resize(*WINDOW)
    page.show()
    await page.tasks.settle()
    page.by.setCurrentIndex(1)
    path = data / "关于切实做好2026年防汛工作的通知.txt"
    path.write_text(NOTICE, "utf-8")
    page.desk.open_files([path])
    await page.tasks.settle()
    page.desk.show_tool(tool)
    if tool == "ask":
        page.desk.panels[tool].field.setText("河道和抢险分别由谁负责？")  # type: ignore[attr-defined]
    page.desk.panels[tool].start()
    await page.tasks.settle()
    await asyncio.sleep(0.05)
    return page


async def summary_by_model(themes: ThemeManager, data: Path) -> QWidget:
    answer = (
        "市防汛抗旱指挥部统一指挥全市防汛工作，区县（市）主要负责同志任指挥长。[8]\n"
        "各单位须在5月20日前完成河道、涵洞、地下空间隐患排查并逐项整改销号。[11]\n"
        "全市储备编织袋200万条、抽水泵车120台、冲锋舟80艘，由市应急局统一调拨，2小时内到达现场。[13][14]\n"
        "汛期24小时值班，重要险情30分钟内上报。[16]\n"
    )
    return await _by_model(themes, data, "summary", answer)


async def mind_by_model(themes: ThemeManager, data: Path) -> QWidget:
    answer = (
        "- 责任[7]\n  - 指挥部统一指挥[8]\n  - 水利局：河道、水库[9]\n  - 应急局：抢险救援[9]\n"
        "- 隐患排查[10]\n  - 5月20日前完成[11]\n  - 台账销号[11]\n"
        "- 物资[12]\n  - 编织袋200万条[13]\n  - 2小时内到现场[14]\n- 值守[15]\n  - 24小时值班[16]\n"
    )
    return await _by_model(themes, data, "mind", answer)


async def ask_by_model(themes: ThemeManager, data: Path) -> QWidget:
    return await _by_model(themes, data, "ask", "河道、水库调度由市水利局负责，抢险救援由市应急局负责[1]。")


async def words(themes: ThemeManager, data: Path) -> QWidget:
    return await _desk(themes, data, "words")


async def word_list(themes: ThemeManager, data: Path) -> QWidget:
    page = await _desk(themes, data, "words")
    panel = page.desk.panels["words"]
    if not isinstance(panel, WordsPanel):
        raise RuntimeError("no words")
    panel.open_list()
    await page.tasks.settle()
    if panel.dialog is None:
        raise RuntimeError("no list")
    panel.dialog.setParent(None)
    panel.dialog.page = page  # type: ignore[attr-defined]  # lives as long as the dialog
    return panel.dialog


async def proof(themes: ThemeManager, data: Path) -> QWidget:
    page = await _desk(themes, data, "proof")
    one = page.desk.current
    if one is not None:
        finding = one.waiting()[0]
        page.desk.jump(one.key, finding.start, finding.end)
    return page


async def facts(themes: ThemeManager, data: Path) -> QWidget:
    return await _desk(themes, data, "facts")


async def minutes(themes: ThemeManager, data: Path) -> QWidget:
    page = await _page(themes, data, "minutes")
    path = data / "防汛工作调度会.txt"
    path.write_text(MEETING, "utf-8")
    page.minutes.open_transcript(path)
    await page.tasks.settle()
    return page


async def minutes_empty(themes: ThemeManager, data: Path) -> QWidget:
    return await _page(themes, data, "minutes")


async def receiving(themes: ThemeManager, data: Path) -> QWidget:
    page = await _page(themes, data, "receive")
    page.receive.show_form(_registration(themes))
    await asyncio.sleep(0.05)
    return page


def _registration(themes: ThemeManager) -> Registration:
    """A form and its picture, drawn: recognition itself is shown by tests, not by pictures."""
    wide, high = 827, 1170
    image = QImage(wide, high, QImage.Format.Format_RGB32)
    image.fill(QColor(Qt.GlobalColor.white))
    painter = QPainter(image)
    font = themes.theme.font("headline", 600)
    font.setPixelSize(44)
    painter.setFont(font)
    painter.setPen(QColor(Qt.GlobalColor.red))
    painter.drawText(0, 130, wide, 80, int(Qt.AlignmentFlag.AlignCenter), "郑州市水利局文件")
    painter.setPen(QPen(QColor(Qt.GlobalColor.red), 3))
    painter.drawLine(110, 320, wide - 110, 320)
    painter.setPen(QColor(Qt.GlobalColor.black))
    font.setPixelSize(22)
    font.setWeight(font.Weight.Normal)
    painter.setFont(font)
    boxes: dict[str, Box] = {}
    for name, text, y in (
        ("紧急程度", "特急", 60),
        ("文号", "郑水〔2026〕87号", 270),
        ("标题", "郑州市水利局关于开展水库安全隐患排查的通知", 370),
        ("主送", "各区县（市）水利局，局属各单位：", 470),
        ("附件", "附件：水库隐患排查表", 800),
        ("来文单位", "郑州市水利局", 900),
        ("成文日期", "2026年2月12日", 945),
    ):
        centre = name in ("文号", "标题")
        left = 520 if name in ("来文单位", "成文日期") else 110
        width = painter.fontMetrics().horizontalAdvance(text)
        x = (wide - width) // 2 if centre else left
        painter.drawText(x, y + 24, text)
        boxes[name] = Box(1, x / wide, y / high, (x + width) / wide, (y + 32) / high)
    for row in range(7):
        painter.fillRect(
            110, 540 + row * 34, wide - 220 - (240 if row == 6 else 0), 10, QColor(Qt.GlobalColor.lightGray)
        )
    painter.end()
    held = QBuffer()
    held.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(held, b"png").write(image)
    values = {
        "收文日期": "2026-11-26",
        "来文单位": "郑州市水利局",
        "文号": "郑水〔2026〕87号",
        "标题": "郑州市水利局关于开展水库安全隐患排查的通知",
        "紧急程度": "特急",
        "成文日期": "2026-02-12",
        "主送": "各区县（市）水利局，局属各单位",
        "附件": "水库隐患排查表",
        "份数": "1",
    }
    fields = tuple(
        Element(
            name,
            values.get(name, ""),
            confidence=0.62 if name == "附件" else 0.97 if name in values else 0.0,
            box=boxes.get(name),
        )
        for name in FIELDS
    )
    document = Document(format="ocr")
    document.confidence = 0.97
    return Registration(fields, (bytes(held.data().data()),), document, True)


BOOK: dict[str, Callable[[ThemeManager, Path], Awaitable[QWidget]]] = {
    "documents-empty": empty,
    "documents-summary": summary,
    "documents-mind": mind,
    "documents-ask": ask,
    "documents-summary-model": summary_by_model,
    "documents-mind-model": mind_by_model,
    "documents-ask-model": ask_by_model,
    "documents-words": words,
    "documents-word-list": word_list,
    "documents-proof": proof,
    "documents-facts": facts,
    "documents-receive": receiving,
    "documents-minutes": minutes,
    "documents-minutes-empty": minutes_empty,
}

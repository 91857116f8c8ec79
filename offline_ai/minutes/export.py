"""Minutes as docx and as plain text for a chat."""

from __future__ import annotations

import io
from typing import Any

from offline_ai.minutes.digest import Action, Minutes
from offline_ai.optional import need


def action_line(action: Action) -> str:
    """责任人：任务（完成时限）."""
    owner = f"{action.owner}：" if action.owner else ""
    due = f"（{action.due:%Y-%m-%d} 前）" if action.due else ""
    return f"{owner}{action.text}{due}"


def as_text(minutes: Minutes) -> str:
    """What is sent to a chat; chapters with their points, decisions, open points and tasks."""
    lines = [minutes.title, f"会议日期：{minutes.day:%Y-%m-%d}"]
    for heading, entries in (
        ("议题", [chapter.title for chapter in minutes.chapters]),
        ("决定事项", [one.text for one in minutes.decisions]),
        ("待议问题", [one.text for one in minutes.open_points]),
        ("待办事项", [action_line(one) for one in minutes.actions]),
    ):
        if entries:
            lines.append(f"\n{heading}")
            lines.extend(f"{number}. {entry}" for number, entry in enumerate(entries, 1))
    origin = "，".join(filter(None, (minutes.origin.label, minutes.origin.notice)))
    lines.append(f"\n（{origin}，请核对后使用）")
    return "\n".join(lines)


def as_docx(minutes: Minutes) -> bytes:
    """A document with the tasks as a table."""
    book: Any = need("docx").Document()
    title = book.add_heading(minutes.title, 0)
    title.alignment = 1
    book.add_paragraph(f"会议日期：{minutes.day.year}年{minutes.day.month}月{minutes.day.day}日")
    if minutes.chapters:
        book.add_heading("议题与要点", 1)
        for number, chapter in enumerate(minutes.chapters, 1):
            book.add_heading(f"{number}. {chapter.title}", 2)
            for point in chapter.points:
                book.add_paragraph(f"{point.speaker}：{point.text}", style="List Bullet")
    for heading, entries in (("决定事项", minutes.decisions), ("待议问题", minutes.open_points)):
        if entries:
            book.add_heading(heading, 1)
            for one in entries:
                book.add_paragraph(f"{one.text}（{one.speaker}）", style="List Number")
    if minutes.actions:
        book.add_heading("待办事项", 1)
        table = book.add_table(rows=1, cols=3)
        table.style = "Table Grid"
        for cell, text in zip(table.rows[0].cells, ("任务", "责任人", "完成时限"), strict=True):
            cell.text = text
        for action in minutes.actions:
            cells = table.add_row().cells
            cells[0].text = action.text
            cells[1].text = action.owner
            cells[2].text = f"{action.due:%Y-%m-%d}" if action.due else action.due_text
    if minutes.speakers:
        book.add_heading("发言要点", 1)
        for speaker in minutes.speakers:
            book.add_heading(f"{speaker.name}（{speaker.times} 次）", 2)
            for point in speaker.points:
                book.add_paragraph(point.text, style="List Bullet")
    book.add_paragraph(f"{minutes.origin.label}，请核对后使用。{minutes.origin.notice}")
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()

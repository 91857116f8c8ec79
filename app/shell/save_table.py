"""Asks where a table goes: an Excel workbook or a CSV file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

_KINDS = (".xlsx", ".csv")


def ask_where(parent: QWidget, title: str, name: str) -> Path | None:
    """The file that the user named, None when they named none; without a known ending it gets `.xlsx`."""
    chosen, _kind = QFileDialog.getSaveFileName(
        parent, title, f"{name}.xlsx", "Excel 工作簿 (*.xlsx);;CSV 文件 (*.csv)"
    )
    if not chosen:
        return None
    path = Path(chosen)
    # Added, not put in place of what follows the last dot: "11.27 锁定日志" keeps its name.
    return path if path.suffix.lower() in _KINDS else path.with_name(f"{path.name}.xlsx")

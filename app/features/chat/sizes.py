"""Sizes and speeds in words: 1.8 MB, 320 KB, 2.0 MB/s."""

from __future__ import annotations


def size_text(count: float) -> str:
    """Bytes, with one decimal from a megabyte on."""
    if count < 1000:
        return f"{int(count)} B"
    if count < 1000 * 1024:
        return f"{max(1, round(count / 1024))} KB"
    if count < 1000 * 1024**2:
        return f"{count / 1024**2:.1f} MB"
    return f"{count / 1024**3:.2f} GB"


def progress_text(done: int, total: int, speed: float) -> str:
    """Such as "3.1 / 5.0 MB · 2.0 MB/s"; the speed is left out while it is not known."""
    unit = "MB" if total >= 1000 * 1024 else "KB"
    scale = 1024**2 if unit == "MB" else 1024
    pair = f"{done / scale:.1f} / {total / scale:.1f} {unit}"
    return f"{pair} · {size_text(speed)}/s" if speed > 0 else pair

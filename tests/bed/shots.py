"""Pictures of every page in every theme and scale, with a contact sheet: `python -m bed.shots [DIR] [--page NAME]`.

The pages come from `app/shots.py`, which offers `PAGES: dict[str, Page]` and `apply_theme(name)`; until it exists, the
widget gallery (`python -m widgets.gallery --shots DIR`) stands in.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

ROOT = Path(__file__).resolve().parents[2]
THEMES = ("light", "dark")
SCALES = (100, 150)
WINDOW = (1280, 760)


@dataclass(frozen=True)
class ShotContext:
    """What a page is built for: theme name, scale in percent, a data folder of its own, the window size in pixels
    independent of scale."""

    theme: str
    scale: int
    data: Path
    size: tuple[int, int] = WINDOW


class Page(Protocol):
    """Builds one page, filled with plausible data and settled; the caller shows, grabs and closes it."""

    def __call__(self, context: ShotContext, /) -> Awaitable[QWidget]: ...


class PageBook(Protocol):
    """What `app/shots.py` offers."""

    PAGES: dict[str, Callable[[ShotContext], Awaitable[QWidget]]]

    def apply_theme(self, name: str) -> None: ...


def plan(themes: list[str], scales: list[int]) -> list[tuple[str, int]]:
    """Each pair is one process: Qt reads the scale once, and a theme must not leak into the next."""
    return [(theme, scale) for scale in scales for theme in themes]


def render(book: str, theme: str, scale: int, out: Path, only: list[str], data: Path) -> int:
    """Render the pages of module `book` in this process (QT_SCALE_FACTOR is already set); returns how many failed."""

    from PySide6.QtWidgets import QApplication
    from qasync import QEventLoop

    application = QApplication.instance() or QApplication(["zhengding-shots"])
    # Between two pages no window is open; Qt would end the loop.
    QApplication.setQuitOnLastWindowClosed(False)
    module: PageBook = importlib.import_module(book)  # type: ignore[assignment]
    module.apply_theme(theme)
    folder = out / f"{theme}-{scale}"
    folder.mkdir(parents=True, exist_ok=True)
    pages = {name: page for name, page in module.PAGES.items() if not only or name in only}

    async def draw_all() -> int:
        failed = 0
        for name, page in pages.items():
            own = data / f"{theme}-{scale}" / name
            own.mkdir(parents=True, exist_ok=True)
            try:
                await _draw(page, ShotContext(theme, scale, own), folder / f"{name}.png")
            except Exception as error:
                failed += 1
                print(
                    f"  失败 {theme}-{scale}/{name}：{type(error).__name__}: {error}",
                    file=sys.stderr,
                    flush=True,
                )
        return failed

    loop = QEventLoop(application)
    with loop:
        return loop.run_until_complete(draw_all())


async def _draw(page: Page, context: ShotContext, target: Path) -> None:
    import asyncio

    widget = await asyncio.wait_for(page(context), 60)
    try:
        if not widget.isVisible():
            widget.resize(*context.size)
            widget.show()
        for _ in range(5):
            # Layout, polish and queued signals settle over several turns of the loop.
            await asyncio.sleep(0.03)
        picture = widget.grab()
        if picture.isNull() or not picture.save(str(target)):
            raise OSError(f"no picture could be written to {target}")
    finally:
        widget.close()
        widget.deleteLater()
        await asyncio.sleep(0)


def contact_sheet(folder: Path, target: Path, *, columns: int = 3, width: int = 640) -> int:
    """Lay all pictures of `folder` side by side with their names, each `width` pixels wide; returns how many."""
    from PIL import Image, ImageDraw, ImageFont

    paths = sorted(path for path in folder.glob("*.png") if path != target)
    if not paths:
        return 0
    gap, caption = 16, 28
    font = ImageFont.load_default(16)
    rows: list[list[tuple[str, Image.Image]]] = []
    for index, path in enumerate(paths):
        with Image.open(path) as picture:
            height = max(1, round(picture.height * width / picture.width))
            small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
        if index % columns == 0:
            rows.append([])
        rows[-1].append((path.stem, small))
    heights = [max(picture.height for _, picture in row) + caption + gap for row in rows]
    sheet = Image.new("RGB", (columns * (width + gap) + gap, sum(heights) + gap), "#8a93a3")
    draw = ImageDraw.Draw(sheet)
    top = gap
    for row, height in zip(rows, heights, strict=True):
        for column, (name, picture) in enumerate(row):
            left = gap + column * (width + gap)
            draw.text((left, top + 4), name, fill="#ffffff", font=font)
            sheet.paste(picture, (left, top + caption))
        top += height
    sheet.save(target, optimize=True)
    return len(paths)


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _command(options: argparse.Namespace, theme: str, scale: int, data: Path) -> list[str]:
    if _exists(options.book):
        only = [part for name in options.page for part in ("--page", name)]
        inner = ["--render", theme, str(scale), "--data", str(data), "--book", options.book]
        return [sys.executable, "-m", "bed.shots", str(options.out), *inner, *only]
    folder = options.out / f"{theme}-{scale}"
    return [sys.executable, "-m", "widgets.gallery", "--shots", str(folder), "--theme", theme]


def main(arguments: list[str]) -> int:
    """Draw everything asked for; exit code 1 when a page failed."""
    parser = argparse.ArgumentParser(prog="dev.py shots", description="给每个页面截图")
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / ".run" / "shots", metavar="目录")
    parser.add_argument("--page", action="append", default=[], help="只画这一页（可多次给出）")
    parser.add_argument("--theme", action="append", choices=THEMES, default=[])
    parser.add_argument("--scale", action="append", type=int, default=[], help="百分比，如 100、150")
    parser.add_argument("--book", default="app.shots", help=argparse.SUPPRESS)
    parser.add_argument("--render", nargs=2, metavar=("THEME", "SCALE"), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.out = options.out.resolve()
    if options.render:
        theme, scale = options.render
        return min(1, render(options.book, theme, int(scale), options.out, options.page, options.data))
    if not _exists(options.book) and not _exists("widgets.gallery"):
        print(f"错误：还没有可以截图的页面（缺少 {options.book}）。(No pages to draw yet.)", file=sys.stderr)
        return 1
    return _draw_everything(options)


def _draw_everything(options: argparse.Namespace) -> int:
    import tempfile

    from bed.benchtable import screen_environment

    failed = 0
    with screen_environment() as environ, tempfile.TemporaryDirectory(prefix="zd-shots-") as data:
        environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
        environ.setdefault("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/zhengding-shots")
        environ["XDG_RUNTIME_DIR"] = data
        environ["PYTHONPATH"] = os.pathsep.join(
            (str(ROOT), str(ROOT / "tests"), environ.get("PYTHONPATH", ""))
        )
        for theme, scale in plan(options.theme or list(THEMES), options.scale or list(SCALES)):
            environ["QT_SCALE_FACTOR"] = str(scale / 100)
            command = _command(options, theme, scale, Path(data))
            code = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
            failed += code != 0
            folder = options.out / f"{theme}-{scale}"
            count = contact_sheet(folder, folder / "_all.png") if folder.is_dir() else 0
            print(f"{theme}-{scale}：{count} 页，总览 {folder / '_all.png'}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

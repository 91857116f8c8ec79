"""`python -m app.scene --out DIR`: plays the scene on the current display; exit code 0 when all went well."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from qasync import QEventLoop

from app.main import make_application
from app.shell.collector import Collector

from .play import Scene


def main(arguments: list[str]) -> int:
    """Play, and say where the pictures are."""
    parser = argparse.ArgumentParser(prog="app.scene", description="政钉演示")
    parser.add_argument("--out", type=Path, required=True, help="截图与报告的文件夹")
    folder: Path = parser.parse_known_args(arguments)[0].out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    application = make_application([])
    loop = QEventLoop(application)
    collector = Collector(application)
    with tempfile.TemporaryDirectory(prefix="zhengding-scene-") as data, loop:
        good = loop.run_until_complete(Scene(application, folder, Path(data)).play())
    collector.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

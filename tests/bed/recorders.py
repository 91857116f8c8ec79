"""Real recorders and screenshot tools against a window with a canary text; what they took is read from their pixels."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import mss
import numpy as np
from PySide6.QtCore import QEventLoop, QRect, Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from bed.processes import stop

CANARY = "机密 CANARY 7391 老地点碰头"
RATE = 30
LIKE = 0.6
"""Correlation from which a picture counts as showing the canary; without it there is about 0.2."""
NEEDED = {
    "ffmpeg": "ffmpeg",
    "simplescreenrecorder": "simplescreenrecorder",
    "scrot": "scrot",
    "import": "imagemagick",
    "xwd": "x11-apps",
}
RECORDERS = ("ffmpeg", "simplescreenrecorder")
ONE_SHOT = ("scrot", "import", "xwd")


def missing() -> list[str]:
    """Debian packages of the tools that are not here."""
    return [package for tool, package in NEEDED.items() if shutil.which(tool) is None]


def spin(milliseconds: int) -> None:
    """Let the windows live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def spin_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Let the windows live until `condition`; raises TimeoutError that says `what` did not happen."""
    deadline = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s")
        spin(10)


def screen_picture() -> np.ndarray:
    """The whole screen now, in grey, taken by another way than the tools'."""
    with mss.MSS() as screen:
        shot = screen.grab(screen.monitors[0])
    return cv2.cvtColor(np.array(shot), cv2.COLOR_BGRA2GRAY)


class CanaryWindow(QWidget):
    """A window with the canary text in large letters."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("canary")
        self.text = QLabel(CANARY, self)
        font = self.text.font()
        font.setPixelSize(26)
        self.text.setFont(font)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self).addWidget(self.text)
        self.setGeometry(300, 200, 640, 320)


class CanaryReader:
    """Knows how the canary looks, and finds it in pictures of the screen."""

    def __init__(self, template: np.ndarray, near: QRect) -> None:
        self._template = template
        margin = 60
        self._top, self._left = max(0, near.top() - margin), max(0, near.left() - margin)
        self._bottom, self._right = near.bottom() + margin, near.right() + margin

    @classmethod
    def of(cls, part: QWidget) -> CanaryReader:
        """Learn it from the screen, where `part` shows it now."""
        corner = part.mapToGlobal(part.rect().topLeft())
        place = QRect(corner, part.size())
        picture = screen_picture()[place.top() : place.bottom() + 1, place.left() : place.right() + 1]
        ink = np.argwhere(np.abs(picture.astype(int) - int(np.median(picture))) > 60)
        if len(ink) < 200:
            raise RuntimeError("the canary is not on the screen")
        (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0) + 1
        return cls(picture[top:bottom, left:right].copy(), place)

    def finds(self, picture: np.ndarray) -> bool:
        """Whether a grey picture of the screen shows it."""
        part = picture[self._top : self._bottom, self._left : self._right]
        if part.shape[0] < self._template.shape[0] or part.shape[1] < self._template.shape[1]:
            raise ValueError("the picture is not one of the screen")
        return float(cv2.matchTemplate(part, self._template, cv2.TM_CCOEFF_NORMED).max()) >= LIKE


@dataclass(frozen=True)
class Recording:
    """What a recorder took. `shown_ms`: from its first frame to the end of the last with the canary; 0 for none."""

    frames: int
    with_canary: int
    shown_ms: float


def read_recording(file: Path, reader: CanaryReader) -> Recording:
    """Look at every frame."""
    film = cv2.VideoCapture(str(file))
    frames = hits = 0
    last = 0.0
    while True:
        good, frame = film.read()
        if not good:
            break
        at = float(film.get(cv2.CAP_PROP_POS_MSEC))
        frames += 1
        if reader.finds(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)):
            hits += 1
            last = at + 1000 / RATE
    film.release()
    if not frames:
        raise RuntimeError(f"{file.name} has no frames")
    return Recording(frames, hits, last)


class Recorder:
    """A running recorder; `stop` ends it in good order and gives the file."""

    def __init__(self, tool: str, folder: Path, display: str, size: tuple[int, int]) -> None:
        self.file = folder / f"{tool}.mkv"
        self.file.unlink(missing_ok=True)
        self._tool = tool
        command = _ffmpeg(self.file, display, size) if tool == "ffmpeg" else _ssr(self.file, folder, size)
        environ = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "HOME": str(folder)}
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def is_recording(self) -> bool:
        """Whether it has begun its film. SimpleScreenRecorder makes the file then, and writes it when its buffer is full."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self._tool} ended by itself with {self.process.returncode}")
        return self.file.exists() and (self._tool != "ffmpeg" or self.file.stat().st_size > 0)

    def stop(self) -> Path:
        """End it."""
        assert self.process.stdin is not None
        if self._tool == "ffmpeg":
            self.process.send_signal(signal.SIGINT)
        else:
            self.process.stdin.write(b"record-save\nquit\n")
            self.process.stdin.flush()
        self.process.stdin.close()
        self.process.stdin = None
        try:
            self.process.wait(20)
        finally:
            stop(self.process, seconds=2)
        return self.file


def _ffmpeg(file: Path, display: str, size: tuple[int, int]) -> list[str]:
    grab = ["-f", "x11grab", "-framerate", str(RATE), "-video_size", f"{size[0]}x{size[1]}", "-i", display]
    # Lossless and light, so that the recorder keeps its rate; each packet is written at once.
    code = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-flush_packets", "1"]
    return ["ffmpeg", "-loglevel", "error", "-y", *grab, *code, str(file)]


def _ssr(file: Path, folder: Path, size: tuple[int, int]) -> list[str]:
    settings = folder / "ssr.conf"
    settings.write_text(
        "[welcome]\nskip_page=true\n"
        "[input]\nvideo_backend=x11\nvideo_area=screen\nvideo_area_screen=0\nvideo_x=0\nvideo_y=0\n"
        f"video_w={size[0]}\nvideo_h={size[1]}\nvideo_frame_rate={RATE}\n"
        "video_scale=false\nvideo_record_cursor=false\naudio_enabled=false\n"
        f"[output]\nfile={file}\nseparate_files=false\nadd_timestamp=false\ncontainer=mkv\n"
        "container_av=matroska\nvideo_codec=h264\nvideo_codec_av=libx264\nvideo_h264_crf=12\n"
        "video_h264_preset=0\nvideo_allow_frame_skipping=true\n"
        "[record]\nhotkey_enable=false\nsound_notifications_enable=false\n",
        encoding="utf-8",
    )
    return [
        "simplescreenrecorder",
        f"--settingsfile={settings}",
        "--start-recording",
        "--start-hidden",
        "--no-systray",
    ]


class OneShot:
    """Starts one-shot tools from a shell of its own: starting them here would hold up the very windows under test."""

    def __init__(self, folder: Path, display: str) -> None:
        self._folder = folder
        self._done = folder / "done"
        environ = {**os.environ, "DISPLAY": display}
        self._shell = subprocess.Popen(
            ["sh"], env=environ, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def take(self, tool: str) -> np.ndarray:
        """What the tool took of the whole screen, in grey; the windows live meanwhile."""
        assert self._shell.stdin is not None
        file = self._folder / f"{tool}.{'xwd' if tool == 'xwd' else 'png'}"
        for old in (file, self._done):
            old.unlink(missing_ok=True)
        command = {
            "scrot": f"scrot {file}",
            "import": f"import -window root {file}",
            "xwd": f"xwd -root -silent -out {file}",
        }[tool]
        self._shell.stdin.write(f"{command}; : > {self._done}\n".encode())
        self._shell.stdin.flush()
        spin_until(self._done.exists, 20, f"{tool} took a picture")
        if tool == "xwd":
            file = _from_xwd(file)
        picture: Any = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise RuntimeError(f"{tool} took no picture")
        return picture

    def close(self) -> None:
        """End the shell."""
        if self._shell.stdin is not None:
            self._shell.stdin.close()
            self._shell.stdin = None
        stop(self._shell, seconds=5)


def _from_xwd(file: Path) -> Path:
    into = file.with_suffix(".png")
    subprocess.run(["convert", f"xwd:{file}", str(into)], check=True)
    return into


def screen_size() -> tuple[int, int]:
    """Of the primary screen, in its own pixels."""
    size = QApplication.primaryScreen().size()
    return size.width(), size.height()

"""Old binary formats (doc, wps, ppt, rtf) through LibreOffice where it is installed: own profile, killed on time-out."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from offline_ai.errors import ConversionFailed, EncryptedDocument, MissingComponent, UnknownFormat
from offline_ai.optional import need

SECONDS = 60.0
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    "/opt/libreoffice/program/soffice",
    "/usr/lib/libreoffice/program/soffice",
)


def ole_kind(data: bytes) -> str:
    """doc, xls or ppt of an OLE file by the streams in it; raises EncryptedDocument or UnknownFormat."""
    olefile = need("olefile")
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            names: set[str] = {"/".join(entry) for entry in file.listdir()}
    except Exception as problem:
        raise UnknownFormat("文件已经损坏，或者不是 Office 文件。") from problem
    if "EncryptedPackage" in names:
        raise EncryptedDocument("文件设有密码，打不开。")
    if "WordDocument" in names or "Contents" in names:
        return "doc"
    if "Workbook" in names or "Book" in names:
        return "xls"
    if "PowerPoint Document" in names:
        return "ppt"
    raise UnknownFormat("还不能读取这种旧格式的文件。")


def find_program() -> str | None:
    """LibreOffice on this machine, or None."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _PLACES if Path(place).exists()), None)


def convert(
    data: bytes, suffix: str, target: str, *, seconds: float = SECONDS, program: str | None = None
) -> bytes:
    """The bytes of a file in the format `target` (docx, pptx, pdf).

    Everything happens in a folder of our own that is gone afterwards, with a profile in it: a LibreOffice that the
    clerk has open is neither needed nor disturbed. Raises MissingComponent, ConversionFailed.
    """
    program = program or find_program()
    if program is None:
        raise MissingComponent(
            "本机没有安装 LibreOffice，不能读取旧版文件。", hint="请另存为 docx、xlsx 或 pptx，再试。"
        )
    with tempfile.TemporaryDirectory(prefix="zd-convert-", ignore_cleanup_errors=True) as folder:
        source = Path(folder, f"in.{suffix}")
        source.write_bytes(data)
        command = [
            program,
            f"-env:UserInstallation={Path(folder, 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            target,
            "--outdir",
            folder,
            str(source),
        ]
        _run(command, seconds)
        made = Path(folder, f"in.{target}")
        if not made.exists():
            raise ConversionFailed("LibreOffice 没有能转换这个文件。")
        return made.read_bytes()


def _run(command: list[str], seconds: float) -> None:
    # A group of its own: soffice is a script that starts another program, and both must end.
    options: dict[str, Any] = {"start_new_session": True} if sys.platform != "win32" else {}
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
        )
    except OSError as problem:
        raise ConversionFailed("LibreOffice 没有能启动。") from problem
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired as problem:
        raise ConversionFailed(f"LibreOffice 在 {seconds:.0f} 秒内没有转换完，已经停止。") from problem
    finally:
        if process.poll() is None:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

"""A failure that a newcomer can act on: one sentence with the remedy, no traceback."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

# 3.14 is left out because the pinned PySide6 refuses to install there.
OLDEST = (3, 11)
FIRST_TOO_NEW = (3, 14)


class SetupFailure(Exception):
    """The environment cannot be made; the text is one Chinese sentence with the remedy and a short English tail."""


def check_python(version: Sequence[int] = tuple(sys.version_info[:3])) -> None:
    """Raise SetupFailure unless `version` (major, minor, ...) is one that the pinned packages support."""
    if OLDEST <= tuple(version[:2]) < FIRST_TOO_NEW:
        return
    found = ".".join(str(part) for part in version[:3])
    raise SetupFailure(
        f"需要 Python 3.11 至 3.13，现在是 {found}；请安装后用它运行，例如 python3.11 dev.py。"
        "(Python 3.11 to 3.13 is needed: run dev.py with one of them.)"
    )


_DISK = re.compile(r"No space left on device|Errno 28\b|WinError 112\b|Disk quota exceeded|Errno 122\b")
_HASH = re.compile(r"DO NOT MATCH THE HASHES|hashes are required|require-hashes")
_PERMISSION = re.compile(r"Permission denied|Errno 13\b|WinError 5\b")
_NETWORK = re.compile(
    r"NewConnectionError|Connection refused|Max retries exceeded|Temporary failure in name resolution"
    r"|Name or service not known|ConnectTimeout|ReadTimeout|Read timed out|ProxyError|Network is unreachable"
    r"|Could not fetch URL|Connection to .* timed out|getaddrinfo failed|RemoteDisconnected|SSLError"
)
_MISSING = re.compile(r"No matching distribution found for ([^\s(]+)")
_NO_PIP = re.compile(
    r"No module named pip\b|No module named venv\b|ensurepip is not available|No module named ensurepip"
)


def explain_install_failure(output: str, log: str) -> SetupFailure:
    """Turn what `venv` or `pip` printed into a failure with its remedy; `log` is where the whole output is kept."""
    if _DISK.search(output):
        return SetupFailure(
            "磁盘空间不足，请腾出至少 2 GB 后重新运行同一条命令。(No space left on the disk: free 2 GB and run again.)"
        )
    if _NO_PIP.search(output):
        return SetupFailure(
            "这个 Python 缺少 venv/pip 模块，请先安装：apt-get install python3-venv。"
            "(The venv module is missing: install python3-venv.)"
        )
    if _HASH.search(output):
        return SetupFailure(
            "下载的软件包与锁文件的哈希不符，已停止安装；请检查软件源或恢复 installers/lock/ 后重试，详情见 "
            f"{log}。(A package does not match the lock file.)"
        )
    if _NETWORK.search(output):
        return SetupFailure(
            "连接不上 Python 软件源，请检查网络、代理或 PIP_INDEX_URL 后重试；没有网络时用离线包："
            f"ZHENGDING_WHEELHOUSE=目录 python3 dev.py …，详情见 {log}。(The package index cannot be reached.)"
        )
    missing: re.Match[str] | None = _MISSING.search(output)
    if missing:
        return SetupFailure(
            f"软件源里找不到适合这台机器的 {missing.group(1)}，请检查网络或换用完整的软件源（PIP_INDEX_URL）后重试，详情见 "
            f"{log}。(The index has no fitting {missing.group(1)}.)"
        )
    if _PERMISSION.search(output):
        return SetupFailure(
            "没有写入 .venv 的权限，请把目录改为自己所有（chown -R $USER .）后重试。(The work tree is not writable.)"
        )
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")
    return SetupFailure(f"安装依赖失败：{last[:200]}；详情见 {log}。(Installing the packages failed.)")

"""Puts what went wrong into a sentence a clerk understands, with a detail fold; secrets stay out of both."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from server_stub.contract.errors import ApiError


@dataclass(frozen=True, slots=True)
class Problem:
    """`text` says what happened and what to do; `detail` is for the fold."""

    text: str
    detail: str = ""


def describe(error: BaseException, doing: str = "") -> Problem:
    """The words for `error`, met while `doing` (Chinese, such as "发送文件")."""
    if isinstance(error, ApiError):
        wait = f"（{int(error.retry_after) + 1} 秒后可重试）" if error.retry_after > 0 else ""
        return Problem(error.message.rstrip("。") + wait + "。", f"{error.code}  {error.detail}".strip())
    text = getattr(error, "text", "")
    if isinstance(text, str) and text:
        # The client's own errors carry their sentence.
        return Problem(text, str(getattr(error, "detail", "") or type(error).__name__))
    head = f"{doing}没有成功：" if doing else ""
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return Problem(f"{head}服务器没有及时回应，请检查网络后重试。", type(error).__name__)
    if isinstance(error, PermissionError):
        return Problem(f"{head}没有读写该文件的权限。", _place(error))
    if isinstance(error, FileNotFoundError):
        return Problem(f"{head}文件不存在或已被移走。", _place(error))
    if isinstance(error, OSError) and error.errno == 28:
        return Problem(f"{head}磁盘空间不足，请腾出空间后重试。", _place(error))
    if isinstance(error, ConnectionError | OSError) or type(error).__module__.startswith(
        ("httpx", "websockets")
    ):
        return Problem(f"{head}连接不上服务器，请检查网络后重试。", type(error).__name__)
    return Problem(
        f"{head or '操作没有成功：'}程序遇到意外情况，请重试；如反复出现请联系管理员。", type(error).__name__
    )


def _place(error: OSError) -> str:
    return f"{type(error).__name__} {error.filename or ''}".strip()

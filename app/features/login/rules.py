"""What can be checked of a login form before anything is sent."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MIN_PASSCODE = 6
_CODE = re.compile(r"\d{4,8}")


def code_problem(code: str) -> str:
    """Why a code from a text message cannot be right, or ""."""
    return "" if _CODE.fullmatch(code.strip()) else "请输入短信中的数字验证码。"


def normal_url(text: str) -> str:
    """A server address as typed, made whole: scheme added, slash at the end removed.

    Raises ValueError with a Chinese sentence.
    """
    text = text.strip()
    if not text.endswith("://"):
        text = text.rstrip("/")
    if not text:
        raise ValueError("请输入服务器地址。")
    if "://" not in text:
        host = text.split("/")[0].split(":")[0]
        local = host in ("localhost", "127.0.0.1", "[") or host.startswith("127.")
        text = ("http://" if local else "https://") + text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("服务器地址不正确，例如 https://zd.example.gov.cn。") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or " " in text:
        raise ValueError("服务器地址不正确，例如 https://zd.example.gov.cn。")
    return text


def second_code_problem(code: str) -> str:
    """Why a code of the second factor cannot be right, or ""."""
    return "" if re.fullmatch(r"[0-9]{6}", code.strip()) else "请输入短信中的 6 位数字。"

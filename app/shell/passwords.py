"""What can be said of a new password before it is sent (the server decides)."""

from __future__ import annotations

import re

MIN_PASSWORD = 8


def password_problem(password: str, again: str) -> str:
    """Why a new password will not do, or "" (the server's rule: 8 characters, letters and digits)."""
    if len(password) < MIN_PASSWORD:
        return f"密码至少 {MIN_PASSWORD} 位。"
    if not (re.search(r"[A-Za-z]", password) and re.search(r"\d", password)):
        return "密码需要同时包含字母和数字。"
    if password != again:
        return "两次输入的密码不一致。"
    return ""

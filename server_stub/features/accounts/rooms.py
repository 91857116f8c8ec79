"""The phone page that signs a computer in (E005)."""

from pathlib import Path

from server_stub.companion.pages import Page, Room

SIGN_IN_ROOM = Room(
    "accounts", Path(__file__).parent / "pages", (Page("/login", "扫码登录", "login.js", ("login.css",)),)
)

"""The phone pages of the app lock."""

from pathlib import Path

from server_stub.companion.pages import Page, Room

LOCK_ROOM = Room("lock", Path(__file__).parent / "phone", (Page("", "我的设备", "home.js"),))

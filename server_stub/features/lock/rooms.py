"""The phone pages of the app lock."""

from pathlib import Path

from server_stub.companion.pages import Page, Room

LOCK_ROOM = Room(
    "lock",
    Path(__file__).parent / "phone",
    (
        Page("", "我的电脑", "home.js", ("lock.css",)),
        Page("/unlock", "扫码解锁", "unlock.js", ("lock.css",), camera=True),
        Page("/notices", "通知", "notices.js", ("lock.css",)),
    ),
)

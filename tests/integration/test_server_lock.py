"""The app lock's wire types agree with the lock's own rules, which the server may not import."""

import hashlib
from dataclasses import asdict
from pathlib import Path

from lock.audit.chain import AuditChain, LockEntry
from lock.page import appearance
from server_stub.contract import lock as wire


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


def test_the_page_limits_are_the_same_on_both_sides() -> None:
    for name in ("HEADING_LONGEST", "LINE_LONGEST", "MOST_LINES", "PICTURE_BYTES"):
        assert getattr(wire, name) == getattr(appearance, name)


def test_the_server_can_recompute_the_digest_of_a_desktops_entry(tmp_path: Path) -> None:
    entry = LockEntry(1, "lock", "ok", "idle", "", "聊天", "person", "device")
    placed = AuditChain(tmp_path / "log", sm3).append(entry)
    assert sm3(wire.digest_message(wire.LockLogEntry(**asdict(placed)))).hex() == placed.digest

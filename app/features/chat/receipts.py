"""How many have read or received each own message, from the members' cursors (E105)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from app.store.records import MemberRow


class Receipts:
    """Counts over the other members; the one who asks (`me`) is left out."""

    def __init__(self, members: Sequence[MemberRow], me: str) -> None:
        others = [member for member in members if member.person_id != me and not member.left]
        self.total = len(others)
        self._read = sorted(member.read_seq for member in others)
        self._delivered = sorted(max(member.delivered_seq, member.read_seq) for member in others)

    def read(self, seq: int) -> int:
        """How many have read message `seq`."""
        return self.total - bisect_left(self._read, seq)

    def delivered(self, seq: int) -> int:
        """How many have received it, those who have read it included."""
        return self.total - bisect_left(self._delivered, seq)


def receipt_text(receipts: Receipts, seq: int, *, group: bool) -> str:
    """The mark beside an own message."""
    if not receipts.total:
        return ""
    read = receipts.read(seq)
    if not group:
        if read:
            return "已读"
        return "已送达" if receipts.delivered(seq) else "未读"
    if read == receipts.total:
        return "全部已读"
    return f"{read} 人已读" if read else "未读"

"""People to be seated (参会人员). Source: 3.1.6.3.1."""

from __future__ import annotations

from meeting_seat_designer.engine.model.node import Node

ATTENDANCE = {"attending": "参会", "leave": "请假", "cancelled": "取消"}
PARTIES = {"": "不分", "guest": "客方", "host": "主方"}
NEEDS = {"wheelchair": "轮椅", "near_door": "靠近门", "front": "前排"}


class Person(Node):
    """One attendee. `number` is a manual order (0 = none), `leadership` the 班子 order (0 = none).

    `level` is the administrative level (领导职务层次), `rank` the 职级, `post` the title shown. `notify`:
    chat, sms or paper. `user_id` is set for people in the system.
    """

    id: str
    name: str
    unit: str = ""
    post: str = ""
    rank: str = ""
    level: str = ""
    number: int = 0
    leadership: int = 0
    years: float = 0
    phone: str = ""
    external: bool = False
    party: str = ""
    roles: list[str] = []
    needs: list[str] = []
    display: str = ""
    status: str = "attending"
    user_id: str = ""
    notify: str = ""
    note: str = ""

    @property
    def label(self) -> str:
        """The text on the seat: the display text where one is set, else the name."""
        return self.display or self.name

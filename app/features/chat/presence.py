"""What is known of a person now: connected or not, and what he says of himself (E059)."""

from __future__ import annotations

from server_stub.contract.personal import STATUS_NAMES, StatusKind
from widgets.controls import Presence

from .service import ChatService

_DOTS: dict[StatusKind, Presence] = {
    StatusKind.BUSY: "busy",
    StatusKind.MEETING: "busy",
    StatusKind.LEAVE: "away",
    StatusKind.CUSTOM: "away",
}


def presence_of(service: ChatService, person_id: str) -> Presence:
    """The dot on an avatar: what a person says of himself comes before whether he is connected."""
    status = service.personal.status_of(person_id)
    if status is not None and status.kind in _DOTS:
        return _DOTS[status.kind]
    return "online" if service.is_online(person_id) else ""


def state_text(service: ChatService, person_id: str) -> str:
    """In words, for the head of a chat."""
    online = "在线" if service.is_online(person_id) else "离线"
    status = service.personal.status_of(person_id)
    if status is None:
        return online
    words = status.text if status.kind is StatusKind.CUSTOM else STATUS_NAMES[status.kind]
    if status.text and status.kind is not StatusKind.CUSTOM:
        words = f"{words}：{status.text}"
    return words if status.kind is not StatusKind.ONLINE else f"{online}，{status.text}"

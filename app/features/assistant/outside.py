"""The assistant over a signed-in session."""

from __future__ import annotations

from app.session.session import Session

from .engine import OfflineEngine
from .history import StoreHistory
from .knowledge import Knowledge
from .library import StoreLibrary
from .ports import Asker
from .service import AssistantService


def session_assistant(session: Session) -> AssistantService:
    """Everything of the account's own."""
    me = session.me
    post = next((one for one in me.posts if one.main), next(iter(me.posts), None))
    asker = Asker(me.name, "", me.phone)
    if post is not None:
        asker = Asker(me.name, post.unit_name, me.phone, post.title, post.unit_path)
    knowledge = Knowledge(session.knowledge)
    return AssistantService(
        session.assistant,
        StoreHistory(session.store, knowledge),
        StoreLibrary(session.store),
        OfflineEngine(),
        asker,
        knowledge,
    )

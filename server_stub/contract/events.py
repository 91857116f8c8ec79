"""What changed: the same event types come live over the websocket and from GET /sync.

Every syncable row carries the id of its last change, from one counter for the whole server. A client that was
away asks for every row with a higher id than it has seen; rows replace each other whole, so that applying an
event twice, or an older one late, changes nothing.
"""

import msgspec

from .conversations import Conversation, ConversationSetting, Member, Message, Reaction
from .directory import Person
from .groups import JoinRequest, SpaceEntry
from .personal import PersonalItem, PersonStatus, Relation
from .wire import Wire


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all events."""

    event_id: int


class MessageEvent(Event, frozen=True, kw_only=True, tag="message"):
    """A message was written, or changed (recalled)."""

    message: Message


class ConversationEvent(Event, frozen=True, kw_only=True, tag="conversation"):
    """A conversation was made or changed, or the caller joined or left it."""

    conversation: Conversation


class MemberEvent(Event, frozen=True, kw_only=True, tag="member"):
    """A member joined, left, or moved a cursor (read and delivered marks)."""

    member: Member


class SettingEvent(Event, frozen=True, kw_only=True, tag="setting"):
    """The caller changed an own setting on another device."""

    setting: ConversationSetting


class PersonEvent(Event, frozen=True, kw_only=True, tag="person"):
    """Somebody's card changed. `person` is what the receiver may see."""

    person: Person


class FeaturesEvent(Event, frozen=True, kw_only=True, tag="features"):
    """Administrators changed what may be used. `features`: all that the receiver may use now; live only, a client asks GET
    /features at each connection."""

    features: list[str]


class DirectoryEvent(Event, frozen=True, kw_only=True, tag="directory"):
    """Administrators changed how the directory is shown or to whom (visibility rules), or the own fields of people: ask anew for
    GET /directory/settings, for the units and for the cards that are shown. It names nobody. Live only."""


class AssistantEvent(Event, frozen=True, kw_only=True, tag="assistant"):
    """Administrators changed the assistant (suggested questions, replies, words, models): a page that is open asks GET
    /assistant anew. Live only and of no row: `event_id` is 0."""


class LinksEvent(Event, frozen=True, kw_only=True, tag="links"):
    """Administrators changed the rules for links: ask GET /links/policy anew before the next one opens. Live only and of no row:
    `event_id` is 0."""


class ReactionEvent(Event, frozen=True, kw_only=True, tag="reaction"):
    """Somebody put emoji to a message, or took them back."""

    reaction: Reaction


class SecretEvent(Event, frozen=True, kw_only=True, tag="secret"):
    """A secret chat changed (a message, a timer, the other side's protection): fetch it anew. Live only, never kept."""

    chat_id: str


class JoinRequestEvent(Event, frozen=True, kw_only=True, tag="join_request"):
    """Somebody wishes to join a group, or it was decided; for him and for the group's managers."""

    request: JoinRequest


class SpaceEvent(Event, frozen=True, kw_only=True, tag="space"):
    """A file or folder of a group's space came, changed or went."""

    entry: SpaceEntry


class PersonalEvent(Event, frozen=True, kw_only=True, tag="personal"):
    """The caller changed a value of his account on another device."""

    item: PersonalItem


class RelationEvent(Event, frozen=True, kw_only=True, tag="relation"):
    """The caller began or ended a relation on another device."""

    relation: Relation


class StatusEvent(Event, frozen=True, kw_only=True, tag="status"):
    """A person's status changed; live to those who watch him, in the catch-up the own one."""

    status: PersonStatus


AnyEvent = (
    MessageEvent
    | ConversationEvent
    | MemberEvent
    | SettingEvent
    | PersonEvent
    | FeaturesEvent
    | DirectoryEvent
    | AssistantEvent
    | LinksEvent
    | ReactionEvent
    | SecretEvent
    | JoinRequestEvent
    | SpaceEvent
    | PersonalEvent
    | RelationEvent
    | StatusEvent
)


class SyncPage(Wire, frozen=True, kw_only=True):
    """Events in ascending `event_id`. Ask again from `next` while `more`.

    `reset`: the caller was away too long or asked from 0: conversations, own memberships and settings come
    whole, messages do not; the client fills those it shows by GET …/messages.
    """

    events: list[AnyEvent]
    next: int
    more: bool = False
    reset: bool = False

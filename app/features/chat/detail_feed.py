"""What the detail panel shows of one conversation, read from the store and kept current."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.shell.tasks import Tasks
from app.store.changes import Change
from app.store.records import ConversationRow, MemberRow, MessageRow
from server_stub.contract.content import FileContent, FileRef, FolderContent, ImageContent, VideoContent
from server_stub.contract.conversations import ConversationKind, MemberRole
from server_stub.contract.directory import Person
from server_stub.contract.group_rules import Who
from server_stub.contract.groups import JoinRequest
from server_stub.contract.personal import RelationKind

from .service import ChatService

FILES = 200
GATHER_MS = 50
RELEVANT = frozenset(
    {"*", "conversations", "settings", "members", "people", "messages", "join_requests", "relations"}
)
RANKS = {MemberRole.OWNER: 2, MemberRole.ADMIN: 1, MemberRole.MEMBER: 0}
ROLE_NAMES = {MemberRole.OWNER: "群主", MemberRole.ADMIN: "管理员", MemberRole.MEMBER: ""}


@dataclass(frozen=True, slots=True)
class Details:
    """Members in the order of rank, then of name; the files newest first. `me` is the own person id."""

    row: ConversationRow
    me: str
    members: list[MemberRow] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    files: list[MessageRow] = field(default_factory=list)
    links: list[MessageRow] = field(default_factory=list)
    """Texts with an address in them, newest first."""
    waiting: list[JoinRequest] = field(default_factory=list)
    """Those who wish to join, for managers."""
    relations: set[RelationKind] = field(default_factory=set)
    """What the peer of a single chat is to the user."""

    @property
    def is_group(self) -> bool:
        """Whether there are members to manage."""
        return self.row.kind is ConversationKind.GROUP

    @property
    def pictures(self) -> bool:
        """Whether there is a picture among the files."""
        return any(isinstance(one.content, ImageContent) for one in self.files)

    @property
    def active(self) -> bool:
        """Whether the user still belongs to it."""
        return not (self.row.left or self.row.dissolved)

    @property
    def my_role(self) -> MemberRole:
        """The own role."""
        return next((m.role for m in self.members if m.person_id == self.me), MemberRole.MEMBER)

    @property
    def can_manage(self) -> bool:
        """Announcement, rules, members, as the server grants it."""
        return self.is_group and self.active and self.my_role is not MemberRole.MEMBER

    @property
    def is_owner(self) -> bool:
        """Administrators of the group, handing over, dissolving."""
        return self.is_group and self.active and self.my_role is MemberRole.OWNER

    @property
    def can_edit(self) -> bool:
        """Name and picture."""
        return self.can_manage or (self.is_group and self.active and self.row.rules.edit is Who.ALL)

    @property
    def can_invite(self) -> bool:
        """Members, unless the rules leave it to managers."""
        return self.can_manage or (self.is_group and self.active and self.row.rules.invite is Who.ALL)

    @property
    def can_upload(self) -> bool:
        """Into the group's file space."""
        return self.can_manage or (self.is_group and self.active and self.row.rules.upload is Who.ALL)

    def can_remove(self, member: MemberRow) -> bool:
        """Whether one's own role is above the member's."""
        return self.can_manage and member.person_id != self.me and RANKS[self.my_role] > RANKS[member.role]


def file_of(row: MessageRow) -> FileRef | None:
    """The file that a message carries; of a folder the one that holds all its contents."""
    content = row.content
    if isinstance(content, FileContent | FolderContent | ImageContent | VideoContent):
        return content.file
    return None


class DetailFeed(QObject):
    """Signals: `changed(Details)`."""

    changed = Signal(object)

    def __init__(self, reads: ChatService, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reads = reads
        self._tasks = tasks
        self._id = ""
        self._subscription = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MS)
        self._timer.timeout.connect(self._read)

    def follow(self, conversation_id: str) -> None:
        """Read another conversation; "" for none."""
        self.close()
        self._id = conversation_id
        if conversation_id:
            self._subscription = self._reads.listen(self._heard)
            self.destroyed.connect(self._subscription.close)
            self._read()

    def close(self) -> None:
        """Stop listening."""
        self._timer.stop()
        self._id = ""
        if self._subscription is not None:
            self.destroyed.disconnect(self._subscription.close)
            self._subscription.close()
            self._subscription = None

    def _heard(self, change: Change) -> None:
        mine = change.conversation_id in ("", self._id)
        wanted = change.table in RELEVANT
        if mine and wanted and not self._timer.isActive():
            self._timer.start()

    def _read(self) -> None:
        self._tasks.start(self._refresh(self._id), "读取会话资料")

    async def _refresh(self, id: str) -> None:
        rows = await self._reads.overview([id])
        members = [one for one in await self._reads.members(id) if not one.left]
        members.sort(key=lambda one: (-RANKS[one.role], one.joined_at, one.name))
        ids = [one.person_id for one in members]
        if rows and rows[0].peer_id:
            ids.append(rows[0].peer_id)
        people = await self._reads.people(ids)
        files = [row for row in await self._reads.files(id, FILES) if file_of(row) is not None]
        if not rows:
            return
        row, me = rows[0], self._reads.me.id
        links = await self._reads.links(id, FILES)
        details = Details(row, me, members, people, files, links)
        waiting = await self._reads.groups.waiting(id) if details.can_manage else []
        relations = await self._reads.personal.relations_of(row.peer_id) if row.peer_id else set()
        if id == self._id:
            self.changed.emit(replace(details, waiting=waiting, relations=relations))

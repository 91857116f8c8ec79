"""An address book in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.features.contacts.groups_dialog import OwnGroup
from app.store.changes import Subscription
from server_stub.contract.directory import Person, SearchResult, Unit, UnitChildren
from server_stub.contract.directory_admin import DirectorySettings, Line, LineContent
from server_stub.contract.personal import RelationKind

from .office import BY_ID, ME, PEOPLE, UNITS


class ShowcaseContacts:
    """See features.contacts.service.ContactsService. `error` is raised by every call while it is set."""

    me: Person = ME

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.fetched: list[str] = []
        self.online = {"p-wang", "p-zhao"}
        self.relations: dict[RelationKind, list[str]] = {kind: [] for kind in RelationKind}
        self.relations[RelationKind.CONTACT] = ["p-zhao", "p-aji"]
        self.statuses = {"p-zhao": "会议中", "p-aji": "出差，周三回"}
        self.presence_listeners: list[Callable[[frozenset[str]], None]] = []
        self.directory_listeners: list[Callable[[], None]] = []
        self.people_listeners: list[Callable[[frozenset[str]], None]] = []

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def unit_children(self, unit_id: str = "") -> UnitChildren:
        self._check()
        unit_id = unit_id or "u-city"
        self.fetched.append(unit_id)
        by_id = {unit.id: unit for unit in UNITS}
        unit = by_id[unit_id]
        path: list[Unit] = []
        above = unit.parent_id
        while above:
            path.insert(0, by_id[above])
            above = by_id[above].parent_id
        people = [person for person in PEOPLE if any(post.unit_id == unit_id for post in person.posts)]
        return UnitChildren(
            unit=unit,
            path=path,
            units=[each for each in UNITS if each.parent_id == unit_id],
            people=people,
            people_total=len(people),
        )

    async def person(self, person_id: str) -> Person | None:
        self._check()
        return BY_ID.get(person_id)

    async def display(self) -> DirectorySettings:
        return DirectorySettings()

    async def lines(self) -> list[Line]:
        return [Line(id="l-flood", name="应急条线"), Line(id="l-levee", parent_id="l-flood", name="防汛专线")]

    async def line(self, line_id: str) -> LineContent:
        known = {line.id: line for line in await self.lines()}
        top = await self.unit_children()
        mine = next(post.unit_id for post in self.me.posts if post.main)
        people = (await self.unit_children(mine)).people
        return LineContent(line=known[line_id], lines=[], units=top.units[:2], people=people[:1])

    async def search(self, text: str, limit: int) -> SearchResult:
        self._check()
        text = text.lower().replace(" ", "")
        people = [
            p for p in PEOPLE if text in p.name or text in p.pinyin.replace(" ", "") or text in p.initials
        ]
        units = [unit for unit in UNITS if text in unit.name]
        return SearchResult(people=people[:limit], units=units[:limit])

    async def people(self, person_ids: Sequence[str]) -> list[Person]:
        self._check()
        return [BY_ID[one] for one in person_ids if one in BY_ID]

    async def related(self, kind: RelationKind) -> list[str]:
        return list(self.relations[kind])

    async def relations_of(self, person_id: str) -> set[RelationKind]:
        return {kind for kind, people in self.relations.items() if person_id in people}

    async def relate(self, person_id: str, kind: RelationKind, *, on: bool) -> None:
        self._check()
        people = [one for one in self.relations[kind] if one != person_id]
        self.relations[kind] = [person_id, *people] if on else people

    async def recent(self, limit: int) -> list[str]:
        return ["p-zhao", "p-sun", "p-wang"][:limit]

    async def own_groups(self) -> list[OwnGroup]:
        return [
            OwnGroup("c-flood", "城区防汛调度工作群", 86, True),
            OwnGroup("c-info", "信息化建设与数据资源协调推进专班联络群", 24, False),
        ]

    def status_text(self, person_id: str) -> str:
        return self.statuses.get(person_id, "")

    def watch(self, person_ids: Sequence[str]) -> None:
        return

    def is_online(self, person_id: str) -> bool:
        return person_id in self.online

    def on_presence(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        self.presence_listeners.append(listener)
        return Subscription(lambda: self.presence_listeners.remove(listener))

    def on_directory(self, listener: Callable[[], None]) -> Subscription:
        self.directory_listeners.append(listener)
        return Subscription(lambda: self.directory_listeners.remove(listener))

    def on_people(self, listener: Callable[[frozenset[str]], None]) -> Subscription:
        self.people_listeners.append(listener)
        return Subscription(lambda: self.people_listeners.remove(listener))

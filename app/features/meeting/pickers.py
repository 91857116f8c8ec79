"""People and units from the organisation for the seating editor (3.1.6.2.2, 3.1.6.3.1)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.shell.org_picker import OrgPicker, OrgSource, Picked
from meeting_seat_designer.engine.model.people import Person
from meeting_seat_designer.engine.model.rules import Department
from server_stub.contract.directory import Person as Card
from widgets.theme import ThemeManager

MOST = 3000
"""People that one choice may add."""


class OrgPickers:
    """The editor's Directory (see meeting_seat_designer.editor.directory) over the address book."""

    def __init__(self, source: OrgSource, themes: ThemeManager) -> None:
        self.source = source
        self._themes = themes
        self.opened: OrgPicker | None = None

    def pick_people(self, window: QWidget, done: Callable[[list[Person]], object]) -> None:
        """Ticked people, and everybody in ticked units and below; rank, post and authority come from their cards."""

        async def accept(picked: list[Picked]) -> None:
            people = await self._people(picked)
            if people:
                done(people)

        self._open(OrgPicker(self.source, self._themes, "从组织架构添加参会人员", accept, parent=window))

    def pick_units(self, window: QWidget, done: Callable[[list[Department]], object]) -> None:
        """Ticked units, in the order of ticking."""

        async def accept(picked: list[Picked]) -> None:
            done([Department(name=one.name, id=one.id) for one in picked])

        self._open(
            OrgPicker(self.source, self._themes, "选择参与排序的部门", accept, people=False, parent=window)
        )

    def pick_unit(self, window: QWidget, done: Callable[[str, str], object]) -> None:
        """One unit: its id and name."""

        async def accept(picked: list[Picked]) -> None:
            done(picked[0].id, picked[0].name)

        self._open(
            OrgPicker(
                self.source, self._themes, "选择所属单位", accept, people=False, several=False, parent=window
            )
        )

    def _open(self, dialog: OrgPicker) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self.opened = dialog

    async def _people(self, picked: list[Picked]) -> list[Person]:
        found: dict[str, Person] = {}
        for one in picked:
            if one.kind == "person":
                result = await self.source.search(one.name, 100)
                cards = [card for card in result.people if card.id == one.id]
                found.update({card.id: attendee(card) for card in cards})
                if not cards:
                    found[one.id] = Person(id=one.id, name=one.name, user_id=one.id, notify="chat")
        waiting = [one.id for one in picked if one.kind == "unit"]
        while waiting and len(found) < MOST:
            content = await self.source.unit_children(waiting.pop(0))
            found.update({card.id: attendee(card) for card in content.people if card.id not in found})
            waiting += [unit.id for unit in content.units]
        return list(found.values())[:MOST]


def attendee(card: Card) -> Person:
    """A person of the directory as an attendee. The unit is the authority (the tree's second level), as meetings are
    seated by authority and not by its offices."""
    post = next((one for one in card.posts if one.main), card.posts[0] if card.posts else None)
    unit = ""
    if post is not None:
        path = [part for part in post.unit_path.split(" / ") if part]
        unit = path[1] if len(path) > 1 else post.unit_name
    return Person(
        id=card.id,
        name=card.name,
        unit=unit,
        post=post.title if post is not None else "",
        rank=card.rank,
        phone=card.phone,
        user_id=card.id,
        notify="chat",
    )

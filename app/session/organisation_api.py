"""The calls that administer the directory, typed; and those by which everybody sees lines and how it is shown."""

from collections.abc import Sequence

from app.session.http import HttpCaller
from server_stub.contract.directory import People, PeopleQuery, Person, Unit
from server_stub.contract.directory_admin import (
    ChildrenOrder,
    DirectorySettings,
    Line,
    LineContent,
    LineList,
    LineMember,
    LineMembers,
    LineWanted,
    PersonChange,
    PersonCreate,
    PersonRecord,
    UnitChange,
    UnitCreate,
    VisibilityCheck,
    VisibilityRule,
    VisibilityRules,
)

_ADMIN = "/admin/directory"


class OrganisationApi:
    """Raises what HttpCaller raises."""

    def __init__(self, http: HttpCaller) -> None:
        self._http = http

    async def settings(self) -> DirectorySettings:
        """How the directory is shown."""
        return await self._http.call("GET", "/directory/settings", DirectorySettings)

    async def set_settings(self, wanted: DirectorySettings) -> DirectorySettings:
        """Change that."""
        return await self._http.call("PUT", f"{_ADMIN}/settings", DirectorySettings, body=wanted)

    async def find(self, query: PeopleQuery) -> list[Person]:
        """People by separate conditions, across units; anyone may ask."""
        return (await self._http.call("POST", "/directory/people/find", People, body=query)).people

    async def lines(self) -> list[Line]:
        """The lines of the caller; all of them for an administrator."""
        return (await self._http.call("GET", "/directory/lines", LineList)).lines

    async def line(self, line_id: str) -> LineContent:
        """What a line holds."""
        return await self._http.call("GET", f"/directory/lines/{line_id}", LineContent)

    async def add_unit(self, wanted: UnitCreate) -> Unit:
        """Make a unit."""
        return await self._http.call("POST", f"{_ADMIN}/units", Unit, body=wanted)

    async def change_unit(self, unit_id: str, wanted: UnitChange) -> Unit:
        """Rename, relevel or move one."""
        return await self._http.call("PATCH", f"{_ADMIN}/units/{unit_id}", Unit, body=wanted)

    async def remove_unit(self, unit_id: str) -> None:
        """Remove an empty one."""
        await self._http.call("DELETE", f"{_ADMIN}/units/{unit_id}", type(None))

    async def order(self, unit_id: str, unit_ids: Sequence[str], person_ids: Sequence[str]) -> None:
        """Order what is in a unit."""
        body = ChildrenOrder(unit_ids=list(unit_ids), person_ids=list(person_ids))
        await self._http.call("PUT", f"{_ADMIN}/units/{unit_id}/order", type(None), body=body)

    async def person(self, person_id: str) -> PersonRecord:
        """A person with his account."""
        return await self._http.call("GET", f"{_ADMIN}/people/{person_id}", PersonRecord)

    async def add_person(self, wanted: PersonCreate) -> PersonRecord:
        """Make a person."""
        return await self._http.call("POST", f"{_ADMIN}/people", PersonRecord, body=wanted)

    async def change_person(self, person_id: str, wanted: PersonChange) -> PersonRecord:
        """Change a person."""
        return await self._http.call("PATCH", f"{_ADMIN}/people/{person_id}", PersonRecord, body=wanted)

    async def set_active(self, person_id: str, active: bool) -> PersonRecord:
        """Disable or enable a person."""
        verb = "enable" if active else "disable"
        return await self._http.call("POST", f"{_ADMIN}/people/{person_id}/{verb}", PersonRecord)

    async def set_administrator(self, person_id: str, on: bool) -> PersonRecord:
        """Make a person an administrator, or an ordinary user again."""
        verb = "PUT" if on else "DELETE"
        return await self._http.call(verb, f"{_ADMIN}/people/{person_id}/administrator", PersonRecord)

    async def reset(self, person_id: str) -> PersonRecord:
        """Have a person activate the account anew."""
        return await self._http.call("POST", f"{_ADMIN}/people/{person_id}/reset", PersonRecord)

    async def add_line(self, wanted: LineWanted) -> Line:
        """Make a line."""
        return await self._http.call("POST", f"{_ADMIN}/lines", Line, body=wanted)

    async def change_line(self, line_id: str, wanted: LineWanted) -> Line:
        """Rename, order or move one."""
        return await self._http.call("PATCH", f"{_ADMIN}/lines/{line_id}", Line, body=wanted)

    async def remove_line(self, line_id: str) -> None:
        """Remove one without sub-lines."""
        await self._http.call("DELETE", f"{_ADMIN}/lines/{line_id}", type(None))

    async def members(self, line_id: str) -> list[LineMember]:
        """Who is in a line."""
        return (await self._http.call("GET", f"{_ADMIN}/lines/{line_id}/members", LineMembers)).members

    async def set_members(self, line_id: str, members: Sequence[LineMember]) -> list[LineMember]:
        """Replace them."""
        body = LineMembers(members=list(members))
        answer = await self._http.call("PUT", f"{_ADMIN}/lines/{line_id}/members", LineMembers, body=body)
        return answer.members

    async def rules(self) -> list[VisibilityRule]:
        """All visibility rules."""
        return (await self._http.call("GET", f"{_ADMIN}/visibility", VisibilityRules)).rules

    async def save_rule(self, rule: VisibilityRule) -> VisibilityRule:
        """Add a rule, or replace the one with its id."""
        if rule.id:
            return await self._http.call("PUT", f"{_ADMIN}/visibility/{rule.id}", VisibilityRule, body=rule)
        return await self._http.call("POST", f"{_ADMIN}/visibility", VisibilityRule, body=rule)

    async def remove_rule(self, rule_id: str) -> None:
        """Remove a rule."""
        await self._http.call("DELETE", f"{_ADMIN}/visibility/{rule_id}", type(None))

    async def check(self, viewer: str, kind: str, id_: str) -> VisibilityCheck:
        """What one person sees."""
        query = {"viewer": viewer, "kind": kind, "id": id_}
        return await self._http.call("GET", f"{_ADMIN}/visibility/check", VisibilityCheck, query=query)

"""REST endpoints of the administration of the directory."""

from typing import Any

from server_stub.contract.directory import Unit
from server_stub.contract.directory_admin import (
    ChildrenOrder,
    DirectorySettings,
    Line,
    LineContent,
    LineList,
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
from server_stub.http.endpoint import Access, Call, Endpoint, Query

from .lines import LineDesk
from .people import PeopleDesk
from .units import UnitDesk
from .visibility import VisibilityDesk

_TAGS = ("admin", "directory")


class DirectoryAdminRoutes:
    """Handlers; the rules are in the desks."""

    def __init__(
        self, units: UnitDesk, people: PeopleDesk, lines: LineDesk, visibility: VisibilityDesk
    ) -> None:
        self._units = units
        self._people = people
        self._lines = lines
        self._visibility = visibility

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of this feature."""
        base, shared = "/api/v1/admin/directory", "/api/v1/directory"

        def admin(
            method: str,
            path: str,
            handler: Any,
            summary: str,
            body: Any = None,
            answer: Any = None,
            clauses: tuple[str, ...] = (),
            query: dict[str, Query] | None = None,
        ) -> Endpoint:
            return Endpoint(
                method,
                base + path,
                Access.ADMIN,
                handler,
                summary,
                body=body,
                answer=answer,
                query=query or {},
                tags=_TAGS,
                clauses=clauses,
            )

        def anyone(path: str, handler: Any, summary: str, answer: Any, *clauses: str) -> Endpoint:
            return Endpoint(
                "GET",
                shared + path,
                Access.SIGNED_IN,
                handler,
                summary,
                answer=answer,
                tags=("directory",),
                clauses=clauses,
            )

        seen = ("E142",)
        return [
            anyone("/settings", self._settings, "How the directory is shown", DirectorySettings, "3.1.3.11"),
            anyone("/lines", self._own_lines, "The functional lines of the caller", LineList, "E133"),
            anyone("/lines/{id}", self._line, "What a line holds", LineContent, "E133"),
            admin(
                "PUT", "/settings", self._set_settings, "Change that", DirectorySettings, DirectorySettings
            ),
            admin("POST", "/units", self._add_unit, "Make a unit", UnitCreate, Unit),
            admin("PATCH", "/units/{id}", self._change_unit, "Rename or move a unit", UnitChange, Unit),
            admin("DELETE", "/units/{id}", self._remove_unit, "Remove an empty unit"),
            admin("PUT", "/units/{id}/order", self._order, "Order what is in a unit", ChildrenOrder),
            admin("POST", "/people", self._add_person, "Make a person", PersonCreate, PersonRecord),
            admin("GET", "/people/{id}", self._person, "A person with his account", None, PersonRecord),
            admin(
                "PATCH", "/people/{id}", self._change_person, "Change a person", PersonChange, PersonRecord
            ),
            admin("POST", "/people/{id}/disable", self._disable, "Disable a person", None, PersonRecord),
            admin("POST", "/people/{id}/enable", self._enable, "Enable a person again", None, PersonRecord),
            admin("POST", "/people/{id}/reset", self._reset, "Have him activate anew", None, PersonRecord),
            admin(
                "PUT",
                "/people/{id}/administrator",
                self._appoint,
                "Make him an administrator",
                None,
                PersonRecord,
            ),
            admin(
                "DELETE",
                "/people/{id}/administrator",
                self._dismiss,
                "Make him none again",
                None,
                PersonRecord,
            ),
            admin("POST", "/lines", self._add_line, "Make a line", LineWanted, Line),
            admin("PATCH", "/lines/{id}", self._change_line, "Rename or move a line", LineWanted, Line),
            admin("DELETE", "/lines/{id}", self._remove_line, "Remove a line"),
            admin("GET", "/lines/{id}/members", self._members, "Who is in a line", None, LineMembers),
            admin("PUT", "/lines/{id}/members", self._set_members, "Replace them", LineMembers, LineMembers),
            admin("GET", "/visibility", self._rules, "Visibility rules", None, VisibilityRules, seen),
            admin("POST", "/visibility", self._add_rule, "Add one", VisibilityRule, VisibilityRule, seen),
            admin("PUT", "/visibility/{id}", self._set_rule, "Replace", VisibilityRule, VisibilityRule, seen),
            admin("DELETE", "/visibility/{id}", self._remove_rule, "Remove one", clauses=seen),
            admin(
                "GET",
                "/visibility/check",
                self._check,
                "What one person sees",
                None,
                VisibilityCheck,
                seen,
                {
                    "viewer": Query(str, required=True, max_length=36),
                    "kind": Query(str, "person", max_length=10),
                    "id": Query(str, required=True, max_length=36),
                },
            ),
        ]

    async def _settings(self, _call: Call[None]) -> DirectorySettings:
        return await self._visibility.settings()

    async def _set_settings(self, call: Call[DirectorySettings]) -> DirectorySettings:
        return await self._visibility.set_settings(call.caller, call.body)

    async def _own_lines(self, call: Call[None]) -> LineList:
        return await self._lines.own(call.caller)

    async def _line(self, call: Call[None]) -> LineContent:
        return await self._lines.content(call.caller, call.path["id"])

    async def _add_unit(self, call: Call[UnitCreate]) -> Unit:
        return await self._units.add(call.caller, call.body)

    async def _change_unit(self, call: Call[UnitChange]) -> Unit:
        return await self._units.change(call.caller, call.path["id"], call.body)

    async def _remove_unit(self, call: Call[None]) -> None:
        await self._units.remove(call.caller, call.path["id"])

    async def _order(self, call: Call[ChildrenOrder]) -> None:
        await self._units.order(call.caller, call.path["id"], call.body)

    async def _add_person(self, call: Call[PersonCreate]) -> PersonRecord:
        return await self._people.add(call.caller, call.body)

    async def _person(self, call: Call[None]) -> PersonRecord:
        return await self._people.record(call.caller, call.path["id"])

    async def _change_person(self, call: Call[PersonChange]) -> PersonRecord:
        return await self._people.change(call.caller, call.path["id"], call.body)

    async def _disable(self, call: Call[None]) -> PersonRecord:
        return await self._people.set_active(call.caller, call.path["id"], active=False)

    async def _enable(self, call: Call[None]) -> PersonRecord:
        return await self._people.set_active(call.caller, call.path["id"], active=True)

    async def _reset(self, call: Call[None]) -> PersonRecord:
        return await self._people.reset_password(call.caller, call.path["id"])

    async def _appoint(self, call: Call[None]) -> PersonRecord:
        return await self._people.set_administrator(call.caller, call.path["id"], on=True)

    async def _dismiss(self, call: Call[None]) -> PersonRecord:
        return await self._people.set_administrator(call.caller, call.path["id"], on=False)

    async def _add_line(self, call: Call[LineWanted]) -> Line:
        return await self._lines.add(call.caller, call.body)

    async def _change_line(self, call: Call[LineWanted]) -> Line:
        return await self._lines.change(call.caller, call.path["id"], call.body)

    async def _remove_line(self, call: Call[None]) -> None:
        await self._lines.remove(call.caller, call.path["id"])

    async def _members(self, call: Call[None]) -> LineMembers:
        return await self._lines.members(call.path["id"])

    async def _set_members(self, call: Call[LineMembers]) -> LineMembers:
        return await self._lines.set_members(call.caller, call.path["id"], call.body)

    async def _rules(self, _call: Call[None]) -> VisibilityRules:
        return await self._visibility.rules()

    async def _add_rule(self, call: Call[VisibilityRule]) -> VisibilityRule:
        return await self._visibility.add(call.caller, call.body)

    async def _set_rule(self, call: Call[VisibilityRule]) -> VisibilityRule:
        return await self._visibility.change(call.caller, call.path["id"], call.body)

    async def _remove_rule(self, call: Call[None]) -> None:
        await self._visibility.remove(call.caller, call.path["id"])

    async def _check(self, call: Call[None]) -> VisibilityCheck:
        return await self._visibility.check(call.query["viewer"], call.query["kind"], call.query["id"])

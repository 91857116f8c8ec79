"""Role × endpoint over the whole route table: nobody does what he may not, and nothing breaks on the way.

The table itself says who may call; this test says what each role must be answered, so that an endpoint added with
the wrong access, or without a rule here, fails.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.office import PASSWORD, Office, SignedInAs, running_office

from server_stub.contract.files import HEADER_CHUNK_DIGEST
from server_stub.contract.ids import uuid7
from server_stub.http.endpoint import Access, Endpoint

ROLES = ("nobody", "outsider", "member", "owner", "administrator")


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


class World:
    """A group with a message and a file, and one session a role."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.sessions: dict[str, SignedInAs] = {}
        self.group = ""
        self.file_id = uuid7()
        self.secret = self.secret_message = ""
        self.message_seq = 1
        self.meeting = self.meeting_room = ""

    async def build(self) -> None:
        logins = {
            "outsider": "liqiang",
            "member": "fengxue",
            "owner": "wangjianguo",
            "administrator": "admin",
        }
        for role, login in logins.items():
            self.sessions[role] = await self.office.sign_in(login)
        await self.office.add_staff("凑数", "coushu", "12000000020", [("中原区", "科员")], password="")
        owner = self.sessions["owner"].http
        made = await owner.post(
            "/conversations/group",
            json={
                "client_id": uuid7(),
                "name": "值班群",
                "member_ids": [self.office.staff["fengxue"].id, self.office.staff["coushu"].id],
            },
        )
        assert made.status_code == 200, made.text
        self.group = made.json()["id"]
        chunk = os.urandom(50)
        sm3 = self.office.server.algorithms.sm3
        await owner.post("/files", json={"id": self.file_id, "size": 20, "chunks": 1})
        put = await owner.put(
            f"/files/{self.file_id}/chunks/0",
            content=chunk,
            headers={HEADER_CHUNK_DIGEST: sm3(chunk).hex()},
        )
        assert put.status_code == 204, put.text
        digest = base64.b64encode(sm3(sm3(chunk))).decode()
        done = await owner.post(f"/files/{self.file_id}/complete", json={"digest": digest})
        assert done.status_code == 200, done.text
        await self.send(owner, [self.file_id])
        admin = self.sessions["administrator"].http
        room = await admin.post("/meeting-rooms", json=self.room())
        assert room.status_code == 200, room.text
        self.meeting_room = room.json()["id"]
        wanted = {"title": "调度会", "unit_id": self.office.unit_ids["中原区"], "room_id": self.meeting_room}
        meeting = await admin.post("/meetings", json=wanted)
        assert meeting.status_code == 200, meeting.text
        self.meeting = meeting.json()["id"]
        await self.build_secret(owner)

    async def build_secret(self, owner: httpx.AsyncClient) -> None:
        await self.sessions["administrator"].http.post(
            "/admin/features/secret_chat", json={"changes": [{"subject": "everyone", "allow": True}]}
        )
        secret = await owner.post("/secret/chats", json={"person_id": self.office.staff["fengxue"].id})
        assert secret.status_code == 200, secret.text
        self.secret, self.secret_message = secret.json()["id"], uuid7()
        room, key = f"/secret/chats/{self.secret}", {"client_id": self.secret_message}
        begun = await owner.post(f"{room}/keys", json=key)
        put = await owner.put(f"{room}/parts/{self.secret_message}/0", content=os.urandom(60))
        body = base64.b64encode(os.urandom(60)).decode()
        wrote = await owner.post(f"{room}/messages", json={**key, "body": body, "parts": 1})
        assert (begun.status_code, put.status_code, wrote.status_code) == (200, 204, 200)

    def room(self) -> dict[str, Any]:
        document = {"format": "zhengding.seating", "room": {"name": "一号厅"}, "layouts": [{"id": "l1"}]}
        return {"unit_id": self.office.unit_ids["中原区"], "document": document}

    async def send(self, http: httpx.AsyncClient, file_ids: list[str]) -> None:
        body = base64.b64encode(b"\x01\x00\x00\x00\x01" + os.urandom(60)).decode()
        sent = await http.post(
            f"/conversations/{self.group}/messages",
            json={"client_id": uuid7(), "body": body, "file_ids": file_ids},
        )
        assert sent.status_code == 200, sent.text
        self.message_seq = sent.json()["seq"]

    def path(self, endpoint: Endpoint) -> str:
        """The endpoint's path with ids of things that belong to the owner, or that everybody sees."""
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", endpoint.path).removeprefix("/api/v1")
        if path.startswith("/conversations"):
            path = path.replace("{id}", self.group)
        elif path.startswith("/secret/chats"):
            path = path.replace("{id}", self.secret).replace("{number}", "0").replace("{seq}", "1")
            path = path.replace("{client}", self.secret_message)
        elif path.startswith("/files"):
            path = path.replace("{id}", self.file_id)
        elif path.startswith("/directory/units"):
            path = path.replace("{id}", self.office.unit_ids["中原区"])
        elif path.startswith("/directory/people"):
            path = path.replace("{id}", self.office.staff["fengxue"].id)
        elif path.startswith("/auth/sessions"):
            path = path.replace("{id}", self.sessions["owner"].session_id)
        elif path.startswith("/meetings"):
            path = path.replace("{id}", self.meeting)
        elif path.startswith("/meeting-rooms"):
            path = path.replace("{id}", self.meeting_room)
        path = path.replace("{seq}", str(self.message_seq)).replace("{index}", "0")
        return re.sub(r"\{\w+\}", uuid7(), path)

    def body(self, endpoint: Endpoint) -> dict[str, Any]:
        """A body that would be accepted from somebody who may."""
        path = endpoint.path.removeprefix("/api/v1")
        sealed = base64.b64encode(b"\x01\x00\x00\x00\x01" + os.urandom(60)).decode()
        bodies: dict[str, Any] = {
            "/auth/sign-in": {"login": "x", "password": "y", "device": self.office.device().info()},
            "/auth/scans": {"device": self.office.device().info()},
            "/auth/scans/{id}": {"proof": ""},
            "/auth/code": {"login": "nobody", "purpose": "reset"},
            "/auth/set-password": {"login": "x", "purpose": "reset", "code": "0", "password": "Brandneu-77"},
            "/auth/password": {"old_password": "x", "new_password": "y"},
            "/auth/own-phone/code": {"phone": "12000000999", "password": "x"},
            "/auth/own-phone": {"phone": "12000000999", "code": "0"},
            "/phone/sign-in": {"login": "x", "password": "y"},
            "/admin/login-policy": {"second_factor": "off", "trust_days": 30},
            "/auth/refresh": {"session_id": "x", "refresh_token": "1.x", "signed_at": 1, "proof": ""},
            "/directory/people/batch": {"ids": [self.office.staff["fengxue"].id]},
            "/directory/people/find": {"name": "冯"},
            "/conversations/{id}": {"announcement": "改写"},
            "/conversations/{id}/setting": {"pinned": True},
            "/conversations/{id}/messages": {"client_id": uuid7(), "body": sealed},
            "/conversations/{id}/messages/{seq}/reaction": {"client_id": uuid7(), "body": sealed},
            "/conversations/{id}/members": {"add": [self.office.staff["liqiang"].id]},
            "/conversations/{id}/role": {"person_id": self.office.staff["coushu"].id, "role": "admin"},
            "/conversations/{id}/transfer": {"person_id": self.office.staff["coushu"].id},
            "/conversations/{id}/mute": {"person_id": self.office.staff["coushu"].id, "until": 9},
            "/conversations/{id}/me": {"nickname": "外号"},
            "/conversations/{id}/clear": {"up_to": 1},
            "/conversations/{id}/requests/{request_id}": {"accept": True},
            "/conversations/{id}/space/{entry_id}": {"body": sealed, "folder": True},
            "/groups/face": {"client_id": uuid7(), "name": "现场"},
            "/groups/join": {"code": "0000"},
            "/admin/retention": {"days": 365},
            "/admin/links": {"on": True},
            "/links/reports": {"host": "example.com", "reason": "unknown", "outcome": "left"},
            "/admin/groups/limits": {"large_groups": 20},
            "/admin/groups/{id}": {"member_limit": 100},
            "/v1/chat/completions": {"model": "m", "messages": [{"role": "user", "content": "x"}]},
            "/v1/embeddings": {"model": "m", "input": "x"},
            "/assistant/uses": {"kind": "local_answer"},
            "/assistant/feedback": {"answer_id": "a", "up": True},
            "/me/items": {"name": "layout", "value": "{}"},
            "/me/relations": {
                "person_id": self.office.staff["coushu"].id,
                "kind": "contact",
                "on": True,
            },
            "/me/status": {"kind": "busy"},
            "/me/card": {"avatar_file": ""},
            "/keys/envelopes": {"items": [{"conversation_id": self.group}]},
            "/secret/chats": {"person_id": self.office.staff["fengxue"].id},
            "/secret/chats/{id}": {"burn_s": 60},
            "/secret/chats/{id}/keys": {"client_id": uuid7()},
            "/secret/chats/{id}/messages": {"client_id": uuid7(), "body": sealed},
            "/secret/captures": {"id": uuid7(), "at": 1, "words": "录屏软件"},
            "/secret/leases": {"id": uuid7(), "why": "读屏", "at": 1, "until": 2},
            "/files": {"id": self.file_id, "size": 20, "chunks": 1},
            "/files/{id}/complete": {"digest": "AAAA"},
            "/meeting-buildings": {"unit_id": self.office.unit_ids["中原区"], "name": "一号楼"},
            "/meeting-buildings/{id}": {"unit_id": self.office.unit_ids["中原区"], "name": "一号楼"},
            "/meeting-rooms": self.room(),
            "/meeting-rooms/{id}": self.room() | {"base_version": 1},
            "/meetings": {"title": "调度会", "unit_id": self.office.unit_ids["中原区"]},
            "/meetings/{id}": {"title": "调度会", "unit_id": self.office.unit_ids["中原区"]},
            "/meetings/{id}/plan": {"base_version": 0, "document": self.room()["document"]},
            "/meetings/{id}/publish": {"plan_version": 1},
            "/meetings/{id}/announce": {},
            "/meetings/{id}/check-ins": {"attendee_id": "p1"},
        }
        return bodies.get(path, {})

    async def call(self, endpoint: Endpoint, role: str) -> httpx.Response:
        http = self.sessions[role].http if role != "nobody" else self.office.client()
        arguments: dict[str, Any] = {}
        if endpoint.body is bytes:
            data = os.urandom(40)
            digest = self.office.server.algorithms.sm3(data).hex()
            arguments = {"content": data, "headers": {HEADER_CHUNK_DIGEST: digest}}
        elif endpoint.body is not None:
            arguments = {"json": self.body(endpoint)}
        params = {
            name: 1 if query.type is int else "x" for name, query in endpoint.query.items() if query.required
        }
        path = self.path(endpoint)
        if not endpoint.path.startswith("/api/"):
            path = self.office.url + path
        return await http.request(endpoint.method, path, params=params, **arguments)


_CLERKS = re.compile(r"^/api/v1/meeting(s/\{id\}|-rooms|-buildings|s$)")
"""Of these, what is not for everybody to read is for the clerks of a unit: here only the administrator."""
_OPEN = {("GET", "/api/v1/meeting-rooms"), ("GET", "/api/v1/meetings")}
_BELONGS = re.compile(
    r"^/api/v1/(conversations/\{id\}|secret/chats/\{id\}|files/\{id\}|auth/sessions/\{id\})"
)
"""Endpoints below these speak of one thing that is somebody's."""


_MANAGERS = re.compile(r"^/api/v1/conversations/\{id\}(/role|/transfer|/mute|/dissolve|/requests.*)?$")
"""What of a group belongs to its owner and administrators; reading it is everybody's in it."""


def must_be_refused(endpoint: Endpoint, role: str) -> bool:
    """Whether `role` may not do this to the owner's things."""
    if endpoint.access is Access.PUBLIC:
        return False
    if role == "nobody":
        return True
    if endpoint.access is Access.PHONE:
        # By cookie only: no role's access token opens them (test_phone_pages.py asks with cookies).
        return True
    if endpoint.access is Access.ADMIN:
        return role != "administrator"
    if _CLERKS.match(endpoint.path) and (endpoint.method, endpoint.path) not in _OPEN:
        if endpoint.path.endswith("/seat-plan"):
            # Attendees only: an administrator who does not sit in the meeting is a stranger to it.
            return True
        if endpoint.method == "GET" and endpoint.path.startswith("/api/v1/meeting-rooms"):
            # Rooms are for the unit and its authority to see.
            return False
        return role != "administrator"
    if not _BELONGS.match(endpoint.path):
        return False
    if role in ("outsider", "administrator"):
        # An administrator of the directory has no right to other people's conversations, files and sessions.
        return True
    if role == "member":
        changing = endpoint.method != "GET"
        of_file = endpoint.path.startswith("/api/v1/files/")
        of_session = endpoint.path.startswith("/api/v1/auth/sessions/")
        of_managers = bool(_MANAGERS.match(endpoint.path)) and (
            changing or endpoint.path.endswith("/requests")
        )
        return of_session or of_managers or (of_file and changing)
    return False


async def test_no_role_gets_further_than_its_rights_at_any_endpoint(office: Office) -> None:
    world = World(office)
    await world.build()
    wrong: list[str] = []
    counted = {"refused": 0, "asked": 0}
    for role in ROLES:
        for endpoint in office.server.endpoints:
            if role == "owner" and not endpoint.path.startswith("/api/v1/admin"):
                continue
            if endpoint.path in ("/api/v1/auth/sign-out",) and role != "nobody":
                continue
            answer = await world.call(endpoint, role)
            counted["asked"] += 1
            where = f"{role}: {endpoint.method} {endpoint.path} → {answer.status_code}"
            if answer.status_code >= 500:
                wrong.append(where)
            elif must_be_refused(endpoint, role):
                counted["refused"] += 1
                if answer.status_code not in (401, 403, 404):
                    # A form that is checked before the right tells nothing of the thing itself.
                    wrong.append(f"{where} {answer.text[:200]}")
                elif (role == "nobody" and answer.status_code != 401) or (
                    endpoint.access is Access.ADMIN and role != "nobody" and answer.status_code != 403
                ):
                    wrong.append(where)
    assert wrong == []
    assert counted["refused"] >= len(office.server.endpoints)


async def test_the_matrix_can_fail(office: Office) -> None:
    """The owner's own calls succeed with the same bodies, so that the refusals above are for want of rights."""
    world = World(office)
    await world.build()
    good = 0
    for endpoint in office.server.endpoints:
        if _BELONGS.match(endpoint.path) and endpoint.method == "GET":
            answer = await world.call(endpoint, "owner")
            assert answer.status_code == 200, (endpoint.path, answer.text)
            good += 1
    assert good >= 4


async def test_what_was_refused_did_not_happen_and_is_in_the_trail(office: Office) -> None:
    world = World(office)
    await world.build()
    outsider, owner = world.sessions["outsider"].http, world.sessions["owner"].http
    before = (await owner.get(f"/conversations/{world.group}")).json()
    members = (await owner.get(f"/conversations/{world.group}/members")).json()
    for endpoint in office.server.endpoints:
        if _BELONGS.match(endpoint.path):
            await world.call(endpoint, "outsider")
            await world.call(endpoint, "administrator")
    assert (await owner.get(f"/conversations/{world.group}")).json() == before
    assert (await owner.get(f"/conversations/{world.group}/members")).json() == members
    assert (await owner.get("/me")).status_code == 200
    conversations = await office.audited("refused_conversation")
    assert {line[0] for line in conversations} == {
        office.staff["liqiang"].id,
        office.staff["admin"].id,
    }
    assert {line[1] for line in conversations} == {world.group}
    assert {line[1] for line in await office.audited("refused_file")} == {world.file_id}
    # Keys of the group are not handed out to them either.
    answer = await outsider.post("/keys/envelopes", json={"items": [{"conversation_id": world.group}]})
    assert answer.status_code == 404 or answer.json().get("envelopes", []) == []


async def test_an_administrators_right_ends_with_the_account(office: Office) -> None:
    from sqlalchemy import update

    from server_stub.features.accounts.tables import accounts

    admin = await office.sign_in("admin")
    assert (await admin.http.get("/admin/sms-outbox")).status_code == 200
    await office.server.database.write(
        lambda connection: (
            connection.execute(
                update(accounts)
                .where(accounts.c.person_id == office.staff["admin"].id)
                .values(is_admin=False)
            )
            and None
        )
    )
    body = admin.device.prove(admin.session_id, admin.refresh_token)
    fresh = (await office.client().post("/auth/refresh", json=body)).json()["access_token"]
    assert (await office.client(fresh).get("/admin/sms-outbox")).status_code == 403
    assert (await office.sign_in("admin", PASSWORD)).answer.get("is_admin", False) is False


async def test_a_server_with_an_organisation_cannot_be_set_up_again(office: Office) -> None:
    setup = {
        "/api/v1/setup/demo": {"people": 300},
        "/api/v1/setup/admin": {
            "organisation": "占领",
            "login": "boese",
            "name": "外人",
            "phone": "12000000099",
            "password": "Brandneu-77",
        },
    }
    served = {one.path for one in office.server.endpoints if one.path.startswith("/api/v1/setup")}
    assert served == {*setup, "/api/v1/setup/progress"}
    for http in (office.client(), (await office.sign_in("admin")).http):
        for path, body in setup.items():
            answer = await http.post(path.removeprefix("/api/v1"), json=body)
            assert (answer.status_code, answer.json()["code"]) == (409, "conflict"), answer.text
        assert (await http.get("/setup/progress")).status_code == 404
        # Behind a proxy "this machine" means nothing.
        proxied = await http.get("/setup/progress", headers={"x-forwarded-for": "10.0.0.7"})
        assert proxied.status_code == 403

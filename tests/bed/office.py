"""The whole server in this process, with a small office on it: real accounts, passwords, devices, HSM and sockets."""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import Connection, Table, insert, select

from bed.chat import Wire
from server_stub.app import Server
from server_stub.config import Settings
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.algorithms import Algorithms
from server_stub.features.accounts.rows import add_account
from server_stub.features.accounts.service import refresh_message
from server_stub.features.accounts.tables import sms_outbox
from server_stub.features.audit.trail import audit
from server_stub.features.directory.pinyin import of_name
from server_stub.features.directory.tables import persons, posts, units
from server_stub.features.directory.writing import recount

PASSWORD = "Passw0rd-2026"


@dataclass
class Device:
    """A device with its own SM2 key."""

    algorithms: Algorithms
    id: str = field(default_factory=uuid7)
    name: str = "办公电脑"

    def __post_init__(self) -> None:
        self.pair = self.algorithms.sm2_generate()

    def info(self) -> dict[str, str]:
        """What sign-in tells of it."""
        return {
            "id": self.id,
            "name": self.name,
            "platform": "linux",
            "app_version": "0.1.0",
            "public_key": base64.b64encode(self.pair.public).decode(),
        }

    def prove(self, session_id: str, refresh_token: str, *, at: int | None = None) -> dict[str, Any]:
        """The body of a refresh, signed."""
        signed_at = int(time.time() * 1000) if at is None else at
        message = refresh_message(session_id, refresh_token, signed_at)
        proof = self.algorithms.sm2_sign(self.pair.private, message)
        return {
            "session_id": session_id,
            "refresh_token": refresh_token,
            "signed_at": signed_at,
            "proof": base64.b64encode(proof).decode(),
        }


@dataclass
class Staff:
    """A person of the office."""

    id: str
    name: str
    login: str
    phone: str


@dataclass
class SignedInAs:
    """A session, and a client that carries its access token."""

    http: httpx.AsyncClient
    device: Device
    session_id: str
    access_token: str
    refresh_token: str
    answer: dict[str, Any]


@dataclass
class Office:
    """A listening server with one city, two bureaus and a few people."""

    server: Server
    port: int
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    unit_ids: dict[str, str] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Base of all calls."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, token: str = "") -> httpx.AsyncClient:
        """A REST client below /api/v1, with an access token or without."""
        made = httpx.AsyncClient(
            base_url=f"{self.url}/api/v1",
            headers={"authorization": f"Bearer {token}"} if token else {},
            timeout=30,
            trust_env=False,
            verify=False,
        )
        self.clients.append(made)
        return made

    def device(self) -> Device:
        """A new device."""
        return Device(self.server.algorithms)

    async def sign_in(
        self, login: str, password: str = PASSWORD, *, device: Device | None = None
    ) -> SignedInAs:
        """Sign in as a client does."""
        device = device or self.device()
        http = self.client()
        answer = await http.post(
            "/auth/sign-in", json={"login": login, "password": password, "device": device.info()}
        )
        assert answer.status_code == 200, answer.text
        body = answer.json()
        tokens = body["tokens"]
        http.headers["authorization"] = f"Bearer {tokens['access_token']}"
        return SignedInAs(
            http, device, body["session_id"], tokens["access_token"], tokens["refresh_token"], body
        )

    async def wire(self) -> Wire:
        """A websocket before its hello."""
        made = await Wire.open(self.port)
        self.wires.append(made)
        return made

    # Straight into the tables: what tests stand on.

    async def add_units(self, *names: tuple[str, str, int]) -> None:
        """Each as name, parent's name ("" for the top) and level."""

        def work(connection: Connection) -> None:
            for order, (name, parent, level) in enumerate(names):
                unit_id = uuid7()
                above = "/"
                if parent:
                    above = connection.execute(
                        select(units.c.path).where(units.c.id == self.unit_ids[parent])
                    ).scalar_one()
                self.unit_ids[name] = unit_id
                connection.execute(
                    insert(units).values(
                        id=unit_id,
                        parent_id=self.unit_ids.get(parent, ""),
                        path=f"{above}{unit_id}/",
                        name=name,
                        level=level,
                        sort_order=order,
                    )
                )
            recount(connection)

        await self.server.database.write(work)

    async def add_staff(
        self,
        name: str,
        login: str,
        phone: str,
        places: Sequence[tuple[str, str]],
        *,
        password: str = PASSWORD,
        is_admin: bool = False,
        vip: bool = False,
        order: int = 0,
    ) -> Staff:
        """`places`: unit and title, the main post first. An empty password leaves the account to be activated."""
        hashed = await self.server.passwords.hash(password) if password else ""
        one = Staff(uuid7(), name, login, phone)
        pinyin, initials = of_name(name)

        def work(connection: Connection) -> None:
            connection.execute(
                insert(persons).values(
                    id=one.id, name=name, pinyin=pinyin, initials=initials, phone=phone, vip=vip
                )
            )
            for index, (unit, title) in enumerate(places):
                connection.execute(
                    insert(posts).values(
                        person_id=one.id,
                        unit_id=self.unit_ids[unit],
                        title=title,
                        main=index == 0,
                        sort_order=order,
                    )
                )
            add_account(
                connection,
                person_id=one.id,
                login=login,
                phone=phone,
                password_hash=hashed,
                is_admin=is_admin,
            )
            recount(connection)

        await self.server.database.write(work)
        self.staff[login] = one
        return one

    async def rows(self, table: Table, *where: Any) -> list[Any]:
        """Rows of a table, as they stand in the database."""
        return await self.server.database.read(
            lambda connection: list(connection.execute(select(table).where(*where)))
        )

    async def audited(self, kind: str) -> list[tuple[str, str, str]]:
        """Person, object and result of the audit lines of `kind`, in order."""
        await self.server.audit.settled()
        lines = await self.rows(audit, audit.c.kind == kind)
        return [(row.person_id, row.object, row.result) for row in sorted(lines, key=lambda row: row.id)]

    async def code_sent_to(self, phone: str) -> str:
        """The newest code in the outbox for `phone`; "" when none was sent. Waits for what is on its way."""
        await asyncio.gather(*self.server.accounts._tasks)
        texts = await self.rows(sms_outbox, sms_outbox.c.phone == phone)
        if not texts:
            return ""
        newest = max(texts, key=lambda row: row.id)
        found = re.search(r"验证码 (\d{6})", newest.text)
        assert found is not None
        return found[1]


async def fill(office: Office) -> None:
    """The people whom most tests know."""
    await office.add_units(
        ("绿城市", "", 1),
        ("市应急管理局", "绿城市", 2),
        ("防汛抗旱处", "市应急管理局", 0),
        ("中原区", "绿城市", 2),
        ("中原区政府办", "中原区", 0),
    )
    await office.add_staff("系统管理员", "admin", "12000000000", [("绿城市", "系统管理员")], is_admin=True)
    await office.add_staff("王建国", "wangjianguo", "12000000001", [("市应急管理局", "副局长")], order=1)
    await office.add_staff("冯雪", "fengxue", "12000000002", [("防汛抗旱处", "科员")], order=2)
    await office.add_staff("李强", "liqiang", "12000000003", [("中原区政府办", "副主任")], order=3)


@asynccontextmanager
async def running_office(
    folder: Path, *, empty: bool = False, database: str = "", **settings: Any
) -> AsyncIterator[Office]:
    """Serve on a free loopback port while the context lasts. `database`: a PostgreSQL URL; else SQLCipher."""
    wanted = replace(Settings(data=folder, database=database), **settings)
    server = await asyncio.to_thread(Server, wanted)
    await server.start()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            server.app,
            ws=server.websocket_protocol,  # pyright: ignore[reportArgumentType]
            log_config=None,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        web = uvicorn.Server(config)
        task = asyncio.get_running_loop().create_task(web._serve([listener]))
        while not web.started:  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.005)
        office = Office(server, listener.getsockname()[1])
        try:
            if not empty:
                await fill(office)
            yield office
        finally:
            for client in office.clients:
                await client.aclose()
            for wire in office.wires:
                await wire.close()
            await server.chat.gateway.close()
            web.should_exit = True
            await task
            await server.close()


__all__ = ["PASSWORD", "Device", "Office", "SignedInAs", "Staff", "fill", "running_office"]

"""The first start: the demo organisation and the first administrator, on SQLCipher and PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from server_stub.app import Server
from server_stub.config import Settings
from server_stub.contract.ids import uuid7
from server_stub.features.conversations.tables import conversations, messages
from server_stub.features.directory.tables import persons, units

ADMIN = {
    "organisation": "示例市",
    "login": "Root.Admin",
    "name": "钱管理",
    "phone": "13900000000",
    "password": "Abcd1234",
}


@pytest.fixture(params=["sqlcipher", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    url = request.getfixturevalue("fresh_postgres")() if request.param == "postgresql" else ""
    return Settings(data=tmp_path / "data", database=url)


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Server]:
    running = Server(settings)
    await running.start()
    yield running
    await running.close()


def http(server: Server, address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(server.app, client=(address, 40000))
    return httpx.AsyncClient(transport=transport, base_url="http://server/api/v1", headers=headers)


async def filled(server: Server, people: int = 300) -> None:
    async with http(server) as local:
        assert (await local.post("/setup/demo", json={"people": people})).status_code == 204
        assert server.setup._job is not None
        await server.setup._job
        progress = (await local.get("/setup/progress")).json()
        assert progress.get("finished"), progress


async def sign_in(server: Server, login: str, password: str) -> httpx.Response:
    device = {
        "id": uuid7(),
        "name": "测试机",
        "platform": "linux",
        "app_version": "0",
        "public_key": base64.b64encode(server.algorithms.sm2_generate().public).decode(),
    }
    async with http(server) as local:
        return await local.post(
            "/auth/sign-in", json={"login": login, "password": password, "device": device}
        )


async def test_the_demo_has_people_talks_files_and_accounts_to_try(server: Server):
    async with http(server) as local:
        assert (await local.get("/server")).json()["needs_setup"] is True
    await filled(server)
    async with http(server) as local:
        info = (await local.get("/server")).json()
    assert info["organisation"] == "绿城市"
    assert "needs_setup" not in info
    assert {one["login"] for one in info["demo_accounts"]} == {"liqiang", "zhaomin", "admin"}
    for account in info["demo_accounts"]:
        answer = await sign_in(server, account["login"], account["password"])
        assert answer.status_code == 200, answer.text
    counts = await server.database.read(
        lambda connection: [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (persons, units, conversations, messages)
        ]
    )
    assert counts[0] == 300
    assert counts[1] > 50
    assert counts[2] >= 8
    assert counts[3] >= 30
    assert len(list((server.settings.data / "chunks").rglob("*"))) > 3


async def test_a_server_with_an_organisation_cannot_be_set_up_again(server: Server):
    async with http(server) as local:
        assert (await local.post("/setup/admin", json=ADMIN)).status_code == 204
        for path, body in (("/setup/demo", {}), ("/setup/admin", ADMIN)):
            answer = await local.post(path, json=body)
            assert answer.status_code == 409
            assert "不能再次初始化" in answer.json()["message"]
        assert (await local.get("/server")).json()["organisation"] == "示例市"
    answer = await sign_in(server, "root.admin", "Abcd1234")
    assert answer.status_code == 200, answer.text
    assert (await sign_in(server, "13900000000", "Abcd1234")).status_code == 200


async def test_only_this_machine_may_set_up_and_hear_of_demo_accounts(server: Server):
    async with http(server, "192.168.1.9") as far, http(server, **{"X-Forwarded-For": "1.2.3.4"}) as proxied:
        for client in (far, proxied):
            assert (await client.post("/setup/demo", json={})).status_code == 403
            assert (await client.post("/setup/admin", json=ADMIN)).status_code == 403
            assert (await client.get("/setup/progress")).status_code == 403
        await filled(server)
        for client in (far, proxied):
            assert "demo_accounts" not in (await client.get("/server")).json()


async def test_bad_input_is_refused_in_words(server: Server):
    wrong = [
        ({"organisation": "  "}, ""),
        ({"login": "系统 管理"}, "账号只能用"),
        ({"phone": "一三九"}, "手机号"),
        ({"password": "12345678"}, "密码过于简单"),
    ]
    async with http(server) as local:
        for change, words in wrong:
            answer = await local.post("/setup/admin", json=ADMIN | change)
            assert answer.status_code == 400
            assert words in answer.json()["message"]
        assert (await local.post("/setup/demo", json={"people": 3})).status_code == 400
        assert (await local.get("/setup/progress")).status_code == 404
        assert (await local.get("/server")).json()["needs_setup"] is True


async def test_half_a_demo_is_removed_at_the_next_start(settings: Settings):
    first = Server(settings)
    await first.start()
    async with http(first) as local:
        assert (await local.post("/setup/demo", json={"people": 300})).status_code == 204
        for _ in range(100_000):
            if (await local.get("/setup/progress")).json()["done"] >= 2:
                break
            await asyncio.sleep(0)
        assert (await local.get("/server")).json()["needs_setup"] is True
    await first.close()
    second = Server(settings)
    await second.start()
    try:
        left = await second.database.read(
            lambda connection: connection.execute(select(func.count()).select_from(units)).scalar_one()
        )
        assert left == 0
        await filled(second)
        async with http(second) as local:
            assert (await local.get("/server")).json()["organisation"] == "绿城市"
    finally:
        await second.close()

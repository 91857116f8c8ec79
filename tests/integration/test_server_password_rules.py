"""What passwords must be and how long they last, as administrators set it for everybody (3.2.3.4.1)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.office import PASSWORD, Office, running_office
from sqlalchemy import update

from server_stub.features.accounts.tables import accounts

DAY_MS = 86_400_000
both_databases = pytest.mark.parametrize("office", ["sqlcipher", "postgresql"], indirect=True)


@pytest.fixture
async def office(tmp_path: Path, request: pytest.FixtureRequest):
    database = ""
    if getattr(request, "param", "") == "postgresql":
        database = request.getfixturevalue("fresh_postgres")()
    async with running_office(tmp_path, database=database) as running:
        yield running


async def set_policy(office: Office, **more: Any) -> httpx.Response:
    admin = await office.sign_in("admin")
    return await admin.http.put("/admin/login-policy", json=more)


async def sign_in(office: Office, login: str, password: str = PASSWORD) -> httpx.Response:
    body = {"login": login, "password": password, "device": office.device().info()}
    return await office.client().post("/auth/sign-in", json=body)


async def age(office: Office, login: str, days: float) -> None:
    """Let the password have been set so long ago."""
    at = int(time.time() * 1000 - days * DAY_MS)
    person = office.staff[login].id
    values = {"password_at": at, "created_at": at}
    change = update(accounts).where(accounts.c.person_id == person).values(**values)
    await office.server.database.write(lambda connection: connection.execute(change) and None)


async def reset(office: Office, login: str, phone: str, password: str) -> httpx.Response:
    http = office.client()
    await http.post("/auth/code", json={"login": login, "purpose": "reset"})
    body = {
        "login": login,
        "purpose": "reset",
        "code": await office.code_sent_to(phone),
        "password": password,
    }
    return await http.post("/auth/set-password", json=body)


@pytest.mark.clause("3.2.3.4.1")
async def test_new_passwords_follow_the_rules_in_force_and_old_ones_go_on(office: Office) -> None:
    assert (await set_policy(office, password_length=10, password_kinds=4)).status_code == 204
    feng = await office.sign_in("fengxue")

    async def change(password: str) -> tuple[int, str]:
        body = {"old_password": PASSWORD, "new_password": password}
        answer = await feng.http.post("/auth/password", json=body)
        return answer.status_code, answer.json()["message"] if answer.content else ""

    words = "密码过于简单：至少 10 位，并同时包含大写字母、小写字母、数字和符号。"
    for weak in ("Kurz-1aB", "brandneu-77", "Brandneu77x", "Brandneu--x"):
        assert await change(weak) == (400, words)
    assert (await change(PASSWORD))[0] == 400
    assert await change("Brandneu-77x") == (204, "")
    assert (await sign_in(office, "fengxue", "Brandneu-77x")).status_code == 200
    # By a code the same rules hold, and the old password does not come back.
    assert (await reset(office, "wangjianguo", "12000000001", "brandneu-77")).json()["message"] == words
    assert (await reset(office, "fengxue", "12000000002", "Brandneu-77x")).json()["detail"] == "same"
    # Three kinds: any of them.
    assert (await set_policy(office, password_kinds=3)).status_code == 204
    assert (await reset(office, "wangjianguo", "12000000001", "brandneu-77")).status_code == 204
    for wrong in ({"password_length": 7}, {"password_kinds": 1}, {"password_days": 3}):
        assert (await set_policy(office, **wrong)).status_code == 400


@both_databases
@pytest.mark.clause("3.2.3.4.1")
async def test_a_password_that_is_too_old_is_renewed_by_a_code(office: Office) -> None:
    await age(office, "fengxue", 200)
    inside = await office.sign_in("fengxue")
    assert (await set_policy(office, password_days=90)).status_code == 204
    late = await sign_in(office, "fengxue")
    assert (late.status_code, late.json()["detail"]) == (403, "password_expired")
    assert "密码已超过 90 天没有修改" in late.json()["message"]
    # With a wrong password nobody learns that, and who is signed in stays so.
    assert (await sign_in(office, "fengxue", "Wrong-000")).json()["code"] == "bad_credentials"
    assert (await inside.http.get("/me")).status_code == 200
    await age(office, "wangjianguo", 89)
    assert (await sign_in(office, "wangjianguo")).status_code == 200
    assert (await reset(office, "fengxue", "12000000002", PASSWORD)).json()["detail"] == "same"
    assert (await reset(office, "fengxue", "12000000002", "Brandneu-77")).status_code == 204
    assert (await sign_in(office, "fengxue", "Brandneu-77")).status_code == 200
    # Changing it in time counts anew.
    await age(office, "wangjianguo", 89)
    wang = await office.sign_in("wangjianguo")
    body = {"old_password": PASSWORD, "new_password": "Brandneu-77"}
    assert (await wang.http.post("/auth/password", json=body)).status_code == 204
    row = next(one for one in await office.rows(accounts) if one.person_id == office.staff["wangjianguo"].id)
    assert row.password_at > time.time() * 1000 - 60_000
    assert ("password_expired",) in {line[2:] for line in await office.audited("sign_in")}

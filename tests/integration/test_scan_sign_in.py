"""Signing a computer in by a phone's scan, against the whole server (E005)."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.office import PASSWORD, Device, Office, running_office
from sqlalchemy import update

from server_stub.features.accounts import throttle
from server_stub.features.accounts.scans import SCAN, scan_message
from server_stub.features.accounts.tables import login_scans, throttles

OURS = {"X-ZD-Phone": "1"}


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


async def a_phone(office: Office, login: str = "fengxue") -> httpx.AsyncClient:
    http = office.client()
    http.headers.update(OURS)
    answer = await http.post("/phone/sign-in", json={"login": login, "password": PASSWORD})
    assert answer.status_code == 204, answer.text
    return http


async def ask(office: Office, device: Device) -> dict[str, Any]:
    answer = await office.client().post("/auth/scans", json={"device": device.info()})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def state(office: Office, device: Device, scan_id: str) -> dict[str, Any]:
    proof = office.server.algorithms.sm2_sign(device.pair.private, scan_message(scan_id))
    body = {"proof": base64.b64encode(proof).decode()}
    answer = await office.client().post(f"/auth/scans/{scan_id}", json=body)
    return answer.json()


@pytest.mark.clause("E005")
async def test_the_phone_sees_which_computer_asks_and_the_session_comes_once(office: Office) -> None:
    device, phone = office.device(), await a_phone(office)
    scan = await ask(office, device)
    assert 0 < scan["expires_in"] <= 120
    assert scan["path"] == f"/m/login#{scan['id']}"
    assert (await state(office, device, scan["id"]))["state"] == "waiting"
    seen = (await phone.get(f"/phone/logins/{scan['id']}")).json()
    assert (seen["device_name"], seen["address"], seen["code"]) == ("办公电脑", "127.0.0.1", scan["code"])
    assert (await phone.post(f"/phone/logins/{scan['id']}/confirm")).status_code == 204
    # Another phone can neither see nor answer it any more, nor can this one twice.
    other = await a_phone(office, "liqiang")
    assert (await other.get(f"/phone/logins/{scan['id']}")).status_code == 404
    assert (await phone.post(f"/phone/logins/{scan['id']}/confirm")).status_code == 410
    # Whoever saw the picture has not the device's key.
    assert (await state(office, office.device(), scan["id"]))["code"] == "not_found"
    got = await state(office, device, scan["id"])
    assert (got["state"], got["login"]) == ("confirmed", "fengxue")
    token = got["signed_in"]["tokens"]["access_token"]
    assert (await office.client(token).get("/me")).json()["name"] == "冯雪"
    assert await state(office, device, scan["id"]) == {"state": "expired"}
    results = [line[2] for line in await office.audited("scan_sign_in")]
    assert results == ["agreed", "bad_proof"]
    assert (await office.audited("sign_in"))[-1][1:] == (device.id, "scan")


@pytest.mark.clause("E005")
async def test_refused_expired_and_throttled(office: Office) -> None:
    device, phone = office.device(), await a_phone(office)
    refused = await ask(office, device)
    assert (await phone.post(f"/phone/logins/{refused['id']}/reject")).status_code == 204
    assert (await state(office, device, refused["id"]))["state"] == "rejected"
    assert (await phone.post(f"/phone/logins/{refused['id']}/confirm")).status_code == 410
    late = await ask(office, device)
    await office.server.database.write(
        lambda connection: connection.execute(update(login_scans).values(expires_at=1)) and None
    )
    assert (await phone.get(f"/phone/logins/{late['id']}")).json()["state"] == "expired"
    assert (await phone.post(f"/phone/logins/{late['id']}/confirm")).status_code == 410
    assert (await state(office, device, late["id"]))["state"] == "expired"
    # Agreed but fetched too late is nothing either.
    slow = await ask(office, device)
    await phone.post(f"/phone/logins/{slow['id']}/confirm")
    await office.server.database.write(
        lambda connection: connection.execute(update(login_scans).values(expires_at=1)) and None
    )
    assert (await state(office, device, slow["id"]))["state"] == "expired"
    assert (await office.client().get(f"/phone/logins/{late['id']}")).status_code == 401
    await office.server.database.write(
        lambda connection: (
            connection.execute(
                update(throttles)
                .where(throttles.c.key == "scan-address:127.0.0.1")
                .values(failures=SCAN.free - 1)
            )
            and None
        )
    )
    await ask(office, device)
    stopped = await office.client().post("/auth/scans", json={"device": device.info()})
    assert (stopped.status_code, stopped.json()["code"]) == (429, "throttled")
    assert 0 < stopped.json()["retry_after"] <= throttle.LONGEST_S

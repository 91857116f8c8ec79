"""The second factor of sign-in against the whole server (E006)."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.office import PASSWORD, Device, Office, running_office
from sqlalchemy import delete, update

from server_stub.features.accounts.second import trust_message
from server_stub.features.accounts.tables import codes, throttles, trusted_devices

PHONE = "12000000002"


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


async def ask(office: Office, device: Device, login: str = "fengxue", **more: Any) -> httpx.Response:
    signed_at = int(time.time() * 1000)
    signature = office.server.algorithms.sm2_sign(
        device.pair.private, trust_message(device.id, login, signed_at)
    )
    body = {
        "login": login,
        "password": PASSWORD,
        "device": device.info(),
        "signed_at": signed_at,
        "proof": base64.b64encode(signature).decode(),
        **more,
    }
    return await office.client().post("/auth/sign-in", json=body)


async def switch_on(office: Office, who: str = "everyone", days: int = 30) -> None:
    admin = await office.sign_in("admin")
    answer = await admin.http.put("/admin/login-policy", json={"second_factor": who, "trust_days": days})
    assert answer.status_code == 204, answer.text


@pytest.mark.clause("E006")
async def test_a_code_is_asked_for_once_and_the_device_is_trusted_by_its_key(office: Office) -> None:
    await switch_on(office)
    device = office.device()
    asked = await ask(office, device)
    assert (asked.status_code, asked.json()["code"]) == (403, "code_needed")
    assert "0002" in asked.json()["message"]
    assert 0 < asked.json()["retry_after"] <= 60
    code = await office.code_sent_to(PHONE)
    # Asked again at once: no second message.
    assert (await ask(office, device)).json()["code"] == "code_needed"
    assert await office.code_sent_to(PHONE) == code
    wrong = "000000" if code != "000000" else "111111"
    assert (await ask(office, device, code=wrong)).json()["code"] == "bad_code"
    assert (await ask(office, device, code=code)).status_code == 200
    # A replay on another computer gets nothing; this one needs no code any more.
    thief = office.device()
    assert (await ask(office, thief, code=code)).json()["code"] == "bad_code"
    assert (await ask(office, device)).status_code == 200
    # Its id and public key alone prove nothing, nor does an old signature.
    assert (await ask(office, device, proof="")).json()["code"] == "code_needed"
    old = int(time.time() * 1000) - 3_600_000
    signature = office.server.algorithms.sm2_sign(
        device.pair.private, trust_message(device.id, "fengxue", old)
    )
    stale = await ask(office, device, signed_at=old, proof=base64.b64encode(signature).decode())
    assert stale.json()["code"] == "code_needed"
    # The trust ends after the days that were set.
    long_ago = int(time.time() * 1000) - 31 * 86_400_000
    await office.server.database.write(
        lambda connection: connection.execute(update(trusted_devices).values(trusted_at=long_ago)) and None
    )
    await office.server.database.write(lambda connection: connection.execute(delete(throttles)) and None)
    assert (await ask(office, device)).json()["code"] == "code_needed"
    assert ("code_sent" in [line[2] for line in await office.audited("second_factor")]) is True


@pytest.mark.clause("E006")
async def test_codes_expire_end_after_five_guesses_and_are_throttled(office: Office) -> None:
    await switch_on(office)
    device = office.device()
    await ask(office, device)
    code = await office.code_sent_to(PHONE)
    await office.server.database.write(
        lambda connection: connection.execute(update(codes).values(expires_at=1)) and None
    )
    assert (await ask(office, device, code=code)).json()["code"] == "bad_code"
    await ask(office, device)
    code = await office.code_sent_to(PHONE)
    wrong = "000000" if code != "000000" else "111111"
    answers = [(await ask(office, device, code=wrong)).json()["code"] for _ in range(4)]
    assert answers[-1] == "throttled"
    await office.server.database.write(
        lambda connection: connection.execute(update(codes).values(attempts=5)) and None
    )
    await office.server.database.write(lambda connection: connection.execute(delete(throttles)) and None)
    assert (await ask(office, device, code=code)).json()["code"] == "bad_code"


@pytest.mark.clause("E006")
async def test_only_administrators_where_that_is_wanted_and_phones_too(office: Office) -> None:
    await switch_on(office, "admins")
    assert (await ask(office, office.device())).status_code == 200
    assert (await ask(office, office.device(), login="admin")).json()["code"] == "code_needed"
    phone = office.client()
    body = {"login": "admin", "password": PASSWORD}
    ours = {"X-ZD-Phone": "1"}
    assert (await phone.post("/phone/sign-in", json=body, headers=ours)).json()["code"] == "code_needed"
    body["code"] = await office.code_sent_to("12000000000")
    assert (await phone.post("/phone/sign-in", json=body, headers=ours)).status_code == 204

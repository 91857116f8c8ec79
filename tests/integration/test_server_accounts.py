"""Sign-in, codes, tokens, devices and sessions against the whole server, on SQLCipher and PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from pathlib import Path

import pytest
from bed.office import PASSWORD, Office, running_office
from sqlalchemy import Connection, delete, update

from server_stub.contract.frames import Bye, Hello, Welcome
from server_stub.features.accounts.tables import accounts, codes, sessions, sms_outbox, throttles


@pytest.fixture(params=["sqlcipher", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """The URL for the server's settings; empty for the embedded database."""
    if request.param == "sqlcipher":
        return ""
    return request.getfixturevalue("fresh_postgres")(driver="")


@pytest.fixture
async def office(tmp_path: Path, database: str):
    async with running_office(tmp_path, database=database) as running:
        yield running


@pytest.fixture
async def embedded(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


async def try_sign_in(office: Office, login: str, password: str):
    return await office.client().post(
        "/auth/sign-in", json={"login": login, "password": password, "device": office.device().info()}
    )


async def forget_throttles(office: Office) -> None:
    await office.server.database.write(lambda connection: connection.execute(delete(throttles)) and None)


@pytest.mark.clause("E001")
async def test_signs_in_with_the_account_in_any_case(office: Office) -> None:
    mine = await office.sign_in(" WangJianguo ")
    assert mine.answer["person"]["name"] == "王建国"
    assert mine.answer.get("is_admin", False) is False
    assert abs(mine.answer["server_time"] - time.time() * 1000) < 5000
    card = await mine.http.get("/me")
    assert card.json()["id"] == office.staff["wangjianguo"].id
    assert (await office.audited("sign_in"))[-1] == (
        office.staff["wangjianguo"].id,
        mine.device.id,
        "done",
    )


@pytest.mark.clause("E002")
async def test_signs_in_with_the_phone_number(office: Office) -> None:
    assert (await office.sign_in("12000000002")).answer["person"]["name"] == "冯雪"
    # A number that two people share names neither of them.
    await office.add_staff("冯霜", "fengshuang", "12000000002", [("防汛抗旱处", "科员")])
    assert (await try_sign_in(office, "12000000002", PASSWORD)).json()["code"] == "bad_credentials"
    assert (await office.sign_in("fengshuang")).answer["person"]["name"] == "冯霜"


async def test_a_wrong_password_and_an_unknown_account_are_answered_alike(office: Office) -> None:
    wrong = await try_sign_in(office, "wangjianguo", "Wrong-000")
    unknown = await try_sign_in(office, "nobody", PASSWORD)
    waiting = await try_sign_in(office, "", PASSWORD)
    for answer in (wrong, unknown, waiting):
        assert answer.status_code == 401
        assert answer.json() | {"trace_id": ""} == wrong.json() | {"trace_id": ""}
    assert [line[2] for line in await office.audited("sign_in")] == ["refused"] * 3
    assert (await office.rows(sessions)) == []


async def test_attempts_are_throttled_per_account_also_after_a_restart(tmp_path: Path, database: str) -> None:
    async with running_office(tmp_path, database=database) as office:
        for _ in range(5):
            assert (await try_sign_in(office, "wangjianguo", "Wrong-000")).status_code == 401
        refused = await try_sign_in(office, "wangjianguo", PASSWORD)
        assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
        assert 1 <= refused.json()["retry_after"] <= 10
        assert int(refused.headers["retry-after"]) >= 1
        # Somebody else at the same address goes on working.
        await office.sign_in("fengxue")
    async with running_office(tmp_path, database=database, empty=True) as office:
        assert (await try_sign_in(office, "wangjianguo", PASSWORD)).status_code == 429
        # The wait grows with each further attempt, and a success after it forgets them.
        await let_time_pass(office, seconds=60)
        assert (await try_sign_in(office, "wangjianguo", "Wrong-000")).status_code == 401
        longer = await try_sign_in(office, "wangjianguo", PASSWORD)
        assert longer.json()["retry_after"] > refused.json()["retry_after"]
        await let_time_pass(office, seconds=60)
        await office.sign_in("wangjianguo")
        assert (await try_sign_in(office, "wangjianguo", "Wrong-000")).status_code == 401


async def let_time_pass(office: Office, *, seconds: int) -> None:
    """Move what the throttles hold into the past."""
    await office.server.database.write(
        lambda connection: (
            connection.execute(update(throttles).values(until=throttles.c.until - seconds)) and None
        )
    )


async def test_an_address_that_tries_many_accounts_is_throttled(office: Office) -> None:
    answers = [await try_sign_in(office, f"guess{index}", "Wrong-000") for index in range(41)]
    assert [answer.status_code for answer in answers] == [401] * 40 + [429]
    # A success of one account must not wash the address clean: that would make guessing free.
    await let_time_pass(office, seconds=60)
    await office.sign_in("liqiang")
    keys = {row.key: row.failures for row in await office.rows(throttles)}
    assert keys["address:127.0.0.1"] >= 40


async def test_guesses_sent_at_once_are_counted_as_many(embedded: Office) -> None:
    answers = await asyncio.gather(
        *(try_sign_in(embedded, "wangjianguo", f"Wrong-{index}") for index in range(20))
    )
    codes_seen = sorted(answer.status_code for answer in answers)
    assert codes_seen.count(401) == 5
    assert codes_seen.count(429) == 15


async def test_a_disabled_account_stays_outside(office: Office) -> None:
    person_id = office.staff["liqiang"].id
    inside = await office.sign_in("liqiang")
    await office.server.database.write(
        lambda connection: (
            connection.execute(
                update(accounts).where(accounts.c.person_id == person_id).values(disabled=True)
            )
            and None
        )
    )
    refused = await try_sign_in(office, "liqiang", PASSWORD)
    assert (refused.status_code, refused.json()["code"]) == (403, "account_disabled")
    # With a wrong password nobody learns that the account is disabled.
    assert (await try_sign_in(office, "liqiang", "Wrong-000")).json()["code"] == "bad_credentials"
    body = inside.device.prove(inside.session_id, inside.refresh_token)
    assert (await office.client().post("/auth/refresh", json=body)).json()["code"] == "account_disabled"


@pytest.mark.clause("E004")
async def test_a_new_account_is_activated_with_a_code(office: Office) -> None:
    await office.add_staff("新同事", "xintongshi", "12000000009", [("防汛抗旱处", "科员")], password="")
    http = office.client()
    assert (await try_sign_in(office, "xintongshi", PASSWORD)).json()["code"] == "bad_credentials"
    sent = await http.post("/auth/code", json={"login": "12000000009", "purpose": "activate"})
    assert sent.json() == {"expires_in": 300, "resend_after": 60}
    code = await office.code_sent_to("12000000009")
    answer = await http.post(
        "/auth/set-password",
        json={"login": "xintongshi", "purpose": "activate", "code": code, "password": "Neuland-42"},
    )
    assert answer.status_code == 204, answer.text
    assert (await office.sign_in("xintongshi", "Neuland-42")).answer["person"]["name"] == "新同事"
    # The code is spent.
    again = await http.post(
        "/auth/set-password",
        json={"login": "xintongshi", "purpose": "activate", "code": code, "password": "Neuland-43"},
    )
    assert again.json()["code"] == "bad_code"


@pytest.mark.clause("E003")
async def test_a_forgotten_password_is_replaced_with_a_code_and_every_session_ends(office: Office) -> None:
    before = await office.sign_in("wangjianguo")
    http = office.client()
    await http.post("/auth/code", json={"login": "wangjianguo", "purpose": "reset"})
    code = await office.code_sent_to("12000000001")
    body = {"login": "wangjianguo", "purpose": "reset", "code": code, "password": "Brandneu-77"}
    assert (await http.post("/auth/set-password", json=body)).status_code == 204
    assert (await before.http.get("/me")).status_code == 401
    assert (await try_sign_in(office, "wangjianguo", PASSWORD)).status_code == 401
    await office.sign_in("wangjianguo", "Brandneu-77")
    assert (await office.audited("reset"))[-1][2] == "done"


async def test_asking_for_a_code_never_tells_whether_there_is_an_account(office: Office) -> None:
    http = office.client()
    known = await http.post("/auth/code", json={"login": "fengxue", "purpose": "reset"})
    unknown = await http.post("/auth/code", json={"login": "nobody", "purpose": "reset"})
    # An active account is not activated again, a waiting one has no password to reset.
    twisted = await http.post("/auth/code", json={"login": "liqiang", "purpose": "activate"})
    assert known.json() == unknown.json() == twisted.json()
    assert known.status_code == unknown.status_code == twisted.status_code == 200
    assert await office.code_sent_to("12000000002") != ""
    assert await office.code_sent_to("12000000003") == ""
    assert len(await office.rows(sms_outbox)) == 1
    odd = await http.post("/auth/code", json={"login": "fengxue", "purpose": "steal"})
    assert odd.json()["code"] == "bad_request"


async def test_codes_are_few_short_lived_and_cannot_be_guessed(office: Office) -> None:
    http = office.client()

    async def ask() -> int:
        return (await http.post("/auth/code", json={"login": "fengxue", "purpose": "reset"})).status_code

    async def use(code: str) -> str:
        body = {"login": "fengxue", "purpose": "reset", "code": code, "password": "Brandneu-77"}
        answer = await http.post("/auth/set-password", json=body)
        return "" if answer.status_code == 204 else answer.json()["code"]

    assert [await ask() for _ in range(4)] == [200, 200, 200, 429]
    code = await office.code_sent_to("12000000002")
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert await use(wrong) == "bad_code"
    assert await use(code) == "throttled"
    await forget_throttles(office)
    # Five wrong guesses spend the code itself.
    assert await use(code) == "bad_code"
    await forget_throttles(office)
    await ask()
    code = await office.code_sent_to("12000000002")
    await office.server.database.write(
        lambda connection: connection.execute(update(codes).values(expires_at=1)) and None
    )
    assert await use(code) == "bad_code"
    kept = (await office.rows(codes))[0]
    assert code.encode() not in bytes(kept.digest)


async def test_weak_passwords_are_refused_in_words(embedded: Office) -> None:
    http = embedded.client()
    for password in ("short1", "onlyletters", "12345678901", "x1" * 80):
        body = {"login": "fengxue", "purpose": "reset", "code": "000000", "password": password}
        answer = await http.post("/auth/set-password", json=body)
        assert answer.json()["code"] == "weak_password"
        assert "8 位" in answer.json()["message"]


@pytest.mark.clause("E152")
async def test_changing_the_password_ends_the_other_sessions_only(office: Office) -> None:
    here, there = await office.sign_in("wangjianguo"), await office.sign_in("wangjianguo")
    wrong = await here.http.post(
        "/auth/password", json={"old_password": "Wrong-000", "new_password": "Brandneu-77"}
    )
    assert wrong.json()["message"] == "原密码不正确。"
    weak = await here.http.post(
        "/auth/password", json={"old_password": PASSWORD, "new_password": "wangjianguo"}
    )
    assert weak.json()["code"] == "weak_password"
    done = await here.http.post(
        "/auth/password", json={"old_password": PASSWORD, "new_password": "Brandneu-77"}
    )
    assert done.status_code == 204
    assert (await here.http.get("/me")).status_code == 200
    assert (await there.http.get("/me")).status_code == 401
    body = there.device.prove(there.session_id, there.refresh_token)
    assert (await office.client().post("/auth/refresh", json=body)).status_code == 401
    await office.sign_in("wangjianguo", "Brandneu-77")


async def test_refresh_tokens_rotate_and_the_last_exchange_may_be_repeated_by_its_device(
    office: Office,
) -> None:
    mine = await office.sign_in("wangjianguo")
    http = office.client()
    first = await http.post("/auth/refresh", json=mine.device.prove(mine.session_id, mine.refresh_token))
    assert first.status_code == 200, first.text
    assert first.json()["refresh_token"] != mine.refresh_token
    # The answer was lost on the way: the device asks again and gets the same successor.
    again = await http.post("/auth/refresh", json=mine.device.prove(mine.session_id, mine.refresh_token))
    assert again.json()["refresh_token"] == first.json()["refresh_token"]
    fresh = office.client(first.json()["access_token"])
    assert (await fresh.get("/me")).json()["name"] == "王建国"


async def test_a_refresh_token_used_twice_ends_the_session_and_its_websocket(office: Office) -> None:
    mine = await office.sign_in("wangjianguo")
    wire = await office.wire()
    wire.send(Hello(access_token=mine.access_token))
    await wire.take(Welcome)
    http = office.client()
    first = await http.post("/auth/refresh", json=mine.device.prove(mine.session_id, mine.refresh_token))
    second_token = first.json()["refresh_token"]
    second = await http.post("/auth/refresh", json=mine.device.prove(mine.session_id, second_token))
    assert second.status_code == 200
    stolen = await http.post("/auth/refresh", json=mine.device.prove(mine.session_id, mine.refresh_token))
    assert stolen.status_code == 401
    assert (await wire.take(Bye)).error.code == "unauthenticated"
    newest = second.json()["refresh_token"]
    after = await http.post("/auth/refresh", json=mine.device.prove(mine.session_id, newest))
    assert after.status_code == 401
    assert (await office.client(second.json()["access_token"]).get("/me")).status_code == 401
    assert (await office.audited("refresh"))[-1][2] == "reuse"


async def test_the_grace_for_a_repeated_refresh_ends(embedded: Office) -> None:
    mine = await embedded.sign_in("wangjianguo")
    http = embedded.client()
    await http.post("/auth/refresh", json=mine.device.prove(mine.session_id, mine.refresh_token))
    await embedded.server.database.write(
        lambda connection: (
            connection.execute(update(sessions).values(rotated_at=sessions.c.rotated_at - 61_000)) and None
        )
    )
    late = await http.post("/auth/refresh", json=mine.device.prove(mine.session_id, mine.refresh_token))
    assert late.status_code == 401
    (row,) = await embedded.rows(sessions)
    assert row.end_reason == "reuse"


async def test_a_refresh_token_is_worth_nothing_without_the_device(office: Office) -> None:
    mine, other = await office.sign_in("wangjianguo"), await office.sign_in("fengxue")
    http = office.client()
    thief = office.device()
    good = mine.device.prove(mine.session_id, mine.refresh_token)
    attempts = {
        "another device's signature": thief.prove(mine.session_id, mine.refresh_token),
        "no signature": good | {"proof": ""},
        "a broken signature": good | {"proof": base64.b64encode(bytes(64)).decode()},
        "a signature over another time": good | {"signed_at": good["signed_at"] + 1},
        "another session": other.device.prove(other.session_id, mine.refresh_token),
        "an invented token": mine.device.prove(mine.session_id, "1.AAAA"),
        "a token of no number": mine.device.prove(mine.session_id, "x"),
        "an unknown session": mine.device.prove("nowhere", mine.refresh_token),
    }
    for what, body in attempts.items():
        answer = await http.post("/auth/refresh", json=body)
        assert answer.status_code == 401, what
    # None of it ended the session: only a genuine, spent token of the device itself does.
    assert (await http.post("/auth/refresh", json=good)).status_code == 200


async def test_access_tokens_expire_and_cannot_be_forged(tmp_path: Path) -> None:
    async with running_office(tmp_path, access_token_s=0) as office:
        mine = await office.sign_in("wangjianguo")
        answer = await mine.http.get("/me")
        assert answer.json()["code"] == "token_expired"
    async with running_office(tmp_path, empty=True) as office:
        good = (await office.sign_in("wangjianguo")).access_token
        claims, tag = good.split(".")
        raw = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))
        admin = raw.replace(b"\xc2", b"\xc3", 1)
        assert admin != raw
        forged = base64.urlsafe_b64encode(admin).rstrip(b"=").decode()
        for token in (f"{forged}.{tag}", claims, f"{claims}.", ".", "ä.ö", f"{good}x", "x" * 5000):
            answer = await office.client().get(
                "/me", headers=[(b"authorization", b"Bearer " + token.encode("latin-1"))]
            )
            assert answer.status_code == 401, token


async def test_sessions_are_listed_and_ended_from_elsewhere(office: Office) -> None:
    desk, laptop = await office.sign_in("wangjianguo"), await office.sign_in("wangjianguo")
    stranger = await office.sign_in("fengxue")
    wire = await office.wire()
    wire.send(Hello(access_token=laptop.access_token))
    await wire.take(Welcome)
    listed = (await desk.http.get("/auth/sessions")).json()["sessions"]
    by_id = {one["id"]: one for one in listed}
    assert set(by_id) == {desk.session_id, laptop.session_id}
    assert by_id[desk.session_id]["current"] is True
    assert by_id[laptop.session_id]["online"] is True
    assert by_id[laptop.session_id]["device_name"] == "办公电脑"
    assert "online" not in by_id[desk.session_id]
    # Nobody ends a session of somebody else.
    foreign = await stranger.http.delete(f"/auth/sessions/{desk.session_id}")
    assert foreign.status_code == 404
    ended = await desk.http.delete(f"/auth/sessions/{laptop.session_id}")
    assert ended.status_code == 204
    assert (await wire.take(Bye)).error.code == "unauthenticated"
    assert (await laptop.http.get("/me")).status_code == 401
    again = await office.wire()
    again.send(Hello(access_token=laptop.access_token))
    assert (await again.take(Bye)).error.code == "unauthenticated"
    left = (await desk.http.get("/auth/sessions")).json()["sessions"]
    assert [one["id"] for one in left] == [desk.session_id]
    assert (await desk.http.delete(f"/auth/sessions/{laptop.session_id}")).status_code == 404


@pytest.mark.clause("E007")
async def test_signing_out_ends_the_session_for_good(tmp_path: Path, database: str) -> None:
    async with running_office(tmp_path, database=database) as office:
        mine = await office.sign_in("wangjianguo")
        assert (await mine.http.post("/auth/sign-out")).status_code == 204
        assert (await mine.http.get("/me")).status_code == 401
    async with running_office(tmp_path, database=database, empty=True) as office:
        # Access tokens are not stored; that this one is dead must survive a restart all the same.
        assert (await office.client(mine.access_token).get("/me")).status_code == 401
        body = mine.device.prove(mine.session_id, mine.refresh_token)
        assert (await office.client().post("/auth/refresh", json=body)).status_code == 401


async def test_signing_in_again_on_a_device_replaces_its_session(office: Office) -> None:
    first = await office.sign_in("wangjianguo")
    second = await office.sign_in("wangjianguo", device=first.device)
    assert (await first.http.get("/me")).status_code == 401
    assert (await second.http.get("/me")).status_code == 200
    # Two people on one machine do not replace each other.
    await office.sign_in("fengxue", device=first.device)
    assert (await second.http.get("/me")).status_code == 200


async def test_devices_must_name_themselves_properly(embedded: Office) -> None:
    good = embedded.device().info()
    for change in (
        {"id": "7"},
        {"public_key": ""},
        {"public_key": base64.b64encode(b"\x02" + bytes(64)).decode()},
        {"name": "x" * 101},
    ):
        answer = await embedded.client().post(
            "/auth/sign-in", json={"login": "fengxue", "password": PASSWORD, "device": good | change}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_request"), change


class SmsTower:
    """A text message gateway on a socket of its own."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.got = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:] if line)
        }
        body = await reader.readexactly(int(fields["content-length"]))
        self.requests.append((fields.get("authorization", ""), json.loads(body)))
        writer.write(f"HTTP/1.1 {self.status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        self.got.set()


@pytest.mark.clause("E003")
@pytest.mark.parametrize(("status", "state"), [(200, "sent"), (500, "failed"), (0, "failed")])
async def test_the_http_gateway_sends_the_code_and_the_outbox_keeps_none_of_it(
    tmp_path: Path, status: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    tower = SmsTower(status)
    listening = await asyncio.start_server(tower.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    if status == 0:
        listening.close()
        await listening.wait_closed()
    async with running_office(
        tmp_path, sms_url=f"http://127.0.0.1:{port}/send", sms_token="sms-geheim"
    ) as office:
        http = office.client()
        answer = await http.post("/auth/code", json={"login": "fengxue", "purpose": "reset"})
        assert answer.status_code == 200
        await asyncio.gather(*office.server.accounts._tasks)
        (kept,) = await office.rows(sms_outbox)
        assert kept.state == state
        assert "验证码" not in kept.text
        if status == 0:
            return
        (authorization, message) = tower.requests[0]
        assert authorization == "Bearer sms-geheim"
        assert message["phone"] == "12000000002"
        code = message["text"].split("验证码 ")[1][:6]
        assert code not in kept.text
        body = {"login": "fengxue", "purpose": "reset", "code": code, "password": "Brandneu-77"}
        assert (await http.post("/auth/set-password", json=body)).status_code == 204
    listening.close()
    await listening.wait_closed()


async def test_only_administrators_see_the_outbox(embedded: Office) -> None:
    await embedded.client().post("/auth/code", json={"login": "fengxue", "purpose": "reset"})
    code = await embedded.code_sent_to("12000000002")
    admin, other = await embedded.sign_in("admin"), await embedded.sign_in("fengxue")
    items = (await admin.http.get("/admin/sms-outbox")).json()["items"]
    assert [(one["phone"], one["state"]) for one in items] == [("12000000002", "queued")]
    assert code in items[0]["text"]
    assert (await other.http.get("/admin/sms-outbox")).json()["code"] == "forbidden"


async def test_connections_of_disabled_accounts_and_expired_sessions_count_as_ended(office: Office) -> None:
    mine, other, third = [await office.sign_in(login) for login in ("wangjianguo", "liqiang", "fengxue")]
    ids = [one.session_id for one in (mine, other, third)]
    ended = office.server.accounts.ended
    assert await ended([*ids, "unknown"]) == {"unknown"}

    def work(connection: Connection) -> None:
        person_id = office.staff["liqiang"].id
        connection.execute(update(accounts).where(accounts.c.person_id == person_id).values(disabled=True))
        connection.execute(update(sessions).where(sessions.c.id == third.session_id).values(expires_at=1))

    await office.server.database.write(work)
    assert await ended(ids) == {other.session_id, third.session_id}


async def test_what_has_served_its_purpose_is_tidied_away(office: Office) -> None:
    kept, old = await office.sign_in("wangjianguo"), await office.sign_in("fengxue")
    await old.http.post("/auth/sign-out")
    await try_sign_in(office, "nobody", "Wrong-000")
    await office.client().post("/auth/code", json={"login": "liqiang", "purpose": "reset"})
    assert await office.code_sent_to("12000000003") != ""
    assert await office.server.accounts.tidy() == 0
    year = 365 * 86400

    def work(connection: Connection) -> None:
        connection.execute(update(throttles).values(updated_at=throttles.c.updated_at - year))
        connection.execute(update(codes).values(expires_at=codes.c.expires_at - year * 1000))
        connection.execute(update(sms_outbox).values(created_at=sms_outbox.c.created_at - year * 1000))
        connection.execute(update(sessions).values(ended_at=sessions.c.ended_at - year * 1000))

    await office.server.database.write(work)
    assert await office.server.accounts.tidy() > 0
    for table in (throttles, codes, sms_outbox):
        assert await office.rows(table) == []
    assert [row.id for row in await office.rows(sessions)] == [kept.session_id]

"""Nothing secret ever reaches a log: a real server process is driven with canaries, and every byte it wrote is searched."""

from __future__ import annotations

import base64
import json
import logging
import sqlite3
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.load import connect
from bed.office import Device, running_office
from bed.world import ServerProcess

from server_stub.contract.content import TextContent, encode_content
from server_stub.contract.ids import uuid7
from server_stub.contract.sm.sealed import open_envelope, seal_message
from server_stub.observability.logs import DROPPED, JsonLines, scrub

PASSWORD = "Kanarien-Passw0rd-1"
WRONG = "Kanarien-Falsch-2"
TEXT = "金丝雀密语：今晚八点开闸放水"


async def drive(url: str, port: int, office_ids: dict[str, str], device: Device) -> dict[str, str]:
    """Use the server as people do, well and badly; return what must not be in any log, by what it is."""
    secrets: dict[str, str] = {"password": PASSWORD, "wrong password": WRONG, "text": TEXT}
    async with httpx.AsyncClient(base_url=f"{url}/api/v1", trust_env=False, verify=False) as http:
        bad = {"login": "fengxue", "password": WRONG, "device": device.info()}
        assert (await http.post("/auth/sign-in", json=bad)).status_code == 401
        answer = (await http.post("/auth/sign-in", json=bad | {"password": PASSWORD})).json()
        session_id = answer["session_id"]
        secrets["access token"] = answer["tokens"]["access_token"]
        secrets["refresh token"] = answer["tokens"]["refresh_token"].split(".")[1]
        http.headers["authorization"] = f"Bearer {secrets['access token']}"
        made = await http.post("/conversations/single", json={"person_id": office_ids["wangjianguo"]})
        chat = made.json()["id"]
        keys = await http.post("/keys/envelopes", json={"items": [{"conversation_id": chat}]})
        envelope = keys.json()["envelopes"][0]
        algorithms = device.algorithms
        key = open_envelope(
            algorithms,
            device.pair.private,
            conversation_id=chat,
            epoch=envelope["epoch"],
            envelope=base64.b64decode(envelope["envelope"]),
        )
        secrets["key"] = key.hex()
        client_id = uuid7()
        body = seal_message(
            algorithms,
            key,
            epoch=envelope["epoch"],
            conversation_id=chat,
            sender_id=office_ids["fengxue"],
            client_id=client_id,
            plaintext=encode_content(TextContent(text=TEXT)),
        )
        secrets["sealed body"] = base64.b64encode(body).decode()[:40]
        sent = await http.post(
            f"/conversations/{chat}/messages",
            json={"client_id": client_id, "body": base64.b64encode(body).decode()},
        )
        assert sent.status_code == 200, sent.text
        link = await connect(port, secrets["access token"])
        assert link.transport is not None
        link.transport.abort()
        # Badly: broken JSON around a password, unknown fields, a query, a foreign thing, a spent token.
        await http.post("/auth/password", content=f'{{"old_password": "{PASSWORD}", '.encode())
        await http.post("/auth/sign-in", json={"password": WRONG, "passwort": WRONG})
        await http.get("/directory/search", params={"q": TEXT, "token": secrets["access token"]})
        await http.get(f"/conversations/{uuid7()}")
        proof = device.prove(session_id, answer["tokens"]["refresh_token"])
        secrets["proof"] = proof["proof"]
        fresh = (await http.post("/auth/refresh", json=proof)).json()
        secrets["second refresh token"] = fresh["refresh_token"].split(".")[1]
        await http.post("/auth/refresh", json=device.prove(session_id, fresh["refresh_token"]))
        await http.post("/auth/refresh", json=proof)
        await http.post("/auth/code", json={"login": "12000000002", "purpose": "reset"})
        await http.post(
            "/auth/set-password",
            json={"login": "fengxue", "purpose": "reset", "code": "717171", "password": WRONG},
        )
    secrets["code that was tried"] = "717171"
    secrets["phone"] = "12000000002"
    return secrets


async def test_no_secret_is_in_anything_that_a_server_process_logs(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with running_office(data) as office:
        await office.server.database.write(lambda connection: None)
        ids = {login: one.id for login, one in office.staff.items()}
        device = office.device()
        hashed = await office.server.passwords.hash(PASSWORD)
        from sqlalchemy import update

        from server_stub.features.accounts.tables import accounts

        await office.server.database.write(
            lambda connection: connection.execute(update(accounts).values(password_hash=hashed)) and None
        )
    (data / "server.toml").write_text('log_level = "DEBUG"\n', encoding="utf-8")
    output = tmp_path / "stderr.log"
    server = ServerProcess(data, log=output)
    try:
        secrets = await drive(server.url, server.port, ids, device)
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, verify=False) as http:
            secrets_seen_in_metrics = (await http.get("/metrics")).text
    finally:
        server.stop()
    files = [output, *(data / "logs").glob("*")]
    logged = "\n".join(file.read_text(encoding="utf-8") for file in files) + secrets_seen_in_metrics
    assert "listening" in logged
    assert "access refused" in logged
    assert len(logged) > 2000
    for what, secret in secrets.items():
        assert secret not in logged, what
    for line in output.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        assert {"at", "level", "logger", "message"} <= set(entry)
    # And the files of the database are not readable as such.
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(data / "server.db").execute("SELECT 1 FROM accounts")
    stored = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    for what in ("text", "password", "access token", "phone"):
        assert secrets[what].encode() not in stored, what


def line_of(message: str, *arguments: object, error: BaseException | None = None, **extra: object) -> dict:
    logger = logging.getLogger("canary")
    information = None
    if error is not None:
        try:
            raise error
        except type(error):
            information = sys.exc_info()
    record = logger.makeRecord(
        "canary", logging.WARNING, __file__, 1, message, arguments, information, extra=extra
    )
    return json.loads(JsonLines().format(record))


def test_values_with_telling_names_are_dropped() -> None:
    names = (
        "password",
        "token",
        "refresh_token",
        "secret",
        "proof",
        "authorization",
        "code",
        "phone",
        "body",
    )
    fields: dict[str, Any] = {name: "canary" for name in names}
    entry = line_of("hello", **fields, person="p1", count=3)
    assert all(entry[name] == DROPPED for name in names)
    assert (entry["person"], entry["count"]) == ("p1", 3)


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("call 13812345678 now", "13812345678"),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("postgresql://zd:geheim@db/zd", "geheim"),
        ("token " + "A1b2" * 12, "A1b2A1b2"),
    ],
)
def test_texts_are_scrubbed(text: str, gone: str) -> None:
    assert gone not in scrub(text)
    assert gone not in json.dumps(line_of("%s", text))
    assert gone not in json.dumps(line_of("x", note=text))


def test_an_exception_is_logged_by_type_and_place_only() -> None:
    entry = line_of("failed", error=ValueError(f"bad password {PASSWORD}"))
    assert entry["error"] == "ValueError"
    assert entry["where"][-1].startswith("test_server_logs.py:")
    assert PASSWORD not in json.dumps(entry)

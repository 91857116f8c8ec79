"""What every REST answer has in common, and what operators look at: health, readiness, metrics."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from bed.office import Office, running_office
from prometheus_client.parser import text_string_to_metric_families

from server_stub.contract.errors import ERROR_TEXT, HTTP_STATUS, ErrorCode
from server_stub.contract.frames import Hello, Welcome


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


def plain(office: Office) -> httpx.AsyncClient:
    made = httpx.AsyncClient(base_url=office.url, trust_env=False, verify=False)
    office.clients.append(made)
    return made


async def samples(office: Office) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = (await plain(office).get("/metrics")).text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_health_needs_nothing_and_readiness_needs_the_database(office: Office) -> None:
    http = plain(office)
    assert (await http.get("/health")).json() == {"status": "ok"}
    assert (await http.get("/ready")).json() == {"status": "ready"}
    office.server.database._readers.shutdown()
    assert (await http.get("/health")).status_code == 200
    not_ready = await http.get("/ready")
    assert (not_ready.status_code, not_ready.json()) == (503, {"status": "unavailable"})


async def test_metrics_count_calls_by_pattern_never_by_what_was_asked(office: Office) -> None:
    mine = await office.sign_in("fengxue")
    secret_id = office.staff["liqiang"].id
    await mine.http.get(f"/directory/people/{secret_id}")
    await mine.http.get("/directory/search", params={"q": "王建国"})
    await office.client().get("/me")
    seen = await samples(office)
    pattern = "/api/v1/directory/people/{id}"
    key = ("zd_http_call_seconds_count", (("method", "GET"), ("path", pattern), ("status", "200")))
    assert seen[key] == 1
    assert (
        seen[("zd_http_call_seconds_count", (("method", "GET"), ("path", "/api/v1/me"), ("status", "401")))]
        == 1
    )
    text = (await plain(office).get("/metrics")).text
    for private in (secret_id, "王建国", mine.access_token, "fengxue"):
        assert private not in text


async def test_metrics_tell_connections_deliveries_and_refusals(office: Office) -> None:
    mine = await office.sign_in("fengxue")
    wire = await office.wire()
    wire.send(Hello(access_token=mine.access_token))
    await wire.take(Welcome)
    await mine.http.get("/directory/people/nobody")
    seen = {name: value for (name, labels), value in (await samples(office)).items() if not labels}
    assert seen["zd_connections"] == 1
    assert seen["zd_events_delivered_total"] >= 0
    assert seen["zd_newest_event_id"] >= 0
    refused = {
        labels: value
        for (name, labels), value in (await samples(office)).items()
        if name.endswith("refused_total")
    }
    assert refused[(("kind", "person"),)] == 1


async def test_refusals_have_one_shape_and_a_trace_number(office: Office) -> None:
    answer = await office.client().get("/me")
    body = answer.json()
    assert set(body) <= {"code", "message", "detail", "retry_after", "trace_id"}
    assert (body["code"], body["message"]) == ("unauthenticated", "请先登录。")
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-trace-id"])
    assert body["trace_id"] == answer.headers["x-trace-id"]


def test_every_error_code_has_a_status_and_words() -> None:
    for code in ErrorCode:
        assert 400 <= HTTP_STATUS[code] < 600
        assert ERROR_TEXT[code].endswith("。")
        assert not re.search(r"[A-Za-z]", ERROR_TEXT[code])


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Basic YTpi", "Bearer x y", "bearer nonsense", "Bearer \u00e9"]
)
async def test_whatever_is_no_token_is_nobody(office: Office, header: str | None) -> None:
    headers = [] if header is None else [(b"authorization", header.encode("latin-1"))]
    answer = await office.client().get("/me", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_bodies_are_bounded_also_without_a_declared_length(office: Office) -> None:
    async def endless():
        for _ in range(40):
            yield b" " * 65536

    http = office.client()
    for content in (b" " * (1024 * 1024 + 1), endless()):
        answer = await http.post("/auth/sign-in", content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_request_cut_off_in_its_middle_leaves_the_server_well(office: Office) -> None:
    for _ in range(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", office.port)
        writer.write(b"POST /api/v1/auth/sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n{")
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        del reader
    assert (await plain(office).get("/ready")).status_code == 200


async def test_a_failure_inside_tells_a_number_and_nothing_else(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    mine = await office.sign_in("fengxue")
    office.server.directory._access = None  # type: ignore[assignment]
    answer = await mine.http.get("/me")
    body = answer.json()
    assert (answer.status_code, body["code"]) == (500, "internal")
    assert body["detail"] == f"编号 {answer.headers['x-trace-id']}"
    assert "NoneType" not in answer.text
    (record,) = [one for one in caplog.records if one.message == "call failed"]
    assert record.trace_id == answer.headers["x-trace-id"]  # type: ignore[attr-defined]

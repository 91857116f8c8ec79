"""schemathesis reads the OpenAPI document of a real server process and calls every endpoint: never a 5xx."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from bed.duo import make_office
from bed.office import PASSWORD, Device
from bed.world import ServerProcess
from hypothesis import HealthCheck, Phase, given, seed, settings

from server_stub.contract.sm.algorithms import Algorithms

EXAMPLES = 6
"""Calls per endpoint and role."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("fuzzed") / "server"
    asyncio.run(make_office(folder))
    process = ServerProcess(folder)
    yield process
    process.stop()


class Role:
    """A signed-in caller who signs in again when a call ended the session."""

    def __init__(self, http: httpx.Client, login: str, algorithms: Algorithms) -> None:
        self._http, self._login = http, login
        self._device = Device(algorithms)
        self._token = ""

    def headers(self) -> dict[str, str]:
        """What a call carries."""
        if not self._token or self._http.get("/api/v1/auth/sessions", headers=self._bearer()).is_error:
            body = {"login": self._login, "password": PASSWORD, "device": self._device.info()}
            answer = self._http.post("/api/v1/auth/sign-in", json=body)
            assert answer.status_code == 200, answer.text
            self._token = answer.json()["tokens"]["access_token"]
        return self._bearer()

    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}"}


def fuzz(operation: Any, http: httpx.Client, headers: dict[str, str], failed: list[str]) -> int:
    """Call one operation with generated values; what the server failed at is added to `failed`."""
    called = 0

    @seed(20261126)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def call(case: Any) -> None:
        nonlocal called
        request = case.as_transport_kwargs(base_url=str(http.base_url), headers=headers)
        answer = http.request(
            request["method"],
            request["url"],
            params=request.get("params"),
            json=request.get("json"),
            content=request.get("data"),
            headers=request.get("headers"),
        )
        called += 1
        if answer.status_code >= 500:
            failed.append(f"{request['method']} {request['url']} {answer.status_code} {answer.text}")

    call()
    return called


@pytest.mark.timeout(600)
@pytest.mark.parametrize("login", ["fengxue", "admin"])
def test_no_call_made_from_the_openapi_document_breaks_the_server(server: ServerProcess, login: str) -> None:
    with warnings.catch_warnings():
        # Of its own dependencies.
        warnings.simplefilter("ignore", DeprecationWarning)
        import schemathesis

        schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    failed: list[str] = []
    called = 0
    with httpx.Client(base_url=server.url, trust_env=False, verify=False, timeout=30) as http:
        role = Role(http, login, Algorithms.best())
        for result in schema.get_all_operations():
            operation = result.ok()
            headers = role.headers()

            called += fuzz(operation, http, headers, failed)
        assert http.get("/health").status_code == 200
    assert not failed, "\n".join(failed[:20])
    assert called > 300

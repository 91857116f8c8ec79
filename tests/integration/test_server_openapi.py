"""The OpenAPI document that the server serves: whole, true to the route table, and closed in itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from bed.office import Office, running_office

from server_stub.http.endpoint import Access


@pytest.fixture
async def office(tmp_path: Path):
    async with running_office(tmp_path) as running:
        yield running


@pytest.fixture
async def document(office: Office) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=office.url, trust_env=False, verify=False) as http:
        answer = await http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def bare(path: str) -> str:
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


async def test_every_endpoint_is_in_it_and_nothing_else(office: Office, document: dict[str, Any]) -> None:
    declared = {(one.method.lower(), bare(one.path)) for one in office.server.endpoints}
    served = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert served == declared
    assert len(declared) >= 30
    assert document["openapi"] == "3.1.0"


async def test_access_is_stated_for_each(office: Office, document: dict[str, Any]) -> None:
    for endpoint in office.server.endpoints:
        operation = document["paths"][bare(endpoint.path)][endpoint.method.lower()]
        if endpoint.access is Access.PUBLIC:
            assert "security" not in operation
        else:
            by = "phone" if endpoint.access is Access.PHONE else "bearer"
            assert operation["security"] == [{by: []}]
            assert operation["x-access"] == endpoint.access.value
        assert operation["summary"]
        assert operation["tags"]


async def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [one["operationId"] for methods in document["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))


async def test_every_reference_and_path_parameter_leads_somewhere(document: dict[str, Any]) -> None:
    names = set(document["components"]["schemas"])
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert used <= names
    for path, methods in document["paths"].items():
        for operation in methods.values():
            declared = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert declared == set(re.findall(r"\{(\w+)\}", path))
            for one in operation["parameters"]:
                assert one["schema"]["type"] in {"string", "integer", "boolean"}


async def test_requests_refuse_what_the_schema_does_not_name(document: dict[str, Any]) -> None:
    """Every JSON request body forbids unknown fields, so that a misspelt option never passes in silence."""
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for path, methods in document["paths"].items()
        for operation in methods.values()
        # OpenAI's form grows without us: its clients send fields that change nothing here.
        if not path.startswith("/v1/")
        and "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    assert len(bodies) >= 12
    for name in bodies:
        assert document["components"]["schemas"][name].get("additionalProperties") is False, name

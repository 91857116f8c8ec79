"""Makes the OpenAPI 3.1 document from the endpoint table."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from server_stub.contract.errors import ErrorBody

from .endpoint import PHONE_COOKIE, Access, Endpoint, Query

_JSON_TYPES = {int: "integer", str: "string", bool: "boolean"}


def openapi(endpoints: Sequence[Endpoint], *, title: str, version: str) -> dict[str, Any]:
    """Return the document as plain values."""
    types: list[Any] = [ErrorBody]
    for endpoint in endpoints:
        for kind in (endpoint.body, endpoint.answer):
            if _is_type(kind) and kind not in types:
                types.append(kind)
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "phone": {"type": "apiKey", "in": "cookie", "name": PHONE_COOKIE},
            },
        },
    }


def _is_type(kind: Any) -> bool:
    return kind is not None and kind is not bytes and kind is not Response


def _operation(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{endpoint.method.lower()}_{endpoint.path}").strip("_"),
        "summary": endpoint.summary,
        "tags": list(endpoint.tags),
        "parameters": _parameters(endpoint),
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.clauses:
        operation["x-clauses"] = list(endpoint.clauses)
    if endpoint.access is not Access.PUBLIC:
        operation["security"] = [{"phone" if endpoint.access is Access.PHONE else "bearer": []}]
        operation["x-access"] = endpoint.access.value
    if endpoint.body is bytes:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    elif endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[endpoint.body]}},
        }
    return operation


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)(?::\w+)?\}", endpoint.path)
    ]
    return found + [_query(name, query) for name, query in endpoint.query.items()]


def _query(name: str, query: Query) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _JSON_TYPES[query.type]}
    if query.minimum is not None:
        schema["minimum"] = query.minimum
    if query.maximum is not None:
        schema["maximum"] = query.maximum
    if query.type is str:
        schema["maxLength"] = query.max_length
    if query.default is not None:
        schema["default"] = query.default
    return {
        "name": name,
        "in": "query",
        "required": query.required,
        "schema": schema,
        "description": query.doc,
    }


def _responses(endpoint: Endpoint, schemas: dict[Any, Any]) -> dict[str, Any]:
    error = {
        "description": "refused",
        "content": {"application/json": {"schema": schemas[ErrorBody]}},
    }
    if _is_type(endpoint.answer):
        good: dict[str, Any] = {
            "description": "done",
            "content": {"application/json": {"schema": schemas[endpoint.answer]}},
        }
        return {str(endpoint.status): good, "default": error}
    if endpoint.answer is Response:
        return {str(endpoint.status): {"description": "done"}, "default": error}
    return {"204": {"description": "done"}, "default": error}

"""The published JSON Schema of the seating file, made from the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import msgspec

from meeting_seat_designer.engine.files import dump_plain
from meeting_seat_designer.engine.model.document import FORMAT, Document

SCHEMA_FILE = Path(__file__).parent.parent / "schema" / "seating-1.json"


def document_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a seating file; unknown fields are allowed and kept."""
    schema = msgspec.json.schema(Document)
    definitions = cast(dict[str, dict[str, Any]], schema["$defs"])
    for definition in definitions.values():
        cast(dict[str, Any], definition.get("properties", {})).pop("extra", None)
    properties = cast(dict[str, Any], definitions["Document"]["properties"])
    properties["format"] = {"const": FORMAT}
    properties["version"] = {"type": "integer", "minimum": 1}
    definitions["Document"]["required"] = ["format", "version"]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "政钉排座文件 v1", **schema}


def write_schema() -> None:
    """Write the schema beside the package (run after a change of the model)."""
    SCHEMA_FILE.write_bytes(dump_plain(document_schema()))


if __name__ == "__main__":
    write_schema()

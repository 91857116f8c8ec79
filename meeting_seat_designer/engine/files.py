"""Reading and writing seating files: canonical JSON, atomic writes, checks on what refers to what."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, cast

from meeting_seat_designer.engine.codec import from_plain, to_plain
from meeting_seat_designer.engine.errors import FormatError
from meeting_seat_designer.engine.model.document import FORMAT, VERSION, Document


def dumps(document: Document) -> bytes:
    """The document as canonical UTF-8 JSON: sorted keys, one field a line, ends with a newline."""
    return dump_plain(to_plain(document))


def dump_plain(plain: Any) -> bytes:
    """JSON values in the canonical form used by every file of the designer."""
    return (json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def loads(data: bytes) -> Document:
    """The document in these bytes; FormatError when it is not one."""
    plain = parse_json(data)
    if not isinstance(plain, dict) or cast(dict[str, Any], plain).get("format") != FORMAT:
        raise FormatError(f"不是排座文件（缺少 format: {FORMAT}）")
    version = cast(dict[str, Any], plain).get("version")
    if not isinstance(version, int) or version < 1:
        raise FormatError("排座文件的 version 应为正整数")
    document = from_plain(Document, plain)
    check(document)
    return document


def parse_json(data: bytes) -> Any:
    """JSON values of a UTF-8 file, with the line of a mistake named in Chinese."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FormatError("文件不是 UTF-8 编码") from error
    except json.JSONDecodeError as error:
        raise FormatError(f"JSON 第 {error.lineno} 行第 {error.colno} 列有误") from error
    except RecursionError as error:
        raise FormatError("JSON 嵌套过深") from error


def check(document: Document) -> None:
    """Refuse a document whose ids repeat or whose plan names seats or people that are not there."""
    if document.version > VERSION and not document.layouts:
        raise FormatError(f"文件版本 {document.version} 过新，无法读取布局")
    for layout in document.layouts:
        _unique([fixture.id for fixture in layout.fixtures], f"布局“{layout.name}”的设施 id")
        _unique([region.id for region in layout.regions], f"布局“{layout.name}”的区域 id")
        _unique([seat.id for region in layout.regions for seat in region.seats], "座位 id")
    _unique([layout.id for layout in document.layouts], "布局 id")
    _unique([person.id for person in document.people], "人员 id")
    if not document.layouts:
        return
    seats = document.seat_map()
    people = document.people_map()
    for seat, person in document.plan.seats.items():
        if seat not in seats:
            raise FormatError(f"方案引用了不存在的座位 {seat}")
        if person not in people:
            raise FormatError(f"方案引用了不存在的人员 {person}")


def _unique(ids: list[str], what: str) -> None:
    seen: set[str] = set()
    for item in ids:
        if item in seen:
            raise FormatError(f"{what} 重复：{item}")
        seen.add(item)


def load(path: Path) -> Document:
    """Read a document; FormatError names the file."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"无法读取文件：{error.strerror or error}", where=str(path)) from error
    try:
        return loads(data)
    except FormatError as error:
        raise FormatError(str(error), where=str(path)) from error


def save(document: Document, path: Path) -> None:
    """Write a document so that a crash leaves either the old or the new file, never half of one."""
    write_bytes(path, dumps(document))


def write_bytes(path: Path, data: bytes) -> None:
    """Atomic write: temporary file in the same folder, flush to disk, rename."""
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent or Path("."))
    except OSError as error:
        raise FormatError(f"无法写入：{error.strerror or error}", where=str(path)) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise FormatError(f"无法写入：{error.strerror or error}", where=str(path)) from error

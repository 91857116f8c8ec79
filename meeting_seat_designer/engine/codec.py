"""Between structures and plain JSON values: unknown fields kept, wrong types named with their path."""

from __future__ import annotations

import math
import types
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from meeting_seat_designer.engine.errors import FormatError
from meeting_seat_designer.engine.model.node import Node

T = TypeVar("T", bound=Node)
_KINDS = {str: "文本", int: "整数", float: "数字", bool: "是/否（true/false）"}


class _Field:
    """One field of a structure: its hint, whether it is required, and its default as a JSON value."""

    def __init__(self, name: str, hint: Any, required: bool, default: Any) -> None:
        self.name = name
        self.hint = hint
        self.required = required
        self.default = default


@cache
def _fields(cls: type[Node]) -> dict[str, _Field]:
    hints = get_type_hints(cls)
    fields: dict[str, _Field] = {}
    for info in msgspec.structs.fields(cls):
        if info.name == "extra":
            continue
        default: Any = None
        if info.default is not msgspec.NODEFAULT:
            default = info.default
        elif info.default_factory is not msgspec.NODEFAULT:
            default = info.default_factory()
        fields[info.name] = _Field(info.name, hints[info.name], info.required, to_plain(default))
    return fields


def to_plain(value: Any) -> Any:
    """A structure as JSON values; fields equal to their default are left out, unknown ones put back."""
    if isinstance(value, Node):
        plain: dict[str, Any] = dict(value.extra)
        for name, field in _fields(type(value)).items():
            inner = to_plain(getattr(value, name))
            if field.required or inner != field.default or name in ("format", "version"):
                plain[name] = inner
        return plain
    if isinstance(value, list):
        return [to_plain(item) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        return {key: to_plain(item) for key, item in cast(dict[str, Any], value).items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def from_plain(cls: type[T], plain: Any, where: str = "文件") -> T:
    """A structure from JSON values; FormatError names the path of the first wrong value."""
    if not isinstance(plain, dict):
        raise FormatError("应为对象 { … }", where=where)
    source = cast(dict[str, Any], plain)
    fields = _fields(cls)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in source:
            values[name] = _value(field.hint, source[name], f"{where}.{name}")
        elif field.required:
            raise FormatError(f"缺少必填项 {name}", where=where)
    extra = {key: item for key, item in source.items() if key not in fields}
    return cls(**values, extra=extra)


def _value(hint: Any, plain: Any, where: str) -> Any:
    if hint is Any:
        return plain
    if hint is float:
        if isinstance(plain, bool) or not isinstance(plain, int | float) or not math.isfinite(plain):
            raise FormatError("应为有限的数字", where=where)
        return plain
    if hint in _KINDS:
        if not isinstance(plain, hint) or (hint is int and isinstance(plain, bool)):
            raise FormatError(f"应为{_KINDS[hint]}", where=where)
        return plain
    if isinstance(hint, type) and issubclass(hint, Node):
        return from_plain(hint, plain, where)
    origin = get_origin(hint)
    if origin is list:
        if not isinstance(plain, list):
            raise FormatError("应为列表 [ … ]", where=where)
        (item_hint,) = get_args(hint)
        items = cast(list[Any], plain)
        return [_value(item_hint, item, f"{where}[{i}]") for i, item in enumerate(items)]
    if origin is dict:
        if not isinstance(plain, dict):
            raise FormatError("应为对象 { … }", where=where)
        entries = cast(dict[str, Any], plain)
        item_hint = get_args(hint)[1]
        return {key: _value(item_hint, item, f"{where}.{key}") for key, item in entries.items()}
    if origin in (Union, types.UnionType):
        if plain is None:
            return None
        inner = next(arg for arg in get_args(hint) if arg is not type(None))
        return _value(inner, plain, where)
    raise FormatError(f"不支持的类型 {hint}", where=where)


def clone(node: T) -> T:
    """A deep copy through plain values."""
    return from_plain(type(node), to_plain(node))

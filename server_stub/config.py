"""The server's settings: from the command line, the environment and server.toml in the data folder."""

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any


class BadSettings(Exception):
    """A setting cannot be used; the message says which and why, in Chinese."""


@dataclass(frozen=True)
class Settings:
    """All settings with their defaults. Times in seconds, sizes in bytes."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    """0: any free port."""
    leases: Path | None = None
    """Folder of lease files; the server ends itself when no process that holds one lives any more."""
    database: str = ""
    """Empty: SQLCipher in the data folder. Else postgresql://user:password@host/name."""
    bus: str = ""
    """Empty: in-process. Else redis://host:port/db."""
    organisation: str = "政钉"
    access_token_s: int = 900
    refresh_days: int = 30
    max_file_bytes: int = 2 * 1024 * 1024 * 1024
    blocked_extensions: tuple[str, ...] = (
        "bat",
        "cmd",
        "com",
        "exe",
        "js",
        "lnk",
        "msi",
        "ps1",
        "scr",
        "vbs",
    )
    recall_s: int = 120
    map_url: str = ""
    """Opens a place in a map: {longitude}, {latitude}, {name} are filled in. Empty: the client's own choice."""
    speech_url: str = ""
    """Where clients send speech that is to be written down (docs/protocol.md). Empty: nowhere."""
    preview_hosts: tuple[str, ...] = ()
    """Hosts of the organisation's own network that clients may ask for link previews: "oa.example.gov.cn", "*.example.gov.cn"."""
    client_version: str = ""
    """The client's version that is recommended to everybody; empty: none (E168)."""
    client_notes: str = ""
    """What is new in it, in a few words."""
    client_url: str = ""
    """Where it can be had; clients open https addresses only."""
    sms_url: str = ""
    """Empty: texts stay in the administrator's outbox. Else an HTTP gateway that takes {"phone", "text"}."""
    sms_token: str = ""
    hsm_library: str = ""
    """Empty: software device. Else the path of the vendor's libsdf (GM/T 0018)."""
    hsm_library_2: str = ""
    """The second device of a dual-active pair, with the same key pairs."""
    hsm_pin: str = ""
    """Password of the device's private keys; better in the environment than in server.toml."""
    hsm_twins: int = 0
    """1: two software devices, dual-active."""
    public_address: str = ""
    """Where phones reach this server, such as https://zd.example.gov.cn: the QR codes of meetings lead there."""
    log_level: str = "INFO"


_FROM_FILE = {field.name for field in fields(Settings)} - {"data", "leases"}


def load(command_line: Settings) -> Settings:
    """Complete the command line's settings from server.toml and ZHENGDING_SERVER_* variables.

    The command line wins over the environment, the environment over the file.
    """
    defaults = Settings(data=command_line.data)
    values: dict[str, Any] = _from_file(command_line.data / "server.toml")
    values.update(_from_environment())
    for field in fields(Settings):
        given = getattr(command_line, field.name)
        if given != getattr(defaults, field.name):
            values[field.name] = given
    return replace(defaults, **values)


def _from_file(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"配置文件 {file} 无法读取：{error}") from None
    unknown = set(found) - _FROM_FILE
    if unknown:
        raise BadSettings(f"配置文件 {file} 中有未知项：{', '.join(sorted(unknown))}")
    return {name: _checked(name, value) for name, value in found.items()}


def _from_environment() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in _FROM_FILE:
        text = os.environ.get(f"ZHENGDING_SERVER_{name.upper()}")
        if text is not None:
            values[name] = _checked(name, text)
    return values


def _checked(name: str, value: Any) -> Any:
    default = getattr(Settings(data=Path()), name)
    if isinstance(default, tuple):
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
            raise BadSettings(f"配置项 {name} 应为文本列表。")
        return tuple(part.strip().lower().lstrip(".") for part in parts if part.strip())
    if isinstance(default, int):
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise BadSettings(f"配置项 {name} 应为整数。") from None
        if number < 0:
            raise BadSettings(f"配置项 {name} 不能为负数。")
        return number
    if not isinstance(value, str):
        raise BadSettings(f"配置项 {name} 应为文本。")
    return value

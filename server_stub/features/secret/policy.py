"""What administrators decide for secret chat, kept as one setting; defaults where nothing was set."""

import msgspec
from sqlalchemy import Connection, delete, insert, select

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.secret import MAX_BURN_S, MIN_BURN_S, PROTECTIONS, SecretPolicy

from .tables import secret_settings

_NAME = "policy"
LONGEST_RETENTION_S = 3650 * 86400


def read_policy(connection: Connection) -> SecretPolicy:
    """Return the policy in force."""
    kept = connection.execute(
        select(secret_settings.c.value).where(secret_settings.c.name == _NAME)
    ).scalar_one_or_none()
    return msgspec.json.decode(kept, type=SecretPolicy) if kept else SecretPolicy()


def write_policy(connection: Connection, policy: SecretPolicy) -> None:
    """Keep a checked policy."""
    connection.execute(delete(secret_settings).where(secret_settings.c.name == _NAME))
    text = msgspec.json.encode(policy).decode()
    connection.execute(insert(secret_settings).values(name=_NAME, value=text))


def check_policy(policy: SecretPolicy) -> None:
    """Raise BAD_REQUEST for what cannot be."""
    check_burn(policy.burn_s)
    if not (policy.retention_s == 0 or 3600 <= policy.retention_s <= LONGEST_RETENTION_S):
        raise ApiError(
            ErrorCode.BAD_REQUEST, "retention_s", message="留底时长须为不留存，或在 1 小时至 10 年之间。"
        )
    for value in (policy.enhanced_needs, policy.highest_needs):
        if value not in PROTECTIONS:
            raise ApiError(ErrorCode.BAD_REQUEST, "protection", message="没有这一级防截屏保护。")


def check_burn(seconds: int) -> None:
    """Raise BAD_REQUEST for a burning time out of range."""
    if not MIN_BURN_S <= seconds <= MAX_BURN_S:
        raise ApiError(
            ErrorCode.BAD_REQUEST,
            "burn_s",
            message=f"阅后销毁时间须在 {MIN_BURN_S} 秒至 {MAX_BURN_S // 60} 分钟之间。",
        )

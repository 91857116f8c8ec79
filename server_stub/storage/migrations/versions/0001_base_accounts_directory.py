"""Counters, accounts, devices, sessions, the directory and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str, size: int | None = None, **more: object) -> sa.Column:
    return sa.Column(name, sa.String(size) if size else sa.Text, nullable=False, **more)


def _number(name: str, kind: type = sa.BigInteger, **more: object) -> sa.Column:
    return sa.Column(name, kind, nullable=False, **more)


def upgrade() -> None:
    counters = op.create_table(
        "counters", sa.Column("name", sa.String(40), primary_key=True), _number("value")
    )
    op.bulk_insert(counters, [{"name": "event", "value": 0}])
    _accounts()
    _directory()
    op.create_table(
        "audit",
        sa.Column("id", BigKey, primary_key=True, autoincrement=True),
        _number("at"),
        _text("kind", 40),
        _text("person_id", 36),
        _text("object", 120),
        _text("result", 40),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_person", "audit", ["person_id", "at"])


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("person_id", sa.String(36), primary_key=True),
        _text("login", 64, unique=True),
        _text("phone", 20, server_default=""),
        _text("password_hash", server_default=""),
        _number("is_admin", sa.Boolean, server_default="0"),
        _number("disabled", sa.Boolean, server_default="0"),
        _number("created_at"),
    )
    op.create_index("ix_accounts_phone", "accounts", ["phone"])
    op.create_table(
        "devices",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(36), primary_key=True),
        _text("name"),
        _text("platform", 20),
        _text("app_version", 40),
        _number("public_key", sa.LargeBinary),
        _number("created_at"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(36), primary_key=True),
        _text("person_id", 36),
        _text("device_id", 36),
        _number("signed_in_at"),
        _number("last_seen_at"),
        _number("expires_at"),
        _text("address", 64),
        _number("counter", sa.Integer, server_default="1"),
        _number("rotated_at", server_default="0"),
        sa.Column("ended_at", sa.BigInteger),
        _text("end_reason", 20, server_default=""),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_index("ix_sessions_ended", "sessions", ["ended_at"])
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(120), primary_key=True),
        _number("failures", sa.Integer),
        _number("until"),
        _number("updated_at"),
    )
    op.create_table(
        "codes",
        sa.Column("person_id", sa.String(36), primary_key=True),
        sa.Column("purpose", sa.String(10), primary_key=True),
        _number("digest", sa.LargeBinary),
        _number("expires_at"),
        _number("attempts", sa.Integer, server_default="0"),
    )
    op.create_table(
        "sms_outbox",
        sa.Column("id", sa.String(36), primary_key=True),
        _text("phone", 20),
        _text("text"),
        _number("created_at"),
        _text("state", 10),
    )
    op.create_index("ix_sms_outbox_created_at", "sms_outbox", ["created_at"])
    op.create_table(
        "server_secrets", sa.Column("name", sa.String(40), primary_key=True), _number("value", sa.LargeBinary)
    )


def _directory() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.String(36), primary_key=True),
        _text("parent_id", 36, server_default=""),
        _text("path"),
        _text("name"),
        _text("short_name", server_default=""),
        _number("level", sa.Integer, server_default="0"),
        _number("sort_order", sa.Integer, server_default="0"),
        _number("unit_count", sa.Integer, server_default="0"),
        _number("people_count", sa.Integer, server_default="0"),
    )
    op.create_index("ix_units_path", "units", ["path"])
    op.create_index("ix_units_parent", "units", ["parent_id", "sort_order"])
    op.create_index("ix_units_name", "units", ["name"])
    op.create_table(
        "persons",
        sa.Column("id", sa.String(36), primary_key=True),
        _text("name"),
        _text("pinyin", server_default=""),
        _text("initials", 40, server_default=""),
        _text("phone", 20, server_default=""),
        _text("rank", server_default=""),
        _number("active", sa.Boolean, server_default="1"),
        _number("vip", sa.Boolean, server_default="0"),
        _text("avatar_file", 36, server_default=""),
        _number("version", server_default="1"),
    )
    for name in ("name", "pinyin", "initials", "phone"):
        op.create_index(f"ix_persons_{name}", "persons", [name])
    op.create_table(
        "posts",
        sa.Column("person_id", sa.String(36), sa.ForeignKey("persons.id"), primary_key=True),
        sa.Column("unit_id", sa.String(36), sa.ForeignKey("units.id"), primary_key=True),
        _text("title", server_default=""),
        _number("main", sa.Boolean, server_default="0"),
        _number("sort_order", sa.Integer, server_default="0"),
    )
    op.create_index("ix_posts_unit", "posts", ["unit_id", "sort_order"])

"""Tokens and answers of each day by person, unit and model; quotas against them; distinct people for the report."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import ModelUse, Quota, QuotaSubject, Usage, UsageSpan
from server_stub.features.directory.tables import persons, posts, units

from .tables import llm_daily, llm_feedback, llm_quotas

_EPOCH = date(1970, 1, 1)
_COUNTS = ("requests", "local", "blocked", "prompt_tokens", "completion_tokens")


@dataclass(frozen=True)
class Account:
    """Whose counters an answer goes to, and what was set aside for it."""

    person_id: str
    units: tuple[str, ...]
    model: str
    day: int
    reserved: int


def today() -> int:
    """Days since 1970-01-01 on the server's calendar."""
    return (date.fromtimestamp(time.time()) - _EPOCH).days


def open_account(connection: Connection, person_id: str, model: str, wanted: int) -> Account:
    """Count a request and set `wanted` tokens aside. Raises THROTTLED where a quota would be passed."""
    day = today()
    ways = [
        [part for part in path.split("/") if part]
        for path in connection.scalars(
            select(units.c.path)
            .join(posts, posts.c.unit_id == units.c.id)
            .where(posts.c.person_id == person_id)
            .order_by(posts.c.main.desc(), units.c.id)
        )
    ]
    # Everything goes to the main post's units; the quotas of the others do not count.
    above = tuple(ways[0]) if ways else ()
    account = Account(person_id, above, model, day, wanted)
    # The rows are there before they are read: whoever counts at the same moment waits for them or tries again.
    _make_rows(connection, account)
    _check(connection, person_id, above, day, wanted)
    _add(connection, account, requests=1, reserved=wanted)
    return account


def close_account(
    connection: Connection, account: Account, *, prompt: int = 0, completion: int = 0, blocked: bool = False
) -> None:
    """Give back what was set aside and count what was used."""
    _add(
        connection,
        account,
        reserved=-account.reserved,
        prompt_tokens=prompt,
        completion_tokens=completion,
        blocked=int(blocked),
    )


def count_local(connection: Connection, person_id: str, *, blocked: bool) -> None:
    """An answer that the client gave by itself."""
    path = connection.scalar(
        select(units.c.path)
        .join(posts, posts.c.unit_id == units.c.id)
        .where(posts.c.person_id == person_id)
        .order_by(posts.c.main.desc(), units.c.id)
    )
    above = tuple(part for part in (path or "").split("/") if part)
    account = Account(person_id, above, "", today(), 0)
    _make_rows(connection, account)
    _add(connection, account, local=int(not blocked), blocked=int(blocked))


def _check(connection: Connection, person_id: str, above: Sequence[str], day: int, wanted: int) -> None:
    rows = connection.execute(
        select(llm_quotas).where(llm_quotas.c.subject_id.in_([person_id, "", *above]))
    ).all()
    limits = {(row.subject, row.subject_id): int(row.tokens_per_day) for row in rows}
    own = limits.get((QuotaSubject.PERSON.value, person_id), limits.get((QuotaSubject.EVERYONE.value, "")))
    checks = [("person", person_id, own, "您今天的智能助手额度已用完，明天恢复；如需增加请联系管理员。")]
    checks += [
        (
            "unit",
            unit,
            limits.get((QuotaSubject.UNIT.value, unit)),
            "您所在单位今天的智能助手额度已用完，明天恢复；如需增加请联系管理员。",
        )
        for unit in above
    ]
    for subject, subject_id, limit, words in checks:
        if limit is not None and used(connection, day, subject, subject_id) + wanted > limit:
            raise ApiError(
                ErrorCode.THROTTLED, f"quota {subject}", message=words, retry_after=_until_tomorrow()
            )


def used(connection: Connection, day: int, subject: str, subject_id: str) -> int:
    """Tokens used and set aside on a day."""
    table = llm_daily.c
    row = connection.execute(
        select(table.prompt_tokens + table.completion_tokens + table.reserved)
        .where(table.day == day, table.subject == subject, table.subject_id == subject_id)
        .with_for_update()
    ).scalar()
    return int(row or 0)


def _until_tomorrow() -> float:
    now = time.localtime()
    return 86_400.0 - (now.tm_hour * 3600 + now.tm_min * 60 + now.tm_sec)


def _subjects(account: Account) -> list[tuple[str, str]]:
    """Always in the same order, so that two transactions do not wait for one another."""
    made = [("unit", unit) for unit in sorted(account.units)]
    if account.model:
        made.insert(0, ("model", account.model[:80]))
    return [*made, ("person", account.person_id)]


def _make_rows(connection: Connection, account: Account) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for subject, subject_id in _subjects(account):
        made = dialect.insert(llm_daily).values(day=account.day, subject=subject, subject_id=subject_id)
        connection.execute(made.on_conflict_do_nothing())


def _add(connection: Connection, account: Account, **amounts: int) -> None:
    """The rows are there."""
    table = llm_daily
    grown = {name: table.c[name] + amount for name, amount in amounts.items() if amount}
    if not grown:
        return
    for subject, subject_id in _subjects(account):
        connection.execute(
            update(table)
            .where(table.c.day == account.day, table.c.subject == subject, table.c.subject_id == subject_id)
            .values(**grown)
        )


def read_quotas(connection: Connection) -> list[Quota]:
    """All rows with names and today's use."""
    rows = connection.execute(select(llm_quotas)).all()
    ids = [row.subject_id for row in rows]
    names: dict[str, str] = {}
    for table in (units, persons):
        names |= {
            row.id: row.name
            for row in connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(ids)))
        }
    order = {"everyone": 0, "unit": 1, "person": 2}
    made = [
        Quota(
            subject=QuotaSubject(row.subject),
            subject_id=row.subject_id,
            tokens_per_day=row.tokens_per_day,
            name=names.get(row.subject_id, ""),
            used_today=used(connection, today(), row.subject, row.subject_id) if row.subject_id else 0,
        )
        for row in rows
    ]
    return sorted(made, key=lambda one: (order[one.subject.value], one.name, one.subject_id))


def usage(connection: Connection, days: int = 30, weeks: int = 12, months: int = 12) -> Usage:
    """The report (3.2.6.12): people are counted once per span."""
    now = _EPOCH + timedelta(days=today())
    monday = now - timedelta(days=now.weekday())
    begins_months: list[date] = []
    first = now.replace(day=1)
    for _ in range(months):
        begins_months.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    day_spans = [(now - timedelta(days=n), now - timedelta(days=n)) for n in range(days)]
    week_spans = [
        (monday - timedelta(weeks=n), monday - timedelta(weeks=n) + timedelta(days=6)) for n in range(weeks)
    ]
    month_spans = [
        (one, (one.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1))
        for one in begins_months
    ]
    table = llm_daily.c
    since = (day_spans[-1][0] - _EPOCH).days
    models = connection.execute(
        select(
            table.subject_id,
            func.sum(table.requests),
            func.sum(table.prompt_tokens + table.completion_tokens),
        )
        .where(table.subject == "model", table.day >= since)
        .group_by(table.subject_id)
        .order_by(func.sum(table.requests).desc())
        .limit(20)
    )
    feedback = llm_feedback.c
    since_ms = int(time.time() * 1000) - days * 86_400_000
    votes = {
        bool(up): int(count)
        for up, count in connection.execute(
            select(feedback.up, func.count()).where(feedback.at >= since_ms).group_by(feedback.up)
        )
    }
    reasons = connection.scalars(
        select(feedback.reason)
        .where(feedback.up.is_(False), feedback.reason != "", feedback.at >= since_ms)
        .order_by(feedback.at.desc())
        .limit(50)
    )
    return Usage(
        days=[_span(connection, *one) for one in reversed(day_spans)],
        weeks=[_span(connection, *one) for one in reversed(week_spans)],
        months=[_span(connection, *one) for one in reversed(month_spans)],
        models=[ModelUse(model=name, requests=int(n), tokens=int(t)) for name, n, t in models],
        up=votes.get(True, 0),
        down=votes.get(False, 0),
        reasons=list(reasons),
    )


def _span(connection: Connection, first: date, last: date) -> UsageSpan:
    table = llm_daily.c
    row = connection.execute(
        select(
            func.count(table.subject_id.distinct()), *(func.coalesce(func.sum(table[n]), 0) for n in _COUNTS)
        ).where(
            table.subject == "person",
            table.day >= (first - _EPOCH).days,
            table.day <= (last - _EPOCH).days,
        )
    ).one()
    values = dict(zip(_COUNTS, (int(one) for one in row[1:]), strict=True))
    return UsageSpan(begins=first.isoformat(), people=int(row[0]), **values)

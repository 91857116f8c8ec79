"""The conditions of the advanced search (高级搜索, 3.1.3.8), one for each thing asked."""

from sqlalchemy import ColumnElement, and_, or_, select

from server_stub.contract.directory import PeopleQuery
from server_stub.contract.directory_admin import DirectorySettings
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.spelling import readings

from .sight import Sight
from .tables import line_members, lines, person_fields, persons, posts, units

_LONGEST = 100


def conditions(
    settings: DirectorySettings, query: PeopleQuery, unit_path: str, sight: Sight
) -> list[ColumnElement[bool]]:
    """What a person must fulfil; empty where nothing is asked. `unit_path`: of the unit asked for, "" for none.

    Posts and units count only where `sight` shows them. Raises BAD_REQUEST for a field that may not be searched.
    """
    texts = [query.name, query.post, query.line, *query.fields.values()]
    if any(len(text) > _LONGEST for text in texts):
        raise ApiError(ErrorCode.BAD_REQUEST, "length", message="搜索内容太长。")
    found: list[ColumnElement[bool]] = []
    name, post, line = query.name.strip(), query.post.strip(), query.line.strip()
    if name:
        lower = name.lower()
        spelt = [persons.c.name.icontains(name, autoescape=True)]
        if "pinyin" in settings.searchable:
            spelt += [
                persons.c.pinyin.startswith(lower, autoescape=True),
                persons.c.initials.startswith(lower, autoescape=True),
                *[
                    and_(persons.c.initials.startswith(way.initials), persons.c.pinyin.like(way.like))
                    for way in readings(*lower.split())
                ],
            ]
        found.append(or_(*spelt))
    held: list[ColumnElement[bool]] = []
    if post and _allowed(settings, "post", "职务"):
        held.append(posts.c.title.icontains(post, autoescape=True))
    if unit_path:
        held.append(units.c.path.startswith(unit_path, autoescape=True))
    if held:
        found.append(_holds_post(sight, *held))
    if line and _allowed(settings, "line", "条线"):
        named = (
            select(line_members.c.subject_id)
            .join(lines, lines.c.id == line_members.c.line_id)
            .where(lines.c.name.icontains(line, autoescape=True))
        )
        units_of_lines = named.where(line_members.c.kind == "unit")
        people_of_lines = named.where(line_members.c.kind == "person")
        found.append(
            or_(
                persons.c.id.in_(people_of_lines),
                _holds_post(sight, posts.c.unit_id.in_(units_of_lines)),
            )
        )
    searchable = {kind.id for kind in settings.fields if kind.searchable}
    for field_id, text in query.fields.items():
        if not text.strip():
            continue
        if field_id not in searchable:
            raise ApiError(ErrorCode.BAD_REQUEST, "field", message="这个字段不支持搜索。")
        found.append(
            select(person_fields.c.person_id)
            .where(
                person_fields.c.person_id == persons.c.id,
                person_fields.c.field_id == field_id,
                person_fields.c.value.icontains(text.strip(), autoescape=True),
            )
            .exists()
        )
    return found


def _allowed(settings: DirectorySettings, key: str, title: str) -> bool:
    if key not in settings.searchable:
        raise ApiError(ErrorCode.BAD_REQUEST, key, message=f"管理员没有开放按{title}搜索。")
    return True


def _holds_post(sight: Sight, *asked: ColumnElement[bool]) -> ColumnElement[bool]:
    """One post of the person that the caller sees fulfils all that is asked."""
    return (
        select(posts.c.person_id)
        .join(units, units.c.id == posts.c.unit_id)
        .where(posts.c.person_id == persons.c.id, and_(*asked), sight.posts())
        .correlate(persons)
        .exists()
    )

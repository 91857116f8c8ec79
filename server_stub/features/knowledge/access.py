"""The one place that decides what of the knowledge bases a person may see (3.2.6.13). Everything read passes it."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, or_, select

from server_stub.contract.permissions import Subject
from server_stub.features.directory.tables import posts, units

from .tables import knowledge_bases, knowledge_documents, knowledge_viewers


@dataclass(frozen=True)
class Seen:
    """A document that may be seen."""

    id: str
    name: str
    base: str


def visible_documents(connection: Connection, person_id: str) -> dict[str, Seen]:
    """By id: documents of bases given to everyone, to the person, or to a unit that one of his posts is in or below.

    Without a row of its viewers a base is seen by nobody.
    """
    ways = connection.scalars(
        select(units.c.path).join(posts, posts.c.unit_id == units.c.id).where(posts.c.person_id == person_id)
    )
    above = {part for path in ways for part in path.split("/") if part}
    viewers = knowledge_viewers
    given = or_(
        viewers.c.subject == Subject.EVERYONE.value,
        and_(viewers.c.subject == Subject.PERSON.value, viewers.c.subject_id == person_id),
        and_(viewers.c.subject == Subject.UNIT.value, viewers.c.subject_id.in_(above)),
    )
    rows = connection.execute(
        select(knowledge_documents.c.id, knowledge_documents.c.name, knowledge_bases.c.name.label("base"))
        .join(knowledge_bases, knowledge_bases.c.id == knowledge_documents.c.base_id)
        .where(knowledge_bases.c.id.in_(select(viewers.c.base_id).where(given)))
    )
    return {row.id: Seen(row.id, row.name, row.base) for row in rows}

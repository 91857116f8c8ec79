"""What administrators do with knowledge bases. Every change is in the audit trail, without texts."""

import time
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, delete, func, insert, select, update

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.ids import uuid7
from server_stub.contract.knowledge import (
    MOST_BASES,
    MOST_CHARACTERS,
    MOST_DOCUMENTS,
    MOST_VIEWERS,
    NAME_LONGEST,
    TEXT_LONGEST,
    BaseSetting,
    KnowledgeBase,
    KnowledgeBases,
    KnowledgeDocument,
    NewDocument,
    Viewer,
)
from server_stub.contract.permissions import Subject
from server_stub.features.directory.tables import persons, units
from server_stub.storage.database import Database

from .service import Audit, Sealer
from .tables import knowledge_bases, knowledge_documents, knowledge_vectors, knowledge_viewers


class KnowledgeDesk:
    """`announce` tells open pages that what they show may not be seen any more."""

    def __init__(
        self, database: Database, sealer: Sealer, audit: Audit, announce: Callable[[], Awaitable[None]]
    ) -> None:
        self._database, self._sealer = database, sealer
        self._audit, self._announce = audit, announce

    async def bases(self) -> KnowledgeBases:
        """All with their viewers and documents."""
        return await self._database.read(_read)

    async def put(self, by: str, base_id: str, wanted: BaseSetting) -> KnowledgeBases:
        """Make (with an empty id) or change a base."""
        _check_name(wanted.name, "知识库名称")

        def work(connection: Connection) -> str:
            _check_viewers(connection, wanted.viewers)
            name = wanted.name.strip()
            made = base_id
            if not base_id:
                if (connection.scalar(select(func.count()).select_from(knowledge_bases)) or 0) >= MOST_BASES:
                    raise _bad(f"最多 {MOST_BASES} 个知识库。")
                made = uuid7()
                connection.execute(insert(knowledge_bases).values(id=made, name=name))
            else:
                here = knowledge_bases.c.id == base_id
                if connection.execute(update(knowledge_bases).where(here).values(name=name)).rowcount == 0:
                    raise _gone()
            connection.execute(delete(knowledge_viewers).where(knowledge_viewers.c.base_id == made))
            for one in wanted.viewers:
                connection.execute(
                    insert(knowledge_viewers).values(
                        base_id=made, subject=one.subject.value, subject_id=one.subject_id
                    )
                )
            return made

        made = await self._database.write(work)
        await self._audit("knowledge", by, made, "changed" if base_id else "made")
        await self._announce()
        return await self.bases()

    async def drop(self, by: str, base_id: str) -> KnowledgeBases:
        """Remove a base with everything in it."""

        def work(connection: Connection) -> None:
            if (
                connection.execute(delete(knowledge_bases).where(knowledge_bases.c.id == base_id)).rowcount
                == 0
            ):
                raise _gone()
            inside = select(knowledge_documents.c.id).where(knowledge_documents.c.base_id == base_id)
            connection.execute(delete(knowledge_vectors).where(knowledge_vectors.c.document_id.in_(inside)))
            for table in (knowledge_viewers, knowledge_documents):
                connection.execute(delete(table).where(table.c.base_id == base_id))

        await self._database.write(work)
        await self._audit("knowledge", by, base_id, "removed")
        await self._announce()
        return await self.bases()

    async def add(self, by: str, base_id: str, wanted: NewDocument) -> KnowledgeBases:
        """Put a document in, in place of one of the same name."""
        _check_name(wanted.name, "文件名")
        text = "\n".join(line.strip() for line in wanted.text.splitlines() if line.strip())
        if not text:
            raise _bad("文件里没有文字。")
        if len(text) > TEXT_LONGEST:
            raise ApiError(
                ErrorCode.TOO_LARGE, message=f"一份文件不超过 {TEXT_LONGEST // 10_000} 万字，请拆分后再添加。"
            )
        document_id, name = uuid7(), wanted.name.strip()
        sealed = self._sealer.seal(text, document_id)

        def work(connection: Connection) -> None:
            if connection.scalar(select(knowledge_bases.c.id).where(knowledge_bases.c.id == base_id)) is None:
                raise _gone()
            table = knowledge_documents
            older = (table.c.base_id == base_id) & (table.c.name == name)
            connection.execute(
                delete(knowledge_vectors).where(
                    knowledge_vectors.c.document_id.in_(select(table.c.id).where(older))
                )
            )
            connection.execute(delete(table).where(older))
            count, characters = connection.execute(
                select(func.count(), func.coalesce(func.sum(table.c.characters), 0))
            ).one()
            if count >= MOST_DOCUMENTS or int(characters) + len(text) > MOST_CHARACTERS:
                raise _bad(f"知识库总共不超过 {MOST_DOCUMENTS} 份文件、{MOST_CHARACTERS // 10_000} 万字。")
            connection.execute(
                insert(table).values(
                    id=document_id,
                    base_id=base_id,
                    name=name,
                    characters=len(text),
                    added_by=by,
                    added_at=int(time.time() * 1000),
                    sealed_text=sealed,
                )
            )

        await self._database.write(work)
        await self._audit("knowledge", by, document_id, "document added")
        await self._announce()
        return await self.bases()

    async def remove(self, by: str, document_id: str) -> KnowledgeBases:
        """Take a document out."""

        def work(connection: Connection) -> int:
            connection.execute(
                delete(knowledge_vectors).where(knowledge_vectors.c.document_id == document_id)
            )
            table = knowledge_documents
            return connection.execute(delete(table).where(table.c.id == document_id)).rowcount

        if await self._database.write(work) == 0:
            raise _gone()
        await self._audit("knowledge", by, document_id, "document removed")
        await self._announce()
        return await self.bases()


def _read(connection: Connection) -> KnowledgeBases:
    viewers: dict[str, list[Viewer]] = {}
    rows = list(connection.execute(select(knowledge_viewers)))
    names: dict[tuple[str, str], str] = {}
    for subject, table in ((Subject.UNIT, units), (Subject.PERSON, persons)):
        ids = [row.subject_id for row in rows if row.subject == subject.value]
        found = connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(ids)))
        names |= {(subject.value, row.id): row.name for row in found}
    for row in rows:
        name = names.get((row.subject, row.subject_id), "")
        viewers.setdefault(row.base_id, []).append(
            Viewer(subject=Subject(row.subject), subject_id=row.subject_id, name=name)
        )
    documents: dict[str, list[KnowledgeDocument]] = {}
    table = knowledge_documents
    for row in connection.execute(
        select(table.c.id, table.c.base_id, table.c.name, table.c.characters, table.c.added_at).order_by(
            table.c.name
        )
    ):
        documents.setdefault(row.base_id, []).append(
            KnowledgeDocument(
                id=row.id, name=row.name, characters=int(row.characters), added_at=int(row.added_at)
            )
        )
    return KnowledgeBases(
        bases=[
            KnowledgeBase(
                id=row.id,
                name=row.name,
                viewers=sorted(viewers.get(row.id, []), key=lambda one: (one.subject.value, one.name)),
                documents=documents.get(row.id, []),
            )
            for row in connection.execute(select(knowledge_bases).order_by(knowledge_bases.c.name))
        ]
    )


def _check_viewers(connection: Connection, viewers: list[Viewer]) -> None:
    keys = [(one.subject, one.subject_id) for one in viewers]
    if len(keys) > MOST_VIEWERS or len(set(keys)) != len(keys):
        raise _bad(f"可见范围不能重复，最多 {MOST_VIEWERS} 项。")
    if any((one.subject is Subject.EVERYONE) is bool(one.subject_id) for one in viewers):
        raise _bad("请选择单位或人员。")
    for subject, table in ((Subject.UNIT, units), (Subject.PERSON, persons)):
        ids = {one.subject_id for one in viewers if one.subject is subject}
        if ids - set(connection.scalars(select(table.c.id).where(table.c.id.in_(list(ids))))):
            raise ApiError(ErrorCode.NOT_FOUND, message="所选单位或人员已不存在，请刷新后重试。")


def _check_name(name: str, what: str) -> None:
    if not name.strip() or len(name) > NAME_LONGEST:
        raise _bad(f"请填写{what}，不超过 {NAME_LONGEST} 字。")


def _bad(text: str) -> ApiError:
    return ApiError(ErrorCode.BAD_REQUEST, message=text)


def _gone() -> ApiError:
    return ApiError(ErrorCode.NOT_FOUND, message="已被移除，请刷新后重试。")

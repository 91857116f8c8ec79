"""What administrators do, and the small notes of clients: uses and feedback."""

import re
import time

import msgspec
from sqlalchemy import Connection, delete, insert

from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.llm import (
    AssistantPolicy,
    Feedback,
    ProviderKind,
    Providers,
    ProviderSetting,
    ProviderState,
    Quotas,
    Usage,
    UseKind,
    WordHits,
    WordList,
)
from server_stub.storage.database import Database

from . import keeping, ledger
from .local import NOT_INSTALLED, engine_there
from .ports import Announce, Audit, Sealer
from .service import AssistantService
from .tables import llm_feedback
from .words import check_words

_ID = re.compile(r"[0-9A-Za-z-]{1,36}")


class AssistantDesk:
    """Every change is in the audit trail, without keys and without words."""

    def __init__(
        self,
        database: Database,
        service: AssistantService,
        sealer: Sealer,
        audit: Audit,
        announce: Announce,
    ) -> None:
        self._database, self._service, self._sealer = database, service, sealer
        self._audit, self._announce = audit, announce

    async def _changed(self) -> None:
        await self._service.refresh()
        await self._announce()

    async def policy(self) -> AssistantPolicy:
        """In force."""
        return await self._database.read(keeping.read_policy)

    async def change_policy(self, by: str, wanted: AssistantPolicy) -> None:
        """Replace it."""
        await self._database.write(lambda connection: keeping.put_policy(connection, wanted, by))
        await self._audit("llm_policy", by, wanted.check.value, "changed")
        await self._changed()

    async def words(self) -> WordList:
        """The forbidden words."""

        def work(connection: Connection) -> WordList:
            return WordList(version=keeping.versions(connection)[1], words=keeping.read_words(connection))

        return await self._database.read(work)

    async def change_words(self, by: str, wanted: WordList) -> WordList:
        """Replace the list."""
        words = check_words(wanted.words)
        await self._database.write(
            lambda connection: keeping.put_words(connection, words, wanted.version, by)
        )
        await self._audit("llm_words", by, f"{len(words)} words", "changed")
        await self._changed()
        return await self.words()

    async def test(self, text: str) -> WordHits:
        """The test box: what the server would find."""
        if len(text) > 100_000:
            raise ApiError(ErrorCode.TOO_LARGE, message="测试文字不超过 10 万字。")
        await self._service.refresh()
        return WordHits(hits=self._service.matcher.scan(text)[:1000])

    async def providers(self) -> Providers:
        """With their health here."""
        await self._service.refresh()
        there = engine_there()
        found = [
            msgspec.structs.replace(one, state=ProviderState.MISSING, problem=NOT_INSTALLED)
            if one.kind is ProviderKind.GGUF and not there
            else one
            for one in self._service.pool.described()
        ]
        return Providers(providers=found, local_engine=there)

    async def put_provider(self, by: str, provider_id: str, wanted: ProviderSetting) -> Providers:
        """Make or replace one."""
        keeping.check_provider(wanted)
        sealed = None
        if wanted.api_key is not None:
            sealed = self._sealer.seal(wanted.api_key) if wanted.api_key else b""
        made = await self._database.write(
            lambda connection: keeping.put_provider(connection, provider_id, wanted, sealed, by)
        )
        await self._audit("llm_provider", by, made, "changed" if provider_id else "made")
        await self._changed()
        return await self.providers()

    async def drop_provider(self, by: str, provider_id: str) -> Providers:
        """Forget one."""
        await self._database.write(lambda connection: keeping.drop_provider(connection, provider_id, by))
        await self._audit("llm_provider", by, provider_id, "removed")
        await self._changed()
        return await self.providers()

    async def check_provider(self, provider_id: str) -> Providers:
        """Ask it now."""
        await self._service.refresh()
        await self._service.pool.check(provider_id)
        return await self.providers()

    async def quotas(self) -> Quotas:
        """All rows with today's use."""
        return Quotas(quotas=await self._database.read(ledger.read_quotas))

    async def change_quotas(self, by: str, wanted: Quotas) -> Quotas:
        """Replace all rows."""
        await self._database.write(lambda connection: keeping.put_quotas(connection, wanted.quotas))
        await self._audit("llm_quotas", by, f"{len(wanted.quotas)} rows", "changed")
        return await self.quotas()

    async def usage(self) -> Usage:
        """The report."""
        return await self._database.read(ledger.usage)

    async def used(self, person_id: str, kind: UseKind) -> None:
        """Count what a client did by itself; a blocked question or answer is in the trail as well."""
        blocked = kind is not UseKind.LOCAL_ANSWER
        await self._database.write(
            lambda connection: ledger.count_local(connection, person_id, blocked=blocked)
        )
        if blocked:
            await self._audit("llm_chat", person_id, "client", kind.value)

    async def feedback(self, person_id: str, wanted: Feedback) -> None:
        """Keep it; only who, which answer, up or down and why."""
        if not _ID.fullmatch(wanted.answer_id) or len(wanted.reason) > 300 or len(wanted.model) > 80:
            raise ApiError(ErrorCode.BAD_REQUEST, message="评价原因不超过 300 字。")

        def work(connection: Connection) -> None:
            table = llm_feedback
            connection.execute(
                delete(table).where(table.c.person_id == person_id, table.c.answer_id == wanted.answer_id)
            )
            if wanted.up is not None:
                connection.execute(
                    insert(table).values(
                        person_id=person_id,
                        answer_id=wanted.answer_id,
                        up=wanted.up,
                        reason=wanted.reason.strip(),
                        model=wanted.model,
                        at=int(time.time() * 1000),
                    )
                )

        await self._database.write(work)

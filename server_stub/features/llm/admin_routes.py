"""Endpoints of the console: providers, policy, words, quotas, usage."""

from server_stub.contract.llm import (
    AssistantPolicy,
    Providers,
    ProviderSetting,
    Quotas,
    Usage,
    WordHits,
    WordList,
    WordTest,
)
from server_stub.http.endpoint import Access, Call, Endpoint

from .desk import AssistantDesk

_TAGS = ("admin", "llm")
_PATH = "/api/v1/admin/assistant"


class AdminAssistantRoutes:
    """Handlers; the rules are in the desk."""

    def __init__(self, desk: AssistantDesk) -> None:
        self._desk = desk

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint table of administrators."""
        admin, tags = Access.ADMIN, _TAGS
        words = ("3.2.6.11.2", "3.2.6.11.3", "3.2.6.11.4", "3.2.6.11.5")
        report = ("3.2.6.12.1", "3.2.6.12.2", "3.2.6.12.3")
        return [
            Endpoint(
                "GET", _PATH + "/policy", admin, self._policy, "Fixed replies and limits",
                answer=AssistantPolicy, tags=tags,
            ),
            Endpoint(
                "PUT", _PATH + "/policy", admin, self._change_policy, "Set fixed replies and limits",
                body=AssistantPolicy, tags=tags, clauses=("3.2.6.11.6", "3.2.6.11.7"),
            ),
            Endpoint(
                "GET", _PATH + "/words", admin, self._words, "The forbidden words",
                answer=WordList, tags=tags, clauses=words,
            ),
            Endpoint(
                "PUT", _PATH + "/words", admin, self._change_words, "Replace the forbidden words",
                body=WordList, answer=WordList, max_body=8 * 1024 * 1024, tags=tags, clauses=words,
            ),
            Endpoint(
                "POST", _PATH + "/words/test", admin, self._test, "What would be found in a text",
                body=WordTest, answer=WordHits, tags=tags, clauses=("3.2.6.11.1",),
            ),
            Endpoint(
                "GET", _PATH + "/providers", admin, self._providers, "Providers and their health",
                answer=Providers, tags=tags, clauses=("3.3.5",),
            ),
            Endpoint(
                "POST", _PATH + "/providers", admin, self._add, "Add a provider",
                body=ProviderSetting, answer=Providers, tags=tags, clauses=("3.3.5",),
            ),
            Endpoint(
                "PUT", _PATH + "/providers/{id}", admin, self._put, "Change a provider",
                body=ProviderSetting, answer=Providers, tags=tags,
            ),
            Endpoint(
                "DELETE", _PATH + "/providers/{id}", admin, self._drop, "Forget a provider",
                answer=Providers, tags=tags,
            ),
            Endpoint(
                "POST", _PATH + "/providers/{id}/check", admin, self._check, "Ask a provider whether it is there",
                answer=Providers, tags=tags,
            ),
            Endpoint(
                "GET", _PATH + "/quotas", admin, self._quotas, "Tokens a day of people and units",
                answer=Quotas, tags=tags,
            ),
            Endpoint(
                "PUT", _PATH + "/quotas", admin, self._change_quotas, "Replace the quotas",
                body=Quotas, answer=Quotas, tags=tags,
            ),
            Endpoint(
                "GET", _PATH + "/usage", admin, self._usage, "Use by day, week and month with distinct people",
                answer=Usage, tags=tags, clauses=report,
            ),
        ]  # fmt: skip

    async def _policy(self, _call: Call[None]) -> AssistantPolicy:
        return await self._desk.policy()

    async def _change_policy(self, call: Call[AssistantPolicy]) -> None:
        await self._desk.change_policy(call.caller.person_id, call.body)

    async def _words(self, _call: Call[None]) -> WordList:
        return await self._desk.words()

    async def _change_words(self, call: Call[WordList]) -> WordList:
        return await self._desk.change_words(call.caller.person_id, call.body)

    async def _test(self, call: Call[WordTest]) -> WordHits:
        return await self._desk.test(call.body.text)

    async def _providers(self, _call: Call[None]) -> Providers:
        return await self._desk.providers()

    async def _add(self, call: Call[ProviderSetting]) -> Providers:
        return await self._desk.put_provider(call.caller.person_id, "", call.body)

    async def _put(self, call: Call[ProviderSetting]) -> Providers:
        return await self._desk.put_provider(call.caller.person_id, call.path["id"], call.body)

    async def _drop(self, call: Call[None]) -> Providers:
        return await self._desk.drop_provider(call.caller.person_id, call.path["id"])

    async def _check(self, call: Call[None]) -> Providers:
        return await self._desk.check_provider(call.path["id"])

    async def _quotas(self, _call: Call[None]) -> Quotas:
        return await self._desk.quotas()

    async def _change_quotas(self, call: Call[Quotas]) -> Quotas:
        return await self._desk.change_quotas(call.caller.person_id, call.body)

    async def _usage(self, _call: Call[None]) -> Usage:
        return await self._desk.usage()

"""The organisation's sensitive words from the console to a real client's document desk, with and without the server."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from bed.duo import Duo
from bed.office import PASSWORD, Device

from app.features.documents.office_words import SessionOfficeWords
from offline_ai.sensitive.lists import SensitiveWord
from server_stub.contract.sm.algorithms import Algorithms


class Administrator:
    """Gives the assistant and keeps the words."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def sign_in(self) -> None:
        body = {"login": "admin", "password": PASSWORD, "device": Device(Algorithms.best()).info()}
        answer = await self._http.post("/auth/sign-in", json=body)
        self._http.headers["authorization"] = f"Bearer {answer.json()['tokens']['access_token']}"

    async def give(self, allow: bool) -> None:
        body = {"changes": [{"subject": "everyone", "allow": allow}]}
        assert (await self._http.post("/admin/features/assistant", json=body)).status_code == 200

    async def words(self, *texts: str) -> None:
        now = (await self._http.get("/admin/assistant/words")).json()["version"]
        body = {"version": now, "words": [{"text": text, "kind": "涉密"} for text in texts]}
        assert (await self._http.put("/admin/assistant/words", json=body)).status_code == 200


@pytest.mark.clause("3.2.5.2.4")
async def test_the_list_of_the_console_reaches_the_desk_and_goes_with_the_permission(duo: Duo) -> None:
    feng = await duo.sign_in("fengxue")
    api = f"{duo.url_far_from('fengxue')}/api/v1"
    told: asyncio.Queue[None] = asyncio.Queue()
    listening = feng.assistant_news.connect(lambda _news: told.put_nowait(None))
    office = SessionOfficeWords(feng)
    assert await office.words() == []
    async with httpx.AsyncClient(base_url=api, trust_env=False, timeout=30) as http:
        admin = Administrator(http)
        await admin.sign_in()
        await admin.give(True)
        await admin.words("内部口令")
        await asyncio.wait_for(told.get(), 20)
        again = SessionOfficeWords(feng)
        assert await again.words() == [SensitiveWord("内部口令", "涉密", "")]
        again.close()
        # A change reaches a desk that is open.
        assert await office.words() == [SensitiveWord("内部口令", "涉密", "")]
        while not told.empty():
            told.get_nowait()
        await admin.words("内部口令", "绝密词")
        await asyncio.wait_for(told.get(), 20)
        assert [word.text for word in await office.words()] == ["内部口令", "绝密词"]
        # Without the server what it said last, from the encrypted store.
        await duo.stop_server()
        offline = SessionOfficeWords(feng)
        assert [word.text for word in await offline.words()] == ["内部口令", "绝密词"]
        offline.close()
    await duo.start_server()
    async with httpx.AsyncClient(base_url=api, trust_env=False, timeout=30) as http:
        admin = Administrator(http)
        await admin.sign_in()
        await admin.give(False)
    later = SessionOfficeWords(feng)
    assert await later.words() == []
    # Nothing is kept of a list that one may not see any more.
    await duo.stop_server()
    after = SessionOfficeWords(feng)
    assert await after.words() == []
    for one in (office, later, after):
        one.close()
    listening.close()

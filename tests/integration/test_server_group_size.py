"""The largest group of the tender: 2,000 members are in, the next one is not, and all of them read (Q05, E089)."""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.chat import running_chat
from test_server_groups import Group

from server_stub.contract.ids import uuid7
from server_stub.storage.engine import embedded_engine

MOST = 2000


@pytest.mark.clause("Q05", "E089")
async def test_two_thousand_are_in_and_one_more_is_refused(tmp_path: Path) -> None:
    engine = embedded_engine(tmp_path / "server.db", b"\x07" * 32)
    async with running_chat(engine, tmp_path) as server:
        group = Group(server, *(f"成员{n:04}" for n in range(MOST + 1)))
        owner, *others = group.people
        late = others.pop()
        body = {"client_id": uuid7(), "name": "全市工作群", "member_ids": [one.id for one in others]}
        made = await group.ok(owner, "POST", "/conversations/group", body)
        assert made["member_count"] == MOST
        group.id = made["id"]
        refused = await group.no(owner, "POST", "{}/members", {"add": [late.id]})
        assert refused == (413, "群成员不能超过 2000 人。")
        whole = {**body, "client_id": uuid7(), "member_ids": [one.id for one in (*others, late)]}
        assert (await group.no(owner, "POST", "/conversations/group", whole))[0] == 413
        # Whoever is in reads, also the last one.
        assert await group.say(others[-1], "收到") == 200
        assert await group.seen(others[0]) == await group.seen(owner) == [1, 2]
        # A place that becomes free is taken.
        await group.ok(owner, "POST", "{}/members", {"remove": [others[5].id]})
        changed = await group.ok(owner, "POST", "{}/members", {"add": [late.id]})
        assert changed["member_count"] == MOST

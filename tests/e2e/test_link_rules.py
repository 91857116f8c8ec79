"""Rules for links, from the console to the clients: told at once, and asked for anew after an absence (3.2.3.4.4)."""

from __future__ import annotations

import asyncio

import pytest
from bed.duo import PASSWORD, Duo

from app.features.admin.links.view import SessionLinksAdmin
from app.features.links.gate import SessionLinkRules
from server_stub.contract.links import LinkPolicy, judge


@pytest.mark.clause("3.2.3.4.4")
async def test_a_new_rule_holds_at_once_for_a_client_of_any_process(duo: Duo) -> None:
    # The administrator changes the rules at the process that does not serve the one who clicks.
    way = await duo.way("liqiang")
    li = await duo.sign_in("liqiang")
    accounts = duo.accounts("admin")
    admin = await duo.keep(await accounts.sign_in(duo.url_far_from("liqiang"), "admin", PASSWORD))
    desk = SessionLinksAdmin(admin)
    told: asyncio.Queue[None] = asyncio.Queue()
    # No time passes for it: rules do not grow old.
    rules = SessionLinkRules(li, clock=lambda: 0.0)
    assert judge("https://bad.example/x", await rules.policy()).act == "open"
    li.link_news.connect(lambda _nothing: told.put_nowait(None))
    await desk.change(LinkPolicy(on=True, blocked=["bad.example"]))
    await asyncio.wait_for(told.get(), 20)
    assert judge("https://bad.example/x", await rules.policy()).act == "block"
    await desk.change(LinkPolicy(on=True, blocked=[]))
    await asyncio.wait_for(told.get(), 20)
    assert judge("https://bad.example/x", await rules.policy()).act != "block"
    # What was changed while the connection was away is asked for with the next click after it is back.
    way.stall()
    await desk.change(LinkPolicy(on=True, blocked=["worse.example"]))
    while not told.empty():
        told.get_nowait()
    way.cut()
    way.flow()
    li.network_hint()
    await asyncio.wait_for(told.get(), 20)
    assert judge("https://worse.example/x", await rules.policy()).act == "block"

"""Rules of visibility reach connected clients at once: who is hidden goes, from lists, cards and what is kept here (E142)."""

from __future__ import annotations

import asyncio

import pytest
from bed.duo import Duo, until, until_online

from app.session.organisation_api import OrganisationApi
from app.session.session import Session
from app.session.states import NetworkError
from app.store.queries import people
from server_stub.contract.directory_admin import VisibilityRule, Who


def unit_rule(unit_id: str, viewer: str) -> VisibilityRule:
    """The unit is seen by one person alone."""
    return VisibilityRule(target=Who(kind="unit", id=unit_id), viewers=[Who(kind="person", id=viewer)])


async def names(session: Session, unit_id: str) -> list[str]:
    return [one.name for one in (await session.directory.unit_children(unit_id)).people]


@pytest.mark.clause("E142")
async def test_who_is_hidden_now_is_neither_found_nor_kept_and_comes_back_with_the_rules_end(
    duo: Duo,
) -> None:
    admin, li, wang = (
        await duo.sign_in("admin"),
        await duo.sign_in("liqiang"),
        await duo.sign_in("wangjianguo"),
    )
    organisation = OrganisationApi(admin.api.http)
    found = (await li.directory.search("冯雪")).people[0]
    unit = found.posts[0].unit_id
    assert "冯雪" in await names(li, unit)
    changed, others = asyncio.Event(), asyncio.Event()
    li.directory_changed.connect(lambda _nothing: changed.set())
    wang.directory_changed.connect(lambda _nothing: others.set())
    rule = await organisation.save_rule(
        VisibilityRule(target=Who(kind="person", id=found.id), viewers=[Who(kind="person", id=wang.me.id)])
    )
    # Told without asking; the rule itself is not told.
    await asyncio.wait_for(changed.wait(), 20)
    await asyncio.wait_for(others.wait(), 20)
    assert "冯雪" not in await names(li, unit)
    assert (await li.directory.search("冯雪")).people == []
    card = await li.directory.person(found.id)
    assert card is not None
    assert (card.name, card.posts, card.phone, card.active) == ("冯雪", [], "", False)
    # Whom the rule lets see him sees him still.
    assert (await wang.directory.search("冯雪")).people[0].posts
    # Nor is he found without the server.
    await duo.stop_server()
    await until(li, lambda db: people.search(db, "冯雪") == [])
    assert (await li.directory.search("冯雪")).people == []
    await duo.start_server()
    await until_online(li)
    await until_online(admin)
    await until_online(wang)

    changed.clear()
    await organisation.remove_rule(rule.id)
    await asyncio.wait_for(changed.wait(), 20)
    assert "冯雪" in await names(li, unit)
    again = await li.directory.person(found.id)
    assert again is not None
    assert again.posts == found.posts


@pytest.mark.clause("E142")
async def test_a_unit_that_is_hidden_now_cannot_be_opened_from_what_was_kept(duo: Duo) -> None:
    admin, li = await duo.sign_in("admin"), await duo.sign_in("liqiang")
    organisation = OrganisationApi(admin.api.http)
    unit = (await li.directory.search("冯雪")).people[0].posts[0].unit_id
    assert await names(li, unit)
    changed = asyncio.Event()
    li.directory_changed.connect(lambda _nothing: changed.set())
    await organisation.save_rule(unit_rule(unit, admin.me.id))
    await asyncio.wait_for(changed.wait(), 20)
    await duo.stop_server()
    with pytest.raises(NetworkError):
        await li.directory.unit_children(unit)

"""An address book that is open follows the rules of visibility without a restart (E142)."""

from __future__ import annotations

from pathlib import Path

import pytest
from bed.duo import PASSWORD, Duo
from bed.duo_fixtures import duo, office_template
from client_bed import Desk

from app.features.contacts.view import ContactsPage
from app.session.organisation_api import OrganisationApi
from app.session.states import LinkState
from app.workspace import CONTACTS
from server_stub.contract.directory_admin import VisibilityRule, Who

__all__ = ["duo", "office_template"]


@pytest.mark.clause("E142")
async def test_who_is_hidden_goes_from_the_open_list_and_the_open_card_and_comes_back(
    qapp, duo: Duo, tmp_path: Path
):
    admin = await duo.sign_in("admin")
    organisation = OrganisationApi(admin.api.http)
    desk = Desk(tmp_path / "home", duo.url)
    await desk.start()
    try:
        workspace = await desk.sign_in("liqiang", PASSWORD)
        await desk.until(lambda: workspace.session.link_state is LinkState.ONLINE)
        page = workspace.window.show_page(CONTACTS)
        assert isinstance(page, ContactsPage)
        await page.tasks.settle()
        feng = (await workspace.session.directory.search("冯雪")).people[0]
        unit = feng.posts[0].unit_id
        page.show_unit(unit)
        await page.tasks.settle()

        def listed() -> bool:
            return feng.id in [one.id for one in page.people_model.people]

        assert listed()
        page._person_chosen(feng)
        await page.tasks.settle()
        assert page.side.currentWidget() is page.card

        async def hide(kind: str, id_: str) -> str:
            only = [Who(kind="person", id=admin.me.id)]
            rule = VisibilityRule(target=Who(kind=kind, id=id_), viewers=only)
            return (await organisation.save_rule(rule)).id

        rule = await hide("person", feng.id)
        await desk.until(lambda: not listed())
        await desk.until(lambda: page.side.currentWidget() is page.nobody)
        # Where one was, one stays.
        assert page._shown is not None
        assert page._shown.unit.id == unit
        await organisation.remove_rule(rule)
        await desk.until(listed)
        # A search that is open follows too.
        page._search("冯雪")
        await page.tasks.settle()
        assert listed()
        rule = await hide("person", feng.id)
        await desk.until(lambda: not listed())
        await organisation.remove_rule(rule)
        await desk.until(listed)
        # The whole unit: the page goes back to the top.
        page.show_unit(unit)
        await page.tasks.settle()
        await hide("unit", unit)
        await desk.until(lambda: page._shown is not None and page._shown.unit.id != unit and not listed())
        assert page.people_model.rowCount() > 0
        await desk.until(lambda: not page.units_model.index_of(unit).isValid())
    finally:
        await desk.end()

"""Cards between real clients: pictures, numbers and own fields are on the other side as soon as they change."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from bed.duo import Duo, until, until_online

from app.session.organisation_api import OrganisationApi
from app.session.session import Session
from app.store.queries import people, pictures, sync_state
from server_stub.contract.directory_admin import PersonChange, PersonFieldKind, PostWanted, UnitChange
from server_stub.contract.personal import RelationKind

PNG = b"\x89PNG\r\n\x1a\n"


async def known(session: Session, name: str) -> str:
    """The id of somebody whose card is in the session's store from now on."""
    return (await session.directory.search(name)).people[0].id


async def until_card(session: Session, person_id: str, true) -> None:
    """Wait until the card in the store is as wanted."""
    await until(session, lambda db: (card := people.get(db, [person_id]).get(person_id)) and true(card))


@pytest.mark.clause("E148")
async def test_a_new_picture_reaches_the_others_and_is_fetched_once(duo: Duo) -> None:
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    who = await known(li, "冯雪")
    chat = await li.conversations.open_single(who)
    for data in (PNG + b"first", PNG + b"second"):
        await feng.pictures.set_own_picture(data)
        avatar = (await feng.pictures.faces([who]))[who].picture
        await until_card(li, who, lambda card, now=avatar: card.avatar_file == now)
        faces = await li.pictures.faces([who, chat])
        assert {face.picture for face in faces.values()} == {avatar}
        assert await li.pictures.picture(avatar) == data
    # It is kept: without the server it is there.
    await duo.stop_server()
    assert await li.pictures.picture(avatar) == PNG + b"second"
    assert await li.store.read(lambda db: pictures.get(db, avatar)) == PNG + b"second"


async def back(duo: Duo, who: str) -> Session:
    """The person's client, started again; nothing that it keeps is old by its age."""
    accounts = duo.accounts(who)
    return await duo.keep(await accounts.resume(accounts.entries()[0].key))


@pytest.mark.clause("E148", "E160")
async def test_what_changed_while_one_was_away_is_known_with_the_next_connection(duo: Duo) -> None:
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    wang, admin = await duo.sign_in("wangjianguo"), await duo.sign_in("admin")
    organisation = OrganisationApi(admin.api.http)
    # Looked up once, in no conversation and no list.
    who, other = await known(li, "冯雪"), await known(li, "王建国")
    mine = await known(wang, "李强")
    await until_card(li, other, lambda card: not card.phone)
    await until(li, lambda db: sync_state.get(db, sync_state.CARDS))
    await li.close()
    await feng.pictures.set_own_picture(PNG + b"new")
    avatar = (await feng.pictures.faces([who]))[who].picture
    record = (await organisation.person(who)).person
    posts = [PostWanted(unit_id=record.posts[0].unit_id, title="四级调研员", main=True)]
    change = PersonChange(version=record.version, name="冯瑞雪", posts=posts)
    await organisation.change_person(who, change)
    await wang.personal.relate(mine, RelationKind.PHONE, on=True)
    await until(wang, lambda db: db.value("SELECT count(*) FROM outbox", (), 1) == 0)

    li = await back(duo, "liqiang")
    await until_card(
        li,
        who,
        lambda card: (card.name, card.avatar_file, card.posts[0].title) == ("冯瑞雪", avatar, "四级调研员"),
    )
    await until_card(li, other, lambda card: card.phone == wang.me.phone)
    await li.close()
    await wang.personal.relate(mine, RelationKind.PHONE, on=False)
    await until(wang, lambda db: db.value("SELECT count(*) FROM outbox", (), 1) == 0)
    li = await back(duo, "liqiang")
    await until_card(li, other, lambda card: not card.phone)


@pytest.mark.clause("E148")
async def test_a_unit_renamed_while_one_was_away_makes_what_is_kept_old(duo: Duo) -> None:
    li, admin = await duo.sign_in("liqiang"), await duo.sign_in("admin")
    who = await known(li, "冯雪")
    await until(li, lambda db: sync_state.get(db, sync_state.CARDS))
    unit = (await li.directory.people([who]))[who].posts[0].unit_id
    await li.close()
    await OrganisationApi(admin.api.http).change_unit(unit, UnitChange(name="防汛抗旱一处"))
    li = await back(duo, "liqiang")
    await until(li, lambda db: people.fetched_at(db, who) == 0)
    # Whoever looks at the card gets the new one behind the old.
    assert await li.directory.person(who) is not None
    await until_card(li, who, lambda card: card.posts[0].unit_name == "防汛抗旱一处")


async def test_nothing_is_asked_for_when_nobodys_card_changed(duo: Duo) -> None:
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    await known(li, "冯雪")
    await feng.pictures.set_own_picture(PNG + b"new")
    await li.directory.refresh_changed()
    asked: list[int] = []
    ask = li.api.changed_cards

    async def counted(after: int, ids):
        asked.append(len(ids))
        return await ask(after, ids)

    li.api.changed_cards = counted  # pyright: ignore[reportAttributeAccessIssue]
    await li.directory.refresh_changed()
    assert set(asked) == {0}
    await feng.pictures.set_own_picture(PNG + b"newer")
    await li.directory.refresh_changed()
    # Those that are kept are asked for, and only now.
    assert max(asked) > 0


@pytest.mark.clause("E160")
async def test_a_number_that_is_shared_offline_is_seen_when_the_connection_is_back(duo: Duo) -> None:
    wang, li = await duo.sign_in("wangjianguo"), await duo.sign_in("liqiang")
    who, mine = await known(li, "王建国"), await known(wang, "李强")
    await until_card(li, who, lambda card: not card.phone)
    await duo.stop_server()
    await wang.personal.relate(mine, RelationKind.PHONE, on=True)
    assert await wang.personal.related(RelationKind.PHONE) == [mine]
    await duo.start_server()
    await until(wang, lambda db: db.value("SELECT count(*) FROM outbox", (), 1) == 0, 40)
    assert (await li.api.person(who)).phone == wang.me.phone
    await until_online(li)
    await wang.personal.relate(mine, RelationKind.PHONE, on=False)
    await until(wang, lambda db: db.value("SELECT count(*) FROM outbox", (), 1) == 0)
    # While both are there, the cards change by themselves.
    await wang.personal.relate(mine, RelationKind.PHONE, on=True)
    await until_card(li, who, lambda card: card.phone == wang.me.phone)
    await wang.personal.relate(mine, RelationKind.PHONE, on=False)
    await until_card(li, who, lambda card: not card.phone)


@pytest.mark.clause("3.1.3.8", "3.1.3.11")
async def test_another_way_of_showing_the_directory_is_told_to_all(duo: Duo) -> None:
    admin, li = await duo.sign_in("admin"), await duo.sign_in("liqiang")
    who = await known(li, "王建国")
    told = asyncio.Event()
    li.directory_changed.connect(lambda _nothing: told.set())
    organisation = OrganisationApi(admin.api.http)

    async def change(**values) -> None:
        told.clear()
        now = await organisation.settings()
        await organisation.set_settings(msgspec.structs.replace(now, **values))
        await asyncio.wait_for(told.wait(), 20)

    await change(fields=[PersonFieldKind(name="工号", on_card=True)])
    field = (await organisation.settings()).fields[0]
    record = await organisation.person(who)
    filled = PersonChange(version=record.person.version, fields={field.id: "GH-1"})
    await organisation.change_person(who, filled)
    await until_card(
        li, who, lambda card: [(one.name, one.value) for one in card.fields] == [("工号", "GH-1")]
    )
    await change(fields=[msgspec.structs.replace(field, name="工作证号")])
    # What the cache has is old from that moment: who asks gets it, and the new one follows.
    assert await li.directory.person(who) is not None
    await until_card(li, who, lambda card: [one.name for one in card.fields] == ["工作证号"])
    await change(fields=[])
    await li.directory.person(who)
    await until_card(li, who, lambda card: card.fields == [])


@pytest.mark.clause("E080")
async def test_a_group_is_pictured_by_its_members_until_it_has_a_picture(duo: Duo) -> None:
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    people_ids = [await known(li, name) for name in ("冯雪", "王建国")]
    chat = await li.conversations.create_group(people_ids, "值班群")
    await until(feng, lambda db: (face := pictures.faces(db, [chat])[chat]).members and not face.waiting)
    face = (await feng.pictures.faces([chat]))[chat]
    assert (face.picture, {name for _id, name in face.members}) == ("", {"李强", "冯雪", "王建国"})
    await li.groups.set_picture(chat, PNG + b"group")
    await until(feng, lambda db: pictures.faces(db, [chat])[chat].picture)
    face = (await feng.pictures.faces([chat]))[chat]
    assert face.members == ()
    assert await feng.pictures.picture(face.picture) == PNG + b"group"

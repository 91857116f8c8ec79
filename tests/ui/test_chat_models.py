"""The chat's models over the store: the list stays sorted row by row, an open conversation follows the store."""

import asyncio
from dataclasses import replace

import pytest
from bed.waits import until

from app.features.chat.feed import ConversationFeed, Why
from app.features.chat.list_feed import ListFeed
from app.features.chat.list_model import ROW_ROLE, ConversationListModel, ListFilter
from app.features.chat.receipts import Receipts, receipt_text
from app.shell.tasks import Tasks
from app.showcase import chats
from app.showcase.chat_service import ShowcaseChat
from app.store.records import MessageState


def fail(error: BaseException, doing: str) -> None:
    raise AssertionError(f"{doing}: {error!r}")


def titles(model: ConversationListModel) -> list[str]:
    return [model.data(model.index(n), ROW_ROLE).title for n in range(model.rowCount())]


@pytest.fixture
def model(qtmodeltester):
    model = ConversationListModel()
    yield model
    qtmodeltester.check(model)


@pytest.mark.clause("E065")
async def test_a_new_message_moves_its_conversation_up_and_counts(model):
    chat = ShowcaseChat()
    feed = ListFeed(chat, model, Tasks(fail))
    counts: list[int] = []
    feed.unread_changed.connect(counts.append)
    feed.start()
    await feed_idle(feed)
    before = titles(model)
    moves: list[tuple[int, int]] = []
    model.rowsMoved.connect(lambda _p, start, _e, _q, to: moves.append((start, to)))
    chat.receive("c-zhou", "p-zhou", "水位已降")
    await until(lambda: model.row_of("c-zhou") == 1)
    assert titles(model)[0] == before[0]
    assert len(moves) == 1
    assert model.get("c-zhou").last_text == "水位已降"
    assert counts[-1] == counts[0] + 1
    feed.close()


@pytest.mark.clause("E074", "E084")
async def test_pinned_conversations_stand_on_top(model):
    chat = ShowcaseChat()
    feed = ListFeed(chat, model, Tasks(fail))
    feed.start()
    await feed_idle(feed)
    await chat.change_setting("c-feng", pinned=True)
    await until(lambda: model.row_of("c-feng") == 1)
    await chat.change_setting("c-feng", pinned=False)
    await until(lambda: model.row_of("c-feng") == model.rowCount() - 1)
    feed.close()


@pytest.mark.clause("E075", "E085")
async def test_muted_conversations_are_left_out_of_the_badge(model):
    rows = chats.conversation_rows()
    model.replace_all(rows)
    assert model.unread == sum(row.unread for row in rows if not row.muted)
    assert model.unread == 5


async def test_tabs_and_search_narrow_the_list(model):
    model.replace_all(chats.conversation_rows())
    model.narrow(ListFilter.GROUPS)
    assert len(titles(model)) == 2
    model.narrow(ListFilter.UNREAD)
    assert "周明" not in titles(model)
    model.narrow(ListFilter.UNREAD, keep="c-zhou")
    assert "周明" in titles(model)
    model.narrow(ListFilter.ALL, "防汛")
    assert titles(model) == ["城区防汛调度工作群"]
    model.narrow(ListFilter.ALL)
    assert model.rowCount() == 10


async def test_many_at_once_are_one_reset(model):
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    base = chats.conversation_rows()[1]
    model.replace_all(replace(base, id=f"c-{n}", title=str(n), active_at=n) for n in range(3000))
    assert (model.rowCount(), len(resets)) == (3000, 1)
    assert titles(model)[0] == "2999"


@pytest.mark.clause("E090")
async def test_an_open_conversation_follows_the_store():
    chat = ShowcaseChat(auto_ack=False)
    feed = ConversationFeed(chat, "c-zhao", Tasks(fail))
    seen: list[Why] = []
    feed.changed.connect(seen.append)
    await feed.open()
    assert seen == [Why.OPENED]
    assert feed.unread_after == 3
    assert feed.name("p-zhao") == "赵敏"
    client_id = await chat.send_text("c-zhao", "收到")
    await until(lambda: feed.window.all()[-1].client_id == client_id)
    assert feed.window.all()[-1].state is MessageState.PENDING
    chat.deliver(client_id)
    await until(lambda: feed.window.rows[-1].client_id == client_id)
    assert [row.client_id for row in feed.window.all()].count(client_id) == 1
    feed.close()


async def test_older_messages_are_read_page_by_page_to_the_first():
    chat = ShowcaseChat()
    for n in range(200):
        chat.receive("c-zhao", "p-zhao", str(n))
    feed = ConversationFeed(chat, "c-zhao", Tasks(fail))
    await feed.open(204)
    while not feed.window.at_top:
        first = feed.window.first_seq
        feed.load_older()
        await until(lambda f=first: feed.window.first_seq < f)
    assert [row.seq for row in feed.window.rows] == list(range(1, 205))
    feed.close()


async def test_a_jump_far_up_and_back():
    chat = ShowcaseChat()
    for n in range(500):
        chat.receive("c-zhao", "p-zhao", str(n))
    feed = ConversationFeed(chat, "c-zhao", Tasks(fail))
    # What came before is told before: it must not seem to arrive while the conversation is open.
    for _ in range(3):
        await asyncio.sleep(0)
    await feed.open()
    # So many are unread that the first of them is not among the newest: it is gone to, with what stood before it.
    assert feed.first_unread == 4
    assert feed.window.first_seq <= 4 <= feed.window.last_seq < 400
    assert feed.holds_first_unread
    feed.jump_to_newest()
    await until(lambda: feed.window.at_bottom)
    assert not feed.holds_first_unread
    feed.jump_to(10)
    await until(lambda: feed.window.first_seq <= 10)
    assert feed.target == 10
    assert not feed.window.at_bottom
    chat.receive("c-zhao", "p-zhao", "新的")
    feed.jump_to_newest()
    await until(lambda: feed.window.at_bottom and feed.window.last_seq == 505)
    feed.close()


@pytest.mark.clause("E105")
async def test_read_marks():
    chat = ShowcaseChat()
    members = await chat.members(chats.FLOOD)
    receipts = Receipts(members, chat.me.id)
    assert receipts.total == 8
    assert receipts.read(7) == sum(m.read_seq >= 7 for m in members if m.person_id != chat.me.id)
    assert receipt_text(receipts, 7, group=True) == "6 人已读"
    assert receipt_text(receipts, 6, group=True) == "全部已读"
    assert receipt_text(receipts, 10, group=True) == "未读"
    single = Receipts([replace(members[1], read_seq=4, delivered_seq=6)], chat.me.id)
    assert [receipt_text(single, seq, group=False) for seq in (4, 6, 7)] == ["已读", "已送达", "未读"]


async def feed_idle(feed: ListFeed) -> None:
    await until(lambda: not feed._busy and not feed._timer.isActive())

"""The stretch of messages in memory: no holes, bounded, unsent ones below."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.features.chat.window import MAX_ROWS, MessageWindow
from app.store.records import MessageRow, MessageState
from server_stub.contract.content import TextContent


def row(
    seq: int, state: MessageState = MessageState.OPENED, client_id: str = "", order: int = 0
) -> MessageRow:
    return MessageRow(
        conversation_id="c",
        seq=seq,
        client_id=client_id or f"m{seq}",
        sender_id="p",
        sent_at=seq,
        state=state,
        content=TextContent(text=str(seq)),
        order=order,
    )


def rows(*seqs: int) -> list[MessageRow]:
    return [row(seq) for seq in seqs]


def seqs(window: MessageWindow) -> list[int]:
    return [each.seq for each in window.rows]


def test_opens_at_the_bottom_without_what_lies_above_a_hole():
    window = MessageWindow()
    window.show_newest(rows(1, 2, 3, 7, 8), [], first_visible=1)
    assert seqs(window) == [7, 8]
    assert not window.at_top
    assert window.at_bottom


def test_the_first_message_that_may_be_seen_is_the_top():
    window = MessageWindow()
    window.show_newest(rows(5, 6), [], first_visible=5)
    assert window.at_top


def test_older_ones_are_joined_only_when_they_touch():
    window = MessageWindow()
    window.show_newest(rows(7, 8), [], 1)
    assert window.add_older(rows(2, 3), 1) == 0
    assert seqs(window) == [7, 8]
    assert window.add_older(rows(4, 5, 6), 1) == 3
    assert seqs(window) == [4, 5, 6, 7, 8]
    assert window.add_older([], 1) == 0
    assert window.at_top


def test_an_acknowledged_message_takes_the_place_of_the_pending_one():
    window = MessageWindow()
    window.show_newest(
        rows(1), [row(0, MessageState.PENDING, "a", 1), row(0, MessageState.PENDING, "b", 2)], 1
    )
    window.apply(["a"], [row(2, client_id="a")], 1)
    assert [each.client_id for each in window.all()] == ["m1", "a", "b"]


def test_a_discarded_message_goes():
    window = MessageWindow()
    window.show_newest(rows(1), [row(0, MessageState.FAILED, "a", 1)], 1)
    window.apply(["a"], [], 1)
    assert [each.client_id for each in window.all()] == ["m1"]


def test_a_message_beyond_a_hole_begins_anew_at_the_bottom():
    window = MessageWindow()
    window.show_newest(rows(1, 2), [], 1)
    window.apply(["m9"], rows(9), 1)
    assert seqs(window) == [9]
    assert not window.at_top
    window.apply([f"m{n}" for n in range(3, 9)], rows(*range(3, 9)), 1)
    assert seqs(window) == [3, 4, 5, 6, 7, 8, 9]


def test_far_up_new_messages_are_not_appended():
    window = MessageWindow()
    assert window.show_around(rows(4, 5, 6), 5, newest_seq=900, first_visible=1)
    window.apply(["m901"], rows(901), 1)
    assert seqs(window) == [4, 5, 6]
    assert not window.at_bottom
    assert window.add_newer(rows(7, 8), 8) == 2
    assert window.at_bottom


def test_a_missing_target_is_refused():
    assert not MessageWindow().show_around(rows(4), 9, 9, 1)


def test_scrolling_up_lets_the_bottom_go():
    window = MessageWindow()
    window.show_newest(rows(*range(10_000 - 60, 10_000)), [], 1)
    while window.first_seq > 5_000:
        first = window.first_seq
        assert window.add_older(rows(*range(first - 50, first)), 1) == 50
    assert len(window.rows) == MAX_ROWS
    assert not window.at_bottom


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["older", "newer", "live"]), st.integers(1, 40), st.integers(1, 8)),
        max_size=20,
    )
)
def test_never_a_hole_never_twice(steps):
    window = MessageWindow()
    window.show_newest(rows(20, 21, 22), [], 1)
    for kind, start, count in steps:
        fresh = rows(*range(start, start + count))
        if kind == "older":
            window.add_older(fresh, 1)
        elif kind == "newer":
            window.add_newer(fresh, 48)
        else:
            window.apply([each.client_id for each in fresh], fresh, 1)
        assert seqs(window) == list(range(window.first_seq, window.last_seq + 1))

"""Sealed messages, chunks and envelopes open only where they belong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server_stub.contract.sm.algorithms import Algorithms
from server_stub.contract.sm.ports import SealError, SealReason
from server_stub.contract.sm.sealed import (
    CHUNK,
    CHUNK_OVERHEAD,
    ENVELOPE_BYTES,
    MESSAGE_OVERHEAD,
    chunk_count,
    new_key,
    open_chunk,
    open_envelope,
    open_message,
    seal_chunk,
    seal_envelope,
    seal_message,
    sealed_epoch,
)

ALG = Algorithms.best()
KEY = bytes(range(16))
PLACE = {"conversation_id": "c1", "sender_id": "p1", "client_id": "m1"}


def sealed_message(plaintext: bytes = b"text", epoch: int = 7, **place: str) -> bytes:
    return seal_message(ALG, KEY, epoch=epoch, **{**PLACE, **place}, plaintext=plaintext)


def opened(sealed: bytes, **place: str) -> bytes:
    return open_message(ALG, {7: KEY, 8: KEY}.get, **{**PLACE, **place}, sealed=sealed)


def refusal(call, *arguments, **named) -> SealReason:
    with pytest.raises(SealError) as refused:
        call(*arguments, **named)
    assert refused.value.text
    return refused.value.reason


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2**32 - 1), st.text(max_size=40), st.text(max_size=20))
def test_a_message_comes_back(plaintext, epoch, conversation, client):
    sealed = sealed_message(plaintext, epoch, conversation_id=conversation, client_id=client)
    assert sealed_epoch(sealed) == epoch
    assert len(sealed) == len(plaintext) + MESSAGE_OVERHEAD
    got = open_message(
        ALG, lambda _: KEY, conversation_id=conversation, sender_id="p1", client_id=client, sealed=sealed
    )
    assert got == plaintext


def test_no_two_seals_are_alike():
    assert len({sealed_message() for _ in range(100)}) == 100


@pytest.mark.parametrize("other", ["conversation_id", "sender_id", "client_id"])
def test_a_message_replayed_elsewhere_is_refused(other):
    assert refusal(opened, sealed_message(), **{other: "x"}) is SealReason.TAMPERED


def test_parts_cannot_be_shifted_between_fields():
    sealed = sealed_message(conversation_id="ab", sender_id="c")
    assert refusal(opened, sealed, conversation_id="a", sender_id="bc") is SealReason.TAMPERED


def test_another_epoch_is_refused_even_with_the_same_key():
    sealed = sealed_message()
    moved = sealed[:1] + (8).to_bytes(4, "big") + sealed[5:]
    assert refusal(opened, moved) is SealReason.TAMPERED


def test_a_destroyed_key_is_named_so():
    sealed = sealed_message(epoch=3)
    assert refusal(opened, sealed) is SealReason.KEY_DESTROYED
    assert SealError(SealReason.KEY_DESTROYED).text == "密钥已销毁"


def test_an_unknown_version_is_named_so():
    assert refusal(opened, b"\x02" + sealed_message()[1:]) is SealReason.UNKNOWN_VERSION
    assert refusal(opened, b"\x09") is SealReason.UNKNOWN_VERSION


def test_every_cut_is_refused():
    sealed = sealed_message(b"some text")
    for size in range(len(sealed)):
        reason = refusal(opened, sealed[:size])
        assert reason is (SealReason.TRUNCATED if size < MESSAGE_OVERHEAD else SealReason.TAMPERED)
    assert refusal(opened, sealed + b"\0") is SealReason.TAMPERED


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_flipped_bit_is_refused(data):
    sealed = bytearray(sealed_message(b"some text"))
    at = data.draw(st.integers(8, len(sealed) * 8 - 1))
    sealed[at // 8] ^= 1 << at % 8
    assert refusal(opened, bytes(sealed)) in (SealReason.TAMPERED, SealReason.KEY_DESTROYED)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=80))
def test_rubbish_gets_a_seal_error(rubbish):
    refusal(opened, rubbish)
    refusal(open_chunk, ALG, KEY, file_id="f", index=0, last=True, sealed=rubbish)
    refusal(open_envelope, ALG, PAIR.private, conversation_id="c1", epoch=7, envelope=rubbish)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, CHUNK - 17, CHUNK - 16, CHUNK - 1, CHUNK])
def test_last_chunks_of_every_size_come_back(size):
    data = bytes(size)
    sealed = seal_chunk(ALG, KEY, file_id="f", index=2, last=True, data=data)
    assert len(sealed) == size + CHUNK_OVERHEAD
    assert open_chunk(ALG, KEY, file_id="f", index=2, last=True, sealed=sealed) == data


def test_chunks_out_of_place_are_refused():
    first = seal_chunk(ALG, KEY, file_id="f", index=0, last=False, data=bytes(CHUNK))
    good = {"file_id": "f", "index": 0, "last": False}
    assert open_chunk(ALG, KEY, **good, sealed=first) == bytes(CHUNK)
    for wrong in ({"index": 1}, {"file_id": "g"}, {"last": True}):
        assert refusal(open_chunk, ALG, KEY, **{**good, **wrong}, sealed=first) is SealReason.TAMPERED
    assert refusal(open_chunk, ALG, new_key(), **good, sealed=first) is SealReason.TAMPERED
    assert refusal(open_chunk, ALG, KEY, **good, sealed=first[:-1]) is SealReason.TAMPERED
    assert refusal(open_chunk, ALG, KEY, **good, sealed=first[:20]) is SealReason.TRUNCATED


@pytest.mark.parametrize(("size", "last"), [(CHUNK + 1, True), (CHUNK - 1, False), (0, False)])
def test_chunks_of_wrong_size_are_not_made(size, last):
    with pytest.raises(ValueError, match="1 MiB"):
        seal_chunk(ALG, KEY, file_id="f", index=0, last=last, data=bytes(size))


def test_chunk_count():
    sizes = (0, 1, CHUNK, CHUNK + 1, 20 * CHUNK)
    assert [chunk_count(size) for size in sizes] == [1, 1, 1, 2, 20]


PAIR = ALG.sm2_generate()


def test_an_envelope_gives_the_key_only_for_its_conversation_and_epoch():
    key = new_key()
    envelope = seal_envelope(ALG, PAIR.public, conversation_id="c1", epoch=7, key=key)
    assert len(envelope) == ENVELOPE_BYTES
    assert key not in envelope
    assert open_envelope(ALG, PAIR.private, conversation_id="c1", epoch=7, envelope=envelope) == key
    for place in ({"conversation_id": "c2", "epoch": 7}, {"conversation_id": "c1", "epoch": 8}):
        assert refusal(open_envelope, ALG, PAIR.private, **place, envelope=envelope) is SealReason.TAMPERED
    other = ALG.sm2_generate()
    reason = refusal(open_envelope, ALG, other.private, conversation_id="c1", epoch=7, envelope=envelope)
    assert reason is SealReason.TAMPERED


@settings(max_examples=40, deadline=None)
@given(st.integers(8, ENVELOPE_BYTES * 8 - 1))
def test_every_flipped_bit_of_an_envelope_is_refused(at):
    envelope = bytearray(seal_envelope(ALG, PAIR.public, conversation_id="c", epoch=1, key=KEY))
    envelope[at // 8] ^= 1 << at % 8
    reason = refusal(open_envelope, ALG, PAIR.private, conversation_id="c", epoch=1, envelope=bytes(envelope))
    assert reason in (SealReason.TAMPERED, SealReason.TRUNCATED)


def test_an_envelope_to_no_key_is_refused():
    with pytest.raises(ValueError):
        seal_envelope(ALG, b"\x04" + bytes(64), conversation_id="c", epoch=1, key=KEY)

"""The richer kinds of messages between two clients over a real server: sealed, offline, once, and whole at the other end."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from bed.duo import Duo, history, texts, until, until_count, until_online

from app.session.arrivals import Arrival
from app.session.files import FileRefused, FileUnavailable
from app.session.kinds import NotForwardable, VideoFacts
from app.session.session import Session
from app.store.queries import conversations, messages, outbox
from app.store.records import MessageRow, MessageState, ReactionMark
from server_stub.contract.content import (
    CardContent,
    FolderContent,
    LinkPreview,
    LocationContent,
    MarkdownContent,
    MergedContent,
    TextContent,
    VideoContent,
    VoiceContent,
    decode_content,
    merged_depth,
)


async def talk(duo: Duo):
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    return li, feng, await li.conversations.open_single(feng.me.id)


async def row(session: Session, chat: str, seq: int) -> MessageRow:
    found = await session.store.read(lambda db: messages.get(db, chat, seq))
    assert found is not None
    return found


async def until_marks(session: Session, chat: str, seq: int, wanted: tuple[ReactionMark, ...]) -> None:
    await until(session, lambda db: (found := messages.get(db, chat, seq)) and found.reactions == wanted)


@pytest.mark.clause("E103")
async def test_emoji_at_a_message_are_seen_by_all_and_survive_reset_restart_and_outage(duo: Duo):
    li, feng, chat = await talk(duo)
    await li.send.text(chat, "今晚 8 点前到岗")
    await until_count(feng, chat, 1)
    await feng.kinds.react(chat, 1, "👍")
    await li.kinds.react(chat, 1, "👍")
    await feng.kinds.react(chat, 1, "🎉")
    for session in (li, feng):
        await until(
            session,
            lambda db: (
                {mark.emoji: set(mark.people) for mark in (messages.get(db, chat, 1) or row).reactions}  # type: ignore[union-attr]
                == {"👍": {li.me.id, feng.me.id}, "🎉": {feng.me.id}}
            ),
        )
    # Taken back while the server is away: shown at once, sent when it is back.
    await duo.kill_server()
    await feng.kinds.react(chat, 1, "👍")
    await feng.kinds.react(chat, 1, "🎉")
    assert [mark.people for mark in (await row(feng, chat, 1)).reactions] == [(li.me.id,)]
    await feng.close()
    duo.sessions.remove(feng)
    await duo.start_server()
    feng = await duo.resume("fengxue")
    assert [mark.people for mark in (await row(feng, chat, 1)).reactions] == [(li.me.id,)]
    li.network_hint()
    for session in (li, feng):
        await until_marks(session, chat, 1, (ReactionMark("👍", (li.me.id,)),))
    await until(feng, lambda db: not outbox.waiting(db))
    # A machine that never saw the conversation gets them with the page.
    from bed.duo import PASSWORD, MemoryPort

    other = await duo.keep(await duo.accounts("another", MemoryPort()).sign_in(duo.url, "fengxue", PASSWORD))
    await until_marks(other, chat, 1, (ReactionMark("👍", (li.me.id,)),))
    # A recall takes them away.
    await li.messages.recall(chat, 1)
    await until_marks(feng, chat, 1, ())


@pytest.mark.clause("E092", "E093", "E094", "E098", "E099", "3.1.2.2")
async def test_each_kind_arrives_as_it_was_sent_and_is_found(duo: Duo, tmp_path: Path):
    li, feng, chat = await talk(duo)
    sound, film = os.urandom(30_000), os.urandom(2_000_000)
    clip = tmp_path / "积水点.mp4"
    clip.write_bytes(film)
    await li.kinds.send_voice(
        chat, sound, duration_ms=4200, waveform=bytes(range(64)), media_type="audio/wav", name="语音.wav"
    )
    # What has a file goes out when it is up; nothing waits behind it.
    await until_count(li, chat, 1, 60)
    await li.kinds.send_video(chat, clip, VideoFacts(640, 360, 5000, b"\xff\xd8jpeg"), media_type="video/mp4")
    await until_count(li, chat, 2, 60)
    await li.kinds.send_card(chat, feng.me)
    await li.kinds.send_location(
        chat, LocationContent(name="二七路隧道", address="二七区", latitude=34.75, longitude=113.66)
    )
    await li.kinds.send_markdown(chat, "值守安排", "**橙色**预警\n\n- 泵站\n- 隧道")
    preview = LinkPreview(url="https://example.gov.cn/a", title="汛情通报")
    await li.send.text(chat, "https://example.gov.cn/a", preview=preview)
    await until_count(feng, chat, 6, 60)
    voice, video, card, place, styled, link = [one.content for one in await history(feng, chat)]
    assert isinstance(voice, VoiceContent)
    assert (voice.duration_ms, voice.waveform) == (4200, bytes(range(64)))
    assert await feng.attachments.read(voice.file.file_id) == sound
    assert isinstance(video, VideoContent)
    assert (video.width, video.height, video.duration_ms, video.thumbnail) == (
        640,
        360,
        5000,
        b"\xff\xd8jpeg",
    )
    assert await feng.attachments.read(video.file.file_id) == film
    assert isinstance(card, CardContent)
    assert (card.person_id, card.name) == (feng.me.id, feng.me.name)
    assert isinstance(place, LocationContent)
    assert (place.latitude, place.longitude) == (34.75, 113.66)
    assert isinstance(styled, MarkdownContent)
    assert isinstance(link, TextContent)
    assert link.preview == preview
    for words, seq in (("积水点", 2), ("隧道", 5), ("二七路", 4), ("汛情通报", 6)):
        assert seq in [hit.message.seq for hit in await feng.messages.search(words)], words
    list_row = await feng.store.read(lambda db: conversations.get(db, chat))
    assert list_row is not None
    assert list_row.last_text == "https://example.gov.cn/a"


@pytest.mark.clause("E100")
async def test_a_folder_is_sent_as_a_tree_and_received_as_a_folder(duo: Duo, tmp_path: Path):
    li, feng, chat = await talk(duo)
    root = tmp_path / "防汛资料"
    (root / "图纸" / "泵站").mkdir(parents=True)
    (root / "空目录").mkdir()
    (root / "说明.txt").write_text("说明", encoding="utf-8")
    (root / "图纸" / "泵站" / "一号.bin").write_bytes(os.urandom(1_500_000))
    (root / "图纸" / "零.txt").write_bytes(b"")
    (root / "外面").symlink_to(tmp_path)
    await li.kinds.send_folder(chat, root)
    await until_count(feng, chat, 1, 60)
    content = (await history(feng, chat))[0].content
    assert isinstance(content, FolderContent)
    target = tmp_path / "收到"
    target.mkdir()
    made = await feng.kinds.save_folder(chat, content, target)
    assert made == target / "防汛资料"
    for one in ("说明.txt", "图纸/泵站/一号.bin", "图纸/零.txt"):
        assert (made / one).read_bytes() == (root / one).read_bytes()
    assert (made / "空目录").is_dir()
    assert not (made / "外面").exists()
    # Once more beside the first; and from a sender who means harm nothing is written.
    assert (await feng.kinds.save_folder(chat, content, target)).name == "防汛资料 (2)"
    from msgspec.structs import replace

    evil = replace(content, entries=[replace(content.entries[0], path="../../x"), *content.entries[1:]])
    before = sorted(path.name for path in target.iterdir())
    with pytest.raises(FileUnavailable):
        await feng.kinds.save_folder(chat, evil, target)
    assert sorted(path.name for path in target.iterdir()) == before
    empty = tmp_path / "空"
    empty.mkdir()
    with pytest.raises(FileRefused, match="空文件夹"):
        await li.kinds.send_folder(chat, empty)
    assert await feng.messages.search("一号")


async def admin_group(duo: Duo, li: Session, feng: Session) -> str:
    """A group whose first message is the line that the server wrote at its making."""
    for session in (li, feng):
        session.network_hint()
        await until_online(session)
    group = await li.conversations.create_group([feng.me.id], "防汛组")
    await until(feng, lambda db: messages.get(db, group, 1))
    return group


@pytest.mark.clause("E104", "E092", "E096")
async def test_forwarding_one_by_one_and_merged_nests_keeps_files_and_refuses_voice(duo: Duo, tmp_path: Path):
    li, feng, chat = await talk(duo)
    note = tmp_path / "纪要.txt"
    note.write_text("会议纪要", encoding="utf-8")
    await li.send.text(chat, "请看附件", mentions=[feng.me.id])
    await li.send.files(chat, [note])
    await until_count(li, chat, 2)
    await until_count(feng, chat, 2)
    await li.kinds.send_voice(
        chat, b"RIFF", duration_ms=900, waveform=b"", media_type="audio/wav", name="语音.wav"
    )
    await until_count(feng, chat, 3)
    zhao = await duo.sign_in("wangjianguo")
    with_zhao = await feng.conversations.open_single(zhao.me.id)
    # Offline: it waits in the outbox like everything else.
    await duo.kill_server()
    await feng.kinds.forward_each(chat, [1, 2], [with_zhao], note="供参考")
    await feng.kinds.forward_merged(
        chat,
        [2, 1],
        [with_zhao],
        title="李强和冯雪的聊天记录",
        names=lambda id: {li.me.id: "李强"}.get(id, ""),
    )
    with pytest.raises(NotForwardable):
        await feng.kinds.forward_each(chat, [3], [with_zhao])
    await duo.start_server()
    # What the server itself wrote stays where it is (E096).
    group = await admin_group(duo, li, feng)
    with pytest.raises(NotForwardable):
        await feng.kinds.forward_each(group, [1], [with_zhao])
    for session in (li, feng, zhao):
        session.network_hint()
    await until_count(zhao, with_zhao, 4, 60)
    text, file, words, merged = await history(zhao, with_zhao)
    assert texts([text, words]) == ["请看附件", "供参考"]
    assert isinstance(text.content, TextContent)
    assert not text.content.mentions
    target = tmp_path / "收到.txt"
    assert file.content is not None
    await zhao.attachments.save(file.content.file.file_id, target)  # type: ignore[union-attr]
    assert target.read_text(encoding="utf-8") == "会议纪要"
    assert isinstance(merged.content, MergedContent)
    assert [item.sender_name for item in merged.content.items] == ["李强", "李强"]
    assert texts(
        [MessageRow("", 1, "", "", 0, MessageState.OPENED, decode_content(merged.content.items[0].content))]
    ) == ["请看附件"]
    assert await zhao.messages.search("纪要")
    # A record of a record, and the file in it opens for somebody who only has the record.
    wang = await duo.sign_in("admin")
    with_wang = await zhao.conversations.open_single(wang.me.id)
    await zhao.kinds.forward_merged(
        with_zhao, [merged.seq], [with_wang], title="转发", names=lambda _id: "冯雪"
    )
    await until_count(wang, with_wang, 1, 60)
    outer = (await history(wang, with_wang))[0].content
    assert merged_depth(outer) == 2
    assert await wang.attachments.read(file.content.file.file_id) == "会议纪要".encode()  # type: ignore[union-attr]


@pytest.mark.clause("E108")
async def test_deleting_here_takes_it_from_this_machine_only(duo: Duo):
    li, feng, chat = await talk(duo)
    for text in ("甲方案", "乙方案", "丙方案"):
        await li.send.text(chat, text)
    await until_count(feng, chat, 3)
    await feng.kinds.remove_here(chat, [2, 3])
    rows = await history(feng, chat)
    assert [one.state for one in rows] == [MessageState.OPENED, MessageState.REMOVED, MessageState.REMOVED]
    assert rows[1].content is None
    assert await feng.messages.search("乙方") == []
    place = await feng.store.read(lambda db: conversations.get(db, chat))
    assert place is not None
    assert place.last_text == "甲方案"
    assert texts(await history(li, chat)) == ["甲方案", "乙方案", "丙方案"]
    # A later change of it (a recall) does not bring it back, and neither does a restart.
    await li.messages.recall(chat, 3)
    await li.send.text(chat, "丁方案")
    await until_count(feng, chat, 4)
    await feng.close()
    duo.sessions.remove(feng)
    feng = await duo.resume("fengxue")
    assert [one.state for one in await history(feng, chat)][1:3] == [MessageState.REMOVED] * 2


@pytest.mark.clause("E095", "E110")
async def test_everyone_is_called_only_by_who_may_call_everyone(duo: Duo):
    li, feng, _ = await talk(duo)
    wang = await duo.sign_in("wangjianguo")
    group = await li.conversations.create_group([feng.me.id, wang.me.id], "防汛组")
    for session in (li, feng, wang):
        await until(session, lambda db: conversations.get(db, group))
        await session.conversations.refresh_members(group)
    heard: list[bool] = []
    all_heard = asyncio.Event()

    def hear(arrival: Arrival) -> None:
        heard.append(arrival.mentioned)
        if len(heard) == 3:
            all_heard.set()

    feng.arrived.connect(hear)
    # A plain member's client would not offer it; one that does it all the same calls nobody.
    await wang.send.text(group, "@所有人 开会", mentions=["all"])
    await until_count(feng, group, 2)
    row = await feng.store.read(lambda db: conversations.get(db, group))
    assert row is not None
    assert not row.mentioned
    await wang.send.text(group, "@冯雪 开会", mentions=[feng.me.id])
    await until(feng, lambda db: (found := conversations.get(db, group)) and found.mentioned)
    await feng.conversations.mark_read(group)
    await until(feng, lambda db: (found := conversations.get(db, group)) and not found.mentioned)
    await li.send.text(group, "@所有人 到岗", mentions=["all"])
    await until(feng, lambda db: (found := conversations.get(db, group)) and found.mentioned)
    async with asyncio.timeout(20):
        await all_heard.wait()
    assert heard == [False, True, True]

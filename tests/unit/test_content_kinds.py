"""What other clients may send: hostile and newer contents do no harm, and survive (E103, E104, 3.1.2.2)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.features.chat.markdown import render
from app.session.filecache import SourceChanged
from app.session.foldertree import FolderRefused, TreeReader, UnsafeTree, scan_tree, unpack_tree
from app.store.queries.search import text_of
from server_stub.contract.content import (
    FileRef,
    FolderContent,
    MergedContent,
    TextContent,
    Unknown,
    VoiceContent,
    decode_content,
    encode_content,
    file_refs,
    forwardable,
    merged_depth,
    summary,
)
from server_stub.contract.content_kinds import (
    MAX_MERGED_DEPTH,
    MAX_REACTIONS,
    FolderEntry,
    MergedItem,
    ReactionContent,
    decode_reaction,
    encode_reaction,
    is_emoji,
)
from widgets.emoji.table import EMOJI


@pytest.mark.clause("E103")
def test_only_signs_stand_at_messages():
    assert all(is_emoji(text) for text in EMOJI)
    assert all(is_emoji(text) for text in ("👍🏽", "👨‍👩‍👧", "❤️", "1️⃣", "🇨🇳"))
    assert not any(
        is_emoji(text) for text in ("", "你好", "ok", "👍了", "\n", " ", "12", "👍" * 17, "\ud83d")
    )
    many = ReactionContent(seq=7, emoji=["👍", "👍", "开除", *list(EMOJI)[:40]])
    found = decode_reaction(encode_reaction(many))
    assert found is not None
    assert found.emoji[0] == "👍"
    assert len(found.emoji) == len(set(found.emoji)) == MAX_REACTIONS
    assert decode_reaction(encode_content(TextContent(text="👍"))) is None
    assert decode_reaction(b"\xc1nonsense") is None
    # A reaction is never a message.
    assert isinstance(decode_content(encode_reaction(many)), Unknown)


@pytest.mark.clause("E104")
def test_records_in_records_are_counted_and_newer_kinds_inside_survive():
    newer = msgspec.msgpack.encode({"type": "hologram", "beam": b"xyz"})
    kept = decode_content(newer)
    assert kept == Unknown(raw=newer)
    assert summary(kept) == "[此消息需要升级客户端查看]"
    assert not forwardable(kept)
    content = MergedContent(
        title="甲", items=[MergedItem(sender_id="p", sender_name="李强", sent_at=1, content=newer)]
    )
    assert decode_content(content.items[0].content) == kept
    voice = VoiceContent(file=FileRef(file_id="f", key=b"k", name="语音.wav", size=1), duration_ms=900)
    assert not forwardable(voice)
    for _ in range(2000):
        inner = MergedItem(sender_id="p", sender_name="李强", sent_at=1, content=encode_content(content))
        content = MergedContent(title="乙", items=[inner])
    # A bomb of records is looked into so far and no further.
    assert merged_depth(content) == MAX_MERGED_DEPTH + 1
    assert file_refs(content) == []
    assert text_of(content).count("乙") <= MAX_MERGED_DEPTH + 1


@pytest.mark.clause("3.1.2.2")
@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab*_~`#>-|[]()!\\n\n 1.+x汉😀<&\u200b\x00"), max_size=120))
def test_any_text_is_shown_and_its_styles_stay_inside(source: str):
    made = render(source)
    for span in made.spans:
        assert span.start >= 0
        assert span.start + span.length <= len(made.text) + 1
        assert not span.target or span.target.startswith(("http://", "https://"))


@pytest.mark.clause("E100")
def test_a_folder_that_changes_or_lies_is_refused(tmp_path: Path):
    root = tmp_path / "资料"
    (root / "a").mkdir(parents=True)
    (root / "a" / "x.txt").write_bytes(b"12345")
    (root / "y.bin").write_bytes(b"")
    entries, empty = scan_tree(root)
    assert entries == [FolderEntry("a/x.txt", 5), FolderEntry("y.bin", 0)]
    assert empty == []
    (root / "a" / "x.txt").write_bytes(b"123")
    with pytest.raises(SourceChanged):
        TreeReader(root, entries)()
    (root / "a" / "x.txt").write_bytes(b"1234567")
    with pytest.raises(SourceChanged):
        TreeReader(root, entries)()
    with pytest.raises(FolderRefused):
        scan_tree(tmp_path / "nothing")
    target = tmp_path / "到"
    target.mkdir()

    def take(
        paths: list[tuple[str, int]], size: int = 5, stream: bytes = b"12345", name: str = "资料"
    ) -> Path:
        file = FileRef(file_id="f", key=b"k", name=name, size=size)
        folder = FolderContent(file=file, entries=[FolderEntry(path, length) for path, length in paths])
        return unpack_tree(iter([stream]), folder, target)

    for bad in ("../x", "/etc/x", "a/../../x", "a//x", "", ".", "..", "a/\x00", "a/."):
        with pytest.raises(UnsafeTree):
            take([(bad, 5)])
    with pytest.raises(UnsafeTree):
        take([("a", 2), ("A", 3)])
    with pytest.raises(UnsafeTree):
        take([("a", 9)])
    with pytest.raises(UnsafeTree):
        take([("a", -1), ("b", 6)])
    with pytest.raises(UnsafeTree):
        take([("a", 5)], stream=b"123")
    assert list(target.iterdir()) == []
    made = take([("con.txt", 2), ("子:目录/文?件.txt", 3)], name="../资料")
    assert made.parent == target
    assert sorted(path.name for path in made.rglob("*") if path.is_file()) == ["_con.txt", "文_件.txt"]

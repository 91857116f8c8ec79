"""The assistant of a real client over a real server process and a scripted model: answers, and what must stay unseen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import docx
import httpx
import pytest
from bed.duo import Duo, until, until_online
from bed.office import PASSWORD, Device
from bed.upstream import ANSWER, Upstream

from app.features.assistant.engine import OfflineEngine
from app.features.assistant.history import StoreHistory
from app.features.assistant.knowledge import Knowledge
from app.features.assistant.library import StoreLibrary
from app.features.assistant.ports import Asker
from app.features.assistant.service import AssistantService, Wanted, Watch
from app.features.documents.service import DocumentService
from app.session.file_reading import FileReading
from app.session.session import Session
from app.showcase.chats import sample_picture
from app.showcase.documents_service import InlineEngine, ShowcaseOutside
from app.store.bigrams import tokens_of
from app.store.database import Reader
from app.store.queries import conversations, destroyed, file_texts, found_files, messages
from app.store.queries.assistant import WITHHELD, place_of
from app.store.queries.file_texts import Passage, TextState
from app.store.queries.places import number_of
from app.store.records import MessageRow
from app.word_reader import EngineReader
from offline_ai.documents.model import Document
from offline_ai.models.origin import Origin
from server_stub.contract.content import FileContent, ImageContent
from server_stub.contract.errors import ApiError, ErrorCode
from server_stub.contract.sm.algorithms import Algorithms

CANARY = "金丝雀7531"
SECRET = f"防汛物资清单由{CANARY}保管，共有86件，存放在城东仓库。"
OPEN = "防汛物资清单请各单位于周五前核对，由市水利局负责汇总。"
QUESTION = "防汛物资清单共有多少件，存放在哪里？"


def made(session: Session) -> AssistantService:
    knowledge = Knowledge(session.knowledge)
    return AssistantService(
        session.assistant,
        StoreHistory(session.store, knowledge),
        StoreLibrary(session.store),
        OfflineEngine(InlineEngine()),
        Asker(session.me.name, "防汛抗旱处"),
        knowledge,
    )


@asynccontextmanager
async def administrator(duo: Duo) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in over HTTP; where two processes serve, at the one that does not serve Feng."""
    async with httpx.AsyncClient(
        base_url=f"{duo.url_far_from('fengxue')}/api/v1", trust_env=False, timeout=30
    ) as http:
        body = {"login": "admin", "password": PASSWORD, "device": Device(Algorithms.best()).info()}
        answer = await http.post("/auth/sign-in", json=body)
        http.headers["authorization"] = f"Bearer {answer.json()['tokens']['access_token']}"
        yield http


async def give(duo: Duo, upstream: str = "", words: tuple[str, ...] = ()) -> None:
    """As the administrator: the permission, a provider, forbidden words."""
    async with administrator(duo) as http:
        given = {"changes": [{"subject": "everyone", "allow": True}]}
        assert (await http.post("/admin/features/assistant", json=given)).status_code == 200
        if upstream:
            provider = {
                "name": "机房",
                "address": upstream,
                "models": ["good", "echo", "broken", "forbidden", "dictated"],
            }
            assert (await http.post("/admin/assistant/providers", json=provider)).status_code == 200
        if words:
            body = {"version": 0, "words": [{"text": word} for word in words]}
            assert (await http.put("/admin/assistant/words", json=body)).status_code == 200


async def whole(service: AssistantService) -> str:
    """Everything that the assistant can still bring to light: hits, counts, suggestions, sources, history, exports."""
    found: list[str] = []
    turn = await service.ask(Wanted(QUESTION), Watch())
    found.append(repr(turn))
    for one in ("城东仓库", CANARY, "86件", "物资"):
        readable = [*await service._library.find([[one]])]
        if service._knowledge is not None:
            readable += await service._knowledge.find([[one]])
        found.append(f"{one} {len(readable)} {readable!r}")
    for talk in await service.history.talks():
        turns = await service.history.turns(talk.id)
        found.append(repr(turns))
        found.append(await service.export(talk))
        for kept in turns:
            for mark in kept.marks:
                found.append(repr(await service.passage(mark)))
    found.append(repr(await service.history.talks(CANARY)))
    return "\n".join(found)


@pytest.mark.clause("3.2.6.13", "3.2.6.9.13")
@pytest.mark.parametrize("how", ["recalled", "left", "cleared"])
async def test_nothing_that_may_not_be_seen_any_more_comes_out_anywhere(duo: Duo, how: str) -> None:
    await give(duo)
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    wang = await duo.sign_in("wangjianguo")
    group = await li.conversations.create_group([feng.me.id, wang.me.id], "物资组")
    other = await wang.conversations.open_single(feng.me.id)
    await li.send.text(group, SECRET)
    await wang.send.text(other, OPEN)
    for chat, text in ((group, SECRET), (other, OPEN)):
        await until(feng, lambda db, c=chat, t=text: t in repr(messages.newest(db, c, 10)))
    service = made(feng)
    await service.enter()
    before = await whole(service)
    # Seen while it may be seen: the test below could fail.
    assert CANARY in before
    (talk,) = await service.history.talks()
    assert "86件" in (await service.history.turns(talk.id))[0].answer
    assert "86件" in before
    rows = await feng.store.read(lambda db: messages.newest(db, group, 10))
    seq = next(row.seq for row in rows if CANARY in str(row.content))
    if how == "recalled":
        await li.messages.recall(group, seq)
        await until(feng, lambda db: bool((found := messages.get(db, group, seq)) and found.recalled_by))
    elif how == "left":
        await li.conversations.change_members(group, remove=[feng.me.id])
        await until(feng, lambda db: (row := conversations.get(db, group)) is None or row.left)
    else:
        await feng.store.write(
            lambda db: db.run("UPDATE conversations SET first_seq = ? WHERE id = ?", (seq + 1, group))
        )
    after = await whole(service)
    assert CANARY not in after.replace(f"{CANARY} 0 []", "")
    assert "86件" not in after.replace("86件 0 []", "")
    assert "城东仓库" not in after.replace("城东仓库 0 []", "")
    assert f"{CANARY} 0 []" in after
    assert WITHHELD in after
    # What may be seen is still found.
    assert "市水利局" in after
    await service.close()


class Reading:
    """A client's reading of files with the real engines, and what is known of words at all."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.reading = FileReading(session.store, session.files, EngineReader(), quiet=0.05)

    async def has(self, file_id: str, wanted: bool) -> None:
        await until(
            self.session,
            lambda db: (
                (db.one("SELECT 1 FROM file_texts WHERE file_id = ?", (file_id,)) is not None) is wanted
            ),
            60,
        )

    async def traces(self, words: str) -> list[object]:
        """Everything of the words in the tables of texts and of the index."""

        def work(db: Reader) -> list[object]:
            tokens = {token for token in tokens_of(words) if len(token) > 1}
            hits = [
                db.value("SELECT count(*) FROM file_search WHERE file_search MATCH ?", (f'"{token}"',))
                for token in tokens
            ]
            kept = db.value("SELECT count(*) FROM file_texts WHERE instr(text, ?)", (words,))
            found = found_files.find(db, words)
            return [sum(hits), kept, *found]

        return await self.session.store.read(work)


async def bring(duo: Duo, path: Path) -> tuple[Session, Session, Session, str, str, Reading, int]:
    """A document in a group, fetched by Feng and read there."""
    await give(duo)
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    wang = await duo.sign_in("wangjianguo")
    group = await li.conversations.create_group([feng.me.id, wang.me.id], "物资组")
    document = docx.Document()
    document.add_paragraph("防汛物资储备情况")
    document.add_paragraph(SECRET)
    document.save(str(path))
    await li.send.files(group, [path])
    await until(feng, lambda db: messages.with_files(db, group, 10))
    (row,) = await feng.store.read(lambda db: messages.with_files(db, group, 10))
    content = row.content
    assert isinstance(content, FileContent)
    reading = Reading(feng)
    reading.reading.set_on(True)
    await reading.reading.caught_up.wait()
    # Not fetched: not on this machine, so not known.
    assert not any(await reading.traces(CANARY))
    await feng.files.fetched(content.file, group)
    await reading.has(content.file.file_id, True)
    return li, feng, wang, group, content.file.file_id, reading, row.seq


@pytest.mark.clause("3.2.6.13", "3.2.6.9.13")
@pytest.mark.parametrize("how", ["recalled", "left", "cleared", "deleted here", "switched off", "destroyed"])
async def test_words_of_a_chat_file_are_found_and_go_with_their_message(
    duo: Duo, tmp_path: Path, how: str
) -> None:
    li, feng, wang, group, file_id, reading, seq = await bring(duo, tmp_path / "物资.docx")
    other = await wang.conversations.open_single(feng.me.id)
    await wang.send.text(other, OPEN)
    await until(feng, lambda db: OPEN in repr(messages.newest(db, other, 10)))
    service = made(feng)
    await service.enter()
    before = await whole(service)
    assert CANARY in before
    assert "86件" in before
    turn = (await service.history.turns((await service.history.talks())[0].id))[0]
    mark = next(one for one in turn.marks if file_id in one.key)
    assert mark.title.startswith("《物资.docx》")
    # The mark leads to the words themselves in the whole text of the file.
    passage = await service.passage(mark)
    assert passage is not None
    assert passage.text.startswith("防汛物资储备情况")
    assert "86件" in passage.text[mark.start : mark.end]
    assert place_of(mark.key) == (group, seq)
    (hit,) = await feng.store.read(lambda db: found_files.find(db, CANARY))
    assert (hit.name, hit.seq) == ("物资.docx", seq)
    assert CANARY in hit.line
    assert all(await reading.traces(CANARY))

    if how == "recalled":
        await li.messages.recall(group, seq)
    elif how == "left":
        await li.conversations.change_members(group, remove=[feng.me.id])
    elif how == "cleared":
        await feng.groups.clear(group)
    elif how == "deleted here":
        await feng.kinds.remove_here(group, [seq])
    elif how == "destroyed":
        number = await feng.store.read(lambda db: number_of(db, group))
        assert number is not None
        await feng.store.write(lambda db: destroyed.take(db, group, number, 1, seq))
    else:
        reading.reading.set_on(False)
    await reading.has(file_id, False)
    # At once and whole: no text, no token, no hit.
    assert not any(await reading.traces(CANARY))
    after = await whole(service)
    if how == "switched off":
        # The message is still there: the kept answer too, but nothing new comes of the file.
        assert f"{CANARY} 0 []" in after
    else:
        assert CANARY not in after.replace(f"{CANARY} 0 []", "")
        assert "86件" not in after.replace("86件 0 []", "")
        assert WITHHELD in after
    assert "市水利局" in after
    await reading.reading.close()
    await service.close()


@pytest.mark.clause("3.2.6.13")
async def test_a_file_of_a_conversation_that_one_has_left_is_never_read(duo: Duo, tmp_path: Path) -> None:
    li, feng, _, group, file_id, reading, _ = await bring(duo, tmp_path / "物资.docx")
    await reading.reading.close()
    await feng.store.write(lambda db: file_texts.forget(db, file_id))
    await li.conversations.change_members(group, remove=[feng.me.id])
    await until(feng, lambda db: (row := conversations.get(db, group)) is None or row.left)
    again = Reading(feng)
    again.reading.set_on(True)
    await again.reading.caught_up.wait()
    # The file itself lies here still; nobody reads it.
    assert await feng.store.read(lambda db: db.one("SELECT 1 FROM transfers WHERE file_id = ?", (file_id,)))
    assert not any(await again.traces(CANARY))
    # Nor are its words taken that were on their way when one was put out.
    kept = await feng.store.write(
        lambda db: file_texts.put(db, file_id, TextState.READ, SECRET, [Passage(0, len(SECRET))])
    )
    assert not kept
    await again.reading.close()


@pytest.mark.clause("3.2.6.13")
async def test_the_words_of_files_lie_nowhere_in_clear(duo: Duo, tmp_path: Path) -> None:
    _, feng, _, _, file_id, reading, _ = await bring(duo, tmp_path / "物资.docx")
    assert await feng.store.read(lambda db: CANARY in file_texts.text_of(db, file_id))
    words = CANARY.encode()
    for file in (tmp_path / "home").rglob("*"):
        assert not file.is_file() or words not in file.read_bytes(), file
    await reading.reading.close()


@pytest.mark.clause("3.2.6.13", "3.2.6.9.13")
@pytest.mark.parametrize(
    ("how", "model"),
    [
        ("not given", ""),
        ("not given", "dictated"),
        ("removed", "dictated"),
        ("replaced", ""),
        ("dropped", ""),
        ("assistant taken", ""),
        ("unreachable", "dictated"),
    ],
)
async def test_a_knowledge_base_is_read_by_whom_it_is_given_to_and_leaves_with_the_right(
    duo: Duo, how: str, model: str
) -> None:
    path = "/admin/assistant/knowledge"
    feng, li = await duo.sign_in("fengxue"), await duo.sign_in("liqiang")
    mine, other = made(feng), made(li)
    async with Upstream() as upstream, administrator(duo) as http:
        await give(duo, upstream.url)
        viewers = [{"subject": "person", "subject_id": feng.me.id}]
        answer = await http.post(path, json={"name": "防汛资料", "viewers": viewers})
        (base,) = answer.json()["bases"]
        text = f"物资管理办法\n{SECRET}\n" + "无关的一段。\n" * 50
        document = {"name": "物资.docx", "text": text}
        answer = await http.post(f"{path}/{base['id']}/documents", json=document)
        (kept,) = answer.json()["bases"][0]["documents"]
        await mine.enter()
        await other.enter()
        # Who may see it is answered from it, with a source that opens the passage; another person's client gets nothing.
        upstream.dictation = "共有86件，存放在城东仓库[1]。"
        turn = await mine.ask(Wanted(QUESTION, model=model), Watch())
        assert "86件" in turn.answer
        mark = turn.marks[0]
        assert mark.title == "《物资.docx》 防汛资料"
        assert mark.text == ""
        passage = await mine.passage(mark)
        assert passage is not None
        assert CANARY in passage.text[mark.start : mark.end]
        if model:
            # The organisation's own goes to its model without a tick; messages would not.
            assert CANARY in str(upstream.bodies[-1]["messages"])
        assert CANARY in await whole(mine)
        hidden = await whole(other)
        for one in (CANARY, "86件", "城东仓库"):
            assert one not in hidden.replace(f"{one} 0 []", "")
        if how == "not given":
            await http.put(f"{path}/{base['id']}", json={"name": "防汛资料", "viewers": []})
        elif how == "removed":
            await http.delete(f"{path}/documents/{kept['id']}")
        elif how == "replaced":
            await http.post(f"{path}/{base['id']}/documents", json=document | {"text": "新的一版。"})
        elif how == "dropped":
            await http.delete(f"{path}/{base['id']}")
        elif how == "assistant taken":
            refuse = {"changes": [{"subject": "person", "subject_id": feng.me.id, "allow": False}]}
            await http.post("/admin/features/assistant", json=refuse)
        else:
            await duo.stop_server()
        bodies = len(upstream.bodies)
        after = await whole(mine)
        for one in (CANARY, "86件", "城东仓库"):
            assert one not in after.replace(f"{one} 0 []", "")
        assert WITHHELD in after
        # Nor is a model told of it when the talk goes on.
        await mine.ask(Wanted("那谁保管？", turn.talk_id, model=model), Watch())
        assert CANARY not in str(upstream.bodies[bodies:])
        assert "86件" not in str(upstream.bodies[bodies:])
    await mine.close()
    await other.close()


@pytest.mark.clause("3.2.6.9.1", "3.2.6.11.7")
async def test_the_model_of_the_office_answers_a_real_client(duo: Duo, tmp_path: Path) -> None:
    feng = await duo.sign_in("fengxue")
    service = made(feng)
    with pytest.raises(ApiError) as refused:
        await service.enter()
    assert refused.value.code is ErrorCode.FORBIDDEN
    async with Upstream() as upstream:
        await give(duo, upstream.url, ("绝密词",))
        setup = await service.enter()
        assert setup.models == ["good", "echo", "broken", "forbidden", "dictated"]
        seen: list[str] = []
        turn = await service.ask(Wanted("什么时候开会？", model="good"), Watch(text=seen.append))
        assert (turn.answer, turn.state, turn.origin) == ("".join(ANSWER), "done", "model")
        # Checked whole: nothing was shown before all of it was known.
        assert seen == [turn.answer]
        again = await service.ask(Wanted("那地点呢？", turn.talk_id, model="echo"), Watch())
        told = json.loads(again.answer)["messages"]
        assert [one["content"] for one in told[1:]] == ["什么时候开会？", "".join(ANSWER), "那地点呢？"]
        broken = await service.ask(Wanted("什么时候开会？", model="broken"), Watch())
        assert broken.state == "failed"
        assert broken.problem.startswith("模型服务")
        blocked = await service.ask(Wanted("说说", model="forbidden"), Watch(text=seen.append))
        assert blocked.answer == setup.policy.answer_reply == seen[-1]
        assert not any("以下是内容" in one for one in seen)
    turns = await service.history.turns(turn.talk_id)
    assert [one.question for one in turns] == ["什么时候开会？", "那地点呢？"]
    # The talk lies in the encrypted store and nowhere else on the disk.
    words = "会议定于".encode()
    for file in (tmp_path / "home").rglob("*"):
        assert not file.is_file() or words not in file.read_bytes(), file
    await service.close()


@pytest.mark.clause("3.2.5.2.2", "3.2.6.11.7")
async def test_a_document_is_summarised_by_the_model_of_the_office(duo: Duo, tmp_path: Path) -> None:
    feng = await duo.sign_in("fengxue")
    service = DocumentService(tmp_path, ShowcaseOutside(), InlineEngine(), calls=feng.assistant)
    document = Document()
    document.add("title", "关于切实做好防汛工作的通知")
    document.add("paragraph", "各单位要在5月20日前完成隐患排查。")
    # Not allowed: no model, and nothing to choose.
    assert await service.models() == []
    async with Upstream() as upstream:
        await give(duo, upstream.url, ("绝密词",))
        assert "dictated" in await service.models()
        service.model = "dictated"
        upstream.dictation = "<think>先看看。</think>5月20日前完成排查。[2]"
        summary, _, said = await service.summarise(document, 0)
        assert summary is not None
        assert (summary.origin, summary.text, said.note) == (Origin.MODEL, "5月20日前完成排查。", "")
        assert document.text[summary.sentences[0].start :] == "各单位要在5月20日前完成隐患排查。"
        upstream.dictation = "第一句。[2]第二句有绝·密词。[2]"
        blocked, _, said = await service.summarise(document, 0)
        assert blocked is None
        assert said.reply == "相关内容无法显示。"
        service.model = "broken"
        by_rules, _, said = await service.summarise(document, 0)
        assert by_rules is not None
        assert by_rules.origin is Origin.RULES
        assert said.note.startswith("模型没有完成：模型服务")
    await service.close()


@pytest.mark.clause("3.2.6.9.3", "3.2.6.9.4", "3.2.6.13")
@pytest.mark.parametrize("how", ["recalled", "left"])
async def test_pictures_that_go_with_an_answer_are_shown_as_long_as_they_may_be_seen(
    duo: Duo, how: str
) -> None:
    await give(duo)
    li, feng = await duo.sign_in("liqiang"), await duo.sign_in("fengxue")
    wang = await duo.sign_in("wangjianguo")
    group = await li.conversations.create_group([feng.me.id, wang.me.id], "隧道组")
    small = sample_picture(160, 107)

    async def send(who: Session, name: str) -> None:
        await who.send.image(
            group,
            sample_picture(),
            name=name,
            width=960,
            height=640,
            thumbnail=small,
            media_type="image/jpeg",
        )

    await send(wang, "泵站值守现场.jpg")
    await li.send.text(group, "二七路隧道积水12厘米，已经封控，抽排预计两小时。")
    await send(li, "IMG_0001.jpg")

    def pictures(db: Reader) -> list[MessageRow]:
        rows = messages.newest(db, group, 10)
        found = [row for row in rows if isinstance(row.content, ImageContent) and row.seq]
        return found if len(found) == 2 else []

    await until(feng, lambda db: bool(pictures(db)))
    service = made(feng)
    await service.enter()
    # By the message that it was sent along with: its own name says nothing. The other's picture is not taken for it.
    turn = await service.ask(Wanted("二七路隧道积水多少厘米？"), Watch())
    assert "12厘米" in turn.answer
    (key,) = turn.pictures
    shown = await service.picture(key)
    assert shown is not None
    assert (shown.name, shown.conversation_id) == ("IMG_0001.jpg", group)
    assert shown.thumbnail == small
    # By its name, where a picture is asked for.
    by_name = await service.ask(Wanted("泵站值守的照片"), Watch())
    assert [one.name for k in by_name.pictures if (one := await service.picture(k))] == ["泵站值守现场.jpg"]
    if how == "recalled":
        await li.messages.recall(group, shown.seq)
        await until(feng, lambda db: bool((row := messages.get(db, group, shown.seq)) and row.recalled_by))
    else:
        await li.conversations.change_members(group, remove=[feng.me.id])
        await until(feng, lambda db: (row := conversations.get(db, group)) is None or row.left)
    assert await service.picture(key) is None
    again = await service.ask(Wanted("二七路隧道积水多少厘米？"), Watch())
    assert key not in again.pictures
    kept = await service.history.turns(turn.talk_id)
    assert all(key not in one.pictures for one in kept)
    if how == "recalled":
        # The words were not recalled.
        assert "12厘米" in kept[0].answer
    await service.close()


@pytest.mark.clause("3.2.6.2.1")
async def test_what_a_knowledge_base_was_told_answers_after_a_power_cut_of_the_server(duo: Duo) -> None:
    """Facts are stored for good: an answer of another day, by a server that was started anew, is made of them."""
    feng = await duo.sign_in("fengxue")
    path = "/admin/assistant/knowledge"
    async with administrator(duo) as http:
        await give(duo)
        answer = await http.post(path, json={"name": "制度", "viewers": [{"subject": "everyone"}]})
        (base,) = answer.json()["bases"]
        for number in range(20):
            text = f"第{number}号物资管理办法\n第{number}号仓库由保管员{number}号负责，存放抽水泵{number + 30}台。"
            document = {"name": f"办法{number}.docx", "text": text}
            await http.post(f"{path}/{base['id']}/documents", json=document)
    service = made(feng)
    await service.enter()
    assert "存放抽水泵47台" in (await service.ask(Wanted("第17号仓库存放多少台抽水泵？"), Watch())).answer
    await service.close()
    await duo.kill_server()
    await duo.start_server()
    await until_online(feng)
    again = made(feng)
    await again.enter()
    turn = await again.ask(Wanted("第17号仓库存放多少台抽水泵？"), Watch())
    assert "存放抽水泵47台" in turn.answer
    assert turn.marks[0].title == "《办法17.docx》 制度"
    passage = await again.passage(turn.marks[0])
    assert passage is not None
    assert "第17号仓库" in passage.text
    await again.close()


async def test_a_model_is_given_what_a_knowledge_base_says_in_other_words(duo: Duo) -> None:
    feng = await duo.sign_in("fengxue")
    service = made(feng)
    async with Upstream() as upstream, administrator(duo) as http:
        await give(duo)
        upstream.vector = lambda text: [1.0, 0.0] if "年休假" in text or "带薪假期" in text else [0.0, 1.0]
        provider = {
            "name": "机房",
            "address": upstream.url,
            "models": ["dictated"],
            "embedding_models": ["bge"],
        }
        await http.post("/admin/assistant/providers", json=provider)
        viewers = [{"subject": "everyone"}]
        (base,) = (
            await http.post("/admin/assistant/knowledge", json={"name": "制度", "viewers": viewers})
        ).json()["bases"]
        text = "工作规定\n" + "食堂十二点开饭。\n" * 60 + "满一年的，年休假五天。\n"
        document = {"name": "规定.docx", "text": text}
        await http.post(f"/admin/assistant/knowledge/{base['id']}/documents", json=document)
        await service.enter()
        upstream.dictation = "五天[1]。"
        wanted = Wanted("带薪假期多长？", model="dictated")

        async def answered() -> bool:
            turn = await service.ask(wanted, Watch())
            return bool(turn.marks)

        # The vectors are made behind the first search.
        for _ in range(40):
            if await answered():
                break
            await asyncio.sleep(0.25)
        turn = await service.ask(wanted, Watch())
        assert "年休假五天" in str(upstream.bodies[-1]["messages"][-1])
        assert turn.marks[0].title == "《规定.docx》 制度"
        passage = await service.passage(turn.marks[0])
        assert passage is not None
        assert "年休假五天" in passage.text[turn.marks[0].start : turn.marks[0].end]
        # By rules only words leave the machine: the question is not told.
        asked = len(upstream.bodies)
        await service.ask(Wanted("带薪假期多长？"), Watch())
        assert len(upstream.bodies) == asked
    await service.close()

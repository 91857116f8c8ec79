"""Knowledge bases over a real server: who sees what, at once; sealed at rest; bounds; what administrators do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from bed.office import Office, SignedInAs, running_office
from bed.upstream import Upstream

from server_stub.features.knowledge.passages import best, passages
from server_stub.features.knowledge.tables import knowledge_documents, knowledge_vectors
from server_stub.features.knowledge.vectors import fused

PATH = "/assistant/knowledge"
ADMIN = "/admin/assistant/knowledge"
SECRET = "防汛物资存放在城东仓库，代号金丝雀7531。"


class Bases:
    """An office whose people may use the assistant."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def open(self) -> None:
        self.admin = await self.office.sign_in("admin")
        self.feng, self.li = await self.office.sign_in("fengxue"), await self.office.sign_in("liqiang")
        given = {"changes": [{"subject": "everyone", "allow": True}]}
        await self.admin.http.post("/admin/features/assistant", json=given)

    async def put(self, name: str, *viewers: tuple[str, str], base_id: str = "") -> str:
        body = {"name": name, "viewers": [{"subject": kind, "subject_id": id_} for kind, id_ in viewers]}
        if base_id:
            answer = await self.admin.http.put(f"{ADMIN}/{base_id}", json=body)
        else:
            answer = await self.admin.http.post(ADMIN, json=body)
        assert answer.status_code == 200, answer.text
        return next(one["id"] for one in answer.json()["bases"] if one["name"] == name)

    async def add(self, base_id: str, name: str, text: str) -> str:
        answer = await self.admin.http.post(f"{ADMIN}/{base_id}/documents", json={"name": name, "text": text})
        assert answer.status_code == 200, answer.text
        base = next(one for one in answer.json()["bases"] if one["id"] == base_id)
        return next(one["id"] for one in base["documents"] if one["name"] == name)

    async def found(self, who: SignedInAs, *words: str) -> list[dict[str, Any]]:
        answer = await who.http.post(f"{PATH}/search", json={"groups": [[word] for word in words]})
        assert answer.status_code == 200, answer.text
        return answer.json()["passages"]

    async def sees(self, who: SignedInAs, document_id: str) -> bool:
        """By every way that there is; all say the same."""
        words = {one["document_id"] for one in await self.found(who, "城东仓库")}
        ids = (await who.http.post(f"{PATH}/visible", json={"ids": [document_id, "x"]})).json()["ids"]
        read = await who.http.get(f"{PATH}/documents/{document_id}")
        answers = {document_id in words, ids == [document_id], read.status_code == 200}
        assert len(answers) == 1, (words, ids, read.text)
        if read.status_code != 200:
            assert read.status_code == 404
            assert "金丝雀" not in read.text
        return answers.pop()


@pytest.fixture
async def bases(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Bases]:
    on_postgres = getattr(request, "param", "") == "postgresql"
    database = request.getfixturevalue("fresh_postgres")(driver="") if on_postgres else ""
    async with running_office(tmp_path, database=database) as office:
        made = Bases(office)
        await made.open()
        yield made


@pytest.mark.clause("3.2.6.13")
@pytest.mark.parametrize("bases", ["sqlcipher", "postgresql"], indirect=True)
async def test_a_base_is_seen_by_exactly_those_it_is_given_to_and_no_longer(bases: Bases) -> None:
    office = bases.office
    feng_id = office.staff["fengxue"].id
    bureau, desk = office.unit_ids["市应急管理局"], office.unit_ids["防汛抗旱处"]
    base = await bases.put("防汛资料")
    document = await bases.add(base, "物资.docx", SECRET)
    wang = await office.sign_in("wangjianguo")
    people = (bases.feng, wang, bases.li, bases.admin)

    async def seen() -> list[bool]:
        return [await bases.sees(one, document) for one in people]

    # Nobody at first, not the administrator either.
    nobody, everyone = [False] * 4, [True] * 4
    assert await seen() == nobody
    for viewers, expected in (
        ([("person", feng_id)], [True, False, False, False]),
        ([], nobody),
        ([("unit", bureau)], [True, True, False, False]),
        ([("unit", desk)], [True, False, False, False]),
        ([("unit", desk), ("person", office.staff["liqiang"].id)], [True, False, True, False]),
        ([("everyone", "")], everyone),
        ([], nobody),
    ):
        await bases.put("防汛资料", *viewers, base_id=base)
        found = await seen()
        assert found == expected, viewers
    await bases.put("防汛资料", ("everyone", ""), base_id=base)
    # Without the assistant nothing of it is open.
    refuse = {"changes": [{"subject": "person", "subject_id": feng_id, "allow": False}]}
    await bases.admin.http.post("/admin/features/assistant", json=refuse)
    for answer in (
        await bases.feng.http.post(f"{PATH}/search", json={"groups": [["城东仓库"]]}),
        await bases.feng.http.post(f"{PATH}/visible", json={"ids": [document]}),
        await bases.feng.http.get(f"{PATH}/documents/{document}"),
    ):
        assert answer.status_code == 403
    assert await bases.sees(bases.li, document)
    # What is taken out is gone, and so is what is replaced.
    newer = await bases.add(base, "物资.docx", SECRET + "\n新的一版。")
    assert not await bases.sees(bases.li, document)
    assert await bases.sees(bases.li, newer)
    await bases.admin.http.delete(f"{ADMIN}/documents/{newer}")
    assert not await bases.sees(bases.li, newer)
    last = await bases.add(base, "物资.docx", SECRET)
    assert await bases.sees(bases.li, last)
    assert (await bases.admin.http.delete(f"{ADMIN}/{base}")).json()["bases"] == []
    assert not await bases.sees(bases.li, last)
    trail = await office.audited("knowledge_read")
    assert any(line[2] == "refused" for line in trail)
    assert "金丝雀" not in str(await office.audited("knowledge"))


async def test_texts_are_sealed_and_bounded_and_only_administrators_keep_them(bases: Bases) -> None:
    base = await bases.put("制度", ("everyone", ""))
    document = await bases.add(base, "请假.txt", f"  {SECRET}\n\n\n第二段。  ")
    (row,) = await bases.office.rows(knowledge_documents)
    assert "金丝雀".encode() not in row.sealed_text
    assert SECRET.encode() not in row.sealed_text
    text = (await bases.feng.http.get(f"{PATH}/documents/{document}")).json()
    assert text == {"id": document, "title": "请假.txt", "base": "制度", "text": f"{SECRET}\n第二段。"}
    (passage,) = await bases.found(bases.feng, "第二段")
    assert text["text"][passage.get("start", 0) :].startswith(passage["text"])
    for method, path, body in (
        ("GET", ADMIN, None),
        ("POST", ADMIN, {"name": "x"}),
        ("PUT", f"{ADMIN}/{base}", {"name": "x"}),
        ("DELETE", f"{ADMIN}/{base}", None),
        ("POST", f"{ADMIN}/{base}/documents", {"name": "x", "text": "y"}),
        ("DELETE", f"{ADMIN}/documents/{document}", None),
    ):
        assert (await bases.feng.http.request(method, path, json=body)).status_code == 403
    http = bases.admin.http
    for path, body, status in (
        (f"{ADMIN}/{base}/documents", {"name": "x", "text": " \n "}, 400),
        (f"{ADMIN}/{base}/documents", {"name": "", "text": "x"}, 400),
        (f"{ADMIN}/{base}/documents", {"name": "x", "text": "字" * 400_001}, 413),
        (f"{ADMIN}/nowhere/documents", {"name": "x", "text": "y"}, 404),
        (ADMIN, {"name": " "}, 400),
        (ADMIN, {"name": "x", "viewers": [{"subject": "unit", "subject_id": "nobody"}]}, 404),
        (ADMIN, {"name": "x", "viewers": [{"subject": "person"}]}, 400),
        (f"{PATH}/search", {"groups": [["x"]] * 13}, 400),
        (f"{PATH}/search", {"groups": [["x" * 41]]}, 400),
    ):
        assert (await http.post(path, json=body)).status_code == status, body


def meaning(text: str) -> list[float]:
    """Two subjects: leave, in whatever words, and everything else."""
    about_leave = any(word in text for word in ("年休假", "带薪假期", "歇几天"))
    return [3.0, 0.1, 0.0] if about_leave else [0.0, 0.1, 2.0]


@pytest.mark.clause("3.2.6.13", "3.2.6.7.1", "3.2.6.7.2")
async def test_what_is_said_in_other_words_is_found_by_vectors_and_only_by_whom_it_is_given_to(
    bases: Bases,
) -> None:
    async with Upstream() as upstream:
        upstream.vector = meaning
        provider = {
            "name": "机房",
            "address": upstream.url,
            "models": ["good"],
            "embedding_models": ["bge"],
            "retries": 0,
        }
        await bases.admin.http.post("/admin/assistant/providers", json=provider)
        feng = ("person", bases.office.staff["fengxue"].id)
        base = await bases.put("制度", feng)
        text = (
            "机关工作规定\n"
            + "食堂十二点开饭。\n" * 60
            + "工作满一年的，年休假五天。\n"
            + "车辆统一调度。\n" * 60
        )
        document = await bases.add(base, "规定.docx", text)
        vectors = bases.office.server.knowledge.vectors

        async def asked(who: SignedInAs, question: str, *words: str) -> list[str]:
            body = {"groups": [[word] for word in words], "question": question}
            answer = await who.http.post(f"{PATH}/search", json=body)
            assert answer.status_code == 200
            await vectors.settled()
            return [one["text"] for one in answer.json()["passages"]]

        # The first search finds by words alone, and has the vectors made.
        assert await asked(bases.feng, "带薪假期有几天？", "带薪假期") == []
        found = await asked(bases.feng, "带薪假期有几天？", "带薪假期")
        assert len(found) == 1
        assert "年休假五天" in found[0]
        # By words as well: both rankings count, nothing twice.
        both = await asked(bases.feng, "想歇几天", "车辆")
        assert len(both) == len(set(both))
        assert any("年休假" in one for one in both)
        assert any("车辆" in one for one in both)
        # Without the question it is words alone; who may not see the base finds nothing, however near.
        assert await asked(bases.feng, "", "带薪假期") == []
        assert await asked(bases.li, "带薪假期有几天？", "年休假") == []
        # Sealed, bound to the document, and gone with it.
        (row,) = await bases.office.rows(knowledge_vectors)
        assert row.document_id == document
        raw = numpy.asarray(meaning("年休假"), numpy.float32)
        assert (raw / numpy.linalg.norm(raw)).tobytes() not in row.sealed
        # A new process has them from the database: no text is embedded again.
        texts = sum(len(body["input"]) for body in upstream.bodies if "input" in body)
        vectors._held.clear()
        assert len(await asked(bases.feng, "带薪假期有几天？", "带薪假期")) == 1
        assert sum(len(body["input"]) for body in upstream.bodies if "input" in body) == texts + 1
        # A model that fails, or gives rubbish, leaves it to the words.
        upstream.vector = lambda _text: [float("nan"), 1.0, 1.0]
        assert len(await asked(bases.feng, "歇几天", "年休假")) == 1
        await bases.admin.http.delete(f"{ADMIN}/documents/{document}")
        assert await bases.office.rows(knowledge_vectors) == []


def test_two_rankings_become_one() -> None:
    words = [("a", 0), ("b", 0), ("c", 0)]
    near = [("c", 0), ("d", 0)]
    assert fused(words, near, 9)[0] == ("c", 0)
    assert set(fused(words, near, 9)) == {*words, *near}
    assert fused(words, [], 2) == words[:2]


def test_passages_keep_their_places_and_the_fitting_ones_come_first() -> None:
    text = "\n".join(["短行"] * 30 + ["长" * 900, "防汛物资清单", "其他" * 100] + ["尾"] * 300)
    cut = passages(text)
    assert "\n".join(one for _, one in cut) == text
    assert all(text[start : start + len(one)] == one for start, one in cut)
    assert all(len(one) <= 400 or "\n" not in one for _, one in cut)
    texts = {"a": "防汛值班表\n无关", "b": "防汛物资清单在城东仓库", "c": "无关"}
    assert [key for key, _, _ in best(texts, [["防汛"], ["仓库", "库房"]], 10)] == ["b", "a"]
    assert best(texts, [["没有"]], 10) == []

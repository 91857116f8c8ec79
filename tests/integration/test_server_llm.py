"""The assistant's endpoints over a real server and a scripted model server: answers, failures, quotas, words, trail."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest
from bed.office import Office, SignedInAs, running_office
from bed.upstream import ANSWER, Upstream

from server_stub.contract.events import AssistantEvent
from server_stub.contract.frames import EventFrame, Hello, Welcome
from server_stub.features.llm.local import NOT_INSTALLED, LocalModel, engine_there
from server_stub.features.llm.ports import Ask, ProviderFailed
from server_stub.features.llm.tables import llm_providers

KEY = "sk-of-the-office"
WORD = {"text": "绝密词", "kind": "涉密"}


class Desk:
    """An office whose people may use the assistant, and its scripted model server."""

    def __init__(self, office: Office, upstream: Upstream) -> None:
        self.office, self.upstream = office, upstream

    async def open(self) -> None:
        self.admin = await self.office.sign_in("admin")
        self.feng = await self.office.sign_in("fengxue")
        given = {"changes": [{"subject": "everyone", "allow": True}]}
        assert (await self.admin.http.post("/admin/features/assistant", json=given)).status_code == 200

    async def provide(self, *models: str, **changes: Any) -> str:
        body = {
            "name": "机房", "address": self.upstream.url, "api_key": KEY, "models": list(models),
            "embedding_models": ["bge"], "first_token_s": 3, "between_tokens_s": 1,
        } | changes  # fmt: skip
        answer = await self.admin.http.post("/admin/assistant/providers", json=body)
        assert answer.status_code == 200, answer.text
        return next(one["id"] for one in answer.json()["providers"] if one["name"] == body["name"])

    async def state(self, name: str = "机房") -> dict[str, Any]:
        found = (await self.admin.http.get("/admin/assistant/providers")).json()["providers"]
        return next(one for one in found if one["name"] == name)

    async def policy(self, **changes: Any) -> None:
        now = (await self.admin.http.get("/admin/assistant/policy")).json()
        answer = await self.admin.http.put("/admin/assistant/policy", json=now | changes)
        assert answer.status_code == 204, answer.text

    async def words(self, *words: dict[str, str]) -> None:
        version = (await self.admin.http.get("/admin/assistant/words")).json()["version"]
        body = {"version": version, "words": list(words)}
        assert (await self.admin.http.put("/admin/assistant/words", json=body)).status_code == 200

    def client(self, who: SignedInAs | None = None) -> openai.AsyncOpenAI:
        token = (who or self.feng).access_token
        return openai.AsyncOpenAI(base_url=f"{self.office.url}/v1", api_key=token, max_retries=0)

    async def ask(self, model: str, text: str = "什么时候开会？") -> str:
        async with self.client() as client:
            answer = await client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": text}]
            )
        return answer.choices[0].message.content or ""

    async def streamed(self, model: str, text: str = "什么时候开会？") -> list[bytes]:
        """The lines of the stream, as they came."""
        body = {"model": model, "stream": True, "messages": [{"role": "user", "content": text}]}
        url = f"{self.office.url}/v1/chat/completions"
        async with self.feng.http.stream("POST", url, json=body) as response:
            assert response.status_code == 200, await response.aread()
            return [line.encode() async for line in response.aiter_lines() if line]


@pytest.fixture
async def desk(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """On the embedded database, or where a test asks for it on PostgreSQL."""
    on_postgres = getattr(request, "param", "") == "postgresql"
    database = request.getfixturevalue("fresh_postgres")(driver="") if on_postgres else ""
    async with Upstream() as upstream, running_office(tmp_path, database=database) as office:
        made = Desk(office, upstream)
        await made.open()
        yield made


def text_of(lines: list[bytes]) -> str:
    """What a reader is shown in the end."""
    shown = ""
    for line in lines:
        if line.startswith(b"data: {"):
            event = json.loads(line[6:])
            if "zd" in event:
                shown = event["zd"]["replace"]
            for choice in event.get("choices", []):
                shown += choice["delta"].get("content") or ""
    return shown


@pytest.mark.clause("3.3.5", "3.2.6.9.1", "3.2.6.9.6")
async def test_the_official_client_finds_models_answers_streams_and_vectors(desk: Desk) -> None:
    async with desk.client() as client:
        # Without a provider it is said, in words.
        assert [one.id async for one in client.models.list()] == []
        with pytest.raises(openai.InternalServerError) as none:
            await desk.ask("good")
        assert none.value.status_code == 503
        assert "还没有可用的模型服务" in str(none.value)

        await desk.provide("good", "echo", vision=True)
        assert [one.id async for one in client.models.list()] == ["good", "echo", "bge"]
        assert (await client.models.retrieve("good")).object == "model"
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("strange/model")

        whole = await client.chat.completions.create(
            model="good", messages=[{"role": "user", "content": "什么时候开会？"}]
        )
        assert whole.object == "chat.completion"
        assert whole.choices[0].message.content == "".join(ANSWER)
        assert whole.choices[0].finish_reason == "stop"
        assert whole.usage is not None
        assert (whole.usage.prompt_tokens, whole.usage.completion_tokens) == (11, 22)

        stream = await client.chat.completions.create(
            model="good",
            messages=[{"role": "user", "content": "什么时候开会？"}],
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
        pieces = [one.choices[0].delta.content or "" for one in chunks if one.choices]
        assert [piece for piece in pieces if piece] == ANSWER
        assert chunks[0].choices[0].delta.role == "assistant"
        assert len({one.id for one in chunks}) == 1
        assert chunks[-1].usage is not None
        assert chunks[-1].usage.total_tokens == 33

        # The talk so far, pictures and options go to the model as they came; more than the policy allows does not.
        picture = "data:image/png;base64,iVBORw0KGgo="
        seen = await client.chat.completions.create(
            model="echo",
            temperature=0.5,
            max_tokens=999_999,
            messages=[
                {"role": "system", "content": "简短"},
                {"role": "user", "content": "甲"},
                {"role": "assistant", "content": "乙"},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "丙"},
                        {"type": "image_url", "image_url": {"url": picture}},
                    ],
                },
            ],
        )
        echoed = json.loads(seen.choices[0].message.content or "")
        assert [one["role"] for one in echoed["messages"]] == ["system", "user", "assistant", "user"]
        assert echoed["messages"][3]["content"][1]["image_url"]["url"] == picture
        assert (echoed["temperature"], echoed["max_tokens"]) == (0.5, 2048)

        for packed in ("float", "base64"):
            vectors = await client.embeddings.create(
                model="bge", input=["防汛", "值班表"], encoding_format=packed
            )  # type: ignore[call-overload]
            assert [one.index for one in vectors.data] == [0, 1]
        made = await client.embeddings.create(model="bge", input=["防汛", "值班表"])
        assert [one.embedding for one in made.data] == [[2.0, 1.0, 0.5], [3.0, 1.0, 0.5]]

        for wrong in (
            {"n": 2},
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
            {"messages": []},
            {"messages": [{"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": "http://10.0.0.1/x.png"}}]}]},
        ):  # fmt: skip
            arguments = {"model": "good", "messages": [{"role": "user", "content": "x"}]} | wrong
            with pytest.raises(openai.BadRequestError):
                await client.chat.completions.create(**arguments)  # type: ignore[call-overload]
    assert all(f"authorization: Bearer {KEY}" in head for head in desk.upstream.heads)
    # The key is sealed in the database and never sent back.
    rows = await desk.office.rows(llm_providers)
    assert KEY.encode() not in rows[0].sealed_key
    assert KEY not in rows[0].setting
    assert (await desk.state())["has_key"] is True
    assert KEY not in json.dumps(await desk.state())


@pytest.mark.clause("3.2.6.9.3", "3.2.6.9.4")
async def test_pictures_go_only_to_models_that_see_and_are_checked(desk: Desk) -> None:
    url = "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8\xff\xe0 a picture").decode()

    def asked(*urls: str) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = [{"type": "text", "text": "图里是什么？"}]
        parts += [{"type": "image_url", "image_url": {"url": one}} for one in urls]
        return [{"role": "user", "content": parts}]

    await desk.provide("echo", "good", name="盲", priority=-1)
    async with desk.client() as client:
        with pytest.raises(openai.BadRequestError, match="不能查看图片"):
            await client.chat.completions.create(model="echo", messages=asked(url))  # type: ignore[arg-type]
        assert desk.upstream.bodies == []
        assert "vision_models" not in (await desk.feng.http.get("/assistant")).json()
        # Another provider of the same model sees: it is asked though it comes second, and only with pictures.
        seer = await desk.provide("echo", name="能看", vision=True)
        assert (await desk.state("能看"))["vision"] is True
        assert (await desk.feng.http.get("/assistant")).json()["vision_models"] == ["echo"]
        answer = await client.chat.completions.create(model="echo", messages=asked(url, url))  # type: ignore[arg-type]
        echoed = json.loads(answer.choices[0].message.content or "")
        assert [one["type"] for one in echoed["messages"][0]["content"]] == ["text", "image_url", "image_url"]
        assert echoed["messages"][0]["content"][1]["image_url"]["url"] == url
        # Their tokens are set aside like others.
        feng = desk.office.staff["fengxue"].id
        few = {"quotas": [{"subject": "person", "subject_id": feng, "tokens_per_day": 2500}]}
        await desk.policy(longest_answer=100)
        await desk.admin.http.put("/admin/assistant/quotas", json=few)
        with pytest.raises(openai.RateLimitError):
            await client.chat.completions.create(model="echo", messages=asked(url, url, url))  # type: ignore[arg-type]
        await desk.admin.http.put("/admin/assistant/quotas", json={"quotas": []})
        told = len(desk.upstream.bodies)
        big = "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8\xff" + bytes(2_200_000)).decode()
        wrong = "data:image/png;base64," + base64.b64encode(b"\xff\xd8\xff\xe0").decode()
        for urls, status in (
            ([url] * 7, 400),
            ([big], 413),
            ([wrong], 400),
            (["data:image/svg+xml;base64,AA=="], 400),
        ):
            with pytest.raises(openai.APIStatusError) as refused:
                await client.chat.completions.create(model="echo", messages=asked(*urls))  # type: ignore[arg-type]
            assert refused.value.status_code == status
        # A forbidden word beside a picture is one.
        await desk.words(WORD)
        parts = asked(url)
        parts[0]["content"][0]["text"] = "图里有绝密词吗"
        blocked = await client.chat.completions.create(model="echo", messages=parts)  # type: ignore[arg-type]
        assert blocked.choices[0].finish_reason == "content_filter"
        assert len(desk.upstream.bodies) == told
    gguf = {"name": "本地", "kind": "gguf", "address": "a.gguf", "models": ["a"], "vision": True}
    assert (await desk.admin.http.put(f"/admin/assistant/providers/{seer}", json=gguf)).status_code == 400


async def test_only_who_may_and_only_with_a_token(desk: Desk) -> None:
    await desk.provide("good")
    refuse = {
        "changes": [{"subject": "person", "subject_id": desk.office.staff["liqiang"].id, "allow": False}]
    }
    await desk.admin.http.post("/admin/features/assistant", json=refuse)
    li = await desk.office.sign_in("liqiang")
    async with desk.client(li) as client:
        with pytest.raises(openai.PermissionDeniedError):
            await client.chat.completions.create(model="good", messages=[{"role": "user", "content": "x"}])
        with pytest.raises(openai.PermissionDeniedError):
            await client.models.list()
        with pytest.raises(openai.PermissionDeniedError):
            await client.embeddings.create(model="bge", input="x")
    assert (await li.http.get("/assistant")).status_code == 403
    assert (await li.http.get("/admin/assistant/words")).status_code == 403
    stranger = openai.AsyncOpenAI(base_url=f"{desk.office.url}/v1", api_key="nobody", max_retries=0)
    async with stranger:
        with pytest.raises(openai.AuthenticationError):
            await stranger.models.list()
    assert desk.upstream.bodies == []


@pytest.mark.clause("3.3.5")
async def test_what_a_bad_model_server_does_is_met(desk: Desk) -> None:
    await desk.provide(
        "malformed", "rubbish", "broken", "silent", "mute", "busy", "once_busy", "thinking", "mourning"
    )
    # Rubbish between good events is passed over; nothing but rubbish is an error.
    assert await desk.ask("malformed") == "好的，收到。"
    with pytest.raises(openai.InternalServerError, match="无法识别"):
        await desk.ask("rubbish")
    # Thoughts are not part of the answer.
    assert await desk.ask("thinking") == "答案是周五。"
    # Refusals with a reason of the server's own; two failures before the first token are tried again.
    with pytest.raises(openai.RateLimitError) as full:
        await desk.ask("busy")
    assert full.value.response.headers["retry-after"] == "7"
    assert await desk.ask("once_busy") == "".join(ANSWER)
    assert desk.upstream.calls["once_busy"] == 3

    # What breaks in the middle: what came is kept, and an error says so; no end is invented.
    for model in ("broken", "silent", "mourning"):
        lines = await desk.streamed(model)
        assert text_of(lines) in ("会议定于", "说到一半", "会议")
        assert b"[DONE]" not in b"".join(lines)
        error = json.loads(lines[-1][6:])["error"]
        assert error["code"] == "unavailable"
        assert error["message"].startswith("模型服务")
        with pytest.raises(openai.APIError, match="模型服务"):
            async with desk.client() as client:
                stream = await client.chat.completions.create(
                    model=model, messages=[{"role": "user", "content": "x"}], stream=True
                )
                async for _ in stream:
                    pass
        # A good answer closes the breaker again.
        await desk.ask("malformed")
    with pytest.raises(openai.InternalServerError, match="没有按时应答"):
        await desk.ask("mute")


async def test_a_failing_server_is_left_alone_and_another_stands_in(desk: Desk) -> None:
    await desk.provide("down", retries=0)
    for _ in range(4):
        with pytest.raises(openai.InternalServerError):
            await desk.ask("down")
    assert (await desk.state())["state"] == "open"
    with pytest.raises(openai.InternalServerError, match="暂时不可用"):
        await desk.ask("down")
    assert desk.upstream.calls["down"] == 4
    if not engine_there():
        await desk.provide("tiny", name="本地", kind="gguf", address="tiny.gguf", embedding_models=[])
        local = await desk.state("本地")
        assert (local["state"], local["problem"]) == ("missing", NOT_INSTALLED)
        with pytest.raises(openai.InternalServerError, match="未安装"):
            await desk.ask("tiny")
    # Nobody listens on port 9; the second provider answers at once.
    await desk.provide("good", name="坏机器", address="http://127.0.0.1:9/v1", priority=-1, retries=0)
    second = await desk.provide("good", name="好机器", priority=1)
    assert await desk.ask("good") == "".join(ANSWER)
    assert (await desk.state("坏机器"))["state"] == "failing"
    checked = await desk.admin.http.post(f"/admin/assistant/providers/{second}/check")
    states = {one["name"]: one["state"] for one in checked.json()["providers"]}
    assert states["好机器"] == "good"
    await desk.admin.http.request("DELETE", f"/admin/assistant/providers/{second}")
    with pytest.raises(openai.InternalServerError, match="无法连接"):
        await desk.ask("good")


@pytest.mark.clause("3.2.6.9.10")
async def test_tokens_come_as_they_are_written_and_stop_reaches_the_model(desk: Desk) -> None:
    await desk.provide("slow", "endless")
    async with desk.client() as client:
        stream = await client.chat.completions.create(
            model="slow", messages=[{"role": "user", "content": "x"}], stream=True
        )
        got = ""
        async for chunk in stream:
            got += (chunk.choices[0].delta.content or "") if chunk.choices else ""
            if got == "第一句。":
                # The model waits for this: the first sentence is here before the second is written.
                desk.upstream.go_on.set()
        assert got == "第一句。第二句。"
        stream = await client.chat.completions.create(
            model="endless", messages=[{"role": "user", "content": "x"}], stream=True
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                break
        await stream.close()
        await asyncio.wait_for(desk.upstream.gone.wait(), 10)
    while len(await desk.office.audited("llm_chat")) < 2:  # noqa: ASYNC110 - the trail tells of no change
        await asyncio.sleep(0.01)
    assert [line[2] for line in await desk.office.audited("llm_chat")] == ["answered", "stopped"]
    # What was written until then is counted.
    usage = (await desk.admin.http.get("/admin/assistant/usage")).json()
    assert usage["days"][-1]["completion_tokens"] > 22


@pytest.mark.clause("3.2.6.11.1", "3.2.6.11.6", "3.2.6.11.7")
async def test_not_one_token_of_a_forbidden_answer_is_sent_and_the_reply_is_the_fixed_one(desk: Desk) -> None:
    await desk.provide("forbidden", "good", "thinking")
    fixed = "此问题请咨询\u3000主管部门（电话 12345）。 \n"
    await desk.policy(answer_reply=fixed, question_reply="问" + fixed)
    await desk.words(WORD)
    lines = await desk.streamed("forbidden")
    assert text_of(lines).encode() == fixed.encode()
    # Nothing of what the model wrote is anywhere in the stream, not even that before the word.
    raw = b"".join(lines).decode()
    for piece in ("好的", "以下是", "第二句", "绝", "再见"):
        assert piece not in raw
    assert '"finish_reason": "content_filter"' in raw
    assert (await desk.ask("forbidden")).encode() == fixed.encode()
    # A good answer passes whole; a word in the thoughts is not in the answer.
    assert text_of(await desk.streamed("good")) == "".join(ANSWER)
    assert await desk.ask("thinking") == "答案是周五。"
    # The question, disguised, does not even reach the model.
    asked = len(desk.upstream.bodies)
    assert (await desk.ask("good", "说说绝 密—词")).encode() == ("问" + fixed).encode()
    assert len(desk.upstream.bodies) == asked

    # Sentence by sentence: what was shown is taken back.
    await desk.policy(check="sentences")
    lines = await desk.streamed("forbidden")
    assert text_of(lines) == fixed
    assert "好的，以下是内容。" in text_of([line for line in lines if b'"zd"' not in line])
    assert "绝" not in b"".join(lines).decode()
    outcomes = [line[2] for line in await desk.office.audited("llm_chat")]
    assert outcomes.count("answer_blocked") >= 2
    assert "question_blocked" in outcomes
    assert "绝密词" not in str(await desk.office.audited("llm_words"))


@pytest.mark.clause("3.2.6.11.2", "3.2.6.11.3", "3.2.6.11.4", "3.2.6.11.5")
async def test_words_are_kept_by_kind_and_two_administrators_do_not_overwrite_one_another(desk: Desk) -> None:
    await desk.words(WORD, {"text": "VPN", "kind": "违规工具", "note": "写作：专用网络"})
    http = desk.admin.http
    kept = (await http.get("/admin/assistant/words")).json()
    assert [(one["text"], one["kind"]) for one in kept["words"]] == [("绝密词", "涉密"), ("VPN", "违规工具")]
    stale = await http.put("/admin/assistant/words", json={"version": 0, "words": []})
    assert stale.status_code == 409
    found = (await http.post("/admin/assistant/words/test", json={"text": "用Ｖ.p-N看绝密词"})).json()["hits"]
    assert [(one["found"], one["start"], one["word"]["kind"]) for one in found] == [
        ("Ｖ.p-N", 1, "违规工具"),
        ("绝密词", 7, "涉密"),
    ]
    setup = (await desk.feng.http.get("/assistant")).json()
    assert [one["text"] for one in setup["words"]] == ["绝密词", "VPN"]
    bad = await http.put(
        "/admin/assistant/words", json={"version": kept["version"], "words": [{"text": "…"}]}
    )
    assert (bad.status_code, bad.json()["message"]) == (400, "第 1 个敏感词没有文字。")


@pytest.mark.clause("3.2.6.11.1", "3.2.6.11.6", "3.2.6.11.7")
async def test_disguised_words_are_seen_by_the_server_itself_and_each_kind_has_its_reply(desk: Desk) -> None:
    await desk.provide("good", "dictated")
    await desk.words({"text": "绝密项目", "kind": "涉密"}, {"text": "翻墙软件", "kind": "违规工具"})
    exact = " 涉密内容\u00a0请走\u3000保密渠道。 \n"
    await desk.policy(
        question_reply="通用问",
        answer_reply="通用答",
        replies=[
            {"kind": "涉密", "question": exact, "answer": "答" + exact},
            {"kind": "违规工具", "question": "请勿使用。"},
        ],
    )
    for asked in ("絕密項目", "jue密項目", "觉迷箱木", "绝　密．项｜目", "ＪＵＥ mi xiang mu"):
        assert (await desk.ask("good", f"说说{asked}的事")).encode() == exact.encode(), asked
    assert await desk.ask("good", "fan qiang ruan jian怎么用") == "请勿使用。"
    # Nothing of it reached the model.
    assert desk.upstream.bodies == []
    for check in ("whole", "sentences"):
        await desk.policy(check=check)
        for written in ("絕密項目", "jue mi xiang mu", "绝。密。项。目"):
            desk.upstream.dictation = f"先说一句。再说{written}。完。"
            lines = await desk.streamed("dictated")
            assert text_of(lines) == "答" + exact, written
            raw = b"".join(lines).decode().replace(json.dumps(exact, ensure_ascii=False)[1:-1], "")
            assert not any(piece in raw for piece in ("絕", "jue", "绝", "再说")), raw
        desk.upstream.dictation = "用翻墙软件。"
        assert text_of(await desk.streamed("dictated")) == "通用答"
    bad = (
        [{"kind": "涉密"}],
        [{"kind": " ", "question": "x"}],
        [{"kind": "甲", "question": "x"}, {"kind": "甲", "answer": "y"}],
        [{"kind": "甲", "question": "x" * 401}],
    )
    now = (await desk.admin.http.get("/admin/assistant/policy")).json()
    for replies in bad:
        answer = await desk.admin.http.put("/admin/assistant/policy", json=now | {"replies": replies})
        assert answer.status_code == 400, replies


async def test_connected_clients_hear_that_suggested_questions_changed(desk: Desk) -> None:
    wire = await desk.office.wire()
    wire.send(Hello(access_token=desk.feng.access_token))
    await wire.take(Welcome)
    await desk.policy(starters=["本周有哪些会？"])
    await wire.take(EventFrame, where=lambda one: isinstance(one.event, AssistantEvent))
    assert (await desk.feng.http.get("/assistant")).json()["policy"]["starters"] == ["本周有哪些会？"]
    await desk.words(WORD)
    await wire.take(EventFrame, where=lambda one: isinstance(one.event, AssistantEvent))


@pytest.mark.clause("3.2.6.12.1", "3.2.6.12.2", "3.2.6.12.3")
@pytest.mark.parametrize("desk", ["sqlcipher", "postgresql"], indirect=True)
async def test_quotas_hold_and_usage_counts_each_person_once(desk: Desk) -> None:
    await desk.provide("good")
    await desk.policy(longest_answer=100)
    wang, ids, units = await desk.office.sign_in("wangjianguo"), desk.office.staff, desk.office.unit_ids

    async def limit(*rows: tuple[str, str, int]) -> None:
        body = {"quotas": [
            {"subject": kind, "subject_id": id_, "tokens_per_day": most} for kind, id_, most in rows
        ]}  # fmt: skip
        answer = await desk.admin.http.put("/admin/assistant/quotas", json=body)
        assert answer.status_code == 200, answer.text

    await limit(("person", ids["fengxue"].id, 150))
    assert await desk.ask("good")
    # What was set aside (100 and the question) is given back: 33 are used, 107 more fit.
    assert await desk.ask("good")
    with pytest.raises(openai.RateLimitError, match="您今天的智能助手额度已用完"):
        await desk.ask("good")
    # The bureau's is for all in and below it together.
    await limit(("unit", units["市应急管理局"], 150))
    with pytest.raises(openai.RateLimitError, match="您所在单位今天"):
        async with desk.client(wang) as client:
            await client.chat.completions.create(model="good", messages=[{"role": "user", "content": "x"}])
    # Many at once do not get past it together.
    # One after the other five would fit, together fewer: at least one is always refused.
    await limit(("everyone", "", 250))
    async with desk.client(wang) as client:
        asked = [
            client.chat.completions.create(model="good", messages=[{"role": "user", "content": "甲"}])
            for _ in range(6)
        ]
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert 1 <= sum(not isinstance(one, BaseException) for one in outcomes) <= 5
    assert all(isinstance(one, openai.RateLimitError) for one in outcomes if isinstance(one, BaseException))
    await limit()
    await desk.policy(requests_per_minute=1)
    with pytest.raises(openai.RateLimitError, match="过于频繁"):
        await desk.ask("good")

    for kind in ("local_answer", "local_answer", "question_blocked"):
        used = await desk.admin.http.post("/assistant/uses", json={"kind": kind})
        assert used.status_code == 204
    await desk.feng.http.post(
        "/assistant/feedback", json={"answer_id": "a1", "up": False, "reason": "不准确"}
    )
    await desk.feng.http.post("/assistant/feedback", json={"answer_id": "a2", "up": True})
    usage = (await desk.admin.http.get("/admin/assistant/usage")).json()
    for span in ("days", "weeks", "months"):
        last = usage[span][-1]
        assert last["people"] == 3, span
        assert (last["local"], last["blocked"]) == (2, 1)
    assert len(usage["days"]) == 30
    assert usage["models"][0]["model"] == "good"
    assert (usage.get("up", 0), usage["down"], usage["reasons"]) == (1, 1, ["不准确"])
    scrape = (await desk.admin.http.get(f"{desk.office.url}/metrics")).text
    assert 'zd_llm_answers_total{outcome="answered",provider="机房"}' in scrape


async def test_without_the_local_engine_it_is_said_and_with_one_it_streams(tmp_path: Path) -> None:
    """Its absence is real, the engine is a stand-in; the real one is in test_local_llm.py."""
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF")
    ask = Ask("tiny", [{"role": "user", "content": "x"}], 10)
    if not engine_there():
        with pytest.raises(ProviderFailed) as absent:
            await LocalModel(tmp_path, "tiny.gguf").check()
        assert absent.value.text == NOT_INSTALLED

    class Engine:
        def create_chat_completion(self, **arguments: Any) -> Any:
            assert arguments["max_tokens"] == 10
            for text in ("<think>想", "</think>甲", "乙"):
                yield {"choices": [{"delta": {"content": text}, "finish_reason": None}]}
            yield {"choices": [{"delta": {}, "finish_reason": "stop"}]}

    model = LocalModel(tmp_path, "../tiny.gguf", load=lambda _path: Engine())
    pieces = [piece async for piece in model.stream(ask)]
    assert "".join(piece.text for piece in pieces) == "甲乙"
    assert pieces[-1].finish == "stop"
    with pytest.raises(ProviderFailed, match="no file"):
        await LocalModel(tmp_path, "other.gguf", load=lambda _path: Engine()).check()

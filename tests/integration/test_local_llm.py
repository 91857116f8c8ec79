"""A GGUF file on the server, run by the real llama-cpp-python: where the extra `local-llm` is installed."""

from __future__ import annotations

import asyncio
import importlib.util
import math
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openai
import pytest
from bed.gguf_model import write_gguf
from bed.office import Office, SignedInAs, running_office

from server_stub.features.llm.local import CONTEXT, LocalModel
from server_stub.features.llm.ports import Ask, ProviderFailed

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("llama_cpp") is None,
    reason="llama-cpp-python (extra local-llm) is not installed: there is no wheel of it, see docs/admin.md",
)
TEXT = "防汛会议定于周五上午召开。"


class Local:
    """An office with model files in its data folder."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.models = office, folder / "models"
        self.models.mkdir(exist_ok=True)

    async def open(self) -> None:
        self.admin: SignedInAs = await self.office.sign_in("admin")
        self.feng = await self.office.sign_in("fengxue")
        given = {"changes": [{"subject": "everyone", "allow": True}]}
        await self.admin.http.post("/admin/features/assistant", json=given)

    async def provide(self, file: str, **changes: Any) -> dict[str, Any]:
        body = {"name": file, "kind": "gguf", "address": file, "models": [file], "retries": 0} | changes
        answer = await self.admin.http.post("/admin/assistant/providers", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["local_engine"] is True
        made = next(one for one in answer.json()["providers"] if one["name"] == file)
        checked = await self.admin.http.post(f"/admin/assistant/providers/{made['id']}/check")
        return next(one for one in checked.json()["providers"] if one["name"] == file)

    def client(self) -> openai.AsyncOpenAI:
        return openai.AsyncOpenAI(
            base_url=f"{self.office.url}/v1", api_key=self.feng.access_token, max_retries=0
        )


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[Local]:
    async with running_office(tmp_path) as office:
        made = Local(office, tmp_path)
        await made.open()
        yield made


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


@pytest.mark.clause("3.3.5", "3.2.6.9.1")
async def test_a_model_file_answers_through_the_server_whole_streamed_and_as_vectors(local: Local) -> None:
    write_gguf(local.models / "tiny.gguf", TEXT)
    assert (await local.provide("tiny.gguf", embedding_models=["tiny-vectors"]))["state"] == "good"
    async with local.client() as client:
        whole = await client.chat.completions.create(model="tiny.gguf", messages=asked("何时开会？"))  # type: ignore[call-overload]
        assert whole.choices[0].message.content == TEXT
        assert whole.choices[0].finish_reason == "stop"
        stream = await client.chat.completions.create(
            model="tiny.gguf", messages=asked("何时开会？"), stream=True, max_tokens=5
        )  # type: ignore[call-overload]
        chunks = [one async for one in stream]
        pieces = [one.choices[0].delta.content for one in chunks if one.choices[0].delta.content]
        assert pieces == list(TEXT[:5])
        assert chunks[-1].choices[0].finish_reason == "length"
        made = await client.embeddings.create(model="tiny-vectors", input=["防汛", "会议", "防汛"])
        first, other, again = (one.embedding for one in made.data)
        assert first == again != other
        assert math.isclose(sum(value * value for value in first), 1.0, rel_tol=1e-4)
        assert made.usage.prompt_tokens > 3
        with pytest.raises(openai.BadRequestError, match="内容过长"):
            await client.chat.completions.create(model="tiny.gguf", messages=asked("会" * CONTEXT * 2))  # type: ignore[call-overload]
        # A forbidden word that the model writes does not come out.
        body = {"version": 0, "words": [{"text": "会议定于", "kind": "涉密"}]}
        await local.admin.http.put("/admin/assistant/words", json=body)
        blocked = await client.chat.completions.create(model="tiny.gguf", messages=asked("何时？"))  # type: ignore[call-overload]
        assert blocked.choices[0].message.content == "相关内容无法显示。"
    usage = (await local.admin.http.get("/admin/assistant/usage")).json()
    assert usage["models"][0]["model"] == "tiny.gguf"
    assert usage["days"][-1]["completion_tokens"] > 0


async def test_stopping_stops_the_engine_and_the_next_question_is_answered(local: Local) -> None:
    write_gguf(local.models / "endless.gguf", TEXT, endless=True)
    await local.provide("endless.gguf")
    async with local.client() as client:
        stream = await client.chat.completions.create(model="endless.gguf", messages=asked("写"), stream=True)  # type: ignore[call-overload]
        async for one in stream:
            if one.choices[0].delta.content:
                break
        began = time.perf_counter()
        await stream.close()
        # The engine has one context: the next answer begins only when the one before has let go of it.
        again = await client.chat.completions.create(model="endless.gguf", messages=asked("写"), max_tokens=3)  # type: ignore[call-overload]
        took = time.perf_counter() - began
        assert again.choices[0].message.content == TEXT[:3]
        assert took < 1.5, took


async def test_the_engine_itself_is_still_within_300_ms(tmp_path: Path) -> None:
    write_gguf(tmp_path / "endless.gguf", TEXT, endless=True)
    model = LocalModel(tmp_path, "endless.gguf")
    pieces = model.stream(Ask("endless", asked("写"), 3000))
    assert (await anext(pieces)).text == TEXT[0]
    began = time.perf_counter()
    await pieces.aclose()  # type: ignore[attr-defined]
    assert time.perf_counter() - began < 0.3
    assert not model._turn.locked()
    await model.close()


@pytest.mark.parametrize("how", ["empty", "text", "cut", "absent", "noise"])
async def test_a_broken_file_is_said_and_does_no_harm(local: Local, how: str) -> None:
    path = local.models / "bad.gguf"
    write_gguf(path, TEXT)
    whole = path.read_bytes()
    broken = {
        "empty": b"",
        "text": b"hello " * 500,
        "cut": whole[: len(whole) // 2],
        "noise": b"GGUF" + whole[::-1],
    }
    if how == "absent":
        path.unlink()
    else:
        path.write_bytes(broken[how])
    state = await local.provide("bad.gguf")
    assert state["state"] == "failing"
    said = "没有这个模型文件" if how == "absent" else "模型文件无法载入，可能已损坏。"
    assert said in state["problem"]
    async with local.client() as client:
        with pytest.raises(openai.InternalServerError, match=said):
            await client.chat.completions.create(model="bad.gguf", messages=asked("x"))  # type: ignore[call-overload]
    # The server lives, and another file answers.
    write_gguf(local.models / "good.gguf", "好。")
    await local.provide("good.gguf")
    async with local.client() as client:
        fine = await client.chat.completions.create(model="good.gguf", messages=asked("x"))  # type: ignore[call-overload]
    assert fine.choices[0].message.content == "好。"


async def test_questions_wait_for_one_another(tmp_path: Path) -> None:
    write_gguf(tmp_path / "tiny.gguf", TEXT)
    model = LocalModel(tmp_path, "tiny.gguf")

    async def whole() -> str:
        return "".join([piece.text async for piece in model.stream(Ask("tiny", asked("问"), 100))])

    assert await asyncio.gather(*(whole() for _ in range(4))) == [TEXT] * 4
    with pytest.raises(ProviderFailed, match="no file"):
        await LocalModel(tmp_path, "other.gguf").check()
    await model.close()

"""A GGUF file on the server through llama-cpp-python, where the office has installed it (extra `local-llm`)."""

import asyncio
import importlib
import importlib.util
import math
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from .ports import Ask, Piece, ProviderFailed
from .sse import ThoughtFilter

NOT_INSTALLED = "本地模型引擎未安装：请在服务器上安装可选组件 local-llm（llama-cpp-python）。"

CONTEXT = 4096
"""Tokens of question and answer together."""


def engine_there() -> bool:
    """Whether the engine is installed."""
    return importlib.util.find_spec("llama_cpp") is not None


def _load(path: Path, *, embedding: bool = False) -> Any:
    if not engine_there():
        raise ProviderFailed("not installed", NOT_INSTALLED)
    engine = importlib.import_module("llama_cpp").Llama
    return engine(model_path=str(path), n_ctx=CONTEXT, embedding=embedding, verbose=False)


def _plain(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Texts in parts as one; there are no pictures among them (see Pool)."""
    return [
        one
        if isinstance(one["content"], str)
        else one | {"content": "\n".join(part["text"] for part in one["content"] if part["type"] == "text")}
        for one in messages
    ]


class LocalModel:
    """One file, loaded at the first question; questions wait for one another, because the engine has one context.

    Vectors need a context of their own, which is made at the first of them.
    """

    def __init__(self, folder: Path, file_name: str, load: Callable[..., Any] = _load) -> None:
        self._path = folder / Path(file_name).name
        self._load = load
        self._engines: dict[bool, Any] = {}
        self._turn = asyncio.Lock()

    async def _ready(self, *, embedding: bool = False) -> Any:
        if embedding not in self._engines:
            await self._there()
            arguments = {"embedding": True} if embedding else {}
            try:
                self._engines[embedding] = await asyncio.to_thread(self._load, self._path, **arguments)
            except ProviderFailed:
                raise
            except Exception as error:
                raise ProviderFailed(type(error).__name__, "模型文件无法载入，可能已损坏。") from None
        return self._engines[embedding]

    async def stream(self, ask: Ask) -> AsyncIterator[Piece]:
        """See ModelProvider."""
        async with self._turn:
            engine = await self._ready()
            loop = asyncio.get_running_loop()
            queue: asyncio.Queue[Any] = asyncio.Queue()
            stop = threading.Event()

            def write() -> None:
                def tell(item: Any) -> None:
                    loop.call_soon_threadsafe(queue.put_nowait, item)

                try:
                    for event in engine.create_chat_completion(
                        messages=_plain(ask.messages), max_tokens=ask.longest, stream=True, **ask.options
                    ):
                        if stop.is_set():
                            break
                        tell(event)
                except Exception as error:
                    tell(_failure(error))
                tell(None)

            worker = loop.run_in_executor(None, write)
            thoughts = ThoughtFilter()
            try:
                while (event := await queue.get()) is not None:
                    if isinstance(event, ProviderFailed):
                        raise event
                    choice = event["choices"][0]
                    text = thoughts.feed(choice.get("delta", {}).get("content") or "")
                    if text or thoughts.thinking:
                        yield Piece(text=text, thinking=not text)
                    if choice.get("finish_reason"):
                        yield Piece(finish=choice["finish_reason"])
                if rest := thoughts.finish():
                    yield Piece(text=rest)
            finally:
                # The engine must be still before the next question; it looks at `stop` after every token.
                stop.set()
                await asyncio.shield(worker)

    async def embed(self, model: str, texts: list[str]) -> tuple[list[list[float]], int]:
        """See ModelProvider."""
        async with self._turn:
            engine = await self._ready(embedding=True)

            def work() -> list[Any]:
                # One by one: of several texts at once the engine mixes up the vectors of their tokens.
                return [engine.create_embedding(input=text) for text in texts]

            try:
                found = await asyncio.to_thread(work)
            except Exception as error:
                raise _failure(error) from None
        vectors = [_pooled(one["data"][0]["embedding"]) for one in found]
        return vectors, sum(int(one["usage"]["prompt_tokens"]) for one in found)

    async def check(self) -> None:
        """See ModelProvider. Loads the file: only that shows whether it is whole."""
        async with self._turn:
            await self._ready()

    async def _there(self) -> None:
        if self._load is _load and not engine_there():
            raise ProviderFailed("not installed", NOT_INSTALLED)
        if not await asyncio.to_thread(self._path.is_file):
            raise ProviderFailed("no file", "服务器的 models 文件夹里没有这个模型文件。")

    async def close(self) -> None:
        """See ModelProvider."""
        # Freed with the last answer that still uses it.
        self._engines.clear()


def _failure(error: Exception) -> ProviderFailed:
    if isinstance(error, ValueError) and "context window" in str(error):
        return ProviderFailed(
            "too long", f"内容过长，超出本地模型一次能读的长度（{CONTEXT} token）。", ours=True
        )
    return ProviderFailed(type(error).__name__, "本地模型出错，回答中断。")


def _pooled(vector: list[Any]) -> list[float]:
    """One vector of length one; a model without a pooling of its own gives one for each token: their mean."""
    if vector and isinstance(vector[0], list):
        vector = [sum(column) / len(vector) for column in zip(*vector, strict=True)]
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]

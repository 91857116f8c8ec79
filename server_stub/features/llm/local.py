"""A GGUF file on the server through llama-cpp-python, where the office has installed it (extra `local-llm`)."""

import asyncio
import importlib
import importlib.util
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from .ports import Ask, Piece, ProviderFailed
from .sse import ThoughtFilter

NOT_INSTALLED = "本地模型引擎未安装：请在服务器上安装可选组件 local-llm（llama-cpp-python）。"


def engine_there() -> bool:
    """Whether the engine is installed."""
    return importlib.util.find_spec("llama_cpp") is not None


def _load(path: Path) -> Any:
    if not engine_there():
        raise ProviderFailed("not installed", NOT_INSTALLED)
    return importlib.import_module("llama_cpp").Llama(model_path=str(path), n_ctx=4096, verbose=False)


def _plain(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Texts in parts as one; there are no pictures among them (see Pool)."""
    return [
        one
        if isinstance(one["content"], str)
        else one | {"content": "\n".join(part["text"] for part in one["content"] if part["type"] == "text")}
        for one in messages
    ]


class LocalModel:
    """One file, loaded at the first question; questions wait for one another, because the engine has one context."""

    def __init__(self, folder: Path, file_name: str, load: Callable[[Path], Any] = _load) -> None:
        self._path = folder / Path(file_name).name
        self._load = load
        self._engine: Any = None
        self._turn = asyncio.Lock()

    async def _ready(self) -> Any:
        if self._engine is None:
            await self.check()
            try:
                self._engine = await asyncio.to_thread(self._load, self._path)
            except ProviderFailed:
                raise
            except Exception as error:
                raise ProviderFailed(type(error).__name__, "模型文件无法载入，可能已损坏。") from None
        return self._engine

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
                    tell(ProviderFailed(type(error).__name__, "本地模型出错，回答中断。"))
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
        raise ProviderFailed("no embeddings", "本地模型不提供向量。", ours=True)

    async def check(self) -> None:
        """See ModelProvider."""
        if self._load is _load and not engine_there():
            raise ProviderFailed("not installed", NOT_INSTALLED)
        if not await asyncio.to_thread(self._path.is_file):
            raise ProviderFailed("no file", "服务器的 models 文件夹里没有这个模型文件。")

    async def close(self) -> None:
        """See ModelProvider."""
        self._engine = None

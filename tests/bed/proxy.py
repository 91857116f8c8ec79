"""A TCP proxy between client and server that cuts, stalls, delays and writes down what passes."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Proxy:
    """Listens on `port` of the loopback and passes bytes on to `target`."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.spare = 0
        """Where new connections go while `target` refuses them, as a balancer before two servers does; 0: nowhere."""
        self.port = 0
        self.passed = bytearray()
        """Every byte of both directions, when `record` is set."""
        self.record = False
        self.latency = 0.0
        """Seconds that each piece waits, drawn anew between none and this."""
        self.cut_after = 0
        """Each connection is cut after about so many bytes; 0: never."""
        self.cuts = 0
        self.knocked = asyncio.Event()
        """Set by each new connection; whoever waits clears it."""
        self._open = asyncio.Event()
        self._open.set()
        self._random = random.Random(20261124)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stall(self) -> None:
        """Hold everything back: connections look alive and are not."""
        self._open.clear()

    def flow(self) -> None:
        """Let it pass again."""
        self._open.set()

    def cut(self) -> None:
        """Break every connection with a reset."""
        for writer in list(self._writers):
            self.cuts += 1
            writer.transport.abort()

    async def close(self) -> None:
        """End everything."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.knocked.set()
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far = await self._dial()
            self._writers |= {writer, far}
            budget = [self._random.randint(self.cut_after // 2, self.cut_after) if self.cut_after else 0]
            both = [
                asyncio.create_task(self._pump(reader, far, budget)),
                asyncio.create_task(self._pump(far_reader, writer, budget)),
            ]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in both:
                    one.cancel()
                await asyncio.gather(*both, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in (writer, far):
                if end is not None:
                    self._writers.discard(end)
                    end.transport.abort()
            self._tasks.discard(task)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            return await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            if not self.spare:
                raise
            return await asyncio.open_connection("127.0.0.1", self.spare)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, budget: list[int]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._open.wait()
                if self.latency:
                    await asyncio.sleep(self._random.uniform(0, self.latency))
                if self.record:
                    self.passed += data
                if self.cut_after:
                    budget[0] -= len(data)
                    if budget[0] < 0:
                        # In the middle of a piece: a frame or an answer is torn.
                        writer.write(data[: len(data) // 2])
                        self.cuts += 1
                        return
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def running_proxy(target: int) -> AsyncIterator[Proxy]:
    """A proxy while the context lasts."""
    proxy = Proxy(target)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()

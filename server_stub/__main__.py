"""`python -m server_stub`: run one server process until it is told to end."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
from pathlib import Path

import uvicorn

from server_stub.app import Server
from server_stub.config import BadSettings, Settings, load
from server_stub.hsm.master import MasterKeyUnavailable
from server_stub.leases import until_unneeded
from server_stub.observability.logs import set_up
from server_stub.storage.migrate import NewerDatabase

log = logging.getLogger("server_stub")


def parse(arguments: list[str]) -> Settings:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="server_stub", description="政钉服务器")
    parser.add_argument("--data", type=Path, required=True, help="数据文件夹")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认仅本机")
    parser.add_argument("--port", type=int, default=0, help="监听端口，0 为任意空闲端口")
    parser.add_argument("--leases", type=Path, help="租约文件夹：其中的进程都结束后服务器自动退出")
    parser.add_argument("--database", default="", help="postgresql://… ，默认使用内置加密数据库")
    parser.add_argument("--bus", default="", help="redis://… ，多个服务器进程之间的总线")
    found = parser.parse_args(arguments)
    return Settings(
        data=found.data.resolve(),
        host=found.host,
        port=found.port,
        leases=found.leases.resolve() if found.leases else None,
        database=found.database,
        bus=found.bus,
    )


async def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, or until no lease is left."""
    server = Server(settings)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is stated; with it every answer waits 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((settings.host, settings.port))
    listener.listen(1024)
    await server.start()
    config = uvicorn.Config(
        server.app,
        ws=server.websocket_protocol,  # pyright: ignore[reportArgumentType]
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    web = _Announcing(config, listener)
    tasks = [asyncio.create_task(web.serve([listener]))]
    if settings.leases is not None:
        tasks.append(asyncio.create_task(until_unneeded(settings.leases)))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        web.should_exit = True
        await tasks[0]
    finally:
        for task in tasks[1:]:
            task.cancel()
        await server.close()
        log.info("server ended")


class _Announcing(uvicorn.Server):
    """Says on standard output where it listens, once it really accepts."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket) -> None:
        super().__init__(config)
        self._listener = listener

    async def startup(self, sockets: "list[socket.socket] | None" = None) -> None:
        """See uvicorn.Server."""
        await super().startup(sockets)
        host, port = self._listener.getsockname()[:2]
        host = f"[{host}]" if ":" in host else host
        line = {"event": "listening", "url": f"http://{host}:{port}", "pid": os.getpid()}
        with contextlib.suppress(OSError):
            print(json.dumps(line), flush=True)
        log.info("listening", extra={"port": port})


def main() -> int:
    """Return the exit code: 0 ended in order, 2 bad settings or data."""
    try:
        settings = load(parse(sys.argv[1:]))
        # Several processes on one data folder must not turn over one another's file.
        name = f"server-{settings.port}.log" if settings.bus else "server.log"
        set_up(settings.log_level, settings.data / "logs", name)
        if sys.platform != "win32":
            import uvloop

            uvloop.run(serve(settings))
        else:
            asyncio.run(serve(settings))
    except (BadSettings, NewerDatabase, MasterKeyUnavailable) as error:
        print(str(error), file=sys.stderr)
        return 2
    except OSError as error:
        print(f"服务器无法启动：{error.strerror or error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Screen recordings through PipeWire: who takes in a video stream that does not come from a camera."""

from __future__ import annotations

import asyncio
import codecs
import json
import shutil
from collections.abc import Sequence
from typing import Any

from widgets.guard.sightings import Kind, Sighting

from .threaded import Posts

_CONSUMER = "Stream/Input/Video"
_LIMIT = 16 * 1024 * 1024


class PipeWireGraph:
    """Nodes and links of PipeWire, kept from what `pw-dump --monitor` tells."""

    def __init__(self) -> None:
        self._nodes: dict[int, dict[str, Any]] = {}
        self._links: dict[int, tuple[int, int]] = {}

    def update(self, objects: list[Any]) -> None:
        """Take objects in: new, changed, or gone (without `info`)."""
        for one in objects:
            if not isinstance(one, dict) or not isinstance(one.get("id"), int):
                continue
            number, info = one["id"], one.get("info")
            kind = str(one.get("type", ""))
            if info is None:
                self._nodes.pop(number, None)
                self._links.pop(number, None)
            elif kind.endswith(":Node"):
                self._nodes[number] = info.get("props") or {}
            elif kind.endswith(":Link"):
                ends = (info.get("output-node-id"), info.get("input-node-id"))
                if isinstance(ends[0], int) and isinstance(ends[1], int):
                    self._links[number] = (ends[0], ends[1])

    def recorders(self) -> dict[int, str]:
        """Consumers of video by node id, with their program's name. One that is linked to nothing yet counts."""
        return {
            number: str(props.get("application.name") or props.get("node.name") or "")
            for number, props in self._nodes.items()
            if props.get("media.class") == _CONSUMER and not self._only_cameras(number)
        }

    def _only_cameras(self, consumer: int) -> bool:
        sources = [self._nodes.get(out, {}) for out, into in self._links.values() if into == consumer]
        return bool(sources) and all(_is_camera(one) for one in sources)


def _is_camera(props: dict[str, Any]) -> bool:
    return props.get("media.class") == "Video/Source" and (
        props.get("media.role") == "Camera" or str(props.get("device.api", "")) in ("v4l2", "libcamera")
    )


class PipeWireWatch:
    """Runs `pw-dump --monitor`, which stays and tells of changes; costs nothing while nothing changes."""

    name = "PipeWire"
    sees_recorders = False

    def __init__(self, command: Sequence[str] = ("pw-dump", "--monitor", "--no-colors")) -> None:
        self._command = tuple(command)

    def is_available(self) -> bool:
        """Whether the program is installed."""
        return shutil.which(self._command[0]) is not None

    async def watch(self, posts: Posts) -> None:
        """See `Job`."""
        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        graph, known, pending, decoder = PipeWireGraph(), {}, "", json.JSONDecoder()
        utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        first = True
        try:
            while process.stdout is not None and (chunk := await process.stdout.read(65536)):
                pending = (pending + utf8.decode(chunk)).lstrip()
                if len(pending) > _LIMIT:
                    return
                while pending:
                    try:
                        objects, end = decoder.raw_decode(pending)
                    except ValueError:
                        break
                    pending = pending[end:].lstrip()
                    graph.update(objects if isinstance(objects, list) else [])
                    known = self._post(graph, known, posts)
                    if first:
                        posts.ready()
                        first = False
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    def _post(self, graph: PipeWireGraph, known: dict[int, str], posts: Posts) -> dict[int, str]:
        seen = graph.recorders()
        for number, program in seen.items():
            if number not in known:
                posts.began(Sighting(f"node:{number}", Kind.SHARING, program, self.name))
        for number in known.keys() - seen.keys():
            posts.ended(f"node:{number}")
        return seen

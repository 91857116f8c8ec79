"""Sealing a file of 1 GiB: time, and how much the process grows meanwhile; the bar is 64 MiB."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

SIZE = 1024**3
MIB = 1024 * 1024


def seal(folder: Path, size: int) -> dict[str, float]:
    """Seal a file of `size` bytes as the client does; MiB of growth at the peak, and seconds. In a process of its own."""
    from app.session.filecache import FileCache
    from app.store.folders import Home
    from server_stub.contract.ids import uuid7
    from server_stub.contract.sm.algorithms import Algorithms
    from server_stub.contract.sm.sealed import new_key

    source = folder / "grosses.bin"
    with source.open("wb") as file:
        piece = os.urandom(MIB)
        for _ in range(size // MIB):
            file.write(piece)
    account = Home(folder / "home").profile("bench").account("http://127.0.0.1", "bench")
    cache = FileCache(account, Algorithms.best())
    # What is loaded once (libraries, buffers) does not belong to the file.
    warm = folder / "warm.bin"
    warm.write_bytes(piece)
    cache.seal_file(warm, uuid7(), new_key(), MIB, stop=threading.Event())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    file_id = uuid7()
    cache.seal_file(source, file_id, new_key(), size, stop=threading.Event())
    seconds = time.perf_counter() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert cache.path(file_id).stat().st_size > size
    return {"grown": grown, "seconds": seconds, "resident": before / 1024 + grown}


def measured(size: int) -> dict[str, float]:
    """`seal` in a fresh process, so that the peak is its own."""
    root = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory(prefix="zd-seal-") as folder:
        command = [sys.executable, __file__, folder, str(size)]
        environ = os.environ | {"PYTHONPATH": str(root)}
        done = subprocess.run(command, capture_output=True, env=environ, check=True, text=True)
    return json.loads(done.stdout)


def run() -> dict[str, Any]:
    """One file of 1 GiB."""
    found = measured(SIZE)
    return {
        "name": "seal_memory",
        "unit": "",
        "figures": {
            "grown while sealing 1 GiB, MiB": round(found["grown"], 1),
            "resident at the peak, MiB": round(found["resident"], 1),
            "MB/s with SM3 of the plain bytes and the disk": round(SIZE / found["seconds"] / 1e6),
        },
        "bar": {"grown while sealing 1 GiB, MiB": {"max": 64}},
        "peer": {},
    }


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(seal(Path(sys.argv[1]), int(sys.argv[2]))))
    else:
        print(json.dumps(run(), ensure_ascii=False, indent=1))

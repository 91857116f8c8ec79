"""The child: reads jobs from standard input until it closes. Started by `host.WorkerProcess` only."""

from __future__ import annotations

import os
import sys
from typing import Any

from offline_ai.errors import OfflineAIError
from offline_ai.worker import frames
from offline_ai.worker.jobs import Jobs


def main() -> None:
    """Serve one job after another."""
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not get between the frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if hasattr(os, "nice"):
        os.nice(15 if "--calm" in sys.argv else 5)
    jobs = Jobs()
    while True:
        try:
            name, arguments = frames.receive(incoming)
        except EOFError:
            return
        frames.send(outgoing, _answer(jobs, str(name), arguments, outgoing))


def _answer(jobs: Jobs, name: str, arguments: tuple[Any, ...], outgoing: Any) -> tuple[str, Any]:
    def tell(value: float) -> None:
        frames.send(outgoing, ("progress", value))

    try:
        return "done", getattr(jobs, name)(*arguments, tell)
    except OfflineAIError as problem:
        return "refused", (type(problem).__name__, problem.message, problem.hint)
    except MemoryError:
        return "failed", "MemoryError"
    except Exception as problem:
        return "failed", type(problem).__name__


if __name__ == "__main__":
    main()

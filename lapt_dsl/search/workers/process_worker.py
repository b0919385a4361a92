"""`python -m lapt_dsl.search.workers.process_worker DESCRIPTOR`: a worker process, started by `ProcessHost`.

It reads one JSON message with the spec of its evaluator, and then the encodings of architectures; it answers each with
one message. When the driver ends for any reason, the pipe ends, and the worker kills its process group.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from queue import SimpleQueue

from lapt_dsl.compiler.space.model import Architecture
from lapt_dsl.evaluate.evaluator import Evaluator
from lapt_dsl.evaluate.spec import EvaluatorSpec
from lapt_dsl.search.workers.evaluation import measured, unfit
from lapt_dsl.search.workers.serialization import outcome_text


def evaluator_for(settings: dict[str, object]) -> Evaluator:
    """The evaluator of the driver's first message, built under its memory limit."""
    paths = settings.get("path")
    if isinstance(paths, list):
        sys.path[:] = [str(path) for path in paths]
    limit = settings.get("memory_limit")
    if isinstance(limit, int):
        from lapt_dsl.evaluate.external.launcher import limit_memory

        limit_memory(limit)
    return EvaluatorSpec.from_json(str(settings["evaluator"])).build()


def serve(connection: Connection) -> None:
    """Build the evaluator and evaluate until the pipe ends."""
    # Processes that an evaluator starts must not hold the pipe open after the worker's end.
    os.set_inheritable(connection.fileno(), False)
    messages: SimpleQueue[bytes] = SimpleQueue()
    # A separate thread reads, so that the end of the driver is noticed during an evaluation.
    threading.Thread(target=_read, args=(connection, messages), daemon=True).start()
    try:
        evaluator = evaluator_for(json.loads(messages.get()))
        fingerprint = evaluator.fingerprint
    except Exception as error:
        # The driver reports the reason to the user.
        _send(connection, {"unfit": unfit(error)})
        messages.get()
        return
    _send(connection, {"ready": fingerprint})
    while True:
        encoding = json.loads(messages.get())
        arch = Architecture(evaluator.space, tuple(encoding))
        _send(connection, {"outcome": outcome_text(measured(evaluator, arch))})


def _read(connection: Connection, messages: SimpleQueue[bytes]) -> None:
    while True:
        try:
            messages.put(connection.recv_bytes())
        except (EOFError, OSError):
            os.killpg(0, signal.SIGKILL)


def _send(connection: Connection, message: dict[str, str]) -> None:
    connection.send_bytes(json.dumps(message).encode())


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))

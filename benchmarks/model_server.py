"""A llama.cpp server for one GGUF file, to run `lapt reproduce models` against.

It prints its address once the model is loaded, and serves on 127.0.0.1 until it is killed. llama.cpp comes from PyPI,
built with llguidance: `pip install xllamacpp==2026.10.11549`.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from urllib.error import HTTPError
from urllib.request import urlopen

import xllamacpp

CONTEXT = 8192
"""Tokens of prompt and reply together: the longest prompt that lapt writes by itself fits, with a reply behind it."""

LOADING = 503


def serve(model: str, threads: int, port: int, slots: int = 1, context: int = CONTEXT) -> xllamacpp.Server:
    """Start the server. With port 0 a free one is taken; `slots` conversations go on at a time, sharing the context."""
    chosen = xllamacpp.CommonParams()
    chosen.model.path = model
    chosen.n_ctx = context
    chosen.n_parallel = slots
    chosen.cpuparams.n_threads = threads
    chosen.cpuparams_batch.n_threads = threads
    chosen.port = port
    chosen.verbosity = -1
    return xllamacpp.Server(chosen)


def wait_until_loaded(address: str) -> None:
    """Return when the model answers. OSError where the server is not there."""
    while True:
        try:
            with urlopen(f"{address}/health", timeout=60):
                return
        except HTTPError as error:
            if error.code != LOADING:
                raise
        time.sleep(0.2)


def main() -> None:
    """Serve what the command line names."""
    parser = argparse.ArgumentParser(description="A llama.cpp server for one GGUF file.")
    parser.add_argument("model", metavar="GGUF")
    parser.add_argument("--threads", type=int, default=1, help="more threads than free cores are slower than one [1]")
    # With several at a time, replies may depend on what else is decoded beside them.
    parser.add_argument("--slots", type=int, default=1, help="conversations at a time, which share the context [1]")
    parser.add_argument("--context", type=int, default=CONTEXT, help=f"tokens of all conversations [{CONTEXT}]")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one [0]")
    parser.add_argument("--owned", action="store_true", help="end with standard input, so with the program at its end")
    options = parser.parse_args()
    server = serve(options.model, options.threads, options.port, options.slots, options.context)
    wait_until_loaded(server.listening_address)
    print(f"{server.listening_address}/v1", flush=True)
    if options.owned:
        sys.stdin.buffer.read()
        os._exit(0)
    threading.Event().wait()


if __name__ == "__main__":
    main()

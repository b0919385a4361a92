"""Ending a run by a signal: SIGINT (Ctrl-C), SIGTERM (a scheduler, `kill`) and SIGHUP (a closed terminal) alike.

The first of them raises `Interrupted`, so that stores are closed and workers ended by the `finally` blocks of the run.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that interrupt a run. Windows has no SIGHUP."""


class Interrupted(KeyboardInterrupt):
    """A signal asked the process to end.

    Attributes:
        number: Number of the signal.
        name: Its name, such as `SIGTERM`.
        exit_code: 128 plus the number, as a shell reports a process that the signal killed.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = signal.Signals(number).name
        self.exit_code = 128 + number
        super().__init__(self.name)


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` in this context for each of SIGNALS; afterwards the former handlers are back.

    A signal that the process ignores stays ignored (`nohup` ignores SIGHUP, a shell SIGINT of what runs in the
    background). After the first signal further SIGTERM and SIGHUP are ignored, so that they cannot interrupt the
    clean-up; a further Ctrl-C can. Outside the main thread the context does nothing: Python has no handlers there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [number for name in SIGNALS if (number := getattr(signal, name, None)) is not None]
    # None is a handler that was not set from Python; it cannot be put back.
    former = {number: found for number in numbers if (found := signal.getsignal(number)) is not None}
    caught = [number for number, found in former.items() if found is not signal.SIG_IGN]

    def handle(number: int, frame: FrameType | None) -> None:
        for each in caught:
            signal.signal(each, signal.default_int_handler if each == signal.SIGINT else signal.SIG_IGN)
        raise Interrupted(number)

    try:
        for number in caught:
            signal.signal(number, handle)
        yield
    finally:
        for number in caught:
            signal.signal(number, former[number])


def exit_code_of(error: BaseException) -> int:
    """The exit code of a process that a KeyboardInterrupt ended, or an error that was raised from one."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, Interrupted):
            return found.exit_code
        found = found.__cause__
    return 128 + signal.SIGINT

"""Whether the worker was asked to end: long work looks between one thing and the next, and leaves the rest in the outbox."""

from __future__ import annotations

from threading import Event

_asked = Event()


def listen_to(flag: Event) -> None:
    """Take `flag` for the sign; the worker's consumer sets its own when it is told to end."""
    global _asked  # one worker a process
    _asked = flag


def is_stopping() -> bool:
    """Whether to leave what is not begun."""
    return _asked.is_set()

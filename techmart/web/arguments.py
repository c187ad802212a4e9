"""Reading an address: what is not one of the choices offered counts as not chosen."""

from __future__ import annotations

from collections.abc import Container, Sequence

from flask import request


def page_number() -> int:
    """`page`, 1 where it is none."""
    typed = request.args.get("page", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


def one_of(name: str, allowed: Container[str], default: str = "") -> str:
    """The value of `name` where it is allowed."""
    value = request.args.get(name, "")
    return value if value in allowed else default


def number_of(name: str, allowed: Sequence[int]) -> int:
    """The value of `name` where it is allowed, else the first allowed one."""
    typed = request.args.get(name, "")
    return next((number for number in allowed if str(number) == typed), allowed[0])

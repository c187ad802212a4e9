"""Small indexes for tests, made of invented titles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from techmart.search.document import SearchDocument
from techmart.search.whoosh_engine import WhooshEngine


def document(
    number: int, title: str, *, kind: str = "offer", verified: bool = False, **values: object
) -> SearchDocument:
    """A document `kind:number` that has little more than a title; a title's lines are its languages."""
    facets = {"kind": (kind,), "sector": ("environment",), **({"verified": ("yes",)} if verified else {})}
    text = {"title": title, "summary": "", "body": str(values.get("body", "")), "keywords": "", "organisation": ""}
    numbers = {"published_at": int(str(values.get("published_at", 1_700_000_000)))}
    identifiers = tuple(str(form) for form in values.get("identifiers", ()))  # type: ignore[attr-defined]  # a sequence
    return SearchDocument(f"{kind}:{number}", kind, number, 1, "vi", text, identifiers, facets, numbers)


def engine_with(directory: Path, titles: Sequence[str | SearchDocument]) -> WhooshEngine:
    """An engine holding these titles as offers 0, 1, 2 … (or these documents) in one segment."""
    engine = WhooshEngine(directory, cache_mb=8)
    documents = [one if isinstance(one, SearchDocument) else document(at, one) for at, one in enumerate(titles)]
    engine.apply([], documents)
    return engine

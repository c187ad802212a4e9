"""What only the product does: suggestions while typing, and a results page with facets and marked words (markup and database
aside). Everything is asked once, so that nothing remembered counts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from techmart.cli.bench_corpus import read_documents
from techmart.cli.bench_timing import summary
from techmart.search.glossary import shipped_glossary
from techmart.search.highlight import highlight, passage, wanted_terms
from techmart.search.query import Query, run_query
from techmart.search.whoosh_engine import WhooshEngine

_CACHE_MB = 32


def measure_suggestions(folder: Path, typed: Sequence[str]) -> dict[str, float]:
    """Milliseconds a keystroke: every beginning of what people type, from the second letter on."""
    engine = WhooshEngine(folder, cache_mb=_CACHE_MB)
    engine.suggest("a", 8)
    samples = []
    for beginning in dict.fromkeys(text[:end] for text in typed for end in range(2, len(text) + 1)):
        before = time.perf_counter()
        engine.suggest(beginning, 8)
        samples.append((time.perf_counter() - before) * 1000)
    return summary(samples)


def measure_pages(folder: Path, corpus: Path | None, count: int, typed: Sequence[str]) -> dict[str, float]:
    """Milliseconds a page of ten: understanding, translation, ranking, twelve facets, marked titles and passages."""
    texts = {document.key: document.text for document in read_documents(corpus, count)}
    engine, glossary = WhooshEngine(folder, cache_mb=_CACHE_MB), shipped_glossary()
    run_query(engine, glossary, Query("a"))
    samples = []
    for text in dict.fromkeys(typed):
        before = time.perf_counter()
        answer = run_query(engine, glossary, Query(text))
        wanted = wanted_terms(answer.plan)
        for hit in answer.result.hits:
            highlight(texts[hit.key]["title"], wanted)
            passage(texts[hit.key]["body"], wanted)
        samples.append((time.perf_counter() - before) * 1000)
    return summary(samples)

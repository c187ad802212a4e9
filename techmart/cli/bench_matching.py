"""`flask bench match`: matches of real demands against a large index, explained, and all demands one after the other."""

from __future__ import annotations

import gc
import json
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import click
from flask.cli import with_appcontext

from techmart.cli.bench import bench
from techmart.cli.bench_corpus import read_documents
from techmart.matching.match import Thing, find_matches
from techmart.matching.profile import Profile, text_profile
from techmart.matching.weights import CANDIDATES
from techmart.models.listing import Offer
from techmart.search.document import SearchDocument
from techmart.search.glossary import Glossary, shipped_glossary
from techmart.search.parallel import end_with_parent
from techmart.search.snapshot import Snapshot
from techmart.search.whoosh_engine import WhooshEngine

_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_CACHE_MB: Final = 256
#: What `flask match run` has unless SEARCH_CACHE_MB says otherwise.
_WORKER_CACHE_MB: Final = 32
_SHOWN: Final = 20
_KEPT: Final = 50
_CHUNK: Final = 16
#: Nothing of the measured work depends on the day.
_DAY: Final = date(2026, 1, 1)
#: Of a worker process.
_engine: WhooshEngine | None = None


@bench.command("match")
@click.option("--docs", "count", type=click.IntRange(100, 5_000_000), default=20_000, show_default=True)
@click.option("--corpus", type=_EXISTING, help="JSONL (.gz too) with title, body, lang; made-up texts else.")
@click.option("--demands", type=_EXISTING, help="JSONL with title, text or body, lang; else documents, evenly spread.")
@click.option("--queries", type=click.IntRange(1), default=100, show_default=True, help="So many demands, each twice.")
@click.option(
    "--all", "all_against_all", type=click.IntRange(0), default=0, help="Then the best 50 of so many demands."
)
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
def match(
    count: int, corpus: Path | None, demands: Path | None, queries: int, all_against_all: int, as_json: bool
) -> None:
    """Index COUNT technologies, then match demands with them: the best 20 explained, cold (first time) and warm."""
    texts: dict[str, SearchDocument] = {}
    with tempfile.TemporaryDirectory(prefix="techmart-bench-") as folder:
        for document in read_documents(corpus, count):
            technology = replace(
                document,
                kind="offer",
                key=f"offer:{document.id}",
                facets={"kind": ("offer",), "lang": (document.lang,)},
            )
            texts[technology.key] = technology
        engine = WhooshEngine(Path(folder), cache_mb=_CACHE_MB)
        started = time.perf_counter()
        engine.rebuild(texts.values())
        report: dict[str, Any] = {
            "docs": len(texts),
            "index_s": round(time.perf_counter() - started, 1),
        }  # Any: figures
        profiles = _profiles(demands, texts, max(queries, all_against_all))
        snapshot, glossary = engine.snapshot(), shipped_glossary()
        gc.collect()
        gc.freeze()  # what the measurement holds, the corpus above all, is no part of the product
        report["one"] = _time_one(snapshot, glossary, profiles[:queries], texts)
        if all_against_all:
            report["all"] = _time_all(Path(folder), profiles, all_against_all)
        report["rss_mb"] = _memory()
    click.echo(json.dumps(report) if as_json else "\n".join(f"{name}: {value}" for name, value in report.items()))


def _profiles(path: Path | None, texts: Mapping[str, SearchDocument], count: int) -> list[Profile]:
    if path is None:
        chosen = islice(texts.values(), 0, None, max(1, len(texts) // count))
        return [text_profile(row.text["title"], row.text["body"], row.lang) for row in islice(chosen, count)]
    profiles = []
    with path.open(encoding="utf-8") as lines:
        for line in islice(lines, count):
            row = json.loads(line)
            body = row.get("text") or row.get("body") or ""
            profiles.append(text_profile(row.get("title") or "", body, row.get("lang") or "en"))
    return profiles


def _time_one(
    snapshot: Snapshot, glossary: Glossary, profiles: Sequence[Profile], texts: Mapping[str, SearchDocument]
) -> dict[str, float]:
    def load(keys: Sequence[str]) -> Mapping[str, Thing]:
        return {key: _offer(texts[key]) for key in keys}

    times: list[list[float]] = []
    for _turn in range(2):
        times.append([])
        for profile in profiles:
            before = time.perf_counter()
            find_matches(snapshot, profile, load, glossary, today=_DAY, limit=_SHOWN)
            times[-1].append((time.perf_counter() - before) * 1000)
    cold, warm = times[0], sorted(times[1])
    return {
        "demands": len(profiles),
        "p50_ms": round(statistics.median(warm), 2),
        "p95_ms": round(warm[int(len(warm) * 0.95)], 2),
        "cold_p50_ms": round(statistics.median(cold), 2),
    }


def _time_all(folder: Path, profiles: Sequence[Profile], count: int) -> dict[str, float]:
    """The best of every demand, on all cores as `flask match run` works them out; short files are gone through again.

    `memory_mb`: of the worker processes together, at their largest.
    """
    started, found = time.perf_counter(), 0
    largest: dict[int, float] = {}
    chunks = [
        [profiles[number % len(profiles)] for number in range(n, min(n + _CHUNK, count))]
        for n in range(0, count, _CHUNK)
    ]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=_open, initargs=(folder,)) as pool:
        for pairs, process, memory in pool.map(_match_chunk, chunks):
            found += pairs
            largest[process] = max(memory, largest.get(process, 0.0))
    seconds = round(time.perf_counter() - started, 1)
    return {"demands": count, "pairs": found, "seconds": seconds, "memory_mb": round(sum(largest.values()), 1)}


def _open(folder: Path) -> None:
    global _engine  # a worker's own
    end_with_parent()
    _engine = WhooshEngine(folder, cache_mb=_WORKER_CACHE_MB)


def _match_chunk(profiles: Sequence[Profile]) -> tuple[int, int, float]:
    """Pairs, process and its memory in MB. Rows are made up: the database is not what is measured."""
    assert _engine is not None
    found = 0
    for profile in profiles:
        matches = find_matches(
            _engine.snapshot(), profile, _made_up, shipped_glossary(), today=_DAY, limit=_KEPT, loaded=CANDIDATES, explained=False
        )  # fmt: skip
        found += len(matches)
    return found, os.getpid(), _memory()


def _made_up(keys: Sequence[str]) -> Mapping[str, Thing]:
    text = {"title": "", "body": ""}
    return {key: _offer(SearchDocument(key, "offer", int(key.partition(":")[2]), 1, "vi", text)) for key in keys}


def _offer(document: SearchDocument) -> Offer:
    """The row a database would give."""
    return Offer(
        id=document.id, kind="offer", lang=document.lang, title=document.text["title"], problem=document.text["body"],
        title_en="", summary="", summary_en="", how_it_works="", advantage="", partner_sought="", keywords=[], ipc=[],
        sectors=[], transfer_forms=[],
    )  # fmt: skip


def _memory() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)

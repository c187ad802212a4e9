"""`flask bench search`: our engine beside SQLite FTS5, tantivy and Whoosh's own searcher, in one run on the same documents."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import click
from flask.cli import AppGroup

from techmart.cli.bench_corpus import folded, make_queries, read_documents
from techmart.cli.bench_engines import ENGINES, has_tantivy

bench = AppGroup("bench", help="Measurements, side by side with other engines (needs `make install-dev`).")

NAMES: Final = ("techmart", "tantivy", "sqlite_fts5", "whoosh_stock")
#: No class of one engine takes longer than this; a slow engine answers fewer queries.
_SECONDS_A_CLASS: Final = 8.0
_ROUNDS: Final = 4
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@bench.command("search")
@click.option("--docs", "count", type=click.IntRange(100, 5_000_000), default=20_000, show_default=True)
@click.option(
    "--corpus", type=_EXISTING, help="JSONL (.gz too) with title, body, lang; made-up texts where none is given."
)
@click.option("--engines", default=",".join(NAMES), show_default=True)
@click.option("--json", "as_json", is_flag=True)
def search(count: int, corpus: Path | None, engines: str, as_json: bool) -> None:
    """Index COUNT documents with each engine, then time every query class, cold (first time) and warm."""
    chosen = [name for name in engines.split(",") if name in NAMES and (name != "tantivy" or has_tantivy())]
    folder = Path(tempfile.mkdtemp(prefix="techmart-bench-"))
    try:
        report = _run(folder, corpus, count, chosen, quiet=as_json)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        click.echo(json.dumps(report))
    else:
        _print(report)


def _run(folder: Path, corpus: Path | None, count: int, chosen: list[str], *, quiet: bool) -> dict[str, Any]:
    _say("Preparing texts and queries …", quiet)
    prepared = _alone(_prepare, folder, corpus, count)
    report: dict[str, Any] = {"docs": prepared["docs"], "text_bytes": prepared["text_bytes"], "engines": {}}
    for name in chosen:
        place = folder / name
        place.mkdir()
        _say(f"{name}: indexing …", quiet)
        seconds = _alone(_build, name, place, folder, corpus, count)
        _say(f"{name}: querying …", quiet)
        figures = _alone(_measure, name, place, prepared["queries"])
        size = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
        report["engines"][name] = {"index_s": round(seconds, 2), "disk_mb": round(size / 1e6, 1), **figures}
    return report


def _alone(function: Any, *arguments: Any) -> Any:  # Any: one of the functions below and what it takes
    """Run in a fresh process, so that memory and warmth are this engine's own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def _prepare(folder: Path, corpus: Path | None, count: int) -> dict[str, Any]:
    size = total = 0
    with (folder / "texts.txt").open("w", encoding="utf-8") as file:
        for document in read_documents(corpus, count):
            size += sum(len(text.encode()) for text in document.text.values())
            file.write(folded(document) + "\n")
            total += 1
    return {"docs": total, "text_bytes": size, "queries": make_queries(_texts(folder))}


def _texts(folder: Path) -> Iterator[str]:
    with (folder / "texts.txt").open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")


def _build(name: str, place: Path, folder: Path, corpus: Path | None, count: int) -> float:
    started = time.perf_counter()
    ENGINES[name][0](place, read_documents(corpus, count), _texts(folder))
    return time.perf_counter() - started


def _measure(name: str, place: Path, queries: dict[str, list[list[str]]]) -> dict[str, Any]:
    started = time.perf_counter()
    ask = ENGINES[name][1](place)
    ask("1 rare", queries["1 rare"][0])
    opened = time.perf_counter() - started
    classes = {title: _time_class(ask, title, rows) for title, rows in queries.items()}
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return {
        "open_s": round(opened, 3),
        "rss_mb": round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1),
        "classes": classes,
    }


def _time_class(ask: Any, title: str, rows: list[list[str]]) -> dict[str, float]:  # Any: bench_engines.Ask
    cold: list[float] = []
    warm: list[float] = []
    started = time.perf_counter()
    for turn in range(1 + _ROUNDS):
        for words in rows:
            if time.perf_counter() - started > _SECONDS_A_CLASS and warm:
                break
            before = time.perf_counter()
            ask(title, words)
            (warm if turn else cold).append((time.perf_counter() - before) * 1000)
            if not turn and len(cold) > 2 and time.perf_counter() - started > _SECONDS_A_CLASS:
                warm += cold  # too slow for a second turn: what it has is what is shown
                break
    ordered = sorted(warm)
    return {
        "p50_ms": round(statistics.median(ordered), 3),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] if len(ordered) > 1 else ordered[0], 3),
        "cold_p50_ms": round(statistics.median(cold), 3),
        "queries": len(ordered),
    }


def _print(report: dict[str, Any]) -> None:
    engines = report["engines"]
    click.echo(
        f"\n{report['docs']} documents, {report['text_bytes'] / 1e6:.0f} MB of text; milliseconds, median (95th percentile)\n"
    )
    width = 22
    click.echo("class".ljust(18) + "".join(name.rjust(width) for name in engines))
    for title in next(iter(engines.values()))["classes"]:
        cells = [
            f"{row['classes'][title]['p50_ms']:.3f} ({row['classes'][title]['p95_ms']:.3f})" for row in engines.values()
        ]
        click.echo(title.ljust(18) + "".join(cell.rjust(width) for cell in cells))
    for label, key in (
        ("index, s", "index_s"),
        ("on disk, MB", "disk_mb"),
        ("open, s", "open_s"),
        ("memory, MB", "rss_mb"),
    ):
        click.echo(label.ljust(18) + "".join(str(row[key]).rjust(width) for row in engines.values()))
    if "techmart" in engines and len(engines) > 1:
        click.echo("\nmedian of the other engine divided by ours")
        for title, ours in engines["techmart"]["classes"].items():
            ratios = [
                f"{row['classes'][title]['p50_ms'] / max(ours['p50_ms'], 1e-6):.1f}×"
                for name, row in engines.items()
                if name != "techmart"
            ]
            click.echo(
                title.ljust(18)
                + "".join(" " * width if not i else "" for i in range(1))
                + "".join(cell.rjust(width) for cell in ratios)
            )


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        click.echo(text, err=True)

"""`flask bench search`: our engine beside SQLite FTS5, tantivy and Whoosh's own searcher, in one run on the same documents."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import click
from flask.cli import AppGroup

from techmart.cli.bench_corpus import folded, make_queries, make_typed, read_documents
from techmart.cli.bench_engines import ENGINES, has_tantivy
from techmart.cli.bench_product import measure_pages, measure_suggestions
from techmart.cli.bench_report import table
from techmart.cli.bench_timing import Pass, merged, time_classes

bench = AppGroup("bench", help="Measurements, side by side with other engines (needs `make install-dev`).")

NAMES: Final = ("techmart", "tantivy", "sqlite_fts5", "whoosh_stock")
#: An engine whose first pass took longer is not measured again.
_SECONDS_A_PASS: Final = 20.0
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@bench.command("search")
@click.option("--docs", "count", type=click.IntRange(100, 5_000_000), default=20_000, show_default=True)
@click.option(
    "--corpus", type=_EXISTING, help="JSONL (.gz too) with title, body, lang; made-up texts where none is given."
)
@click.option("--engines", default=",".join(NAMES), show_default=True)
@click.option(
    "--passes",
    type=click.IntRange(1, 20),
    default=3,
    show_default=True,
    help="Engines take turns so often, so that a busy machine troubles all of them alike.",
)
@click.option("--out", type=_FOLDER, help="Also write search-DOCS.txt and search-DOCS.json into this folder.")
@click.option("--json", "as_json", is_flag=True)
def search(count: int, corpus: Path | None, engines: str, passes: int, out: Path | None, as_json: bool) -> None:
    """Index COUNT documents with each engine, then time every query class, cold (first time in a process) and warm."""
    chosen = [name for name in engines.split(",") if name in NAMES and (name != "tantivy" or has_tantivy())]
    folder = Path(tempfile.mkdtemp(prefix="techmart-bench-"))
    try:
        report = _run(folder, corpus, count, chosen, passes, quiet=as_json)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    click.echo(json.dumps(report) if as_json else table(report))
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"search-{count}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        (out / f"search-{count}.txt").write_text(table(report) + "\n", encoding="utf-8")


def _run(
    folder: Path, corpus: Path | None, count: int, chosen: Sequence[str], passes: int, *, quiet: bool
) -> dict[str, Any]:
    _say("Preparing texts and queries …", quiet)
    prepared = _alone(_prepare, folder, corpus, count)
    built: dict[str, dict[str, float]] = {}
    for name in chosen:
        (folder / name).mkdir()
        _say(f"{name}: indexing …", quiet)
        seconds = _alone(_build, name, folder / name, folder, corpus, count)
        size = sum(path.stat().st_size for path in (folder / name).rglob("*") if path.is_file())
        built[name] = {
            "index_s": round(seconds, 2),
            "disk_mb": round(size / 1e6, 1),
            "disk_of_text": round(size / prepared["text_bytes"], 2),
        }
    taken: dict[str, list[Pass]] = {name: [] for name in chosen}
    for number in range(passes):
        for name in chosen:
            if not number or taken[name][0].seconds < _SECONDS_A_PASS:
                _say(f"{name}: querying, pass {number + 1} of {passes} …", quiet)
                taken[name].append(_alone(_measure, name, folder / name, prepared["queries"]))
    report: dict[str, Any] = {"docs": prepared["docs"], "text_bytes": prepared["text_bytes"], "engines": {}}
    for name in chosen:
        report["engines"][name] = {**built[name], **merged(taken[name])}
    if "techmart" in chosen:
        _say("techmart: suggestions and pages …", quiet)
        typed = prepared["typed"]
        report["engines"]["techmart"]["product"] = {
            "suggest": _alone(measure_suggestions, folder / "techmart", typed),
            "page": _alone(measure_pages, folder / "techmart", corpus, count, typed),
        }
    return report


def _alone(function: Any, *arguments: Any) -> Any:  # Any: one of the functions below and what it takes
    """Run in a fresh process, so that memory and warmth are this engine's own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def _prepare(folder: Path, corpus: Path | None, count: int) -> dict[str, Any]:
    size = total = 0
    titles: list[str] = []
    with (folder / "texts.txt").open("w", encoding="utf-8") as file:
        for document in read_documents(corpus, count):
            size += sum(len(text.encode()) for text in document.text.values())
            file.write(folded(document) + "\n")
            titles.append(document.text["title"])
            total += 1
    queries = make_queries(_texts(folder))
    return {"docs": total, "text_bytes": size, "queries": queries, "typed": make_typed(titles)}


def _texts(folder: Path) -> Iterator[str]:
    with (folder / "texts.txt").open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")


def _build(name: str, place: Path, folder: Path, corpus: Path | None, count: int) -> float:
    started = time.perf_counter()
    ENGINES[name][0](place, read_documents(corpus, count), _texts(folder))
    return time.perf_counter() - started


def _measure(name: str, place: Path, queries: dict[str, list[list[str]]]) -> Pass:
    return time_classes(lambda: ENGINES[name][1](place), queries)


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        click.echo(text, err=True)

"""`flask eval`: relevance of the product's own engine on gold sets."""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click
from flask.cli import with_appcontext

from techmart.exchange.stardict import read_pairs
from techmart.matching.profile import text_profile
from techmart.matching.score import candidates
from techmart.search.evaluation import (
    DEPTH,
    KIND,
    GoldQuery,
    GoldSet,
    codes_of,
    documents_of,
    evaluate,
    find_sets,
    read_set,
)
from techmart.search.glossary import Entry, Glossary, shipped_glossary
from techmart.search.query import Query, run_query
from techmart.search.whoosh_engine import WhooshEngine
from techmart.search.yardstick import PlainBM25

_CACHE_MB = 512
_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)

#: The variant of queries as people type them on a plain keyboard.
_WITHOUT_ACCENTS = "khongdau"

#: With --codes: so many of the nearest documents vote on the symbols, which weigh so many points.
_NEAREST = 20
_POINTS_OF_CODES = 20

Figures = Mapping[str, float]
Ranker = Callable[[GoldQuery], Sequence[str]]


@click.command("eval")
@click.argument("directory", type=_DIRECTORY)
@click.option("--side", default="dev", show_default=True, help="Which half of the queries.")
@click.option("--mode", type=click.Choice(["search", "match"]), default="search", show_default=True)
@click.option("--variant", help="Another form of the queries, e.g. khongdau.")
@click.option(
    "--dictionary", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="StarDict .ifo to plug in."
)
@click.option(
    "--codes", "with_codes", is_flag=True, help="Matches may use the documents' IPC/CPC symbols; queries have none."
)
@click.option(
    "--among",
    type=_DIRECTORY,
    multiple=True,
    help="A set whose documents are indexed as well; none of them is an answer.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON line a set.")
@with_appcontext
def evaluation(
    directory: Path, side: str, mode: str, variant: str | None, dictionary: Path | None, with_codes: bool,
    among: Sequence[Path], as_json: bool,
) -> None:  # fmt: skip
    """Index the documents of the gold set(s) in DIRECTORY afresh and measure the ranking of their queries, beside plain BM25.

    Without --variant and --json, queries without accents are measured too where a set has them.

    Exit status 2 when there is nothing to measure.
    """
    glossary = shipped_glossary()
    if dictionary:
        plugged_in = (Entry(vi, en) for vi, en in read_pairs(dictionary))
        glossary = Glossary((), behind=(glossary, Glossary(plugged_in)))
    measured = 0
    for path in find_sets(directory):
        # People get the queries without accents as rows of their own; a line of JSON is always the one set that was asked for.
        variants = [variant] if variant or as_json else [None, _WITHOUT_ACCENTS]
        golds = [(name, gold) for name in variants if (gold := read_set(path, side, name)) is not None]
        for (name, gold), figures, plain in _measured(golds, mode, glossary, with_codes=with_codes, among=among):
            measured += 1
            if as_json:
                line: dict[str, object] = {"set": gold.name, "side": side, "mode": mode, "variant": name, **figures}
                line["bm25"] = {measure: value for measure, value in plain.items() if measure != "queries"}
                click.echo(json.dumps(line))
            else:
                click.echo(_row(gold.name + (f" ({name})" if name else ""), figures, plain))
    if not measured:
        click.echo(
            f"No gold set with side {side!r}" + (f" and variant {variant!r}" if variant else "") + f" in {directory}.",
            err=True,
        )
        sys.exit(2)


def _measured(
    golds: Sequence[tuple[str | None, GoldSet]],
    mode: str,
    glossary: Glossary,
    *,
    with_codes: bool,
    among: Sequence[Path],
) -> Iterator[tuple[tuple[str | None, GoldSet], Figures, Figures]]:
    """The forms of a set's queries, with our figures and the yardstick's; the documents are indexed once."""
    if not golds:
        return
    documents = list(documents_of(golds[0][1].docs_path))
    for number, other in enumerate(among):
        prefix = f"{KIND}:among-{number}-"
        documents += [
            replace(row, key=row.key.replace(f"{KIND}:", prefix, 1)) for row in documents_of(other / "docs.jsonl")
        ]
    with tempfile.TemporaryDirectory(prefix="techmart-eval-") as folder:
        engine = WhooshEngine(Path(folder), cache_mb=_CACHE_MB)
        engine.rebuild(documents)
        codes = codes_of(golds[0][1].docs_path) if with_codes else {}
        rank = _matcher(engine, glossary, codes) if mode == "match" else _searcher(engine, glossary)
        for name, gold in golds:
            plain = _plain(PlainBM25(documents, folded=name == _WITHOUT_ACCENTS))
            yield (name, gold), _rounded(evaluate(gold, rank)), _rounded(evaluate(gold, plain))


def _rounded(figures: Figures) -> Figures:
    return {name: round(value, 4) for name, value in figures.items()}


def _row(name: str, figures: Figures, plain: Figures) -> str:
    shown = "  ".join(f"{measure} {value:.3f}" for measure, value in figures.items() if measure != "queries")
    return f"{name:36} {int(figures['queries']):5} queries  {shown}  (BM25 {plain['nDCG@10']:.3f})"


def _plain(index: PlainBM25) -> Ranker:
    def rank(query: GoldQuery) -> list[str]:
        keys = index.rank(query.text, query.lang, DEPTH + 1)
        return [key.partition(":")[2] for key in keys]

    return rank


def _searcher(engine: WhooshEngine, glossary: Glossary) -> Ranker:
    """The way of the results page, facets aside."""

    def rank(query: GoldQuery) -> list[str]:
        hits = run_query(engine, glossary, Query(query.text, limit=DEPTH + 1), facets=()).result.hits
        return [hit.key.partition(":")[2] for hit in hits]

    return rank


def _matcher(engine: WhooshEngine, glossary: Glossary, codes: Mapping[str, frozenset[str]]) -> Ranker:
    """The way of the matches on a page, facts aside but for `codes` (document → symbols)."""

    def rank(query: GoldQuery) -> list[str]:
        snapshot = engine.snapshot()
        body = query.text.removeprefix(query.title) if query.title else query.text
        profile = text_profile(query.title, body, query.lang)
        _, close = candidates(snapshot, profile, glossary, kinds=(KIND,), limit=DEPTH + 1)
        points = {row.key.partition(":")[2]: row.text_points + row.meaning_points for row in close}
        return _by_guessed_codes(points, codes, query.own) if codes else list(points)

    return rank


def _by_guessed_codes(points: Mapping[str, float], codes: Mapping[str, frozenset[str]], own: str | None) -> list[str]:
    """Documents in a new order: the symbols of the nearest ones stand for those the query does not state."""
    nearest = [key for key in points if key != own][:_NEAREST]
    votes: dict[str, float] = {}
    for key in nearest:
        for code in codes.get(key, ()):
            votes[code] = votes.get(code, 0.0) + points[key] / len(codes[key])
    total = sum(votes.values()) or 1.0

    def agreement(key: str) -> float:
        mine = codes.get(key, frozenset())
        return sum(votes.get(code, 0.0) for code in mine) / total / math.sqrt(len(mine) or 1)

    return sorted(points, key=lambda key: -(points[key] + _POINTS_OF_CODES * agreement(key)))

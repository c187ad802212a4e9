"""`flask eval`: relevance of the product's own engine on gold sets."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from flask.cli import with_appcontext

from techmart.exchange.stardict import read_pairs
from techmart.matching.profile import text_profile
from techmart.matching.score import candidates
from techmart.search.evaluation import DEPTH, KIND, GoldQuery, documents_of, evaluate, find_sets, read_set
from techmart.search.glossary import Entry, Glossary, shipped_glossary
from techmart.search.query import Query, run_query
from techmart.search.whoosh_engine import WhooshEngine

_CACHE_MB = 512
_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)

Ranker = Callable[[GoldQuery], Sequence[str]]


@click.command("eval")
@click.argument("directory", type=_DIRECTORY)
@click.option("--side", default="dev", show_default=True, help="Which half of the queries.")
@click.option("--mode", type=click.Choice(["search", "match"]), default="search", show_default=True)
@click.option("--variant", help="Another form of the queries, e.g. khongdau.")
@click.option(
    "--dictionary", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="StarDict .ifo to plug in."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON line a set.")
@with_appcontext
def evaluation(
    directory: Path, side: str, mode: str, variant: str | None, dictionary: Path | None, as_json: bool
) -> None:
    """Index the documents of the gold set(s) in DIRECTORY afresh and measure the ranking of their queries.

    Exit status 2 when there is nothing to measure.
    """
    glossary = shipped_glossary()
    if dictionary:
        plugged_in = (Entry(vi, en) for vi, en in read_pairs(dictionary))
        glossary = Glossary((), behind=(glossary, Glossary(plugged_in)))
    measured = 0
    for path in find_sets(directory):
        gold = read_set(path, side, variant)
        if gold is None:
            continue
        with tempfile.TemporaryDirectory(prefix="techmart-eval-") as folder:
            engine = WhooshEngine(Path(folder), cache_mb=_CACHE_MB)
            engine.rebuild(documents_of(gold.docs_path))
            rank = _matcher(engine, glossary) if mode == "match" else _searcher(engine, glossary)
            figures = {name: round(value, 4) for name, value in evaluate(gold, rank).items()}
        measured += 1
        if as_json:
            click.echo(json.dumps({"set": gold.name, "side": side, "mode": mode, "variant": variant, **figures}))
        else:
            shown = "  ".join(f"{name} {value:.3f}" for name, value in figures.items() if name != "queries")
            click.echo(
                f"{gold.name + (f' ({variant})' if variant else ''):36} {int(figures['queries']):5} queries  {shown}"
            )
    if not measured:
        click.echo(
            f"No gold set with side {side!r}" + (f" and variant {variant!r}" if variant else "") + f" in {directory}.",
            err=True,
        )
        sys.exit(2)


def _searcher(engine: WhooshEngine, glossary: Glossary) -> Ranker:
    """The way of the results page, facets aside."""

    def rank(query: GoldQuery) -> list[str]:
        hits = run_query(engine, glossary, Query(query.text, limit=DEPTH + 1), facets=()).result.hits
        return [hit.key.partition(":")[2] for hit in hits]

    return rank


def _matcher(engine: WhooshEngine, glossary: Glossary) -> Ranker:
    """The way of the matches on a page, facts aside."""

    def rank(query: GoldQuery) -> list[str]:
        snapshot = engine.snapshot()
        body = query.text.removeprefix(query.title) if query.title else query.text
        profile = text_profile(query.title, body, query.lang)
        _, close = candidates(snapshot, profile, glossary, kinds=(KIND,), limit=DEPTH + 1)
        return [candidate.key.partition(":")[2] for candidate in close]

    return rank

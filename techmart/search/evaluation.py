"""Measuring relevance on gold sets with the product's own engine and planning: nDCG@10, Recall@10, Recall@100, MRR@10.

A set is a folder with docs.jsonl {id, title?, text, lang}, SIDE/queries.jsonl {id, text, title?, lang, self?} and
SIDE/qrels.jsonl {query_id, doc_id, relevance}. INFO.json may name another set whose documents are used (docs_from).
nDCG uses gains 2^rel − 1 and log2 discounts (Järvelin & Kekäläinen 2002); means are over queries with a relevant document.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from techmart.search.document import SearchDocument

DEPTH: Final = 100
KIND: Final = "doc"


@dataclass(frozen=True)
class GoldQuery:
    """A query; `own` is the document that is the query itself, dropped before scoring."""

    id: str
    text: str
    title: str
    lang: str
    own: str | None


@dataclass(frozen=True)
class GoldSet:
    """One side of a gold set; `qrels`: query → document → relevance."""

    name: str
    docs_path: Path
    queries: tuple[GoldQuery, ...]
    qrels: Mapping[str, Mapping[str, int]]


def find_sets(directory: Path) -> list[Path]:
    """The gold sets in a folder, or the folder itself when it is one."""
    if (directory / "INFO.json").exists():
        return [directory]
    return sorted(path.parent for path in directory.glob("*/INFO.json"))


def read_set(directory: Path, side: str = "dev", variant: str | None = None) -> GoldSet | None:
    """One side of a set, or None when it has no such side or variant."""
    info = json.loads((directory / "INFO.json").read_text(encoding="utf-8"))
    queries_path = directory / side / (f"queries_{variant}.jsonl" if variant else "queries.jsonl")
    if not queries_path.exists():
        return None
    source = directory.parent / info["docs_from"] if info.get("docs_from") else directory
    queries = tuple(
        GoldQuery(str(row["id"]), row["text"], row.get("title") or "", row.get("lang") or "", row.get("self"))
        for row in _rows(queries_path)
    )
    qrels: dict[str, dict[str, int]] = {}
    for row in _rows(directory / side / "qrels.jsonl"):
        qrels.setdefault(str(row["query_id"]), {})[str(row["doc_id"])] = int(row["relevance"])
    return GoldSet(info.get("set", directory.name), source / "docs.jsonl", queries, qrels)


def documents_of(path: Path) -> Iterator[SearchDocument]:
    """The documents of a gold set as the engine takes them; the key keeps the set's own id."""
    for number, row in enumerate(_rows(path)):
        text = {"title": row.get("title") or "", "body": row.get("text") or ""}
        lang = row.get("lang") or "en"
        facets = {"kind": (KIND,), "lang": (lang,)}
        yield SearchDocument(f"{KIND}:{row['id']}", KIND, number, 1, lang, text, facets=facets)


def codes_of(path: Path) -> dict[str, frozenset[str]]:
    """Document → its IPC or CPC symbols, for those of a gold set that state some."""
    return {str(row["id"]): frozenset(row["cpc"]) for row in _rows(path) if row.get("cpc")}


def evaluate(gold: GoldSet, rank: Callable[[GoldQuery], Sequence[str]]) -> dict[str, float]:
    """Mean measures of `rank`, which returns document ids, best first, up to DEPTH."""
    sums = dict.fromkeys(("nDCG@10", "Recall@10", "Recall@100", "MRR@10"), 0.0)
    judged = 0
    for query in gold.queries:
        relevance = gold.qrels.get(query.id, {})
        if not any(value > 0 for value in relevance.values()):
            continue
        judged += 1
        ranking = [doc for doc in rank(query) if doc != query.own][:DEPTH]
        for name, value in measures(ranking, relevance).items():
            sums[name] += value
    return {"queries": judged, **{name: value / max(judged, 1) for name, value in sums.items()}}


def measures(ranking: Sequence[str], relevance: Mapping[str, int]) -> dict[str, float]:
    """The measures of one ranking."""
    good = {doc for doc, value in relevance.items() if value > 0}
    gains = [relevance.get(doc, 0) for doc in ranking[:10]]
    ideal = _discounted(sorted(relevance.values(), reverse=True)[:10])
    first = next((place for place, gain in enumerate(gains) if gain > 0), None)
    return {
        "nDCG@10": _discounted(gains) / ideal,
        "Recall@10": len(good & set(ranking[:10])) / len(good),
        "Recall@100": len(good & set(ranking[:100])) / len(good),
        "MRR@10": 0.0 if first is None else 1 / (first + 1),
    }


def _discounted(gains: Iterable[int]) -> float:
    return sum((2.0 ** max(gain, 0) - 1) / math.log2(place + 2) for place, gain in enumerate(gains))


def _rows(path: Path) -> Iterator[dict[str, Any]]:  # Any: the set's own JSON
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)

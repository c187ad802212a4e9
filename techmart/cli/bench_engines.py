"""The engines of the benchmark behind two calls: build(texts or documents), then ask(class, words). Each opens in a process
of its own, so that memory and caches do not mix."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

try:
    import tantivy
except ImportError:  # a development dependency: the command says so
    tantivy = None  # type: ignore[assignment]  # a module or nothing
from whoosh import index as whoosh_index
from whoosh import query as whoosh_query
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, TEXT, Schema

from techmart.search.document import SearchDocument
from techmart.search.query import phrase_groups
from techmart.search.query_terms import plan_words
from techmart.search.request import SearchRequest
from techmart.search.whoosh_engine import WhooshEngine

Ask = Callable[[str, list[str]], int]


def has_tantivy() -> bool:
    """Whether the peer is installed (`make install-dev`)."""
    return tantivy is not None


FACETS: Final = ("kind", "sector", "province", "trl", "lang", "verified", "ip_status", "transfer_form")
_TEN: Final = 10


def build_techmart(folder: Path, documents: Iterator[SearchDocument], _texts: Iterator[str]) -> None:
    WhooshEngine(folder, cache_mb=64).rebuild(documents)


def open_techmart(folder: Path) -> Ask:
    """The product's own way from words to hits: planning, pairs and all, on the default cache."""
    engine = WhooshEngine(folder, cache_mb=256)

    def ask(name: str, words: list[str]) -> int:
        if name == "prefix":
            return len(engine.vocabulary(f"f:{words[0]}", _TEN))
        plan = plan_words(" ".join(words), None, lang="plain")
        counting = sum(group.counts for group in plan.groups)
        request = SearchRequest(
            groups=plan.groups,
            required=tuple(phrase_groups(" ".join(words))) if name == "phrase" else (),
            minimum_should_match=counting if "AND" in name else 1,
            facets=FACETS if "facets" in name else (),
            filters={"kind": ("offer",)} if name == "filter, sort" else {},
            sort="-published_at" if name == "filter, sort" else "score",
        )
        return len(engine.search(request).hits)

    return ask


def build_tantivy(folder: Path, _documents: Iterator[SearchDocument], texts: Iterator[str]) -> None:
    index = tantivy.Index(_tantivy_schema(), path=str(folder))
    writer = index.writer(256_000_000, 2)
    for number, text in enumerate(texts):
        writer.add_document(
            tantivy.Document(
                body=text, kind=("offer", "patent", "demand")[number % 3], published=1_700_000_000 + number * 61
            )
        )
    writer.commit()
    writer.wait_merging_threads()


def _tantivy_schema() -> Any:  # Any: tantivy.Schema, which may not be installed
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field("kind", stored=False, tokenizer_name="raw", fast=True)
    builder.add_integer_field("published", stored=False, indexed=True, fast=True)
    return builder.build()


def open_tantivy(folder: Path) -> Ask:
    index = tantivy.Index(_tantivy_schema(), path=str(folder))
    searcher = index.searcher()

    def ask(name: str, words: list[str]) -> int:
        if name == "prefix":
            query = tantivy.Query.regex_query(index.schema, "body", f"{words[0]}.*")
            return len(searcher.search(query, _TEN).hits)
        if name == "phrase":
            query = index.parse_query(f'"{" ".join(words)}"', ["body"])
        elif "AND" in name:
            query = index.parse_query(" ".join(f"+{word}" for word in words), ["body"])
        elif name == "filter, sort":
            query = index.parse_query(f"+{words[0]} +kind:offer", ["body"])
            return len(searcher.search(query, _TEN, order_by_field="published").hits)
        else:
            query = index.parse_query(" ".join(words), ["body"])
        return len(searcher.search(query, _TEN).hits)

    return ask


def build_fts5(folder: Path, _documents: Iterator[SearchDocument], texts: Iterator[str]) -> None:
    with sqlite3.connect(folder / "fts.db") as connection:
        connection.execute("CREATE VIRTUAL TABLE doc USING fts5(body, kind UNINDEXED, published UNINDEXED, content='')")
        rows = ((number + 1, text) for number, text in enumerate(texts))
        connection.executemany("INSERT INTO doc(rowid, body) VALUES (?, ?)", rows)
        connection.execute("INSERT INTO doc(doc) VALUES ('optimize')")


def open_fts5(folder: Path) -> Ask:
    connection = sqlite3.connect(folder / "fts.db")
    ranked = "SELECT rowid FROM doc WHERE doc MATCH ? ORDER BY rank LIMIT 10"

    def ask(name: str, words: list[str]) -> int:
        quoted = [f'"{word}"' for word in words]
        if name == "prefix":
            return len(
                connection.execute("SELECT rowid FROM doc WHERE doc MATCH ? LIMIT 10", (f"{words[0]}*",)).fetchall()
            )
        if name == "phrase":
            return len(connection.execute(ranked, (f'"{" ".join(words)}"',)).fetchall())
        if name == "filter, sort":
            statement = "SELECT rowid FROM doc WHERE doc MATCH ? AND rowid % 3 = 1 ORDER BY rowid DESC LIMIT 10"
            return len(connection.execute(statement, (quoted[0],)).fetchall())
        joined = (" AND " if "AND" in name else " OR ").join(quoted)
        return len(connection.execute(ranked, (joined,)).fetchall())

    return ask


def build_whoosh(folder: Path, _documents: Iterator[SearchDocument], texts: Iterator[str]) -> None:
    index = whoosh_index.create_in(
        str(folder), Schema(id=ID(stored=True), body=TEXT(analyzer=SpaceSeparatedTokenizer()))
    )
    writer = index.writer(limitmb=256)
    for number, text in enumerate(texts):
        writer.add_document(id=str(number), body=text)
    writer.commit()


def open_whoosh(folder: Path) -> Ask:
    searcher = whoosh_index.open_dir(str(folder)).searcher()

    def ask(name: str, words: list[str]) -> int:
        terms: list[Any] = [whoosh_query.Term("body", word) for word in words]  # Any: Whoosh has no types
        if name == "prefix":
            return len(
                [text for text, _ in zip(searcher.reader().expand_prefix("body", words[0]), range(_TEN), strict=False)]
            )
        if name == "phrase":
            query = whoosh_query.Phrase("body", words)
        else:
            query = (whoosh_query.And if "AND" in name else whoosh_query.Or)(terms)
        return int(searcher.search(query, limit=_TEN).scored_length())

    return ask


ENGINES: Final = {
    "techmart": (build_techmart, open_techmart),
    "tantivy": (build_tantivy, open_tantivy),
    "sqlite_fts5": (build_fts5, open_fts5),
    "whoosh_stock": (build_whoosh, open_whoosh),
}

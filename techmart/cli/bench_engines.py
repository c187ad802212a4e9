"""The engines of the benchmark behind two calls: build(texts or documents), then ask(class, words). Each opens in a process
of its own, so that memory and caches do not mix."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
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

#: Asks one query of a class and returns the keys or numbers of up to ten documents (of terms, for a prefix).
Ask = Callable[[str, list[str]], Sequence[Any]]


def has_tantivy() -> bool:
    """Whether the peer is installed (`make install-dev`)."""
    return tantivy is not None


FACETS: Final = ("kind", "sector", "province", "trl", "lang", "verified", "ip_status", "transfer_form")
_TEN: Final = 10
_FILTER: Final = {"kind": ("offer",)}


def build_techmart(folder: Path, documents: Iterator[SearchDocument], _texts: Iterator[str]) -> None:
    WhooshEngine(folder, cache_mb=32).rebuild(documents)


def open_techmart(folder: Path) -> Ask:
    """The product's own way from words to hits with their keys: planning, pairs and all, on the default cache."""
    engine = WhooshEngine(folder, cache_mb=32)

    def ask(name: str, words: list[str]) -> Sequence[Any]:
        if name == "prefix":
            return engine.vocabulary(f"f:{words[0]}", _TEN) or engine.vocabulary(f"s:{words[0]}", _TEN)
        text = " ".join(words)
        groups = plan_words(text, None, lang="plain").groups
        if name == "filter, sort":
            return engine.search(SearchRequest(groups=groups, filters=_FILTER, sort="-published_at")).hits
        if name == "phrase":
            return engine.search(SearchRequest(groups=groups, required=tuple(phrase_groups(text)))).hits
        needed = len([group for group in groups if group.counts]) if "AND" in name else 1
        facets = FACETS if "facets" in name else ()
        return engine.search(SearchRequest(groups=groups, minimum_should_match=needed, facets=facets)).hits

    return ask


def build_tantivy(folder: Path, documents: Iterator[SearchDocument], texts: Iterator[str]) -> None:
    index = tantivy.Index(_tantivy_schema(), path=str(folder))
    writer = index.writer(256_000_000, 2)
    for document, text in zip(documents, texts, strict=True):
        row = tantivy.Document(body=text, id=document.id, published=document.numbers["published_at"])
        for name in FACETS:
            for code in document.facets[name]:
                row.add_text(name, code)
        writer.add_document(row)
    writer.commit()
    writer.wait_merging_threads()


def _tantivy_schema() -> Any:  # Any: tantivy.Schema, which may not be installed
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", stored=False, tokenizer_name="whitespace", index_option="position")
    for name in FACETS:
        builder.add_text_field(name, stored=False, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("published", stored=False, indexed=True, fast=True)
    builder.add_integer_field("id", stored=False, indexed=False, fast=True)
    return builder.build()


def open_tantivy(folder: Path) -> Ask:
    """Its hits are places in segments; what they are called is read from a fast field, the quickest way it has."""
    index = tantivy.Index(_tantivy_schema(), path=str(folder))
    searcher = index.searcher()
    aggregations = {name: {"terms": {"field": name, "size": 100}} for name in FACETS}

    def ask(name: str, words: list[str]) -> Sequence[Any]:
        order = None
        if name == "prefix":
            query = tantivy.Query.regex_query(index.schema, "body", f"{words[0]}.*")
        elif name == "phrase":
            query = index.parse_query(f'"{" ".join(words)}"', ["body"])
        elif name == "filter, sort":
            query = index.parse_query(f"+{words[0]} +kind:offer", ["body"])
            order = "published"
        else:
            query = index.parse_query(" ".join(f"+{word}" if "AND" in name else word for word in words), ["body"])
        if "facets" in name:
            searcher.aggregate(query, aggregations)
        hits = searcher.search(query, _TEN, order_by_field=order).hits
        keys: Sequence[Any] = searcher.fast_field_values("id", [address for _, address in hits])
        return keys

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

    def ask(name: str, words: list[str]) -> Sequence[Any]:
        quoted = [f'"{word}"' for word in words]
        if name == "prefix":
            return connection.execute("SELECT rowid FROM doc WHERE doc MATCH ? LIMIT 10", (f"{words[0]}*",)).fetchall()
        if name == "phrase":
            return connection.execute(ranked, (f'"{" ".join(words)}"',)).fetchall()
        if name == "filter, sort":
            statement = "SELECT rowid FROM doc WHERE doc MATCH ? AND rowid % 3 = 1 ORDER BY rowid DESC LIMIT 10"
            return connection.execute(statement, (quoted[0],)).fetchall()
        joined = (" AND " if "AND" in name else " OR ").join(quoted)
        return connection.execute(ranked, (joined,)).fetchall()

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

    def ask(name: str, words: list[str]) -> Sequence[Any]:
        terms: list[Any] = [whoosh_query.Term("body", word) for word in words]  # Any: Whoosh has no types
        if name == "prefix":
            return [
                text for text, _ in zip(searcher.reader().expand_prefix("body", words[0]), range(_TEN), strict=False)
            ]
        if name == "phrase":
            query = whoosh_query.Phrase("body", words)
        else:
            query = (whoosh_query.And if "AND" in name else whoosh_query.Or)(terms)
        return [hit["id"] for hit in searcher.search(query, limit=_TEN)]

    return ask


ENGINES: Final = {
    "techmart": (build_techmart, open_techmart),
    "tantivy": (build_tantivy, open_tantivy),
    "sqlite_fts5": (build_fts5, open_fts5),
    "whoosh_stock": (build_whoosh, open_whoosh),
}

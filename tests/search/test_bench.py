"""The benchmark measures what it says: every engine answers every class with documents, and the report has its form."""

from __future__ import annotations

import pytest

from techmart.cli.bench_corpus import folded, make_queries, make_typed, read_documents
from techmart.cli.bench_engines import ENGINES, has_tantivy
from techmart.cli.bench_product import measure_pages, measure_suggestions
from techmart.cli.bench_report import table
from techmart.cli.bench_timing import merged, summary, time_classes

COUNT = 300


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [folded(document) for document in read_documents(None, COUNT)]


@pytest.fixture(scope="module")
def queries(texts) -> dict[str, list[list[str]]]:
    return {title: rows[:3] for title, rows in make_queries(iter(texts)).items()}


@pytest.fixture(scope="module")
def folders(tmp_path_factory, texts):
    names = [name for name in ENGINES if name != "tantivy" or has_tantivy()]
    made = {name: tmp_path_factory.mktemp(name) for name in names}
    for name, folder in made.items():
        ENGINES[name][0](folder, read_documents(None, COUNT), iter(texts))
    return made


def test_every_engine_finds_documents_in_every_class(folders, queries):
    for name, folder in folders.items():
        ask = ENGINES[name][1](folder)
        for title, rows in queries.items():
            for words in rows:
                assert 0 < len(ask(title, words)) <= 10, (name, title, words)


def test_the_report_has_the_form_others_read(folders, queries):
    passes = [time_classes(lambda: ENGINES["techmart"][1](folders["techmart"]), queries) for _ in range(2)]
    ours = merged(passes)
    assert set(ours["classes"]) == set(queries)
    assert ours["classes"]["2 AND"]["p50_ms"] <= ours["classes"]["2 AND"]["p95_ms"]
    assert ours["classes"]["2 AND"]["queries"] == 2 * 4 * len(queries["2 AND"])
    facts = {"index_s": 1.0, "disk_mb": 1.0, "disk_of_text": 1.5}
    typed = make_typed([document.text["title"] for document in read_documents(None, COUNT)])[:3]
    product = {
        "suggest": measure_suggestions(folders["techmart"], typed),
        "page": measure_pages(folders["techmart"], None, COUNT, typed),
    }
    report = {
        "docs": COUNT,
        "text_bytes": 1000,
        "engines": {"techmart": {**facts, **ours, "product": product}, "tantivy": {**facts, **ours}},
    }
    text = table(report)
    assert "2 AND, 8 facets" in text
    assert "1.00× (1.00×)" in text
    assert "suggest a keystroke" in text


def test_summary_of_samples():
    assert summary([3.0, 1.0, 2.0]) == {"p50_ms": 2.0, "p95_ms": 3.0, "queries": 3}

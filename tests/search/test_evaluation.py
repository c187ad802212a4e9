"""`flask eval`: figures of a small set, with and without accents, beside plain BM25."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from techmart.search.evaluation import documents_of, measures
from techmart.search.yardstick import PlainBM25

TEXTS = {
    "a": ("Xử lý nước thải dệt nhuộm", "vi"),
    "b": ("Sấy bún bằng bơm nhiệt", "vi"),
    "c": ("Membrane filters for drinking water", "en"),
}
QUERIES = {"1": ("nước thải", "nuoc thai", "a"), "2": ("bơm nhiệt", "bom nhiet", "b")}


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    (folder / "dev").mkdir(parents=True)
    (folder / "INFO.json").write_text('{"set": "small"}')
    rows = [{"id": key, "text": text, "lang": lang} for key, (text, lang) in TEXTS.items()]
    write(folder / "docs.jsonl", rows)
    for place, name in enumerate(("queries", "queries_khongdau")):
        rows = [{"id": key, "text": row[place], "lang": "vi"} for key, row in QUERIES.items()]
        write(folder / "dev" / f"{name}.jsonl", rows)
    rows = [{"query_id": key, "doc_id": row[2], "relevance": 1} for key, row in QUERIES.items()]
    write(folder / "dev" / "qrels.jsonl", rows)
    return folder


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("\n".join(json.dumps(row) for row in rows))


def test_rows_for_people_have_both_forms_and_the_yardstick(app: Flask, gold: Path):
    result = app.test_cli_runner().invoke(args=["eval", str(gold)])
    assert result.exit_code == 0, result.output
    plain, folded = result.output.splitlines()
    assert plain.startswith("small  ")
    assert folded.startswith("small (khongdau)")
    assert all("nDCG@10 1.000" in line and "(BM25 1.000)" in line for line in (plain, folded))


@pytest.mark.parametrize("mode", ["search", "match"])
def test_json_is_one_line_a_set(app: Flask, gold: Path, mode: str):
    result = app.test_cli_runner().invoke(args=["eval", str(gold), "--json", "--mode", mode])
    (line,) = result.output.splitlines()
    figures = json.loads(line)
    assert (figures["set"], figures["mode"], figures["variant"]) == ("small", mode, None)
    assert figures["nDCG@10"] == figures["bm25"]["nDCG@10"] == 1.0


def test_nothing_to_measure_is_said_with_status_two(app: Flask, gold: Path):
    result = app.test_cli_runner().invoke(args=["eval", str(gold), "--side", "heldout"])
    assert result.exit_code == 2
    assert "heldout" in result.output


def test_the_yardstick_stems_english_and_keeps_accents_apart(gold: Path):
    index = PlainBM25(documents_of(gold / "docs.jsonl"), folded=False)
    assert index.rank("a filter for the water", "en", 10) == ["doc:c"]
    assert index.rank("nuoc thai", "vi", 10) == []
    assert PlainBM25(documents_of(gold / "docs.jsonl"), folded=True).rank("nuoc thai", "vi", 10) == ["doc:a"]


def test_gains_are_discounted_by_their_place():
    assert measures(["x", "a"], {"a": 1})["nDCG@10"] == pytest.approx(0.6309, abs=1e-4)

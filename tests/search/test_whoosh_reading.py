"""What the engine decodes is what Whoosh itself reads from the same files, and what Whoosh's own writer would index."""

from __future__ import annotations

from whoosh import index as whoosh_index
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.query import Term as WhooshTerm

from techmart.search.analysis import analyse
from techmart.search.scoring import saturate
from techmart.search.whoosh_codec import FIELD
from techmart.search.whoosh_engine import WhooshEngine
from tests.search.test_engine_contract import corpus


def test_every_term_reads_the_same_through_whoosh(tmp_path):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    rows = corpus(150)
    for start in range(0, 150, 30):
        engine.apply([rows[0].key] if start == 60 else [], rows[start : start + 30])
    snapshot = engine.snapshot()
    folder = tmp_path / "index" / snapshot.generation
    reader = whoosh_index.open_dir(str(folder), indexname="MAIN").reader()
    terms = list(reader.all_terms())
    assert len(terms) > 100
    assert {name for name, _ in terms} == {FIELD}
    for name, text in terms:
        matcher = reader.postings(name, text)
        read = {}
        while matcher.is_active():
            read[matcher.id()] = matcher.weight()
            matcher.next()
        docs, values = snapshot.postings(text.decode())
        ours = {int(doc): float(value) for doc, value in zip(docs, values, strict=True) if snapshot.live[doc]}
        assert ours.keys() == read.keys(), text
        for doc, weight in read.items():
            assert abs(ours[doc] - saturate(weight)) < 1e-5, text
        assert reader.doc_frequency(name, text) == snapshot.document_counts([text.decode()])[0]
    assert reader.doc_count() == 149
    reader.close()


def test_whooshs_own_searcher_runs_on_our_segments(tmp_path):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.apply([], corpus(40))
    folder = tmp_path / "index" / engine.snapshot().generation
    with whoosh_index.open_dir(str(folder), indexname="MAIN").searcher() as searcher:
        found = {
            searcher.stored_fields(number)[FIELD] for number in searcher.docs_for_query(WhooshTerm(FIELD, "x:nước"))
        }
    docs, _ = engine.snapshot().postings("x:nước")
    assert found == {engine.snapshot().key_at(int(doc)) for doc in docs}


def test_the_same_documents_hold_each_term_as_in_a_stock_index(tmp_path):
    rows = corpus(60)
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.apply([], rows)
    (tmp_path / "stock").mkdir()
    stock = whoosh_index.create_in(
        str(tmp_path / "stock"), Schema(key=ID(stored=True), body=TEXT(SpaceSeparatedTokenizer()))
    )
    writer = stock.writer()
    for row in rows:
        writer.add_document(
            key=row.key, body=" ".join(term for text in row.text.values() for term in analyse(text, row.lang))
        )
    writer.commit()
    with stock.searcher() as searcher:
        for text in searcher.lexicon("body"):
            expected = {
                searcher.stored_fields(number)["key"]
                for number in searcher.docs_for_query(WhooshTerm("body", text.decode()))
            }
            docs, _ = engine.snapshot().postings(text.decode())
            assert {engine.snapshot().key_at(int(doc)) for doc in docs} == expected, text

"""An index with documents in two languages: neither leads because of its language."""

from __future__ import annotations

import numpy as np
import pytest

from techmart.matching.profile import text_profile
from techmart.matching.score import candidates
from techmart.search.document import SearchDocument
from techmart.search.glossary import Entry, Glossary
from techmart.search.language_reach import language_factors
from techmart.search.query import Query, run_query
from techmart.search.request import Group, Term
from techmart.search.whoosh_engine import WhooshEngine

VIETNAMESE = ("Máy sấy lạnh trái cây cho hợp tác xã", "Quy trình nuôi tôm thâm canh trong nhà màng", "Phân bón hữu cơ cho cây lúa",
              "Cảm biến đo độ ẩm đất trong vườn", "Bê tông nhẹ cho nhà ở xã hội", "Thiết bị lọc bụi của lò đốt trong nhà máy")  # fmt: skip
ENGLISH = ("Membrane filtration of dyeing wastewater", "Speech recognition in noisy rooms", "Corrosion resistant coating of hulls",
           "Solar cell with a textured surface", "Wind turbine blade inspection", "Vaccine cold chain monitoring")  # fmt: skip
GLOSSARY = Glossary(
    [Entry("nước thải", "wastewater"), Entry("dệt nhuộm", "dyeing"), Entry("màng lọc", "membrane filtration"), Entry("máy sấy", "dryer")]
)  # fmt: skip


def _documents(titles, lang, first):
    return [
        SearchDocument(f"offer:{number}", "offer", number, 1, lang, {"title": title}, facets={"kind": ("offer",), "lang": (lang,)})
        for number, title in enumerate(titles, first)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> WhooshEngine:
    engine = WhooshEngine(tmp_path_factory.mktemp("mixed") / "index", cache_mb=16)
    engine.apply([], [*_documents(VIETNAMESE * 3, "vi", 1), *_documents(ENGLISH, "en", 101)])
    return engine


def _titles(engine, keys):
    numbers = [int(key.partition(":")[2]) for key in keys]
    return [ENGLISH[number - 101] if number > 100 else VIETNAMESE[(number - 1) % len(VIETNAMESE)] for number in numbers]


def test_a_translation_leads_over_any_word_of_the_original(engine):
    query = Query("nhà máy cần màng lọc xử lý nước thải dệt nhuộm", limit=5)
    keys = [hit.key for hit in run_query(engine, GLOSSARY, query, facets=()).result.hits]
    assert _titles(engine, keys)[0] == ENGLISH[0]


def test_the_original_leads_where_it_answers(engine):
    keys = [hit.key for hit in run_query(engine, GLOSSARY, Query("máy sấy trái cây"), facets=()).result.hits]
    assert _titles(engine, keys)[0] == VIETNAMESE[0]


def test_a_demand_meets_both_languages(engine):
    demand = text_profile(
        "Xử lý nước thải dệt nhuộm", "Nhà máy cần màng lọc cho nước thải dệt nhuộm, và máy sấy cho kho trái cây.", "vi"
    )
    close = candidates(engine.snapshot(), demand, GLOSSARY)[1]
    distinct = list(dict.fromkeys(_titles(engine, [row.key for row in close])))
    assert {ENGLISH[0], VIETNAMESE[0]} <= set(distinct[:3])


def test_pages_and_filters_rank_alike(engine):
    """Filtered results are ordered by another loop than unfiltered ones."""
    query = Query("nhà máy cần màng lọc xử lý nước thải dệt nhuộm", limit=24)
    plain = run_query(engine, GLOSSARY, query, facets=()).result.hits
    filtered = run_query(engine, GLOSSARY, Query(query.text, filters={"kind": ("offer",)}, limit=24)).result.hits
    assert [hit.key for hit in plain] == [hit.key for hit in filtered]
    assert [hit.score for hit in plain] == pytest.approx([hit.score for hit in filtered])


def test_one_language_is_left_as_it_is(tmp_path):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.apply([], _documents(ENGLISH, "en", 101))
    group = Group((Term("x:lọc"), Term("s:filter", 0.5, stands_in=True)), lang="vi")
    assert language_factors(engine.snapshot(), (group,), (1.0, 0.5), is_text=False) == {}


@pytest.mark.parametrize(
    ("earned", "is_text", "factor"),
    [
        ((1.0, 0.5), False, 2.0),
        ((1.0, 2.0), False, 1.0),  # a query's translations never count less than they earn
        ((1.0, 2.0), True, 0.5),
        ((1.0, 0.01), False, 6.0),
        ((1.0, 0.0), False, None),  # nothing is translated
        ((0.0, 0.5), False, None),  # no document has the word itself
    ],
)
def test_factor_of_the_other_language(engine, earned, is_text, factor):
    group = Group((Term("x:lọc"), Term("s:filter", 0.5, stands_in=True)), lang="vi")
    factors = language_factors(engine.snapshot(), (group,), earned, is_text=is_text)
    assert factors == ({} if factor is None else {"en": pytest.approx(factor)})


def test_factors_are_of_the_documents_own_language(engine):
    snapshot = engine.snapshot()
    lifts = snapshot.lifts_by_language({"en": 2.0})
    english = snapshot.facets.mask("lang", ("en",), np.arange(snapshot.count, dtype=np.int32))
    assert lifts.factors[english] == pytest.approx(2.0, rel=0.01)
    assert set(lifts.factors[~english].tolist()) == {1.0}
    assert lifts.highest >= float(lifts.factors.max())
    assert snapshot.lifts_by_language({"en": 2.001}) is lifts


def test_a_common_vietnamese_word_is_not_rare_on_an_english_market(tmp_path):
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)
    engine.apply([], [*_documents(["Máy sấy"] * 250, "vi", 1000), *_documents(ENGLISH * 500, "en", 2000)])
    snapshot = engine.snapshot()
    assert snapshot.rarity("x:máy", 250) < 0.01
    assert snapshot.rarity("s:filter", 250) > 2

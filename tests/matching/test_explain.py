"""Reasons: phrases that both sides use, with their fields, through translation too, and no everyday words where better ones are."""

from __future__ import annotations

import pytest

from techmart.matching.explain import SharedPhrase, explainer_of
from techmart.matching.profile import Profile
from techmart.matching.terms import profile_terms
from techmart.search.document import SearchDocument
from techmart.search.glossary import shipped_glossary
from techmart.search.whoosh_engine import WhooshEngine

OFFER = Profile(
    "offer",
    "offer:1",
    "vi",
    {
        "title": "Màng lọc nano tách thuốc nhuộm hoạt tính",
        "summary": "Xử lý nước thải dệt nhuộm bằng màng lọc nano, yêu cầu ít hoá chất.",
        "how_it_works": "Bùn hoạt tính được tách trước màng lọc nano. Công ty đáp ứng mọi yêu cầu.",
    },
)
ENGLISH = Profile(
    "patent", "patent:2", "en", {"title": "Nanofiltration of reactive dyes", "claims": "A membrane according to the request."}
)  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> WhooshEngine:
    made = WhooshEngine(tmp_path_factory.mktemp("explain") / "index", cache_mb=16)
    rows = [
        SearchDocument(row.key, row.kind, number, 1, row.lang, {"body": " \n".join(row.texts.values())})
        for number, row in enumerate((OFFER, ENGLISH))
    ]
    others = [
        SearchDocument(f"offer:{number}", "offer", number, 1, "vi", {"body": f"Giống lúa chịu mặn số {number}"})
        for number in range(10, 40)
    ]
    made.rebuild([*rows, *others])
    return made


def reasons(engine: WhooshEngine, texts: dict[str, str], other: Profile) -> list[SharedPhrase]:
    profile = Profile("demand", "demand:9", "vi", texts)
    terms = profile_terms(engine.snapshot(), profile, shipped_glossary())
    return explainer_of(terms, profile).shared_phrases(other)


def test_a_reason_names_the_fields_of_both_sides(engine: WhooshEngine):
    found = reasons(engine, {"problem": "Cần màng lọc nano.", "method": "Màng lọc nano, ngâm chìm."}, OFFER)
    [reason] = [row for row in found if row.phrase == "màng lọc nano"]
    assert reason.fields == ("problem", "method")
    assert set(reason.other_fields) == {"title", "summary", "how_it_works"}
    assert reason.through == ""
    assert [row.weight for row in found] == sorted((row.weight for row in found), reverse=True)


def test_a_translation_says_what_the_other_side_wrote(engine: WhooshEngine):
    found = reasons(engine, {"problem": "Tách thuốc nhuộm hoạt tính."}, ENGLISH)
    assert ("thuốc nhuộm hoạt tính", "reactive dye") in [(row.phrase, row.through) for row in found]


def test_everyday_words_are_no_reason_where_better_ones_are(engine: WhooshEngine):
    better = "Màng lọc nano, bùn hoạt tính, nước thải dệt nhuộm, thuốc nhuộm hoạt tính. "
    phrases = [row.phrase for row in reasons(engine, {"problem": better + "Yêu cầu này của công ty."}, OFFER)]
    assert len(phrases) >= 3
    assert "yêu cầu" not in phrases
    # Where there is nothing else, they are what was shared.
    alone = reasons(engine, {"problem": "Yêu cầu khác."}, OFFER)
    assert [row.phrase for row in alone] == ["yêu cầu"]


def test_nothing_shared_is_no_reason(engine: WhooshEngine):
    assert reasons(engine, {"problem": "Giống lúa chịu mặn"}, OFFER) == []

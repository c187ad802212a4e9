"""The terms that counterparts share and a text lacks: in words that people read, and never what the text says already."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from techmart.matching.facts import Finding
from techmart.matching.lacking import LackingTerm, lacking_facts, lacking_terms
from techmart.matching.profile import Profile
from techmart.search.document import SearchDocument
from techmart.search.glossary import Entry, Glossary
from techmart.search.whoosh_engine import WhooshEngine

GLOSSARY = Glossary(
    Entry(vietnamese, english, "environment")
    for vietnamese, english in (
        ("màng lọc", "membrane filter"),
        ("bùn thải", "waste sludge"),
        ("xúc tác quang", "photocatalysis"),
        ("bể hiếu khí", "aerobic tank"),
        ("than hoạt tính", "activated carbon"),
        ("tuy nhiên", "however"),
    )
)
NEED = "Cần khử màu nước thải nhuộm bằng màng lọc"
OTHERS = ["Máy sấy xoài dẻo", "Phần mềm quản lý kho", "Giống lúa chịu mặn", "Pin mặt trời dẻo", "Cảm biến rung động"]
Lack = Callable[..., list[LackingTerm]]


@pytest.fixture
def lack(tmp_path) -> Lack:
    """What `NEED` (or another text) lacks of offers that say so."""
    engine = WhooshEngine(tmp_path / "index", cache_mb=16)

    def lacking(
        *texts: str, need: str = NEED, lang: str = "vi", excluded: str = "", **fields: str
    ) -> list[LackingTerm]:
        rows = [*texts, *OTHERS * 6]
        engine.rebuild(
            SearchDocument(f"offer:{number}", "offer", number, 1, lang, {"body": text}, facets={"kind": ("offer",)})
            for number, text in enumerate(rows, start=1)
        )
        counterparts = [
            (Profile("offer", f"offer:{number}", lang, {"title": text, **fields}), 60.0 - number)
            for number, text in enumerate(texts, start=1)
        ]
        own = Profile("demand", "demand:1", "vi", {"title": need}, excluded=excluded)
        found = lacking_terms(engine.snapshot(), own, GLOSSARY, counterparts)
        assert found == lacking_terms(engine.snapshot(), own, GLOSSARY, counterparts[::-1])
        return found

    return lacking


def test_terms_that_enough_share_are_named_with_their_holders(lack: Lack):
    found = lack(
        "Màng lọc sau than hoạt tính, ít bùn thải.",
        "Xúc tác quang rồi than hoạt tính; bùn thải được ép.",
        "Cột than hoạt tính tái sinh. Bùn thải ít.",
        "Than hoạt tính và xúc tác quang.",
    )
    assert {row.phrase: len(row.holders) for row in found} == {"than hoạt tính": 4, "bùn thải": 3}
    assert all(row.lang == "vi" and not row.translation for row in found)


def test_what_the_text_says_itself_or_by_a_translation_is_not_lacking(lack: Lack):
    texts = ["The membrane filter follows activated carbon."] * 4
    assert [(row.phrase, row.translation) for row in lack(*texts, lang="en")] == [
        ("activated carbon", "than hoạt tính")
    ]
    assert lack(*texts, lang="en", need=f"{NEED} sau than hoạt tính") == []
    assert lack(*["Than hoạt tính và màng lọc."] * 4, need="Need a membrane filter with activated carbon") == []
    # Nor words that it has in another order.
    assert lack(*["Bùn thải ít."] * 4, need="Không thải bùn") == []


def test_a_term_may_be_shared_across_languages(lack: Lack):
    (found,) = lack("Than hoạt tính.", "Cột than hoạt tính.", "Lớp than hoạt tính.", "Activated carbon bed.")
    assert (found.phrase, len(found.holders)) == ("than hoạt tính", 4)


def test_methods_that_a_demand_does_not_accept_are_not_recommended(lack: Lack):
    texts = ["Than hoạt tính và xúc tác quang."] * 3
    assert {row.phrase for row in lack(*texts)} == {"than hoạt tính", "xúc tác quang"}
    assert {row.phrase for row in lack(*texts, excluded="Không dùng than hoạt tính")} == {"xúc tác quang"}


def test_names_places_numbers_and_everyday_words_are_no_terms(lack: Lack):
    text = "Tuy nhiên, tại Cần Thơ và Đà Lạt, Công ty Thiên Nga đạt 120 mg/l năm 2024, ISO; người ta dùng hằng ngày."
    assert lack(*[text] * 4) == []


def test_an_authors_keywords_are_terms_though_no_glossary_knows_them(lack: Lack):
    texts = ["Ép bã mía khô.", "Sấy bã mía ướt.", "Đốt bã mía vụn."]
    assert lack(*texts) == []
    assert [row.phrase for row in lack(*texts, keywords="bã mía; 2024")] == ["bã mía"]


def test_a_young_index_trusts_what_stands_above_a_text(lack: Lack):
    texts = ["Màng lọc."] * 4
    body = {"how_it_works": "Than hoạt tính và xúc tác quang."}
    assert lack(*texts, **body) == []
    assert [row.phrase for row in lack(*texts, **body, keywords="xúc tác quang")] == ["xúc tác quang"]


def test_whom_a_counterpart_looks_for_is_not_to_be_copied(lack: Lack):
    assert lack(*["Màng lọc."] * 4, partner_sought="Cần nhà máy than hoạt tính") == []


def test_facts_are_lacking_where_only_the_own_side_leaves_them_out():
    def unknown(part: str, *sides: str) -> Finding:
        return Finding(part, "unknown", 0.0, (), sides)

    rows = [[unknown("trl", "wanted"), unknown("budget", "wanted", "offered"), unknown("ipc", "offered")]] * 3
    found = lacking_facts("wanted", [*rows, [unknown("place", "wanted"), Finding("trl", "agrees", 6.0)]])
    assert [(row.part, row.count) for row in found] == [("trl", 3)]

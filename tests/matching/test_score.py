"""Scores that add up, facts that only help, an order that does not depend on chance."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techmart.matching.calibration import background_score, text_points
from techmart.matching.facts import compare_facts
from techmart.matching.profile import Facts, Profile
from techmart.matching.score import candidates, score_pair
from techmart.matching.weights import CLOSENESS, PARTS
from techmart.search.whoosh_engine import WhooshEngine
from tests.search.test_engine_contract import document

TODAY = date(2026, 11, 23)
_LEVELS = st.frozensets(st.sampled_from(["C", "C02", "C02F", "C02F 3/00", "C02F 3/30", "A", "A01"]), max_size=5)
_FACTS = st.builds(
    Facts,
    sectors=st.frozensets(st.sampled_from(["energy", "health", "urban"]), max_size=3),
    ipc=_LEVELS,
    trl=st.none() | st.integers(1, 9),
    trl_min=st.none() | st.integers(1, 9),
    price_low=st.none() | st.integers(0, 10**9),
    price_high=st.none() | st.integers(0, 10**9),
    province=st.none() | st.sampled_from(["01", "79"]),
    transfer_right=st.none() | st.sampled_from(["ownership", "exclusive_use"]),
    transfer_forms=st.frozensets(st.sampled_from(["independent", "franchise"]), max_size=2),
    deadline=st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)


def demand(facts: Facts, text: str = "xử lý nước thải") -> Profile:
    return Profile("demand", "demand:1", "vi", {"title": text}, facts)


def offer(facts: Facts, text: str = "xử lý nước thải") -> Profile:
    return Profile("offer", "offer:1", "vi", {"title": text}, facts)


@settings(max_examples=300, deadline=None)
@given(wanted=_FACTS, offered=_FACTS, text=st.floats(0, 60).map(lambda value: round(value, 1)))
def test_parts_add_up_and_both_directions_agree(wanted: Facts, offered: Facts, text: float):
    score = score_pair(demand(wanted), offer(offered), text, today=TODAY)
    assert score.total == pytest.approx(sum(points for _, points, _ in score.parts), abs=1e-9)
    assert all(0 <= points <= most for _, points, most in score.parts)
    assert 0 <= score.total <= 100
    assert [name for name, _, _ in score.parts] == list(PARTS)
    assert score_pair(offer(offered), demand(wanted), text, today=TODAY).total == score.total


@settings(max_examples=300, deadline=None)
@given(wanted=_FACTS, offered=_FACTS)
def test_adding_an_agreeing_fact_never_lowers_the_score(wanted: Facts, offered: Facts):
    def total(one: Facts, other: Facts) -> float:
        return sum(finding.points for finding in compare_facts(one, other, today=TODAY))

    before = total(wanted, offered)
    for sector in offered.sectors:
        assert total(replace(wanted, sectors=wanted.sectors | {sector}), offered) >= before
    for level in offered.ipc:
        assert total(replace(wanted, ipc=wanted.ipc | {level}), offered) >= before
    if offered.trl is not None and wanted.trl_min is None:
        assert total(replace(wanted, trl_min=offered.trl), offered) >= before
    if wanted.province is None and offered.province is not None:
        assert total(replace(wanted, province=offered.province), offered) >= before
    for form in offered.transfer_forms:
        assert total(replace(wanted, transfer_forms=wanted.transfer_forms | {form}), offered) >= before
    if wanted.transfer_right is None and offered.transfer_right is not None:
        assert total(replace(wanted, transfer_right=offered.transfer_right), offered) >= before
    price = offered.price_low if offered.price_low is not None else offered.price_high
    if price is not None and wanted.price_low is None and wanted.price_high is None:
        assert total(replace(wanted, price_high=price), offered) >= before
    # And from the other side: what the technology adds that the need asks for.
    for sector in wanted.sectors:
        assert total(wanted, replace(offered, sectors=offered.sectors | {sector})) >= before
    for level in wanted.ipc:
        assert total(wanted, replace(offered, ipc=offered.ipc | {level})) >= before
    for form in wanted.transfer_forms:
        assert total(wanted, replace(offered, transfer_forms=offered.transfer_forms | {form})) >= before
    if wanted.trl_min is not None and offered.trl is None:
        assert total(wanted, replace(offered, trl=wanted.trl_min)) >= before
    if wanted.transfer_right is not None and offered.transfer_right is None:
        assert total(wanted, replace(offered, transfer_right=wanted.transfer_right)) >= before
    if wanted.province is not None and offered.province is None:
        assert total(wanted, replace(offered, province=wanted.province)) >= before


@settings(max_examples=100, deadline=None)
@given(wanted=_FACTS, offered=_FACTS, most=st.integers(0, PARTS["meaning"]), shares=st.tuples(*[st.floats(0, 1)] * 2))
def test_words_and_meaning_share_their_points(wanted: Facts, offered: Facts, most: int, shares: tuple[float, float]):
    text, meaning = round(shares[0] * (CLOSENESS - most), 1), round(shares[1] * most, 1)
    score = score_pair(demand(wanted), offer(offered), text, today=TODAY, meaning=meaning, meaning_most=most)
    assert all(0 <= points <= top for _, points, top in score.parts)
    assert score.total == pytest.approx(sum(points for _, points, _ in score.parts), abs=1e-9)
    assert score.total <= 100


def test_unmet_conditions_are_shown_not_hidden():
    wanted = Facts(trl_min=8, price_high=100, deadline=date(2026, 1, 1), sectors=frozenset({"energy"}))
    offered = Facts(trl=5, price_low=500, sectors=frozenset({"health"}))
    findings = {finding.part: finding.state for finding in compare_facts(wanted, offered, today=TODAY)}
    assert {name for name, state in findings.items() if state == "unmet"} == {"trl", "budget", "deadline", "sector"}


def test_text_points_grow_with_the_score_and_are_bounded():
    values = [text_points(raw, 2.0, 10.0) for raw in range(0, 20)]
    assert values == sorted(values)
    assert values[2] == 0 < values[3]
    assert values[7] < values[8] == values[-1] == PARTS["text"]
    assert text_points(5.0, 0.0, 0.0) == 0


def test_what_many_share_earns_nothing():
    """Hits that stand out count, at the same scores, the more the fewer others come close."""
    alone = background_score([9.0, 8.0] + [1.0] * 100, 100, 10.0)
    crowded = background_score([9.0] + [8.0] * 100, 100, 10.0)
    assert text_points(8.0, crowded, 10.0) < 10 < 40 < text_points(8.0, alone, 10.0)


@pytest.mark.parametrize("scores", [[], [9.0], [9.0, 8.5, 8.0]])
def test_a_few_counterparts_say_little_about_the_background(scores: list[float]):
    assert 1.8 <= background_score(scores, len(scores), 10.0) < 2.8


def test_a_word_that_hardly_anybody_has_is_no_background():
    assert background_score([9.0], 10_000, 10.0) == 1.5


def test_candidates_are_the_same_whatever_the_order_of_adding(tmp_path):
    texts = [
        "xử lý nước thải dệt nhuộm",
        "màng lọc nước",
        "sấy bún bằng bơm nhiệt",
        "khử màu nước thải nhuộm",
        "robot kho lạnh",
    ]
    rows = [document(number * 2, text) for number, text in enumerate(texts)]
    profile = demand(Facts(), "khử màu nước thải dệt nhuộm")
    orders = []
    for place, ordered in enumerate((rows, rows[::-1])):
        engine = WhooshEngine(tmp_path / str(place), cache_mb=16)
        engine.apply([], ordered)
        orders.append([candidate.key for candidate in candidates(engine.snapshot(), profile, None)[1]])
    assert orders[0] == orders[1]
    assert orders[0][:2] == ["offer:6", "offer:0"]


@pytest.mark.parametrize(
    ("excluded", "says", "found"),
    [
        ("Không dùng ôzôn vì điện tại chỗ đã hết công suất.", "Khử màu bằng ôzôn và than hoạt tính", ("ôzôn",)),
        ("Không dùng ôzôn vì điện tại chỗ đã hết công suất.", "Khử màu không dùng ôzôn", ()),
        ("Không dùng ôzôn vì điện tại chỗ đã hết công suất.", "Lọc bằng màng", ()),
        ("Đốt; chôn lấp", "Bùn được chôn lấp hợp vệ sinh", ("chôn lấp",)),
        ("No chlorine, no membranes", "Disinfection with chlorine gas", ("chlorine",)),
        ("", "Khử màu bằng ôzôn", ()),
        (" , ;. vì ", "Khử màu bằng ôzôn", ()),
    ],
)
def test_a_method_that_is_not_accepted_shows_and_costs_nothing(excluded: str, says: str, found: tuple[str, ...]):
    wanted, other = replace(demand(Facts()), excluded=excluded), offer(Facts(), says)
    score = score_pair(wanted, other, 30.0, today=TODAY)
    assert [row.values for row in score.findings if row.part == "excluded"] == ([found] if found else [])
    assert score.total == score_pair(demand(Facts()), other, 30.0, today=TODAY).total
    assert score_pair(other, wanted, 30.0, today=TODAY).findings == score.findings


_WORDS = ("xử", "lý", "nước", "thải", "dệt", "nhuộm", "màng", "lọc", "sấy", "bơm", "nhiệt", "robot", "pump", "filter")


@settings(max_examples=25, deadline=None)
@given(
    texts=st.lists(st.lists(st.sampled_from(_WORDS), min_size=3, max_size=12).map(" ".join), min_size=4, max_size=12),
    cuts=st.lists(st.integers(0, 12), max_size=3),
    shuffled=st.randoms(use_true_random=False),
)
def test_matches_do_not_depend_on_how_the_index_came_about(tmp_path_factory, texts, cuts, shuffled):
    """All at once, or in any order and in several commits; asked again, the same."""
    rows = [document(number * 2, text) for number, text in enumerate(texts)]
    profile = demand(Facts(), "xử lý nước thải dệt nhuộm bằng màng lọc")
    mixed = list(rows)
    shuffled.shuffle(mixed)
    bounds = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    commits = [mixed[start:end] for start, end in itertools.pairwise(bounds)]
    found = []
    for parts in ([rows], [chunk for chunk in commits if chunk]):
        engine = WhooshEngine(tmp_path_factory.mktemp("history") / "index", cache_mb=16)
        for part in parts:
            engine.apply([row.key for row in part], part)
        found.append(candidates(engine.snapshot(), profile, None)[1])
    assert found[0] == found[1]
    assert candidates(engine.snapshot(), profile, None)[1] == found[1]


@pytest.mark.parametrize(
    ("text", "meaning", "shared", "is_shown"),
    [
        (15.0, 0.0, frozenset(), True),  # words alone are enough
        (5.0, 10.0, frozenset(), True),  # so are few words and a close meaning
        (14.9, 0.0, frozenset(), False),
        (3.9, 25.0, frozenset(), False),  # but not meaning without words
        (10.0, 6.0, frozenset({"C", "C02", "C02F", "C02F 3/30"}), True),
        (4.0, 6.0, frozenset({"C", "C02", "C02F", "C02F 3/30"}), True),  # facts make up for half
        (4.0, 5.9, frozenset({"C", "C02", "C02F", "C02F 3/30"}), False),  # and for no more
    ],
)
def test_what_is_worth_a_look(text: float, meaning: float, shared: frozenset[str], is_shown: bool):
    facts = Facts(sectors=frozenset({"energy"} if shared else ()), ipc=shared, province="79" if shared else None)
    score = score_pair(demand(facts), offer(facts), text, today=TODAY, meaning=meaning, meaning_most=25)
    assert score.is_shown is is_shown

"""Flags of the review queue: each seen where it should be, none on an ordinary listing."""

from __future__ import annotations

import time

import pytest

from techmart.rules.risk import RiskFacts, RiskFlag, find_risks, risk_level

ORDINARY = "Hệ thống lọc nước bằng màng gốm, công suất 50 m³/ngày, giảm COD từ 900 xuống 45 mg/L."


def _facts(text=ORDINARY, **changes):
    return RiskFacts(
        **{
            "texts": (("problem", text),),
            "title": "Lọc nước bằng màng gốm",
            "is_organisation_verified": True,
            **changes,
        }
    )


def test_an_ordinary_listing_raises_nothing():
    assert find_risks(_facts()) == []
    assert risk_level([]) == 0


@pytest.mark.parametrize(
    ("facts", "flag"),
    [
        (_facts("Gọi 0912 345 678 để được tư vấn"), RiskFlag.CONTACT_IN_TEXT),
        (_facts("thư: ban.hang@cong-ty.example"), RiskFlag.CONTACT_IN_TEXT),
        (_facts("xem https://quang-cao.example/x"), RiskFlag.LINK_IN_TEXT),
        (_facts("sản phẩm tốt nhất hiện nay"), RiskFlag.SUPERLATIVE),
        (_facts("dùng nguồn phóng xạ kín"), RiskFlag.RESTRICTED_WORD),
        (_facts("ẩn\u202echữ"), RiskFlag.HIDDEN_CHARACTERS),
        (_facts(title="MÁY LỌC NƯỚC SIÊU SẠCH GIÁ RẺ"), RiskFlag.SHOUTING),
        (_facts(is_organisation_verified=False), RiskFlag.UNVERIFIED_ORGANISATION),
        (_facts(trl=7), RiskFlag.EVIDENCE_MISSING),
        (_facts(state_funded=True), RiskFlag.STATE_FUNDED_WITHOUT_NUMBER),
        (_facts(has_unrecognised_number=True), RiskFlag.PATENT_NUMBER_UNRECOGNISED),
        (_facts(has_duplicate_title=True), RiskFlag.DUPLICATE_TITLE),
    ],
)
def test_each_flag(facts, flag):
    findings = find_risks(facts)
    assert [finding.flag for finding in findings] == [flag]
    assert 1 <= risk_level(findings) <= 3


def test_figures_and_codes_are_no_telephone_numbers():
    assert find_risks(_facts("Giá 1.250.000.000 đồng, số đơn 1-2021-01234, mã số thuế 9990000018")) == []


def test_long_hostile_text_is_read_quickly():
    started = time.thread_time()
    find_risks(_facts("a@" * 25_000 + "0 " * 25_000 + "www." * 10_000))
    assert time.thread_time() - started < 2.0

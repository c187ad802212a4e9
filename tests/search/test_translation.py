"""What queries of a technology exchange are translated to, typed with accents, without them, and in English."""

from __future__ import annotations

import pytest

from techmart.search.glossary import Entry, Glossary, shipped_glossary
from techmart.search.query_terms import plan_words

#: Vietnamese query → terms of which each must be among the translations, in any case.
FROM_VIETNAMESE = {
    "máy sấy nông sản bằng năng lượng mặt trời": "dryer; agricultural product; solar energy",
    "xử lý nước thải chăn nuôi": "livestock wastewater",
    "màng lọc nano": "nanofiltration membrane",
    "cảm biến đo độ mặn": "sensor; salinity",
    "chiết xuất tinh dầu": "extraction; essential oil",
    "phân bón hữu cơ vi sinh": "organic fertilizer; microbial",
    "nuôi tôm tuần hoàn": "shrimp; recirculating",
    "chế phẩm sinh học": "biological product",
    "bảo quản trái cây sau thu hoạch": "preservation; fruit; postharvest",
    "sấy thăng hoa": "freeze-drying",
    "sấy lạnh": "cold drying",
    "lên men": "fermentation",
    "đồng hồ nước thông minh": "water meter; smart",
    "tưới nhỏ giọt": "drip irrigation",
    "nhà kính": "greenhouse",
    "máy bay không người lái phun thuốc": "drone",
    "trí tuệ nhân tạo": "artificial intelligence",
    "học máy": "machine learning",
    "nhận dạng khuôn mặt": "face recognition",
    "chuỗi khối": "blockchain",
    "truy xuất nguồn gốc": "traceability",
    "pin lithium dung lượng lớn": "lithium battery",
    "trạm sạc xe điện": "charging station",
    "in 3D kim loại": "3D printing; metal",
    "gia công CNC": "machining",
    "robot hàn": "welding",
    "khuôn ép nhựa": "mould; plastic",
    "ổ trục": "bearing",
    "lò hơi đốt trấu": "boiler; rice husk",
    "khí sinh học": "biogas",
    "xử lý bùn thải": "sludge",
    "lọc bụi tĩnh điện": "electrostatic precipitator",
    "khử mặn nước biển": "desalination; seawater",
    "vật liệu compozit": "composite",
    "bê tông nhẹ": "lightweight concrete",
    "kit chẩn đoán": "diagnostic; kit",
    "vắc xin gia cầm": "vaccine; poultry",
    "cây dược liệu": "medicinal plant",
    "nuôi cấy mô": "tissue culture",
    "chuyển giao công nghệ": "technology transfer",
    "bằng sáng chế": "patent",
    "trình diễn công nghệ": "demonstration; technology",
    "mạng nơ-ron": "neural network",
    "internet vạn vật": "internet of things",
    "điện mặt trời áp mái": "rooftop solar",
}  # fmt: skip

#: English query → Vietnamese terms; both spellings of a tone and of i/y are one.
FROM_ENGLISH = {
    "solar dryer for fruit": "năng lượng mặt trời|mặt trời; trái cây|quả",
    "wastewater treatment": "xử lý nước thải",
    "reverse osmosis membrane": "thẩm thấu ngược; màng",
    "livestock waste": "chăn nuôi|vật nuôi; chất thải",
    "drip irrigation": "tưới nhỏ giọt",
    "soil moisture sensor": "độ ẩm đất; cảm biến",
    "essential oil extraction": "tinh dầu; chiết|chiết xuất|trích ly",
    "ball bearing": "vòng bi",
    "demonstration plant": "trình diễn; nhà máy",
    "mechanical seal": "phớt|phớt cơ khí",
    "fatigue crack": "mỏi|nứt mỏi|vết nứt mỏi",
    "storage tank": "bể chứa|bồn chứa",
    "electric drive": "truyền động|truyền động điện",
    "gas turbine engine": "tua bin khí|tuabin khí; động cơ",
    "injection mould": "khuôn ép phun|khuôn",
    "lithium-ion battery": "pin|pin lithium-ion|pin li-ion",
    "electric vehicle": "xe điện",
    "machine learning": "học máy",
    "image recognition": "nhận dạng ảnh|nhận dạng hình ảnh|nhận dạng",
    "unmanned aerial vehicle": "máy bay không người lái",
    "shrimp farming": "nuôi tôm",
    "rice husk": "trấu|vỏ trấu",
    "freeze drying": "sấy thăng hoa",
    "food packaging": "bao bì thực phẩm|bao bì",
    "patent claim": "yêu cầu bảo hộ",
    "technology transfer": "chuyển giao công nghệ",
    "medicinal plants": "cây dược liệu|cây thuốc|dược liệu",
    "composite materials": "vật liệu compozit|vật liệu composite|vật liệu tổng hợp",
    "carbon emissions": "phát thải|phát thải các-bon|phát thải carbon|khí thải",
    "supply chain traceability": "chuỗi cung ứng; truy xuất nguồn gốc",
    "welding robot": "rô-bốt hàn|robot hàn|hàn",
    "training workshop": "đào tạo",
}  # fmt: skip

#: Typed without accents; only what has one sensible reading.
WITHOUT_ACCENTS = {
    "xu ly nuoc thai chan nuoi": "livestock wastewater",
    "cam bien do man": "sensor",
    "tri tue nhan tao": "artificial intelligence",
    "say thang hoa": "freeze-drying",
    "tuoi nho giot": "drip irrigation",
    "nang luong mat troi": "solar energy",
    "truy xuat nguon goc": "traceability",
    "chuyen giao cong nghe": "technology transfer",
    "phan bon huu co": "organic fertilizer",
    "tinh dau": "essential oil",
    "xử ly nuoc thải": "wastewater",
    "khu man nuoc bien": "desalination",
}  # fmt: skip


def translations_of(query: str) -> list[str]:
    plan = plan_words(query, shipped_glossary())
    return [phrase.lower() for translation in plan.translations for phrase in translation.into]


def missing(query: str, expected: str) -> list[str]:
    """The expected groups (`;`) of which no variant (`|`) is a translation, or a part of one."""
    found = " / ".join(translations_of(query))
    groups = [group.strip().lower().split("|") for group in expected.split(";")]
    return [" | ".join(variants) for variants in groups if not any(variant in found for variant in variants)]


def test_there_are_enough() -> None:
    assert len(CASES) >= 60


CASES = {**FROM_VIETNAMESE, **FROM_ENGLISH, **WITHOUT_ACCENTS}


@pytest.mark.parametrize(("query", "expected"), CASES.items(), ids=list(CASES))
def test_translates(query: str, expected: str) -> None:
    assert missing(query, expected) == [], translations_of(query)


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("bearing", "ổ trục"), ("seal", "phớt"), ("drive", "truyền động"), ("fatigue", "mỏi"), ("tank", "bể chứa"),
        ("mould", "khuôn"), ("claim", "yêu cầu bảo hộ"), ("pilot", "thí điểm"), ("spring", "lò xo"),
        ("plant", "nhà máy"), ("nhãn", "label"), ("hàm", "function"), ("nút", "node"), ("vải", "fabric"), ("mỏi", "fatigue"),
        ("trình diễn", "demonstration"),
    ],
)  # fmt: skip
def test_the_technical_meaning_comes_first(word: str, first: str) -> None:
    assert translations_of(word)[0] == first


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("engine", "động cơ"), ("engines", "động cơ"), ("engineer", "kỹ sư"),
        ("training", "đào tạo"), ("housing", "vỏ máy"),
    ],
)  # fmt: skip
def test_the_form_that_was_typed_comes_before_its_relatives(word: str, first: str) -> None:
    """engine and engineer, train and training, house and housing share a stem but not a meaning."""
    assert first in translations_of(word)[:2]


def test_a_lone_plain_syllable_among_accented_ones_is_not_guessed() -> None:
    glossary = Glossary([Entry("tủ", "cabinet"), Entry("bảo dưỡng", "maintenance"), Entry("nước thải", "wastewater")])
    accented = glossary.match_vietnamese("bảo dưỡng ở xưởng tu sửa".split())
    assert [match.translations for match in accented] == [("maintenance",)]
    assert glossary.match_vietnamese("tu lanh".split())[0].translations == ("cabinet",)
    half = glossary.match_vietnamese("xử lý nuoc thải".split())
    assert [match.translations for match in half] == [("wastewater",)]

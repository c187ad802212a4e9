"""What a reviewer should look at first. A flag is a question for a person; nothing is ever hidden or refused by it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class RiskFlag(StrEnum):
    """Codes, worded by the web layer."""

    CONTACT_IN_TEXT = "contact_in_text"
    DUPLICATE_TITLE = "duplicate_title"
    EVIDENCE_MISSING = "evidence_missing"
    HIDDEN_CHARACTERS = "hidden_characters"
    LINK_IN_TEXT = "link_in_text"
    PATENT_NUMBER_UNRECOGNISED = "patent_number_unrecognised"
    RESTRICTED_WORD = "restricted_word"
    SHOUTING = "shouting"
    STATE_FUNDED_WITHOUT_NUMBER = "state_funded_without_number"
    SUPERLATIVE = "superlative"
    UNVERIFIED_ORGANISATION = "unverified_organisation"


#: Flags that weigh two points; the others weigh one.
_HEAVY = frozenset({RiskFlag.RESTRICTED_WORD, RiskFlag.DUPLICATE_TITLE, RiskFlag.HIDDEN_CHARACTERS})
_HIGHEST_LEVEL = 3

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,60}")
_PHONE = re.compile(r"(?:\+84|\b0)(?:[ .-]?\d){9,10}\b")
_LINK = re.compile(r"(?:https?://|www\.)\S{3,200}", re.IGNORECASE)
_SUPERLATIVES = (
    "số 1 ",
    "số một",
    "tốt nhất",
    "duy nhất",
    "hàng đầu thế giới",
    "100% hiệu quả",
    "tuyệt đối",
    "world's best",
    "number one",
)
#: Words of law 07/2017 art. 10–11 and its decree that call for a look at the restricted and prohibited lists (domain
#: knowledge, not a legal conclusion): a member of staff decides.
_RESTRICTED = (
    "chất nổ", "vũ khí", "hạt nhân", "phóng xạ", "nhân bản", "biến đổi gen", "tiền chất", "amiăng", "amiang", "thủy ngân",
    "thuỷ ngân", "giải mã mật", "explosive", "weapon", "nuclear", "radioactive", "cloning", "asbestos",
)  # fmt: skip
_HIDDEN = frozenset("\u200b\u200c\u200d\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class RiskFacts:
    """What the flags are read from; texts are (field name, text)."""

    texts: tuple[tuple[str, str], ...]
    title: str
    is_organisation_verified: bool
    trl: int | None = None
    trl_evidence: str = ""
    state_funded: bool = False
    result_number: str = ""
    has_unrecognised_number: bool = False
    has_duplicate_title: bool = False


@dataclass(frozen=True)
class RiskFinding:
    """A flag with the field it was seen in and the words that raised it (both may be empty)."""

    flag: RiskFlag
    field: str = ""
    words: str = ""


def find_risks(facts: RiskFacts) -> list[RiskFinding]:
    """Every flag that applies, in a fixed order."""
    findings = [*_facts_findings(facts)]
    for field, text in facts.texts:
        lowered = unicodedata.normalize("NFC", text).lower()
        for flag, words in (
            (RiskFlag.CONTACT_IN_TEXT, _first_match((_EMAIL, _PHONE), text)),
            (RiskFlag.LINK_IN_TEXT, _first_match((_LINK,), text)),
            (RiskFlag.SUPERLATIVE, _first_word(_SUPERLATIVES, lowered)),
            (RiskFlag.RESTRICTED_WORD, _first_word(_RESTRICTED, lowered)),
            (RiskFlag.HIDDEN_CHARACTERS, "U+" + format(ord(hit), "04X") if (hit := _first_hidden(text)) else ""),
        ):
            if words and not any(finding.flag is flag for finding in findings):
                findings.append(RiskFinding(flag, field, words))
    return findings


def risk_level(findings: Iterable[RiskFinding]) -> int:
    """0 (nothing seen) to 3 (look first)."""
    return min(_HIGHEST_LEVEL, sum(2 if finding.flag in _HEAVY else 1 for finding in findings))


def _facts_findings(facts: RiskFacts) -> Iterable[RiskFinding]:
    letters = [character for character in facts.title if character.isalpha()]
    if len(letters) > 12 and sum(character.isupper() for character in letters) > 0.7 * len(letters):
        yield RiskFinding(RiskFlag.SHOUTING, "title", facts.title[:60])
    if not facts.is_organisation_verified:
        yield RiskFinding(RiskFlag.UNVERIFIED_ORGANISATION)
    if facts.trl is not None and facts.trl >= 4 and len(facts.trl_evidence.strip()) < 30:
        yield RiskFinding(RiskFlag.EVIDENCE_MISSING, "trl_evidence", f"TRL {facts.trl}")
    if facts.state_funded and not facts.result_number.strip():
        yield RiskFinding(RiskFlag.STATE_FUNDED_WITHOUT_NUMBER, "result_number")
    if facts.has_unrecognised_number:
        yield RiskFinding(RiskFlag.PATENT_NUMBER_UNRECOGNISED, "application_number")
    if facts.has_duplicate_title:
        yield RiskFinding(RiskFlag.DUPLICATE_TITLE, "title", facts.title[:60])


def _first_match(patterns: Iterable[re.Pattern[str]], text: str) -> str:
    return next((match.group()[:60] for pattern in patterns if (match := pattern.search(text))), "")


def _first_word(words: Iterable[str], lowered: str) -> str:
    return next((word.strip() for word in words if word in lowered), "")


def _first_hidden(text: str) -> str:
    return next((character for character in text if character in _HIDDEN), "")

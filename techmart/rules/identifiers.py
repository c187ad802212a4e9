"""Tax codes, patent and application numbers, IPC symbols and listing codes: grammar, check digits, canonical forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from stdnum.exceptions import ValidationError
from stdnum.vn import mst

_COMPACT = re.compile(r"[\s.\-‐‑–]+")


# --- Tax codes (mã số thuế), circular 105/2020/TT-BTC ---------------------------------------------------------------


def tax_code_problem(code: str, id_type: str) -> str:
    """A problem code, or an empty text when the number is good.

    `mst`: 10 digits, or 13 for a dependent unit, with the check digit 10 − (Σ wᵢdᵢ mod 11); where the remainder is 0 no
    valid code exists. `personal`: the 12-digit personal number used since 7/2025, which has no check digit.
    """
    compact = _COMPACT.sub("", code)
    if not compact:
        return "required"
    if id_type == "personal":
        return "" if re.fullmatch(r"\d{12}", compact) else "bad_tax_code"
    try:
        mst.validate(compact)
    except ValidationError:
        return "bad_tax_code"
    return ""


# --- Patent numbers -------------------------------------------------------------------------------------------------

_APPLICATION = re.compile(r"(?:VN\s*)?([1-8])\s*-\s*((?:19|20)\d{2})\s*-\s*(\d{5})", re.IGNORECASE)
_GRANT_LONG = re.compile(r"(?:VN\s*)?([12])\s*-\s*(\d{7})(?:-\d{3})?", re.IGNORECASE)
_GRANT_SHORT = re.compile(r"(GPHI|SC)?\s{0,9}(?:số\s{0,9})?(\d{3,6})", re.IGNORECASE)
_PCT = re.compile(r"PCT\s*/\s*([A-Z]{2})\s*(\d{4})\s*/\s*(\d{5,6})", re.IGNORECASE)
_FOREIGN = re.compile(r"([A-Z]{2})\s*[-.]?\s*(\d[\d,. ]{3,14}\d)\s*([A-Z]\d?)?", re.IGNORECASE)

_TYPE_DIGITS = {"invention": "1", "utility_solution": "2"}


@dataclass(frozen=True)
class PatentNumber:
    """A number as understood. `kind`: application | grant | pct | foreign | unrecognised; `canonical` compares equal for
    every written form of the same number; `shown` is how it is printed."""

    kind: str
    canonical: str
    shown: str

    @property
    def is_recognised(self) -> bool:
        return self.kind != "unrecognised"


def parse_patent_number(text: str, patent_type: str | None = None) -> PatentNumber:
    """Read a number in any of the written forms; an unknown shape is kept as typed and flagged, never refused.

    A short grant number (`54675`, `GPHI 4743`) needs the patent type: GPHI or SC in front of it, or `patent_type`.
    """
    typed = " ".join(text.split())
    if match := _APPLICATION.fullmatch(typed):
        shown = f"{match[1]}-{match[2]}-{match[3]}"
        return PatentNumber("application", f"vn-a-{shown}", shown)
    if match := _GRANT_LONG.fullmatch(typed):
        return _grant(match[1], match[2])
    if match := _PCT.fullmatch(typed):
        shown = f"PCT/{match[1].upper()}{match[2]}/{match[3].zfill(6)}"
        return PatentNumber("pct", shown.lower(), shown)
    if match := _GRANT_SHORT.fullmatch(typed):
        prefix = (match[1] or "").upper()
        digit = {"GPHI": "2", "SC": "1"}.get(prefix) or _TYPE_DIGITS.get(patent_type or "", "")
        if digit:
            return _grant(digit, match[2].zfill(7))
    if match := _FOREIGN.fullmatch(typed):
        digits = re.sub(r"\D", "", match[2])
        shown = f"{match[1].upper()}{digits}{(match[3] or '').upper()}"
        return PatentNumber("foreign", f"{match[1].lower()}{digits.lstrip('0')}", shown)
    return PatentNumber("unrecognised", "raw-" + _COMPACT.sub("", typed).lower(), typed)


def _grant(digit: str, serial: str) -> PatentNumber:
    return PatentNumber("grant", f"vn-g-{digit}-{serial}", f"{digit}-{serial}")


TERM_YEARS = {"invention": 20, "utility_solution": 10}


def patent_term_end(patent_type: str, filing_on: date | None) -> date | None:
    """When protection ends at the latest: 20 years from filing for an invention, 10 for a utility solution (IP law art. 93)."""
    if filing_on is None:
        return None
    year = filing_on.year + TERM_YEARS[patent_type]
    return (
        filing_on.replace(year=year, day=28)
        if (filing_on.month, filing_on.day) == (2, 29)
        else filing_on.replace(year=year)
    )


# --- IPC symbols (WIPO ST.8) ----------------------------------------------------------------------------------------

_IPC_GROUP = re.compile(r"([A-H])\s*(\d{2})\s*([A-Z])\s*(\d{1,4})\s*/\s*(\d{2,6})", re.IGNORECASE)
_IPC_PART = re.compile(r"([A-H])(?:\s*(\d{2})(?:\s*([A-Z]))?)?", re.IGNORECASE)
_ST8_TAIL = re.compile(r"(\d{4})?\d{6,8}[A-Z]{3}\d{8}[A-Z]{2,4}$")


def parse_ipc(text: str) -> str | None:
    """The usual form (`A01G 31/02`, `A01G`, `A01`, `A`) of a symbol in any spelling, ST.8 fixed form included; None if none."""
    typed = _ST8_TAIL.sub("", " ".join(text.split())).strip()
    if match := _IPC_GROUP.fullmatch(typed):
        section, klass, subclass, main, sub = match.groups()
        return f"{section.upper()}{klass}{subclass.upper()} {int(main)}/{sub}"
    if match := _IPC_PART.fullmatch(typed):
        return f"{match[1]}{match[2] or ''}{match[3] or ''}".upper()
    return None


def ipc_ancestors(symbol: str) -> tuple[str, ...]:
    """`A01G 31/02` → A, A01, A01G, A01G 31/00, A01G 31/02. Below the main group IPC's hierarchy does not follow digits."""
    parsed = parse_ipc(symbol)
    if parsed is None:
        return ()
    levels = [parsed[:length] for length in (1, 3, 4) if len(parsed) >= length]
    if "/" in parsed:
        levels += [f"{parsed.split('/')[0]}/00", parsed]
    return tuple(dict.fromkeys(levels))


def ipc_sort_key(symbol: str) -> tuple[str, int, str]:
    """Order of the scheme: subclass, main group as a number, subgroup as a decimal (3/426 lies between 3/42 and 3/43)."""
    subclass, _, group = symbol.partition(" ")
    main, _, sub = group.partition("/")
    return subclass, int(main or 0), sub


# --- Listing codes and search -----------------------------------------------------------------------------------------

_CODE = re.compile(r"(CN|SC|NC)\s*-?\s*(\d{4})\s*-?\s*(\d{1,7})", re.IGNORECASE)


def parse_listing_code(text: str) -> str | None:
    """`cn 2026 12` → `CN-2026-0012`; None when it is no listing code."""
    match = _CODE.fullmatch(text.strip())
    return f"{match[1].upper()}-{match[2]}-{int(match[3]):04d}" if match else None


def identifier_forms(text: str) -> tuple[str, ...]:
    """The normal forms under which an identifier is indexed and looked up: lower case, prefix by kind, no separators."""
    forms: list[str] = []
    if code := parse_listing_code(text):
        forms.append(f"code:{code.lower()}")
    number = parse_patent_number(text)
    if number.is_recognised:
        forms.append(f"pat:{number.canonical}")
    compact = _COMPACT.sub("", text).lower()
    if re.fullmatch(r"[a-z]{0,4}\d[\da-z/,]{3,30}", compact):
        forms.append(f"num:{compact.replace(',', '')}")
        if compact.startswith("vn"):  # the office's own numbers are written with and without it
            forms.append(f"num:{compact[2:].replace(',', '')}")
    return tuple(dict.fromkeys(forms))

"""What the results page shows of an answer: cards with marked words, facets with counts, chips of what was understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.models.listing import Listing
from techmart.models.organisation import Organisation
from techmart.rules.money import format_money_range
from techmart.rules.vocabulary import code_list, label
from techmart.search.documents import body_text
from techmart.search.highlight import Fragment, highlight, passage, wanted_terms
from techmart.search.query import Answer
from techmart.search.search_args import SearchArgs, parameter_of
from techmart.search.understanding import Piece
from techmart.web.i18n import select_locale

FACET_NAMES: Final[Mapping[str, LazyString]] = {
    "kind": _l("Loại tin"),
    "sector": _l("Lĩnh vực"),
    "trl": _l("Mức sẵn sàng công nghệ (TRL)"),
    "province": _l("Tỉnh, thành phố"),
    "transfer_form": _l("Hình thức chuyển giao"),
    "transfer_right": _l("Quyền chuyển giao"),
    "ip_status": _l("Tình trạng bảo hộ"),
    "ipc_section": _l("Phân loại IPC"),
    "organisation_kind": _l("Loại tổ chức"),
    "verified": _l("Thẩm định"),
    "lang": _l("Ngôn ngữ"),
    "has_attachment": _l("Tệp"),
}
_SHOWN_AT_ONCE: Final = 6


@dataclass(frozen=True)
class Option:
    """One value of a facet."""

    code: str
    name: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class FacetView:
    """A facet: the first values are shown, the others folded away."""

    name: str
    title: str
    shown: tuple[Option, ...]
    folded: tuple[Option, ...]

    @property
    def parameter(self) -> str:
        return parameter_of(self.name)

    @property
    def has_choice(self) -> bool:
        return any(option.is_chosen for option in (*self.shown, *self.folded))


@dataclass(frozen=True)
class Chip:
    """Something understood or chosen, with the address of the search without it."""

    text: str
    url: str


@dataclass(frozen=True)
class Card:
    """A hit with its marked title and the passage that answers best."""

    thing: Listing | Organisation
    kind: str
    title: tuple[Fragment, ...]
    passage: tuple[Fragment, ...]
    is_untranslated: bool


def facet_views(answer: Answer, args: SearchArgs) -> list[FacetView]:
    """Facets in their order; values nobody would find are left out, chosen ones never."""
    views = []
    for name, title in FACET_NAMES.items():
        counts = dict(answer.result.facets.get(name, ()))
        chosen = args.filters.get(name, ())
        codes = [*counts, *(code for code in chosen if code not in counts)]
        if name == "trl":
            codes.sort(reverse=True)
        options = [Option(code, code_name(name, code), counts.get(code, 0), code in chosen) for code in codes]
        if len(options) > 1 or any(option.is_chosen for option in options):
            top = [o for place, o in enumerate(options) if place < _SHOWN_AT_ONCE or o.is_chosen]
            views.append(FacetView(name, str(title), tuple(top), tuple(o for o in options if o not in top)))
    return views


def code_name(facet: str, code: str) -> str:
    """A facet's value in words."""
    locale = select_locale()
    if facet == "verified":
        return str(_("Tổ chức đã thẩm định"))
    if facet == "has_attachment":
        return str(_("Có tệp đính kèm"))
    if facet == "trl":
        return f"TRL {code}"
    if facet == "ip_status":
        name = "offer_ip_status" if code in code_list("offer_ip_status") else "patent_ip_status"
        return label(name, code, locale)
    if facet == "ipc_section":
        return f"{code} · {label('ipc', code, locale)}"
    return label({"kind": "listing_kind"}.get(facet, facet), code, locale)


def chosen_chips(args: SearchArgs, path: str) -> list[Chip]:
    """One chip a chosen filter."""
    chips = [
        Chip(code_name(name, code), args.url(path, **args.without(name, code)))
        for name, codes in args.filters.items()
        for code in codes
    ]
    if args.price_from or args.price_to:
        shown = format_money_range(args.price_low, args.price_high, select_locale())
        chips.append(Chip(_("Giá %(range)s", range=shown or "?"), args.url(path, price_from="", price_to="")))
    return chips


def understood_chips(answer: Answer, args: SearchArgs, path: str) -> list[Chip]:
    """One chip a piece of the query that was read as more than words; its × makes it words again."""
    return [
        Chip(piece_text(piece), args.url(path, off=(*args.off, piece.kind))) for piece in answer.understanding.pieces
    ]


def piece_text(piece: Piece) -> str:
    """A piece in words."""
    locale = select_locale()
    if piece.kind == "identifier":
        return str(_("Số hiệu, ký hiệu: %(text)s", text=piece.text))
    if piece.kind == "phrase":
        return str(_("Đúng cụm từ “%(text)s”", text=piece.values[0]))
    if piece.kind == "excluded":
        return str(_("Không có “%(text)s”", text=piece.values[0]))
    if piece.kind == "trl":
        if piece.high is None:
            return str(_("TRL từ %(low)s", low=piece.low))
        return f"TRL {piece.low}" if piece.low == piece.high else f"TRL {piece.low}–{piece.high}"
    if piece.kind == "price":
        return str(_("Giá %(range)s", range=format_money_range(piece.low, piece.high, locale)))
    if piece.kind == "place":
        name = label("province", piece.values[0], locale)
        former = piece.values[1]
        return str(_("%(former)s cũ, nay thuộc %(name)s", former=former, name=name)) if former else name
    return str(_("Lĩnh vực %(name)s", name=label("sector", piece.values[0], locale)))


def cards(answer: Answer, found: Mapping[str, Listing | Organisation]) -> list[Card]:
    """Cards in rank order; a hit whose row may no longer be seen is left out."""
    wanted = wanted_terms(answer.plan)
    return [_card(found[hit.key], wanted) for hit in answer.result.hits if hit.key in found]


def _card(thing: Listing | Organisation, wanted: frozenset[str]) -> Card:
    english = select_locale() == "en"
    if isinstance(thing, Organisation):
        name = thing.name_en if english and thing.name_en else thing.name_vi
        return Card(
            thing, "organisation", tuple(highlight(name, wanted)), tuple(passage(thing.capability, wanted)), False
        )
    uses_english = english and bool(thing.title_en)
    title = thing.title_en if uses_english else thing.title
    summary = thing.summary_en if english and thing.summary_en else thing.summary
    marked = passage(summary, wanted)
    if not any(fragment.hit for fragment in marked):
        body = passage(body_text(thing), wanted)
        marked = body if any(fragment.hit for fragment in body) or not summary else marked
    shown_lang = "en" if uses_english else thing.lang
    return Card(thing, thing.kind, tuple(highlight(title, wanted)), tuple(marked), shown_lang != select_locale())


def translations(answer: Answer) -> Sequence[tuple[str, str]]:
    """(phrase, what it was also searched as), once each."""
    rows = {row.phrase.lower(): ", ".join(row.into[:3]) for row in answer.plan.translations}
    return tuple(rows.items())[:8]

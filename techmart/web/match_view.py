"""The panel of matches on a listing's page: counterparts, points by part, reasons, and what is not met or not said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Flask
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from techmart.matching.explain import SharedPhrase
from techmart.matching.facts import Finding
from techmart.matching.match import LOADED, Match, Thing, find_matches, match_one, score_one
from techmart.matching.profile import SOURCES, Profile, profile_of
from techmart.matching.weights import CANDIDATES
from techmart.models.listing import Listing
from techmart.models.match import Match as MatchRow
from techmart.models.organisation import Organisation
from techmart.operations.found import load_found
from techmart.operations.match import decisions_of, proposals_to
from techmart.operations.match_pair import (
    Pair,
    find_match,
    is_candidate,
    is_current,
    is_open,
    may_pair,
    name_of,
    organisation_id_of,
)
from techmart.operations.organisation_sources import sources_of
from techmart.rules.clock import local_today
from techmart.rules.matching import MatchState
from techmart.rules.money import format_money_short
from techmart.rules.policy import ANONYMOUS, Actor, Permission, can
from techmart.rules.vocabulary import label
from techmart.search.glossary_store import current_glossary
from techmart.search.service import current_engine
from techmart.web.actor import current_actor
from techmart.web.field_names import FIELD_NAMES
from techmart.web.formats import dmy, listing_url
from techmart.web.forms.match import MatchDecisionForm
from techmart.web.i18n import select_locale
from techmart.web.match_words import REASONS, STATES

PART_NAMES: Final[Mapping[str, LazyString]] = {
    "text": _l("Nội dung"),
    "meaning": _l("Gần nghĩa"),
    "sector": _l("Lĩnh vực"),
    "ipc": _l("Phân loại IPC"),
    "trl": _l("TRL"),
    "budget": _l("Ngân sách"),
    "place": _l("Địa bàn"),
    "transfer": _l("Hình thức chuyển giao"),
}


#: Fields of a company's profile, beside those of listings.
PROFILE_NAMES: Final[Mapping[str, LazyString]] = {
    "name_vi": _l("Tên tổ chức"),
    "name_en": _l("Tên tiếng Anh của tổ chức"),
    "capability": _l("Năng lực"),
    "own_demands": _l("Nhu cầu đang đăng"),
    "own_offers": _l("Công nghệ đang đăng"),
    "saved_searches": _l("Tìm kiếm đã lưu"),
}


@dataclass(frozen=True)
class MatchView:
    """One match in words. `total`: what the parts add up to, `percent` that rounded. `parts`: (name, points, most); `agreed`, `missing`: (mark, text, note) for macros.ui.marks.

    `name`: the other thing in addresses; `href`: its page; `state`: what the owner did with the pair, if anything.
    """

    thing: Thing
    name: str
    title: str
    href: str
    percent: int
    total: float | int
    parts: tuple[tuple[str, float, int], ...]
    agreed: tuple[tuple[str, str, str], ...]
    missing: tuple[tuple[str, str, str], ...]
    state: str = ""
    note: str = ""


@dataclass(frozen=True)
class MatchPanel:
    """Matches of `own` as its reader sees them. `may_decide`: he acts for it; `dismissed`: how many he put aside.

    `basis`: what a company's are made of, beside its name.
    """

    own: str
    matches: tuple[MatchView, ...]
    may_decide: bool
    dismissed: int
    form: MatchDecisionForm
    basis: tuple[str, ...] = ()


def init_app(app: Flask) -> None:
    """Give templates the panels."""
    app.jinja_env.globals.update(
        match_panel=match_panel, company_panel=company_panel, decline_reasons=REASONS, match_states=STATES
    )


def match_panel(own: Thing, limit: int = 5) -> MatchPanel:
    """The best matches of a listing, or of a company by its profile: public things of others alone, whoever reads."""
    return _panel(own, limit, (), lambda thing: may_pair(own, thing))


def company_panel(technology: Listing, limit: int = 5) -> MatchPanel | None:
    """Companies that agreed to be suggested and could take the technology over; None but for editors of the offer."""
    if not technology.is_public or not can(current_actor(), Permission.MATCH_DECIDE, technology.organisation_id):
        return None

    def may_be_shown(thing: Thing) -> bool:
        return is_candidate(thing, technology) and isinstance(thing, Organisation) and is_open(thing)

    return _panel(technology, limit, ("organisation",), may_be_shown)


def score_of(pair: Pair) -> int:
    """Points of the pair as its side sees it now."""
    profile = profile_of(pair.own, sources_of(pair.own))
    snapshot = current_engine().snapshot()
    return score_one(snapshot, profile, pair.other, current_glossary(), today=local_today()).percent


def view_of_pair(pair: Pair) -> MatchView:
    """The pair in words, however few points it has."""
    row = find_match(pair)
    return _view(pair.own, _match_of(pair), row if row is not None and is_current(row, pair) else None)


def view_of_match(own: Thing, match: Match) -> MatchView:
    """A match that is not stored, in words."""
    return _view(own, match)


def _panel(own: Thing, limit: int, kinds: Sequence[str], may_be_shown: Callable[[Thing], bool]) -> MatchPanel:
    actor, decisions = current_actor(), dict[str, MatchRow]()
    dismissed = 0
    is_public = isinstance(own, Organisation) or own.is_public
    may_decide = is_public and can(actor, Permission.MATCH_DECIDE, organisation_id_of(own))
    is_inside = organisation_id_of(own) in actor.organisation_roles

    def load(keys: Sequence[str]) -> Mapping[str, Thing]:
        nonlocal dismissed
        rows = {key: thing for key, thing in load_found(ANONYMOUS, keys).items() if may_be_shown(thing)}
        if is_inside:
            decisions.update(decisions_of(own, list(rows.values())))
        put_aside = {key for key, row in decisions.items() if row.state == MatchState.DISMISSED}
        dismissed = len(put_aside)
        return {key: thing for key, thing in rows.items() if key not in put_aside}

    profile = _profile_for(actor, own)
    found = find_matches(
        current_engine().snapshot(), profile, load, current_glossary(),
        today=local_today(), limit=limit, kinds=kinds, loaded=CANDIDATES if kinds else LOADED,
    )  # fmt: skip
    if is_inside:
        proposed = [pair for pair in proposals_to(own) if isinstance(pair.other, Organisation) == bool(kinds)]
        decisions.update(decisions_of(own, [pair.other for pair in proposed]))
        known = {match.thing.key for match in found}
        found = [*(_match_of(pair) for pair in proposed if pair.other.key not in known), *found]
    views = tuple(_view(own, match, decisions.get(match.thing.key)) for match in found)
    basis = tuple(str(PROFILE_NAMES[name]) for name in profile.texts if name in ("capability", *SOURCES))
    return MatchPanel(name_of(own), views, may_decide, dismissed, MatchDecisionForm(formdata=None), basis)


def _match_of(pair: Pair) -> Match:
    snapshot = current_engine().snapshot()
    profile = _profile_for(current_actor(), pair.own)
    return match_one(snapshot, profile, pair.other, current_glossary(), today=local_today())


def _profile_for(actor: Actor, own: Thing) -> Profile:
    """What the reader may see the thing compared by: what a company says elsewhere is for its members alone, not for staff."""
    is_inside = organisation_id_of(own) in actor.organisation_roles
    return profile_of(own, sources_of(own)) if is_inside else profile_of(own)


def _view(own: Thing, match: Match, row: MatchRow | None = None) -> MatchView:
    # A profile has no budget and no TRL, and an IPC only by its listings: that it does not say them is nothing to tell.
    by_profile = isinstance(own, Organisation) or isinstance(match.thing, Organisation)
    # A part that could give nothing here (meaning, on a young index or through translations) is no bar.
    parts = tuple((str(PART_NAMES[name]), _plain(points), most) for name, points, most in match.score.parts if most)
    agreed = [("ok", *_phrase_text(phrase)) for phrase in match.phrases[:5]]
    missing = []
    for finding in match.score.findings:
        if finding.state == "agrees":
            agreed.append(("ok", agreed_text(finding), ""))
        elif finding.state == "unmet":
            missing.append(("bad", _unmet_text(finding), ""))
        elif finding.state == "unknown" and not (by_profile and "wanted" in finding.missing_on):
            missing.append(("na", *_unknown_text(finding)))
    thing = match.thing
    href = f"/organisations/{thing.slug}" if isinstance(thing, Organisation) else listing_url(thing)
    return MatchView(
        thing, name_of(thing), thing.name_in(select_locale()), href, match.percent, _plain(match.score.total), parts, tuple(agreed), tuple(missing),
        state=row.state if row is not None else "", note=row.note if row is not None else "",
    )  # fmt: skip


def _plain(points: float) -> float | int:
    return int(points) if points == int(points) else points


def _phrase_text(phrase: SharedPhrase) -> tuple[str, str]:
    text = f"“{phrase.phrase}”"
    if phrase.through:
        text += f" → “{phrase.through}”"
    return text, str(_("%(here)s ↔ %(there)s", here=_fields(phrase.fields), there=_fields(phrase.other_fields)))


def _fields(names: Sequence[str]) -> str:
    shown = [str(PROFILE_NAMES.get(name) or FIELD_NAMES.get(name) or name) for name in names[:3]]
    return ", ".join(shown) + (" …" if len(names) > 3 else "")


def agreed_text(finding: Finding) -> str:
    """A fact that agrees, as a sentence; in mails too, where nobody asks for a page."""
    locale = str(get_locale() or "vi")
    if finding.part == "sector":
        return str(
            _("Cùng lĩnh vực: %(names)s", names="; ".join(label("sector", code, locale) for code in finding.values))
        )
    if finding.part == "ipc":
        symbol = str(finding.values[0])
        return str(_("Cùng nhóm IPC %(symbol)s: %(title)s", symbol=symbol, title=label("ipc", symbol, locale)))
    if finding.part == "trl":
        return str(_("TRL %(has)s, bên cần yêu cầu từ %(wants)s", has=finding.values[0], wants=finding.values[1]))
    if finding.part == "budget":
        price, budget = (format_money_short(int(str(value)), locale) for value in finding.values)
        return str(_("Giá từ %(price)s, trong ngân sách %(budget)s", price=price, budget=budget))
    if finding.part == "place":
        return str(_("Cùng ở %(place)s", place=label("province", finding.values[0], locale)))
    return str(_("Hình thức chuyển giao hợp nhau"))


def _unmet_text(finding: Finding) -> str:
    locale = select_locale()
    if finding.part == "sector":
        return str(_("Khác lĩnh vực"))
    if finding.part == "ipc":
        return str(_("Khác phần phân loại IPC"))
    if finding.part == "trl":
        return str(_("TRL %(has)s, thấp hơn mức bên cần là %(wants)s", has=finding.values[0], wants=finding.values[1]))
    if finding.part == "budget":
        price, budget = (format_money_short(int(str(value)), locale) for value in finding.values)
        return str(_("Giá từ %(price)s, cao hơn ngân sách %(budget)s", price=price, budget=budget))
    if finding.part == "deadline":
        return str(_("Hạn trả lời %(day)s đã qua", day=dmy(finding.values[0])))  # type: ignore[arg-type]  # a date here
    if finding.part == "excluded":
        return str(_("Nói tới cách bên cần không nhận: %(methods)s", methods="; ".join(map(str, finding.values))))
    return str(_("Quyền hoặc hình thức chuyển giao khác nhau"))


def _unknown_text(finding: Finding) -> tuple[str, str]:
    name = str(PART_NAMES[finding.part])
    if finding.missing_on == ("wanted",):
        who = _("Bên cần chưa nêu")
    elif finding.missing_on == ("offered",):
        who = _("Bên có công nghệ chưa nêu")
    else:
        who = _("Hai bên chưa nêu")
    return _("Chưa so được: %(name)s", name=name), who

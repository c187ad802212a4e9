"""The pages that are looked at one by one: where each is, and who opens it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.live_site import Site
from tests.browser.people import BUSINESS, INSTITUTE, MODERATOR, NEWCOMER

Where = str | Callable[[Site], str]


@dataclass(frozen=True)
class PageCase:
    """`where`: the path, or how to find it in the sample catalogue. `in_english`: looked at in both languages."""

    name: str
    where: Where
    email: str = ""
    status: int = 200
    in_english: bool = False

    def path(self, site: Site) -> str:
        return self.where if isinstance(self.where, str) else self.where(site)


def _listing(kind: str, state: str, email: str = "", page: str = "") -> Callable[[Site], str]:
    return lambda site: site.listing_path(kind, state, email) + page


def _organisation(email: str = "", page: str = "") -> Callable[[Site], str]:
    return lambda site: site.organisation_path(email) + page


def _review(kind: str) -> Callable[[Site], str]:
    return lambda site: "/moderation/" + site.listing_path(kind, "submitted").rsplit("/", 1)[1]


PUBLIC = (
    PageCase("home", "/", in_english=True),
    PageCase("results", "/search?q=nuoc+thai", in_english=True),
    PageCase("results-all", "/search?page=3"),
    PageCase("results-filtered", "/search?q=TRL+7%2B+duoi+2+ty&kind=offer&sector=environment"),
    PageCase("results-none", "/search?q=zzzkhongcogi&kind=patent", in_english=True),
    PageCase("results-bad-price", "/search?price_from=abc&price_to=5"),
    PageCase("results-corrected", "/search?q=nuoc+thia"),
    PageCase("compare", "/compare?code=CN-2026-0001&code=CN-2026-0002&code=SC-2026-0001", in_english=True),
    PageCase("compare-nothing", "/compare"),
    PageCase("offer", _listing("offer", "published"), in_english=True),
    PageCase("patent", _listing("patent", "published"), in_english=True),
    PageCase("demand", _listing("demand", "published"), in_english=True),
    PageCase("organisation", _organisation(INSTITUTE), in_english=True),
    PageCase("login", "/accounts/login", in_english=True),
    PageCase("register", "/accounts/register", in_english=True),
    PageCase("reset", "/accounts/reset"),
    PageCase("dead-link", "/accounts/confirm/nothing", status=404),
    PageCase("not-found", "/offers/CN-1999-0001", status=404, in_english=True),
    PageCase("styleguide", "/styleguide", in_english=True),
    *(
        PageCase(f"page-{name}", f"/pages/{name}", in_english=name in ("accessibility", "guide"))
        for name in ("accessibility", "guide", "licences", "open-data", "privacy", "rules")
    ),
)

OF_MEMBERS = (
    PageCase("workspace", "/workspace", INSTITUTE, in_english=True),
    PageCase("workspace-of-one-kind", "/workspace?kind=patent", INSTITUTE),
    PageCase("workspace-empty", "/workspace", NEWCOMER, in_english=True),
    PageCase("notifications", "/notifications", INSTITUTE),
    PageCase("notifications-empty", "/notifications", NEWCOMER),
    PageCase("matches", "/matches", INSTITUTE, in_english=True),
    PageCase("matches-none", "/matches?state=dismissed", BUSINESS),
    PageCase("saved-searches-none", "/workspace/searches", NEWCOMER),
    PageCase("saved-search-new", "/workspace/searches/new?q=nuoc+thai", INSTITUTE),
    PageCase("exports-none", "/exports", INSTITUTE),
    PageCase("export-new", "/exports/new?q=nuoc+thai&format=xlsx", INSTITUTE),
    PageCase("offer-own", _listing("offer", "published", INSTITUTE), INSTITUTE),
    PageCase("offer-due", _listing("offer", "due", INSTITUTE), INSTITUTE),
    PageCase("offer-new", "/offers/new", INSTITUTE, in_english=True),
    PageCase("patent-new", "/patents/new", INSTITUTE),
    PageCase("demand-new", "/demands/new", BUSINESS, in_english=True),
    PageCase("offer-edit", _listing("offer", "published", INSTITUTE, "/edit"), INSTITUTE),
    PageCase("patent-edit", _listing("patent", "published", INSTITUTE, "/edit"), INSTITUTE),
    PageCase("demand-edit", _listing("demand", "draft", BUSINESS, "/edit"), BUSINESS, in_english=True),
    PageCase("demand-edit-check", _listing("demand", "draft", BUSINESS, "/edit?check=1"), BUSINESS),
    PageCase("offer-preview", _listing("offer", "published", INSTITUTE, "/preview"), INSTITUTE),
    PageCase("demand-help", _listing("demand", "draft", BUSINESS, "/help"), BUSINESS, in_english=True),
    PageCase("demand-preview", _listing("demand", "draft", BUSINESS, "/preview"), BUSINESS),
    PageCase("withdraw", _listing("offer", "published", INSTITUTE, "/act/withdraw"), INSTITUTE),
    PageCase("organisation-new", "/organisations/new", NEWCOMER),
    PageCase("organisation-edit", _organisation(INSTITUTE, "/edit"), INSTITUTE, in_english=True),
    PageCase("members", _organisation(INSTITUTE, "/members"), INSTITUTE),
    PageCase("account", "/account/", INSTITUTE, in_english=True),
    PageCase("account-password", "/account/password", INSTITUTE),
    PageCase("account-email", "/account/email", INSTITUTE),
    PageCase("second-factor-start", "/account/second-factor", INSTITUTE),
    PageCase("forbidden", "/moderation", INSTITUTE, status=403),
)

OF_STAFF = (
    PageCase("queue", "/moderation", MODERATOR, in_english=True),
    PageCase("queue-of-one-kind", "/moderation?kind=demand&sort=risk", MODERATOR),
    PageCase("glossary", "/moderation/glossary", MODERATOR),
    PageCase("supply-demand", "/moderation/supply-demand", MODERATOR, in_english=True),
    PageCase("demands-by-standing", "/moderation/supply-demand/demands?standing=any", MODERATOR, in_english=True),
    PageCase("technologies-by-standing", "/moderation/supply-demand/technologies?standing=met", MODERATOR),
    PageCase("market-pairs", "/moderation/supply-demand/pairs?threshold=30", MODERATOR),
    PageCase("match-figures", "/moderation/matches", MODERATOR, in_english=True),
    PageCase("match-list", "/moderation/matches/list", MODERATOR),
    PageCase("match-list-none", "/moderation/matches/list?reason=price", MODERATOR),
    PageCase("proposals-none", "/moderation/proposals", MODERATOR, in_english=True),
    PageCase("help-none", "/moderation/help", MODERATOR),
    PageCase("proposal-first", "/moderation/proposals/new?one=nuoc+thai", MODERATOR),
    PageCase("proposal-second", "/moderation/proposals/new?one=NC-2026-0022", MODERATOR, in_english=True),
    PageCase(
        "proposal-third", "/moderation/proposals/new?one=NC-2026-0022&other=CN-2026-0027", MODERATOR, in_english=True
    ),
    PageCase("proposal-refused", "/moderation/proposals/new?one=NC-2026-0022&other=NC-2026-0004", MODERATOR),
    PageCase("review-offer", _review("offer"), MODERATOR, in_english=True),
    PageCase("review-patent", _review("patent"), MODERATOR),
    PageCase("review-demand", _review("demand"), MODERATOR),
    PageCase("organisation-of-others", _organisation(BUSINESS), MODERATOR),
    PageCase("workspace-staff", "/workspace", MODERATOR),
    PageCase("second-factor-on", "/account/second-factor", MODERATOR),
)

CASES = (*PUBLIC, *OF_MEMBERS, *OF_STAFF)

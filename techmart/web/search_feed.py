"""A search as an RSS feed: what was published last, for readers who do not want to come back and look."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime

from flask import Blueprint, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config import Settings
from techmart.models.listing import Demand, Listing
from techmart.models.organisation import Organisation
from techmart.operations.found import load_found
from techmart.rules.policy import ANONYMOUS
from techmart.rules.vocabulary import label
from techmart.search.glossary_store import current_glossary
from techmart.search.query import run_query
from techmart.search.search_args import SearchArgs
from techmart.search.service import current_engine
from techmart.web.formats import listing_url
from techmart.web.guards import public
from techmart.web.i18n import select_locale

bp = Blueprint("search_feed", __name__)

FEED_ITEMS = 50
_FRESH_SECONDS = 600
#: What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class FeedItem:
    """One `<item>`; texts are free of what XML cannot hold."""

    title: str
    link: str
    summary: str
    author: str
    categories: tuple[str, ...]
    published_at: datetime

    @property
    def date(self) -> str:
        """As RFC 822 wants it."""
        return format_datetime(self.published_at, usegmt=True)


@bp.get("/search.rss")
@public
def feed() -> ResponseReturnValue:
    """The newest things of a search. For everybody alike, so that a reader or proxy may keep it."""
    args = replace(SearchArgs.read(request.args), sort="newest", page=1)
    answer = run_query(current_engine(), current_glossary(), args.query(limit=FEED_ITEMS), facets=())
    found = load_found(ANONYMOUS, [hit.key for hit in answer.result.hits])
    items = [_item(thing) for thing in found.values()]
    body = render_template(
        "search/feed.xml",
        title=xml_text(feed_title(args)),
        about=_("Tin và tổ chức mới nhất của một tìm kiếm trên sàn."),
        link=absolute(args.url(url_for("search.results"))),
        address=absolute(feed_url(args)),
        language=select_locale(),
        items=items,
        changed=format_datetime(items[0].published_at, usegmt=True) if items else "",
    )
    response = make_response(body)
    response.mimetype = "application/rss+xml"
    response.headers["Cache-Control"] = f"public, max-age={_FRESH_SECONDS}"
    response.add_etag()
    return response.make_conditional(request)


def feed_url(args: SearchArgs) -> str:
    """The feed of a search. The language is named, because a feed reader has no cookie."""
    plain = args.url(url_for("search_feed.feed"), sort="fit", page=1)
    language = "" if select_locale() == "vi" else "lang=en"
    return plain + (("&" if "?" in plain else "?") + language if language else "")


def feed_title(args: SearchArgs) -> str:
    """What the feed is called in a reader."""
    name = _settings().site_name
    return f"{args.text} – {name}" if args.text else str(_("Tin mới – %(site)s", site=name))


def xml_text(text: str) -> str:
    """Without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("", text)


def absolute(path: str) -> str:
    """On the configured address, never on the Host header."""
    return f"{_settings().base_url}{path}"


def _item(thing: Listing | Organisation) -> FeedItem:
    locale = select_locale()
    if isinstance(thing, Organisation):
        kinds: Sequence[str] = (
            label("listing_kind", "organisation", locale),
            label("organisation_kind", thing.kind, locale),
        )
        link = absolute(url_for("organisations.show", slug=thing.slug))
        return FeedItem(
            xml_text(thing.name_in(locale)), link, xml_text(thing.capability), "", tuple(kinds), thing.created_at
        )
    hides_owner = isinstance(thing, Demand) and thing.anonymous
    return FeedItem(
        title=xml_text(thing.name_in(locale)),
        link=absolute(listing_url(thing)),
        summary=xml_text(thing.summary_en if locale == "en" and thing.summary_en else thing.summary),
        author="" if hides_owner else xml_text(thing.organisation.name_in(locale)),
        categories=(
            label("listing_kind", thing.kind, locale),
            *(label("sector", code, locale) for code in thing.sectors),
        ),
        published_at=thing.published_at or thing.created_at,
    )


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings

"""The results page."""

from __future__ import annotations

import math

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from techmart.operations.found import load_found
from techmart.rules.policy import ANONYMOUS
from techmart.search.glossary_store import current_glossary
from techmart.search.query import offer_spelling, run_query
from techmart.search.search_args import LAST_PAGE, PAGE_SIZE, SINCE_DAYS, UNFILTERED, SearchArgs
from techmart.search.service import current_engine
from techmart.web.exports import with_format
from techmart.web.guards import public
from techmart.web.relax import relaxations
from techmart.web.search_feed import feed_title, feed_url
from techmart.web.search_view import cards, chosen_chips, facet_views, translations, understood_chips

bp = Blueprint("search", __name__)


@bp.get("/search")
@public
def results() -> ResponseReturnValue:
    args = SearchArgs.read(request.args)
    path = url_for("search.results")
    answer = run_query(current_engine(), current_glossary(), args.query())
    pages = min(math.ceil(answer.result.total / PAGE_SIZE), LAST_PAGE)
    if args.page > max(pages, 1):  # a kept address of a search that finds less by now
        return redirect(args.url(path, page=max(pages, 1)))
    found = load_found(ANONYMOUS, [hit.key for hit in answer.result.hits])
    kinds = args.filters.get("kind", ())
    return render_template(
        "search/results.html",
        args=args,
        answer=answer,
        did_you_mean=offer_spelling(current_engine(), answer),
        cards=cards(answer, found),
        facets=facet_views(answer, args),
        chosen=chosen_chips(args, path),
        understood=understood_chips(answer, args, path),
        translations=translations(answer),
        pages=pages,
        page_url=lambda number: args.url(path, page=number),
        relaxed=relaxations(answer, args, path),
        feed_url=feed_url(args),
        feed_title=feed_title(args),
        export_url=lambda kind: with_format(args.url(url_for("exports.at_once")), kind),
        save_url=args.url(url_for("saved_searches.create")),
        url=lambda **changes: args.url(path, **changes),
        unfiltered=args.url(path, **UNFILTERED),
        since_days=SINCE_DAYS,
        nav={"demand": "demands", "organisation": "organisations"}.get(kinds[0] if len(kinds) == 1 else "", "search"),
    )

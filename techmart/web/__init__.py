"""Pages: HTTP in, operations called, templates out."""

from __future__ import annotations

from flask import Flask

from techmart.web import (
    account_settings,
    accounts,
    alert_settings,
    alert_words,
    assets,
    attachments,
    compare,
    context,
    converters,
    demand_advice,
    demands,
    errors,
    exports,
    feedback_view,
    field_names,
    formats,
    glossary,
    guards,
    headers,
    health,
    help_requests,
    home,
    i18n,
    lacking_view,
    match_figures,
    match_view,
    matches,
    moderation,
    notifications,
    offers,
    organisations,
    origin,
    pages,
    patents,
    proposals,
    saved_searches,
    search,
    search_feed,
    sessions,
    styleguide,
    suggest,
    supply_demand,
    unsubscribe,
    workspace,
)
from techmart.web.request import SiteRequest

BLUEPRINTS = (
    account_settings.bp,
    accounts.bp,
    alert_settings.bp,
    attachments.bp,
    compare.bp,
    demand_advice.bp,
    demands.bp,
    exports.bp,
    glossary.bp,
    health.bp,
    help_requests.bp,
    home.bp,
    match_figures.bp,
    matches.bp,
    moderation.bp,
    notifications.bp,
    offers.bp,
    organisations.bp,
    pages.bp,
    patents.bp,
    proposals.bp,
    saved_searches.bp,
    search.bp,
    styleguide.bp,
    search_feed.bp,
    suggest.bp,
    supply_demand.bp,
    unsubscribe.bp,
    workspace.bp,
)


def register_web(app: Flask) -> None:
    """Register blueprints, guards, headers and error pages."""
    app.request_class = SiteRequest
    for part in (
        converters,
        formats,
        match_view,
        lacking_view,
        feedback_view,
        alert_words,
        field_names,
        context,
        assets,
        sessions,
        i18n,
        origin,
        guards,
        headers,
        errors,
    ):
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)

"""Reasons of an alert, stored in codes, as sentences in the language of the mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from techmart.matching.facts import Finding
from techmart.web.match_view import agreed_text


def init_app(app: Flask) -> None:
    """Give the templates of mails the filter `reason_words`."""
    app.jinja_env.filters["reason_words"] = reason_words


def reason_words(reasons: Mapping[str, Any]) -> list[str]:  # Any: JSON values of MatchAlert.reasons
    """Phrases both sides use in one line, then the facts that agree, most telling first."""
    phrases = [f"“{phrase}”" + (f" → “{through}”" if through else "") for phrase, through in reasons.get("phrases", ())]
    words = [str(_("cùng nói đến %(phrases)s", phrases=", ".join(phrases)))] if phrases else []
    facts = [Finding(part, "agrees", 0.0, tuple(values)) for part, values in reasons.get("facts", ())]
    return words + [agreed_text(finding) for finding in facts]

"""Tables. Importing this package registers all of them, as migrations and the schema test need."""

from techmart.models import (
    account,
    event,
    export,
    glossary,
    help_request,
    listing,
    match,
    organisation,
    outbox,
    saved_search,
)

__all__ = [
    "account",
    "event",
    "export",
    "glossary",
    "help_request",
    "listing",
    "match",
    "organisation",
    "outbox",
    "saved_search",
]

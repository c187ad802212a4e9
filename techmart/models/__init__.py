"""Tables. Importing this package registers all of them, as migrations and the schema test need."""

from techmart.models import account, event, glossary, listing, organisation, outbox

__all__ = ["account", "event", "glossary", "listing", "organisation", "outbox"]

"""Use cases: plain functions (actor, object, change). They never commit and never see a request."""

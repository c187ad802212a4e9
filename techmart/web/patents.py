"""Pages of patents."""

from __future__ import annotations

from techmart.web.forms.patent import PatentForm
from techmart.web.listing_routes import make_blueprint

bp = make_blueprint("patent", PatentForm)

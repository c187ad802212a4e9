"""Pages of demands."""

from __future__ import annotations

from techmart.web.forms.demand import DemandForm
from techmart.web.listing_routes import make_blueprint

bp = make_blueprint("demand", DemandForm)

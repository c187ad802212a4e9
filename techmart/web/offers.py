"""Pages of offers."""

from __future__ import annotations

from techmart.web.forms.offer import OfferForm
from techmart.web.listing_routes import make_blueprint

bp = make_blueprint("offer", OfferForm)

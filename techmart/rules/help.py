"""The steps of a request for help with a demand: asked → answered → accepted or declined; withdrawn before that."""

from __future__ import annotations

from enum import StrEnum


class HelpState(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


#: While a request is in one of these, staff see the draft, and there is no second request for it.
OPEN_STATES = (HelpState.ASKED, HelpState.ANSWERED)

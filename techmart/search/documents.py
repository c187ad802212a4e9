"""What is indexed: one function per thing, and one question, `is_indexable`. Only public things have a document."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from techmart.models.listing import Demand, Listing, Offer, Patent
from techmart.models.organisation import Organisation
from techmart.rules.identifiers import identifier_forms
from techmart.rules.vocabulary import ipc_ancestors, organisation_kinds, sectors
from techmart.search.document import SearchDocument

ANONYMOUS_NAME = ""


def is_indexable(thing: Listing | Organisation) -> bool:
    """Whether the thing may be found at all. An organisation is public; a listing when its audience is."""
    return thing.is_public if isinstance(thing, Listing) else True


def document_of(thing: Listing | Organisation) -> SearchDocument:
    """The document of a public thing, made from the row as it is now."""
    return _organisation_document(thing) if isinstance(thing, Organisation) else _listing_document(thing)


def _listing_document(listing: Listing) -> SearchDocument:
    organisation = listing.organisation
    hides_owner = isinstance(listing, Demand) and listing.anonymous
    facets = {
        "kind": (listing.kind,),
        "sector": tuple(listing.sectors),
        "province": _one(listing.province_code),
        "lang": (listing.lang,),
        "verified": () if hides_owner or not organisation.is_verified else ("yes",),
        "organisation_kind": (organisation.kind,),
        "has_attachment": ("yes",) if listing.attachments else (),
        "freshness": (str(listing.state),),
        "trl": _one(str(trl) if (trl := getattr(listing, "trl", None)) else None),
        **_ipc_facets(listing.ipc),
        **_transfer_facets(listing),
    }
    numbers = {
        "published_at": int(listing.published_at.timestamp()) if listing.published_at else None,
        **_numbers(listing),
    }
    text = {
        "title": " \n".join(part for part in (listing.title, listing.title_en) if part),
        "summary": " \n".join(part for part in (listing.summary, listing.summary_en) if part),
        "body": body_text(listing),
        "keywords": " \n".join([*listing.keywords, *_sector_names(listing.sectors)]),
        "organisation": ANONYMOUS_NAME if hides_owner else f"{organisation.name_vi} \n{organisation.name_en}".strip(),
    }
    return SearchDocument(
        key=listing.key,
        kind=listing.kind,
        id=listing.id,
        version=listing.version,
        lang=listing.lang,
        text=text,
        identifiers=_identifiers(listing),
        facets={name: values for name, values in facets.items() if values},
        numbers={name: value for name, value in numbers.items() if value is not None},
    )


def _organisation_document(organisation: Organisation) -> SearchDocument:
    kind_names = organisation_kinds()[organisation.kind]
    facets = {
        "kind": ("organisation",),
        "sector": tuple(organisation.sectors),
        "province": _one(organisation.province_code),
        "organisation_kind": (organisation.kind,),
        "verified": ("yes",) if organisation.is_verified else (),
        "lang": ("vi",),
    }
    text = {
        "title": f"{organisation.name_vi} \n{organisation.name_en}".strip(),
        "summary": f"{kind_names.vi} \n{kind_names.en}",
        "body": organisation.capability,
        "keywords": " \n".join(_sector_names(organisation.sectors)),
        "organisation": "",
    }
    return SearchDocument(
        key=organisation.key,
        kind="organisation",
        id=organisation.id,
        version=organisation.version,
        lang="vi",
        text=text,
        identifiers=_organisation_identifiers(organisation),
        facets={name: values for name, values in facets.items() if values},
        numbers={"published_at": int(organisation.created_at.timestamp())},
    )


def _organisation_identifiers(organisation: Organisation) -> tuple[str, ...]:
    """The tax code (a personal number is nobody's business) and the place."""
    forms = (
        list(identifier_forms(organisation.tax_code))
        if organisation.tax_code and organisation.id_type != "personal"
        else []
    )
    forms += [f"sector:{code}" for code in organisation.sectors]
    if organisation.province_code:
        forms.append(f"place:{organisation.province_code}")
    return tuple(forms)


#: The long texts of each kind, in the order they are read; matching names them the same.
BODY_FIELDS: dict[str, tuple[str, ...]] = {
    "offer": (
        "problem",
        "how_it_works",
        "advantage",
        "economic_comparison",
        "trl_evidence",
        "support",
        "partner_sought",
        "ip_note",
    ),
    "patent": ("abstract", "claims", "applicants", "inventors", "owner"),
    "demand": ("problem", "material", "method", "efficacy_target", "product", "application", "constraints"),
}


def body_text(listing: Listing) -> str:
    """The long texts of a listing, one after the other. What a demand excludes is left out: it must not attract."""
    parts = [getattr(listing, name) for name in BODY_FIELDS[listing.kind]]
    if isinstance(listing, Offer):
        parts += [" ".join((row.get("name", ""), row.get("value", ""), row.get("unit", ""))) for row in listing.figures]
    return " \n".join(part for part in parts if part)


def _transfer_facets(listing: Listing) -> dict[str, tuple[str, ...]]:
    if isinstance(listing, Demand):
        return {"transfer_right": _one(listing.wanted_right), "transfer_form": tuple(listing.wanted_forms)}
    if isinstance(listing, Offer | Patent):
        return {
            "transfer_right": _one(listing.transfer_right),
            "transfer_form": tuple(listing.transfer_forms),
            "ip_status": _one(listing.ip_status),
            "price_mode": _one(listing.price_mode),
        }
    return {}


def _numbers(listing: Listing) -> dict[str, int | None]:
    if isinstance(listing, Demand):
        return {
            "trl_min": listing.trl_min,
            **_span(listing.budget_min_vnd, listing.budget_max_vnd),
            "deadline_at": _epoch(listing.deadline_on),
        }
    if isinstance(listing, Offer | Patent):
        return {"trl": listing.trl, **_span(listing.price_min_vnd, listing.price_max_vnd)}
    return {}


def _span(low: int | None, high: int | None) -> dict[str, int | None]:
    """Both ends of a price or budget; one that is not given is the other, so that a fixed price is found from both sides."""
    return {"price_low": low if low is not None else high, "price_high": high if high is not None else low}


def _ipc_facets(symbols: list[str]) -> dict[str, tuple[str, ...]]:
    levels = [level for symbol in symbols for level in ipc_ancestors(symbol)]
    return {
        "ipc_section": tuple(sorted({level for level in levels if len(level) == 1})),
        "ipc_class": tuple(sorted({level for level in levels if len(level) == 3})),
    }


def _identifiers(listing: Listing) -> tuple[str, ...]:
    forms = list(identifier_forms(listing.code))
    if isinstance(listing, Patent):
        for number in (
            listing.application_number,
            listing.publication_number,
            listing.grant_number,
            listing.pct_number,
        ):
            forms += identifier_forms(number) if number else ()
    forms += [f"ipc:{level}" for symbol in listing.ipc for level in ipc_ancestors(symbol)]
    forms += [f"sector:{code}" for code in listing.sectors]
    if listing.province_code:
        forms.append(f"place:{listing.province_code}")
    return tuple(dict.fromkeys(forms))


def _sector_names(codes: list[str]) -> list[str]:
    names = sectors()
    return [text for code in codes if code in names for text in (names[code].vi, names[code].en)]


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _epoch(day: date | None) -> int | None:
    return int(datetime.combine(day, time(), UTC).timestamp()) if day else None

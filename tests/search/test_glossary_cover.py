"""Longest terms are found however many glossaries lie behind each other."""

from __future__ import annotations

from techmart.search.glossary import Entry, Glossary


def test_terms_of_many_layers_are_met_wherever_they_begin_in_a_text() -> None:
    behind = Glossary([Entry("màng lọc sinh học", "membrane bioreactor"), Entry("màng", "membrane")])
    front = Glossary([Entry("lọc", "filtration"), Entry("Sấy lạnh", "freeze drying")], behind=[behind])
    words = ["máy", "sấy", "lạnh", "và", "màng", "lọc", "sinh", "học", "màng", "sinh"]
    found = [(match.start, match.end, match.translations) for match in front.match_vietnamese(words)]
    assert found == [(1, 3, ("freeze drying",)), (4, 8, ("membrane bioreactor",)), (8, 9, ("membrane",))]
    english = front.match_english(["membranes", "of", "Membrane", "bioreactors"])
    assert [(match.start, match.end) for match in english] == [(0, 1), (2, 4)]

"""The staff page of the glossary, and that what is added there is what searches use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from techmart.db import db, unit_of_work
from techmart.errors import InvalidFields, NotAllowed, StaleVersion
from techmart.models.event import Event
from techmart.models.glossary import GlossaryTerm
from techmart.operations import glossary as terms
from techmart.rules.policy import ANONYMOUS, SYSTEM
from techmart.search.glossary_store import GlossaryStore, current_glossary
from tests import factories as make

Login = Callable[..., FlaskClient]
URL = "/moderation/glossary"


@pytest.fixture
def desk(app: Flask, login: Login) -> FlaskClient:
    """A moderator's browser."""
    return login(make.staff())


def add(vi: str, en: str, domain: str = "general") -> GlossaryTerm:
    with unit_of_work():
        return terms.add_term(SYSTEM, {"vi": vi, "en": en, "domain": domain})


def translated(text: str) -> list[str]:
    return [phrase for match in current_glossary().match_vietnamese(text.split()) for phrase in match.translations]


class TestOperations:
    @pytest.mark.parametrize(
        ("content", "field"),
        [
            ({"vi": "", "en": "mould"}, "vi"),
            ({"vi": "khuôn", "en": " – "}, "en"),
            ({"vi": "một hai ba bốn năm sáu bảy tám chín", "en": "count"}, "vi"),
            ({"vi": "khuôn", "en": "m" * 121}, "en"),
            ({"vi": "khuôn", "en": "mould", "domain": "cookery"}, "domain"),
        ],
    )
    def test_refuses(self, app: Flask, content: dict[str, str], field: str) -> None:
        with pytest.raises(InvalidFields) as refusal, unit_of_work():
            terms.add_term(SYSTEM, content)
        assert list(refusal.value.problems) == [field]

    def test_the_same_pair_once_however_it_is_spelt(self, app: Flask) -> None:
        add("tách khí hòa tan", "IoT mould")
        for vi, en in (("Tách khí hoà tan", "iot mould"), ("tách  khí hòa tan", "IOT MOULD")):
            with pytest.raises(InvalidFields):
                add(vi, en)
        add("tach khi hoa tan", "IoT mould")

    def test_staff_only(self, app: Flask) -> None:
        with pytest.raises(NotAllowed), unit_of_work():
            terms.add_term(ANONYMOUS, {"vi": "khuôn", "en": "mould"})
        with pytest.raises(NotAllowed):
            terms.list_terms(ANONYMOUS)

    def test_change_and_remove_leave_their_trace(self, app: Flask) -> None:
        term = add("khuôn", "mould")
        with unit_of_work():
            terms.change_term(SYSTEM, term, {"vi": "khuôn", "en": "die", "domain": "general"}, version=1)
        with pytest.raises(StaleVersion), unit_of_work():
            terms.change_term(SYSTEM, term, {"vi": "khuôn", "en": "cast"}, version=1)
        with unit_of_work():
            terms.remove_term(SYSTEM, term)
        actions = db.session.scalars(db.select(Event.action).order_by(Event.id)).all()
        assert actions == ["glossary:add", "glossary:change", "glossary:remove"]

    def test_lists_by_either_side_without_accents_in_pages(self, app: Flask) -> None:
        for number in range(terms.PAGE_SIZE + 1):
            add(f"khuôn dập số {number}", f"stamping die {number}")
        assert terms.list_terms(SYSTEM, text="khuon dap so 7").total == 1
        assert terms.list_terms(SYSTEM, text="Stamping").total == terms.PAGE_SIZE + 1
        assert terms.list_terms(SYSTEM, text="50%").total == 0
        second = terms.list_terms(SYSTEM, page=99)
        assert (second.page, second.pages, len(second.terms)) == (2, 2, 1)


class TestPage:
    def test_kept_from_others(self, login: Login, client: FlaskClient) -> None:
        assert client.get(URL).status_code == 302
        assert login(make.user()).get(URL).status_code == 403
        assert login(make.user()).post(URL, data={"vi": "khuôn", "en": "mould"}).status_code == 403

    def test_add_find_change_remove_undo(self, desk: FlaskClient) -> None:
        assert "Sàn chưa thêm thuật ngữ nào" in desk.get(URL).text
        fields = {"vi": "máy dập tự ngắt", "en": "self-stopping <b>press", "domain": "mechanics"}
        assert desk.post(URL, data=fields).status_code == 302
        page = desk.get(f"{URL}?q=may dap tu ngat").text
        assert "self-stopping &lt;b&gt;press" in page
        place = f"{URL}/{db.session.scalars(db.select(GlossaryTerm.id)).one()}"
        assert "máy dập tự ngắt" in desk.get(place).text
        changed = {**fields, "en": "self-stopping press", "version": "1"}
        assert desk.post(place, data=changed).status_code == 302
        assert desk.post(place, data={**changed, "en": "other"}).status_code == 409
        gone = desk.post(f"{place}/remove")
        assert gone.status_code == 302
        assert 'value="máy dập tự ngắt"' in desk.get(gone.location).text
        assert terms.list_terms(SYSTEM).total == 0
        assert desk.get(place).status_code == 404

    def test_refusals_keep_what_was_typed(self, desk: FlaskClient) -> None:
        answer = desk.post(URL, data={"vi": "một hai ba bốn năm sáu bảy tám chín", "en": "count", "domain": "general"})
        assert answer.status_code == 422
        assert 'value="một hai ba bốn năm sáu bảy tám chín"' in answer.text
        assert "Nội dung dài quá giới hạn" in answer.text

    def test_the_queue_leads_here(self, desk: FlaskClient) -> None:
        assert f'href="{URL}"' in desk.get("/moderation").text

    def test_odd_addresses(self, desk: FlaskClient) -> None:
        long = "q=" + "a" * 5000, "vi=" + "ă" * 300
        for query in ("q=%00%ff", "page=-1", "page=99999999", "page=x", "q=!!!", "domain=zzz", *long):
            assert desk.get(f"{URL}?{query}").status_code == 200


class TestRunningSearch:
    def test_staff_terms_come_first_and_go_again(self, app: Flask) -> None:
        shipped = translated("sấy")
        term = add("sấy", "dehumidify")
        assert translated("sấy") == ["dehumidify", *shipped][:8]
        with unit_of_work():
            terms.change_term(SYSTEM, term, {"vi": "sấy", "en": "desiccate"}, version=1)
        assert translated("sấy")[0] == "desiccate"
        with unit_of_work():
            terms.remove_term(SYSTEM, term)
        assert translated("sấy") == shipped

    def test_without_accents_and_from_english(self, app: Flask) -> None:
        add("tủ ngắt xung", "pulse breaker cabinet")
        assert translated("tu ngat xung") == ["pulse breaker cabinet"]
        match = current_glossary().match_english(["two", "pulse", "breaker", "cabinets"])[-1]
        assert (match.start, match.end, match.translations) == (1, 4, ("tủ ngắt xung",))

    def test_the_search_page_uses_them(self, client: FlaskClient) -> None:
        add("tủ ngắt xung", "quencher")
        answer = client.get("/api/v1/search?q=tủ ngắt xung").get_json()
        assert answer["translations"] == [{"phrase": "tủ ngắt xung", "into": "quencher"}]
        assert "quencher" in client.get("/search?q=tủ ngắt xung").text

    def test_dictionaries_come_last_and_are_noticed(self, app: Flask) -> None:
        folder = app.config["SETTINGS"].glossary_dir
        shipped = translated("sấy")
        write(folder, "sấy\tparch\nsấy\tdrying\nmáy quạt hòm\twinnower\n")
        assert translated("may quat hom") == ["winnower"]
        assert translated("sấy") == [*shipped, "parch"][:8]
        (folder / "words.tsv").unlink()
        assert "winnower" not in translated("may quat hom")

    def test_compiles_in_the_background_while_the_old_ones_serve(self, app: Flask, tmp_path: Path) -> None:
        store = GlossaryStore(tmp_path / "dictionaries", check_seconds=0.0001)
        before = store.glossary()
        write(tmp_path / "dictionaries", "máy quạt hòm\twinnower\n")
        assert store.glossary() is before or store.counts().imported == 1
        for _attempt in range(200):
            if store.counts().imported:
                break
            if thread := store._compiling:
                thread.join(5)
        assert store.counts().imported == 1
        assert store.glossary() is store.glossary()

    def test_looks_for_changes_every_few_seconds_or_when_told(self, app: Flask, tmp_path: Path) -> None:
        store = GlossaryStore(tmp_path, check_seconds=3600)
        assert store.counts().own == 0
        add("tủ ngắt xung", "quencher")
        assert store.counts().own == 0
        store.look_again()
        assert store.counts().own == 1


def write(folder: Path, lines: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "words.tsv").write_text(lines, encoding="utf-8")

"""Settings are read, coerced and checked; production refuses to start half configured."""

from __future__ import annotations

import pytest

from config import SettingsError, keep_compiled_code, load_settings

GOOD = {
    "TECHMART_ENV": "production",
    "SECRET_KEY": "k" * 40,
    "TRUSTED_HOSTS": "techmart.example",
    "BASE_URL": "https://techmart.example/",
}


def test_production_with_everything_it_needs(tmp_path):
    settings = load_settings({**GOOD, "VAR_DIR": str(tmp_path)})
    assert settings.is_production
    assert settings.is_https
    assert settings.base_url == "https://techmart.example"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"TRUSTED_HOSTS": ""}, "TRUSTED_HOSTS"),
        ({"BASE_URL": "http://techmart.example"}, "BASE_URL"),
        ({"PORT": "eighty"}, "PORT"),
        ({"PORT": "99999"}, "PORT"),
        ({"TECHMART_ENV": "prod"}, "TECHMART_ENV"),
        ({"UPLOAD_DIR": "techmart/static/up"}, "UPLOAD_DIR"),
        ({"DATABASE_URL": "sqlite:///{root}/techmart/static/t.db"}, "DATABASE_URL"),
    ],
)
def test_refusals_name_the_setting(tmp_path, monkeypatch, request, change, named):
    monkeypatch.chdir(request.config.rootpath)
    change = {name: value.format(root=request.config.rootpath) for name, value in change.items()}
    with pytest.raises(SettingsError, match=named):
        load_settings({**GOOD, "VAR_DIR": str(tmp_path), **change})


def test_debug_is_refused_in_production(tmp_path, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    with pytest.raises(SettingsError, match="FLASK_DEBUG"):
        load_settings({**GOOD, "VAR_DIR": str(tmp_path)})


def test_development_makes_and_keeps_a_secret(tmp_path):
    first = load_settings({"VAR_DIR": str(tmp_path)})
    assert len(first.secret_key) >= 32
    assert load_settings({"VAR_DIR": str(tmp_path)}).secret_key == first.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({"TECHMART_ENV": "development"}, True),
        ({"TECHMART_ENV": "development", "SAMPLE_DATA": "no"}, False),
        ({"TECHMART_ENV": "testing"}, False),
        (GOOD, False),
        ({**GOOD, "SAMPLE_DATA": "yes"}, True),
    ],
)
def test_sample_data_comes_by_itself_in_development_only(tmp_path, environ, wanted):
    assert load_settings({**environ, "VAR_DIR": str(tmp_path)}).sample_data is wanted


def test_compiled_code_goes_to_the_private_folder_where_the_programs_is_read_only(tmp_path):
    environ = {"VAR_DIR": str(tmp_path)}
    keep_compiled_code(environ, beside_program=True)
    assert "NUMBA_CACHE_DIR" not in environ
    keep_compiled_code(environ, beside_program=False)
    assert environ["NUMBA_CACHE_DIR"] == str(tmp_path / "compiled")
    keep_compiled_code(environ := {"NUMBA_CACHE_DIR": "/elsewhere"}, beside_program=False)
    assert environ["NUMBA_CACHE_DIR"] == "/elsewhere"

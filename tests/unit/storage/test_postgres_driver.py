"""A ``postgresql://`` URL uses the driver that is installed."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import NoSuchModuleError

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.storage.database import Database
from rasa_autoplay.storage.postgres_driver import with_installed_driver

URL = "postgresql://user:hunter2@db.example.com:5433/autoplay?sslmode=require"


def _knows_psycopg() -> bool:
    try:
        sa.engine.make_url("postgresql+psycopg://").get_dialect()
    except NoSuchModuleError:
        return False
    return True


def _install(monkeypatch: pytest.MonkeyPatch, *installed: str) -> None:
    for name in ("psycopg", "psycopg2"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name) if name in installed else None)


@pytest.mark.parametrize("installed", [("psycopg2",), ("psycopg", "psycopg2")])
def test_a_url_without_a_driver_gets_an_installed_one(
    monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...]
) -> None:
    _install(monkeypatch, *installed)
    given = sa.engine.make_url(URL)
    chosen = with_installed_driver(given)
    expected = "psycopg" if "psycopg" in installed and _knows_psycopg() else "psycopg2"
    assert chosen == given.set(drivername=f"postgresql+{expected}")


@pytest.mark.parametrize("installed", [(), ("psycopg",)])
def test_names_what_to_install_if_there_is_no_usable_driver(
    monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...]
) -> None:
    _install(monkeypatch, *installed)
    if installed and _knows_psycopg():
        assert with_installed_driver(sa.engine.make_url(URL)).drivername == "postgresql+psycopg"
        return
    with pytest.raises(ConfigError, match="no driver for PostgreSQL") as refused:
        Database(URL, "offers", "", lambda _connection: None, 1.0)
    assert 'pip install "rasa-autoplay[postgres]"' in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["postgresql+psycopg2://db/a", "sqlite:///a.db", "mysql+pymysql://db/a"])
def test_other_urls_stay_as_they_are(url: str) -> None:
    assert with_installed_driver(sa.engine.make_url(url)) == sa.engine.make_url(url)

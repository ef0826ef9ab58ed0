"""The texts of the browser scripts: English in the modules, other languages in files of their own."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from sanic import Blueprint
from support.sanic_server import client_of, fresh_app

from rasa_autoplay.common.languages.tags import canonical_tag
from rasa_autoplay.gateway.routes import browser_script as script

STATIC = Path(script.__file__).parents[1] / "static"
FILES = sorted((STATIC / "texts").glob("*.json"))
LANGUAGES = {"ar", "de", "es", "fr", "it", "ja", "nl", "pl", "pt"}
#: An object literal with one text in each line, as options.js and the modules with texts of their own have.
_LITERAL = re.compile(r"^(?:  texts: |export const \w+_TEXTS = )\{\n(.*?)^(?:  )?\}", re.M | re.S)


def english() -> dict[str, str]:
    """The texts in English, from all modules that have some."""
    modules = [file.read_text("utf-8") for file in sorted(STATIC.rglob("*.js"))]
    bodies = [body for module in modules for body in _LITERAL.findall(module)]
    assert len(bodies) > 1
    return {name: text for body in bodies for name, text in re.findall(r'^ +(\w+): "(.*)",$', body, re.M)}


def texts_of(file: Path) -> dict[str, str]:
    texts: dict[str, str] = json.loads(file.read_text("utf-8"))
    return texts


def test_there_is_a_file_for_each_language_beside_english() -> None:
    assert {file.stem for file in FILES} == LANGUAGES


def test_the_script_asks_for_exactly_the_languages_that_there_are() -> None:
    listed = re.search(r"^const TRANSLATED = (\[.*\]);$", (STATIC / "texts.js").read_text("utf-8"), re.M)
    assert listed
    assert json.loads(listed[1]) == sorted(LANGUAGES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_language_has_each_text_once(file: Path) -> None:
    pairs = json.loads(file.read_text("utf-8"), object_pairs_hook=list)
    assert sorted(name for name, _ in pairs) == sorted(english())
    assert all(isinstance(text, str) and text == text.strip() and text for _, text in pairs)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_language_tells_its_tag_and_direction(file: Path) -> None:
    texts = texts_of(file)
    assert texts["language"] == file.stem == canonical_tag(file.stem)
    assert texts["direction"] == ("rtl" if file.stem == "ar" else "ltr")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_left_in_english(file: Path) -> None:
    """Words that are the same in both languages are short: "Assistant", "File"."""
    same = [name for name, text in texts_of(file).items() if text == english()[name] and " " in text]
    assert not same


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_texts_stay_within_their_size_limit(file: Path) -> None:
    assert len(gzip.compress(file.read_bytes())) <= 2 * 1024


@pytest.mark.asyncio
async def test_serves_texts_compressed_and_with_an_etag() -> None:
    app = fresh_app()
    blueprint = Blueprint("script_only")
    script.add_script_routes(blueprint, lambda: None)
    app.blueprint(blueprint)
    async with client_of(app) as client:
        answer = await client.get("/texts/de.json")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["content-encoding"] in ("br", "gzip")
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert answer.json()["showMe"] == "Zeig es mir"
        again = await client.get("/texts/de.json", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert (await client.get("/texts/xx.json")).status_code == 404

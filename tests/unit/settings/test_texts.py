"""Texts in settings: a string, or one string for each language."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_autoplay.common.languages.text import Text
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.language_keys import LanguageMistake, read_language
from rasa_autoplay.settings.models import Settings
from rasa_autoplay.settings.texts import FilledText, UserText
from rasa_autoplay.settings.yaml_file import YamlFile


class Inner(Settings):
    """A section."""

    body: FilledText
    options: list[UserText] = []  # noqa: RUF012 - pydantic copies it


class Outer(Settings):
    """A file."""

    parts: list[Inner]


def read(text: str) -> Inner:
    return YamlFile(Path("file.yml"), f"parts:\n- {text}\n".encode()).read(Outer).parts[0]


def test_a_plain_string_stays_a_plain_string() -> None:
    assert type(read("body: Save").body) is str


def test_a_text_has_the_languages_of_the_file() -> None:
    body = read("body: {de: Speichern, en: Save}").body
    assert isinstance(body, Text)
    assert body.items() == (("de", "Speichern"), ("en", "Save"))
    assert body == "Speichern"


def test_lists_of_texts_have_languages_too() -> None:
    first, second = read("body: x\n  options: [{en: 'Yes', de: Ja}, Maybe]").options
    assert isinstance(first, Text)
    assert second == "Maybe"


def test_norwegian_needs_no_quotes_in_our_files() -> None:
    body = read("body: {no: Lagre, nn: Lagre}").body
    assert isinstance(body, Text)
    assert body.in_language(("nb-NO",)) == "Lagre"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "{en: Save, deutsch: Speichern}",
            "parts.0.body.deutsch: 'deutsch' is not the code of a language; did you mean 'de'?",
        ),
        (
            "{en: Save, de_DE: Speichern}",
            "parts.0.body.de_DE: 'de_DE' is not the code of a language; did you mean 'de-DE'?",
        ),
        ("{en: Save, jp: 保存}", "did you mean 'ja'?"),
        ("{en: Save, xx: Save}", "'xx' is not a language; write its code, such as en, de or pt-BR."),
        ("{en: Save, de: ''}", "parts.0.body.de: the text is empty; write the text, or remove the language"),
        ("{en: Save, de: [Speichern]}", "parts.0.body.de: the text of a language must be a text"),
        ("{en: Save, de: 1.5}", "parts.0.body.de: the text of a language must be a text"),
        ("{en: Save, de: true}", "parts.0.body.de: the text of a language must be a text"),
        ("{en: Save, EN: Save}", "parts.0.body.EN: the language 'en' is here twice; keep one of them"),
        ("{}", "parts.0.body: there is no text here; write a text, or one for each language"),
        ("[Save]", "parts.0.body: this is no text; write a text, or one for each language"),
        ("''", "parts.0.body: must not be empty."),
        ("2.50", "parts.0.body: YAML reads this as the number 2.5. For a text, write quotes."),
        ("{en: Save, false: Lagre}", 'for Norwegian, write "nb", or "no" in quotes'),
    ],
)
def test_a_wrong_text_says_where_and_what_to_do(body: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(f"body: {body}")
    assert f"file.yml:2: {message}" in caught.value.message or message in caught.value.message
    assert caught.value.message.startswith("file.yml:2: parts.0.body")
    assert "\n" not in caught.value.message


def test_yaml_1_1_reads_no_as_false() -> None:
    text = b"%YAML 1.1\n---\nparts:\n- body: {no: Lagre}\n"
    with pytest.raises(ConfigError, match='for Norwegian, write "nb", or "no" in quotes'):
        YamlFile(Path("file.yml"), text).read(Outer)


def test_the_same_key_twice_is_an_error_of_yaml() -> None:
    with pytest.raises(ConfigError, match="'en' stands here for the second time"):
        read("body: {en: Save, en: Store}")


def test_a_mistake_in_each_text_is_reported_at_its_line() -> None:
    file = YamlFile(
        Path("autoplay.yml"),
        b"product_id: p\ntriggers:\n- id: a\n  external: true\n  body: {de: Hallo, english: Hello}\n"
        b"- id: b\n  external: true\n  body:\n    en: Hello\n    english: Hello\n",
    )
    with pytest.raises(ConfigError) as caught:
        file.read(EngineSettings)
    places = [line.partition(": ")[0] for line in caught.value.message.splitlines()]
    assert places == ["autoplay.yml:5", "autoplay.yml:10"]


@pytest.mark.parametrize("written", ["EN", "pt_br", "German", "deu", "zh-cn"])
def test_a_hint_is_always_a_language(written: str) -> None:
    try:
        found = read_language(written)
    except LanguageMistake as mistake:
        found = str(mistake).rpartition("did you mean '")[2].partition("'")[0]
    assert read_language(found) == found

"""Language tags, and the language that suits a user."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.languages.tags import MAX_TAG_LENGTH, canonical_tag, lookup, matches


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("de", "de"),
        ("DE-ch", "de-CH"),
        ("de_DE", "de-DE"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("de-1996", "de-1996"),
        ("de-DE-u-co-phonebk", "de-DE-u-co-phonebk"),
        ("en-x-LOUD", "en-x-loud"),
        ("haw", "haw"),
        ("iw", "he"),
        ("no-NO", "nb-NO"),
    ],
)
def test_a_tag_has_one_form(written: str, canonical: str) -> None:
    assert canonical_tag(written) == canonical


@pytest.mark.parametrize(
    "written",
    ["", "d", "deutsch", "de-", "-de", "de--CH", "de-D", "de-u", "12", "ünï", "de CH", "*", "de-" + "a" * 40],
)
def test_what_is_no_tag_is_none(written: str) -> None:
    assert canonical_tag(written) is None


@given(st.text(max_size=50))
def test_a_canonical_tag_stays_as_it_is(written: str) -> None:
    canonical = canonical_tag(written)
    if canonical is not None:
        assert canonical_tag(canonical) == canonical
        assert len(canonical) <= MAX_TAG_LENGTH


@pytest.mark.parametrize(
    ("available", "preferences", "found"),
    [
        (("en", "de"), ("de-CH",), "de"),
        (("de", "de-CH"), ("de-CH",), "de-CH"),
        (("en", "de"), ("fr", "de"), "de"),
        (("en", "de"), ("fr",), None),
        (("en", "de"), (), None),
        # RFC 4647, section 3.4: the private-use subtag and its single letter go together.
        (("zh-Hant-CN", "zh"), ("zh-Hant-CN-x-private1-private2",), "zh-Hant-CN"),
        (("zh-Hant", "zh"), ("zh-Hant-CN-x-private1",), "zh-Hant"),
        (("en", "pt-BR"), ("pt", "en"), "pt-BR"),
        (("en", "pt-BR"), ("pt-PT", "en"), "en"),
        (("zh-Hans", "zh-Hant"), ("zh-TW",), "zh-Hant"),
        (("en", "zh-Hans"), ("zh-CN",), "zh-Hans"),
        (("en", "nb"), ("nb-NO",), "nb"),
    ],
)
def test_the_best_language_is_found(
    available: tuple[str, ...], preferences: tuple[str, ...], found: str | None
) -> None:
    assert lookup(available, preferences) == found


_TAGS = st.sampled_from(["en", "en-GB", "de", "de-CH", "pt-BR", "pt-PT", "pt", "zh-Hant", "zh-TW", "ar"])


@given(st.lists(_TAGS, unique=True), st.lists(_TAGS, max_size=5))
def test_a_language_that_exists_is_found_before_all_later_preferences(
    available: list[str], preferences: list[str]
) -> None:
    found = lookup(available, preferences)
    assert found is None or found in available
    if preferences and preferences[0] in available:
        assert found == preferences[0]
    assert found == next(
        (one for each in preferences if (one := lookup(available, [each])) is not None), None
    )


@given(st.lists(_TAGS, unique=True), st.lists(_TAGS, max_size=5), st.data())
def test_all_matches_stand_for_the_preferences(
    available: list[str], preferences: list[str], data: st.DataObject
) -> None:
    fewer = [tag for tag in available if data.draw(st.booleans())]
    found = matches(available, preferences)
    assert next((tag for tag in found if tag in fewer), None) == lookup(fewer, preferences)

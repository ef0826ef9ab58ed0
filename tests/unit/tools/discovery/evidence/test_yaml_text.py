"""What is read from the text equals what was written, whatever the texts contain."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from rasa_autoplay.tools.discovery.evidence.yaml_text import yaml_lines

_texts = st.text(max_size=20)
_values = st.recursive(
    _texts | st.integers(-5, 5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(_texts, _values, min_size=1, max_size=4))
def test_reads_back_what_was_written(data: dict[str, object]) -> None:
    text = "\n".join(yaml_lines(data)) + "\n"

    assert YAML(typ="safe", pure=True).load(text) == data


def test_writes_conditions_on_lines_of_their_own() -> None:
    entry = {"when": {"all": [{"on_page": "/x"}, {"count": {"title": "save", "at_least": 3}}]}, "no": ["a"]}

    assert list(yaml_lines(entry)) == [
        "when:",
        "  all:",
        "    - on_page: /x",
        "    - count: {title: save, at_least: 3}",
        '"no": [a]',
    ]

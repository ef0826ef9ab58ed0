"""The file of a golden path says exactly what was recorded, whatever the texts contain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from rasa_autoplay.engine.knowledge.draft_file import FileComments, file_of
from rasa_autoplay.settings.yaml_file import YamlFile

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "yes",
        "null",
        "1.0",
        "2024-01-01",
        "- a",
        "a: b",
        "# no comment",
        "&a *a !!python/object",
        "{{ x }}",
        "'\"",
        '"',
        "\\",
        "a\nb\r\nc\u2028d\x85e\x00\x7f",
        " leading and trailing ",
        "\ufeff\ufffe\U0010ffff😀",
        "---",
        "...",
        "%TAG",
        "\t",
        "",
    ]
)
PATTERNS = st.fixed_dictionaries(
    {},
    optional={
        "title": TEXTS | st.fixed_dictionaries({"exact": TEXTS}) | st.lists(TEXTS, max_size=2),
        "element_id": TEXTS,
        "page": st.fixed_dictionaries({"regex": TEXTS}),
    },
)
WAYS = st.fixed_dictionaries({}, optional={"element": TEXTS, "label": TEXTS, "done_when": PATTERNS})
STEPS = st.fixed_dictionaries(
    {"id": TEXTS, "text": TEXTS},
    optional={
        "title": TEXTS,
        "element": TEXTS,
        "label": TEXTS,
        "tooltip": TEXTS,
        "done_when": PATTERNS,
        "several": st.booleans(),
        "optional": st.booleans(),
        "any": st.lists(WAYS, max_size=2),
        "on": TEXTS,
    },
)
PATHS = st.fixed_dictionaries(
    {"id": TEXTS, "title": TEXTS, "steps": st.lists(STEPS, max_size=3)},
    optional={
        "description": TEXTS,
        "page": TEXTS,
        "tour_label": TEXTS,
        "cooldown": st.integers(-(10**20), 10**20),
        "yes: {": TEXTS,
    },
)


@given(PATHS, TEXTS)
@example({"id": "x", "title": "x\nsteps: []\n# ", "steps": [{"id": "a", "text": "b\n  - id: c"}]}, "x\nid: y")
def test_reads_what_was_written(path: dict[str, Any], comment: str) -> None:
    comments = FileComments([comment], {"page": "where"}, {0: [comment, comment]})
    for text in (file_of(path), file_of(path, comments)):
        wanted = {**path, "steps": path["steps"] or None}
        assert YamlFile(Path("path.yml"), text.encode()).raw() == wanted
        assert yaml.safe_load(text) == wanted


def test_writes_the_keys_in_their_usual_order_and_leaves_out_empty_ones() -> None:
    way = {"element": "#menu-save", "label": "Save", "done_when": {"element_id": "menu-save"}}
    step = {
        "any": [way],
        "optional": True,
        "text": 'Press "Save".',
        "done_when": {"element_id": "save", "title": {"exact": "Click Save"}},
        "element": "#save",
        "title": "Save",
        "label": None,
        "id": "save",
    }
    path = {"steps": [step], "page": "/projects", "flow_id": None, "title": "Save", "id": "save"}
    assert file_of(path) == (
        'id: "save"\n'
        'title: "Save"\n'
        'page: "/projects"\n'
        "\n"
        "steps:\n"
        '  - id: "save"\n'
        '    title: "Save"\n'
        '    element: "#save"\n'
        "    text: 'Press \"Save\".'\n"
        '    done_when: {element_id: "save", title: {exact: "Click Save"}}\n'
        "    optional: true\n"
        "    any:\n"
        '      - {element: "#menu-save", label: "Save", done_when: {element_id: "menu-save"}}\n'
    )

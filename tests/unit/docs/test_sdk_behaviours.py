"""Each documented behaviour of the SDK has a test, and nearly all are the same here."""

from __future__ import annotations

import re

import pytest
from support.processes import ROOT

_ROW = re.compile(r"^\| (?P<behaviour>[^|]+) \| (?P<here>[^|]+) \| `(?P<test>test_\w+)` \|$", re.MULTILINE)
ROWS = [
    match.groupdict() for match in _ROW.finditer((ROOT / "docs" / "sdk-behaviours.md").read_text("utf-8"))
]
#: The minimum share of behaviours that are the same.
_LEAST_SHARE = 0.95


@pytest.fixture(scope="module")
def test_names() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {name for file in files for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["test"])
def test_every_behaviour_names_an_existing_test(row: dict[str, str], test_names: set[str]) -> None:
    assert row["test"] in test_names
    assert row["here"] == "same" or row["here"].startswith("different: ")


def test_nearly_all_behaviours_are_the_same() -> None:
    same = sum(row["here"] == "same" for row in ROWS)
    assert len(ROWS) >= 80
    assert same / len(ROWS) >= _LEAST_SHARE

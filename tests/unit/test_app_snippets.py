"""The page on apps shows the Next.js example unchanged, and the example does what the page says."""

from __future__ import annotations

import pytest
from browser.frameworks.snippets import snippets
from support.node import NEXTJS
from support.processes import ROOT

CODE = {file.name: file.read_text("utf-8") for file in NEXTJS.glob("*/*.tsx")}


@pytest.mark.parametrize("snippet", snippets("Next.js", "tsx"))
def test_documented_snippet_appears_in_the_example(snippet: str) -> None:
    assert [name for name, code in CODE.items() if snippet in code]


def test_example_types_equal_the_served_types() -> None:
    served = ROOT / "rasa_autoplay" / "gateway" / "static" / "autoplay.d.ts"
    assert (NEXTJS / "copilot" / "autoplay.d.ts").read_text("utf-8") == served.read_text("utf-8")

"""The pages on apps show the Next.js example unchanged."""

from __future__ import annotations

import pytest
from browser.frameworks.snippets import snippets
from support.node import NEXTJS

CODE = {file.name: file.read_text("utf-8") for file in NEXTJS.glob("*/*.tsx")}


@pytest.mark.parametrize("snippet", snippets("Next.js", "tsx", "react-and-vue.md"))
def test_documented_snippet_appears_in_the_example(snippet: str) -> None:
    assert [name for name, code in CODE.items() if snippet in code]

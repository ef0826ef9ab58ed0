"""The snippets of the page on apps."""

from __future__ import annotations

import re

from support.processes import ROOT

__all__ = ["RASA", "snippets"]

#: Stands for the reader's Rasa server.
RASA = "https://rasa.example.com"
_PAGE = ROOT / "docs" / "put-it-in-your-app.md"


def snippets(heading: str, language: str) -> list[str]:
    """Return the code blocks of one language below one heading, in order; at least one.

    Args:
        heading: the heading's text.
        language: the word after the fence.
    """
    section = _PAGE.read_text("utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", section, re.M | re.S)
    assert found, f"{_PAGE.name} has no {language} under {heading!r}"
    return found

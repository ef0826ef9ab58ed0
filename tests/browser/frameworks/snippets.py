"""The snippets of the pages on apps."""

from __future__ import annotations

import re

from support.processes import ROOT

__all__ = ["RASA", "files", "snippets"]

#: Stands for the reader's Rasa server.
RASA = "https://rasa.example.com"
_PAGE = "put-it-in-your-app.md"
_NAMED = re.compile(r"(?://|<!--) (src/[\w./]+)(?: -->)?\n")


def snippets(heading: str, language: str, page: str = _PAGE) -> list[str]:
    """Return the code blocks of one language below one heading, in order; at least one.

    Args:
        heading: the heading's text.
        language: the word after the fence.
        page: the page in ``docs/``.
    """
    found = re.findall(rf"^```{language}\n(.*?)^```$", _section(heading, page), re.M | re.S)
    assert found, f"{page} has no {language} under {heading!r}"
    return list(found)


def files(heading: str, page: str) -> dict[str, str]:
    """Return the code blocks below one heading that begin with the name of their file, by that name.

    Args:
        heading: the heading's text.
        page: the page in ``docs/``.
    """
    blocks = re.findall(r"^```\w+\n(.*?)^```$", _section(heading, page), re.M | re.S)
    named = ((match, block) for block in blocks if (match := _NAMED.match(block)))
    return {match[1]: block[match.end() :] for match, block in named}


def _section(heading: str, page: str) -> str:
    text = (ROOT / "docs" / page).read_text("utf-8")
    return text.split(f"\n## {heading}\n")[1].split("\n## ")[0]

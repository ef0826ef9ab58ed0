"""Identifies and names the app's pages.

By default, a page's name comes from its path: ``/projects/42/edit`` is "the projects edit page".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from rasa_autoplay.events.canonical_url import canonical_url, page_name

__all__ = ["NOWHERE", "Page", "Pages"]


class Page(NamedTuple):
    """A page's name in two forms.

    Args:
        phrase: for use in a sentence, for example ``"the projects page"``; ``""`` if the page is unknown.
        title: for use alone, for example ``"Projects"``.
    """

    phrase: str
    title: str


NOWHERE = Page("", "Page")


class Pages:
    """The app's pages.

    Args:
        names: phrase by path: ``{"/projects/:id": "the project's board"}``. Any id in the path matches all
            ids. A path that ends in ``/*`` names all pages below it that have no name of their own.
        query: query parameters that identify pages, such as ``tab``; canonical URLs keep them.
    """

    def __init__(self, names: Mapping[str, str] | None = None, query: Iterable[str] = ()) -> None:
        self._query = frozenset(query)
        self._names: dict[str, str] = {}
        self._sections: dict[str, str] = {}
        for path, phrase in (names or {}).items():
            if path.endswith("/*"):
                self._sections[self.canonical(path[:-2]).rstrip("/") + "/"] = phrase
            else:
                self._names[self.canonical(path)] = phrase
        self.page = lru_cache(maxsize=1024)(self._page)

    def canonical(self, url: str) -> str:
        """The page's canonical URL; see :func:`canonical_url`."""
        return canonical_url(url, self._query)

    def _page(self, canonical: str) -> Page:
        """Name the page of a canonical URL."""
        if not canonical:
            return NOWHERE
        phrase = self._named(_path(canonical))
        if phrase:
            name = phrase.removeprefix("the ").removesuffix(" page")
            return Page(phrase, name[:1].upper() + name[1:])
        name = page_name(canonical)
        return Page(f"the {name} page", name[:1].upper() + name[1:])

    def _named(self, path: str) -> str:
        exact = self._names.get(path) or self._names.get(path.partition("?")[0])
        if exact:
            return exact
        sections = [section for section in self._sections if path.startswith(section)]
        return self._sections[max(sections, key=len)] if sections else ""


def _path(canonical: str) -> str:
    """A canonical URL without its origin: ``/projects/:id``."""
    _, slashes, rest = canonical.partition("://")
    return "/" + rest.partition("/")[2] if slashes else canonical

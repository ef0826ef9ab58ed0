"""The names of the app's pages."""

from __future__ import annotations

import pytest

from rasa_autoplay.gateway.sources.pages import NOWHERE, Page, Pages

NAMES = {
    "/projects": "the projects page",
    "/projects/42": "the project's board",
    "/projects?tab=archived": "the archive",
    "/settings/*": "the settings",
    "/settings/team/*": "the team settings",
    "/#/inbox": "the inbox",
    "/café": "the café page",
}


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://a.example/projects/", Page("the projects page", "Projects")),
        ("https://a.example/projects?tab=all", Page("the projects page", "Projects")),
        ("https://a.example/projects?tab=archived", Page("the archive", "Archive")),
        ("https://a.example/projects/P-1042", Page("the project's board", "Project's board")),
        ("https://a.example/settings/profile", Page("the settings", "Settings")),
        ("https://a.example/settings/team/members", Page("the team settings", "Team settings")),
        ("https://a.example/#/inbox", Page("the inbox", "Inbox")),
        ("https://a.example/caf%C3%A9", Page("the café page", "Café")),
        ("/projects", Page("the projects page", "Projects")),
        # Named by its path.
        ("https://a.example/projects/7/edit", Page("the projects edit page", "Projects edit")),
        ("https://a.example/settings", Page("the settings page", "Settings")),
        ("https://a.example/", Page("the home page", "Home")),
        ("", NOWHERE),
    ],
)
def test_uses_configured_page_names_and_else_the_path(url: str, page: Page) -> None:
    pages = Pages(NAMES, ["tab"])
    assert pages.page(pages.canonical(url)) == page


def test_uses_the_path_without_configured_names() -> None:
    pages = Pages()
    assert pages.canonical("https://a.example/projects/7?tab=x") == "https://a.example/projects/:id"
    assert pages.page("https://a.example/projects/:id") == Page("the projects detail page", "Projects detail")

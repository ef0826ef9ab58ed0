from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.events.canonical_url import canonical_url, page_name


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://app.example.com/projects/42?x=1", "https://app.example.com/projects/:id"),
        ("https://app.example.com/projects/", "https://app.example.com/projects"),
        ("https://App.Example.com:8443/Projects", "https://app.example.com:8443/Projects"),
        ("https://app.example.com", "https://app.example.com/"),
        ("https://app.example.com/#top", "https://app.example.com/"),
        ("https://jane:secret@app.example.com/a", "https://app.example.com/a"),
        ("/projects//P-1042/edit", "/projects/:id/edit"),
        ("/projects;jsessionid=8a7/list", "/projects/list"),
        ("", ""),
    ],
)
def test_keeps_only_what_identifies_the_page(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "segment",
    [
        "42",
        "P-1042",
        "01a1ffc8-c666-7ed0-8918-bad19bf9400b",
        "d41d8cd98f00b204e9800998ecf8427e",
        "deadbeefdeadbeef",
        "website-relaunch-2024",
        "cus_NffrFeUfNV2Hib",
        "kXcVbNqWeRtYuIoPLKj",
        "jane@example.com",
        "jane%40example.com",
        "@jane",
        "access_token=abc",
        "x" * 65,
    ],
)
def test_replaces_ids(segment: str) -> None:
    assert canonical_url(f"https://a.example/users/{segment}/edit") == "https://a.example/users/:id/edit"


@pytest.mark.parametrize(
    "segment",
    ["v1", "v2.1", "oauth2", "s3", "2fa", "web3", "i18n", "k8s", "step-2", "userNotificationSettings"],
)
def test_keeps_words_even_with_digits(segment: str) -> None:
    assert canonical_url(f"/api/{segment}/edit") == f"/api/{segment}/edit"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://a.example/#/projects/42?tab=1", "https://a.example/#/projects/:id"),
        ("https://a.example/app/#!/projects/42/edit", "https://a.example/app#!/projects/:id/edit"),
        ("https://a.example/?q=1#/", "https://a.example/"),
    ],
)
def test_keeps_the_path_of_hash_routers(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://a.example/caf%C3%A9/men%c3%bc", "https://a.example/café/menü"),
        ("https://a.example/cafe\u0301", "https://a.example/café"),
        ("/プロジェクト/42/", "/プロジェクト/:id"),
        ("/%E3%83%97%E3%83%AD/", "/プロ"),
        ("/user%20settings", "/user%20settings"),
        ("/a%2fb/edit", "/a%2Fb/edit"),
        ("/100%25", "/:id"),
        ("/a%2541", "/:id"),
        ("/%ff%zz", "/%FF%zz"),
    ],
)
def test_normalises_spellings_of_one_page(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("/projects?tab=archived&page=2", "/projects?tab=archived"),
        ("/projects?view=board&tab=all&x=1", "/projects?tab=all&view=board"),
        ("/projects?tab=42", "/projects?tab=:id"),
        ("/projects?tab=jane%40example.com", "/projects?tab=:id"),
        ("/projects?tab=&view", "/projects"),
        ("/projects?tab=a&tab=b", "/projects?tab=b"),
        ("/projects?t%61b=M%c3%a4rz", "/projects?tab=März"),
        ("/projects?tab=my+own%26tab", "/projects?tab=my+own%26tab"),
        ("/#/projects/7?tab=archived", "/#/projects/:id?tab=archived"),
        ("/projects#tab=archived", "/projects"),
    ],
)
def test_keeps_configured_query_parameters(url: str, canonical: str) -> None:
    query = frozenset({"tab", "view"})
    assert canonical_url(url, query) == canonical
    assert canonical_url(canonical, query) == canonical


@pytest.mark.parametrize(
    "junk", ["http://[", "::::", "javascript:alert(1)", "//", "\x00\n", "%zz", None, 7, b"/x"]
)
def test_tolerates_junk(junk: Any) -> None:
    assert isinstance(canonical_url(junk), str)
    assert isinstance(page_name(canonical_url(junk)), str)


PARTS = [
    "/",
    "//",
    "?",
    "#",
    "#/",
    "#!/",
    "&",
    "=",
    "a=",
    ";",
    ":",
    ":id",
    "%",
    "%41",
    "%2541",
    "%C3%A9",
    "%3B",
    "é",
]
PARTS += ["\u037e", "e\u0301", "42", "a", "Projects", "https:", "\\", " ", "+", "x" * 700]


@given(
    st.one_of(
        st.text(),
        st.from_regex(r"(https?:)?//?[a-z.:@\[\]/#!?;%0-9 -]{0,40}", fullmatch=True),
        st.lists(st.sampled_from(PARTS), max_size=12).map("".join),
    )
)
def test_is_idempotent(url: str) -> None:
    for query in (frozenset[str](), frozenset({"a", ""})):
        once = canonical_url(url, query)
        assert canonical_url(once, query) == once
        assert len(once) <= 2 * 2048


@pytest.mark.parametrize(
    ("canonical", "name"),
    [
        ("https://a.example/projects", "projects"),
        ("https://a.example/projects/:id", "projects detail"),
        ("https://a.example/projects/:id/edit", "projects edit"),
        ("https://a.example/", "home"),
        ("/index.html", "home"),
        ("https://a.example/app#/user-settings", "user settings"),
        ("/userSettings", "user settings"),
        ("/org/:id/team/:id/projects/:id/edit", "team projects edit"),
        ("", ""),
    ],
)
def test_derives_readable_page_names(canonical: str, name: str) -> None:
    assert page_name(canonical) == name

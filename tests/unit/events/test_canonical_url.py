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
def test_only_what_names_the_page_is_left(url: str, canonical: str) -> None:
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
def test_ids_are_replaced(segment: str) -> None:
    assert canonical_url(f"https://a.example/users/{segment}/edit") == "https://a.example/users/:id/edit"


@pytest.mark.parametrize(
    "segment",
    ["v1", "v2.1", "oauth2", "s3", "2fa", "web3", "i18n", "k8s", "step-2", "userNotificationSettings"],
)
def test_words_stay_even_with_digits(segment: str) -> None:
    assert canonical_url(f"/api/{segment}/edit") == f"/api/{segment}/edit"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://a.example/#/projects/42?tab=1", "https://a.example/#/projects/:id"),
        ("https://a.example/app/#!/projects/42/edit", "https://a.example/app#!/projects/:id/edit"),
        ("https://a.example/?q=1#/", "https://a.example/"),
    ],
)
def test_hash_routers_keep_their_path(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "junk", ["http://[", "::::", "javascript:alert(1)", "//", "\x00\n", "%zz", None, 7, b"/x"]
)
def test_junk_is_no_error(junk: Any) -> None:
    assert isinstance(canonical_url(junk), str)
    assert isinstance(page_name(canonical_url(junk)), str)


@given(st.one_of(st.text(), st.from_regex(r"(https?:)?//?[a-z.:@\[\]/#!?;%0-9 -]{0,40}", fullmatch=True)))
def test_canonicalising_twice_changes_nothing(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


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
def test_pages_have_readable_names(canonical: str, name: str) -> None:
    assert page_name(canonical) == name

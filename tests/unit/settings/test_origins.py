"""Entries of allowed_origins: each matches what its author meant, or is rejected."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.settings.origins import AllowedOrigins, canonical_origin

#: Entry → the origins that browsers send.
SPELLINGS = {
    "https://app.example.com": "https://app.example.com",
    "HTTPS://App.Example.COM": "https://app.example.com",
    "https://app.example.com:443": "https://app.example.com",
    "http://app.example.com:80": "http://app.example.com",
    "http://app.example.com:443": "http://app.example.com:443",
    "http://localhost:03000": "http://localhost:3000",
    "https://bücher.example": "https://xn--bcher-kva.example",
    "https://straße.example": "https://xn--strae-oqa.example",
    "http://[::1]:5005": "http://[::1]:5005",
    "http://[0:0:0:0:0:0:0:1]": "http://[::1]",
    "https://my_app.example.com": "https://my_app.example.com",
    "capacitor://localhost": "capacitor://localhost",
    "ionic://localhost": "ionic://localhost",
    "tauri://localhost": "tauri://localhost",
    "chrome-extension://abcdefghijklmnop": "chrome-extension://abcdefghijklmnop",
    "*": "*",
}


@pytest.mark.parametrize(("entry", "sent"), SPELLINGS.items())
def test_normalises_an_entry_to_the_browsers_spelling(entry: str, sent: str) -> None:
    assert canonical_origin(entry) == sent
    assert canonical_origin(sent) == sent
    assert sent in AllowedOrigins([canonical_origin(entry)])


PATTERNS = [
    (
        "https://*.example.com",
        ["https://a.example.com", "https://a.b.example.com", "https://xn--bcher-kva.example.com"],
        [
            "https://example.com",
            "http://a.example.com",
            "https://aexample.com",
            "https://a.example.com.evil.example",
        ],
    ),
    (
        "http://localhost:*",
        ["http://localhost", "http://localhost:3000", "http://localhost:65535"],
        [
            "http://localhost:",
            "https://localhost:3000",
            "http://localhost:3000.evil.example",
            "http://localhost:x",
        ],
    ),
    (
        "https://*.Example.com:*",
        ["https://a.example.com:8443", "https://a.example.com"],
        ["https://example.com:8443", "https://a.example.com:8443/"],
    ),
    (
        "http://*.localhost:8080",
        ["http://shop.localhost:8080"],
        ["http://localhost:8080", "http://shop.localhost"],
    ),
]


@pytest.mark.parametrize(("entry", "let_in", "kept_out"), PATTERNS)
def test_pattern_matches_its_origins(entry: str, let_in: list[str], kept_out: list[str]) -> None:
    allowed = AllowedOrigins([canonical_origin(entry)])
    assert [origin for origin in let_in if origin not in allowed] == []
    assert [origin for origin in [*kept_out, "", "null", "*", entry] if origin in allowed] == []


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("", "not an origin"),
        ("app.example.com", "https://app.example.com"),
        ("*.example.com", "https://app.example.com"),
        ("https://", "not an origin"),
        ("https://app.example.com/", "leave out '/'"),
        ("https://app.example.com/path", "leave out '/'"),
        ("https://app.example.com?x", "leave out '?'"),
        ("https://anna@app.example.com", "leave out '@'"),
        ("https://app.example.com ", "leave out ' '"),
        ("https://a*.example.com", "whole subdomains"),
        ("https://app.*", "whole subdomains"),
        ("https://*", "whole subdomains"),
        ("https://*.*.example.com", "whole subdomains"),
        ("https://*.com", "all sites under .com"),
        ("https://app..example.com", "not a host name"),
        ("https://-.example.com", "not a host name"),
        ("https://app.example.com:0", "not a port"),
        ("https://app.example.com:99999", "not a port"),
        ("https://app.example.com:http", "not a port"),
        ("https://app.example.com:", "not a port"),
        ("http://::1", "not a host name"),
        ("http://[::g]", "IPv6"),
        ("htps://app.example.com", "did you mean https://?"),
        ("wss://app.example.com", "https://"),
        ("file://", "not an origin"),
        ("file://x", "Allowed: http"),
        ("null", "sandboxed"),
        ("capacitor://*", "no pattern"),
    ],
)
def test_rejects_an_entry_that_can_never_match(entry: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        canonical_origin(entry)


_TEXTS = st.text(st.sampled_from("ab.*:/-_0189[]@? XßCé\n"), max_size=20)
_HOSTS = st.from_regex(r"[a-z0-9]{1,5}(\.[a-z0-9]{1,5}){0,3}", fullmatch=True)


@given(scheme=st.sampled_from(["http", "https", "HTTPS", "capacitor", "ws", ""]), rest=_TEXTS, host=_HOSTS)
def test_every_entry_matches_an_origin_or_is_rejected(scheme: str, rest: str, host: str) -> None:
    for entry in (f"{scheme}://{rest}", f"{scheme}://{host}{rest}", f"{scheme}://*.{host}{rest}", rest):
        try:
            canonical = canonical_origin(entry)
        except ValueError:
            continue
        # An origin that a browser could send: whole labels for the stars, some port for any.
        sent = canonical.replace("://*.", "://sub.").removesuffix(":*")
        assert sent in AllowedOrigins([canonical]), entry
        parts = urlsplit(sent)
        assert sent == "*" or (parts.hostname and not parts.path and not parts.username), entry


@given(prefix=_TEXTS, suffix=_TEXTS)
def test_rejects_an_origin_that_extends_an_allowed_one(prefix: str, suffix: str) -> None:
    allowed = AllowedOrigins(["https://app.example.com", "https://*.example.org", "http://localhost:*"])
    for origin in ("https://app.example.com", "https://a.example.org", "http://localhost:1"):
        if prefix:
            assert f"{prefix}{origin}" not in allowed
        longer = f"{origin}{suffix}"
        if longer in allowed and suffix:
            assert longer.startswith("http://localhost:")
            assert longer.removeprefix("http://localhost:").isdigit()

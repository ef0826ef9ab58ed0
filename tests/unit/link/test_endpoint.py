"""Where the engine is, found from any address that Rasa accepts; no secret is ever shown."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.link.http.endpoint import (
    LINK_SECRET_HEADER,
    EngineEndpoint,
    action_server_endpoint,
    link_url_endpoint,
)
from rasa_autoplay.settings.secret import Secret

CANARY = "canary"
SECRET = Secret(CANARY)

segments = st.lists(st.text("abz019-_.~", min_size=1, max_size=8), max_size=4)
hosts = st.sampled_from(["localhost", "proxy.example.com", "10.0.0.5", "[::1]", "h:8443", "[::1]:5055"])
#: What a password may hold, after a canary, in Latin letters.
passwords = st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=12).map(CANARY.__add__)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("http://localhost:5055/webhook", "http://localhost:5055/autoplay/link"),
        ("http://localhost:5055/webhook/", "http://localhost:5055/autoplay/link"),
        ("http://localhost:5055", "http://localhost:5055/autoplay/link"),
        ("https://proxy/actions/webhook", "https://proxy/actions/autoplay/link"),
        ("https://proxy/a/b/webhook?x=1", "https://proxy/a/b/autoplay/link"),
        ("https://proxy/run-actions", "https://proxy/autoplay/link"),
        ("https://proxy/webhook/webhook", "https://proxy/webhook/autoplay/link"),
        ("https://proxy/actions/", "https://proxy/actions/autoplay/link"),
    ],
)
def test_link_is_beside_the_actions(url: str, link: str) -> None:
    endpoint = action_server_endpoint(SimpleNamespace(url=url))
    assert endpoint is not None
    assert endpoint.link_url == link


@given(st.sampled_from(["http", "https"]), hosts, segments, passwords)
def test_keeps_the_prefix_and_hides_the_login(
    scheme: str, host: str, prefix: list[str], password: str
) -> None:
    path = "".join(f"/{segment}" for segment in prefix)
    url = f"{scheme}://rasa:{quote(password, safe='')}@{host}{path}/webhook?key={quote(password, safe='')}"
    endpoint = action_server_endpoint(SimpleNamespace(url=url, token=password, headers={"X-Key": "canary"}))
    assert endpoint is not None
    assert endpoint.link_url == f"{scheme}://{host}{path}/autoplay/link"
    assert CANARY not in repr(endpoint) + endpoint.link_url
    assert endpoint.params == {"key": password, "token": password}
    headers = endpoint.headers_with(SECRET)
    assert headers["Authorization"].startswith("Basic ")
    assert headers[LINK_SECRET_HEADER] == CANARY


@given(hosts, segments)
def test_link_url_is_the_base_itself(host: str, prefix: list[str]) -> None:
    path = "".join(f"/{segment}" for segment in prefix)
    for end in ("", "/"):
        endpoint = link_url_endpoint(f"https://{host}{path}{end}", "ca.pem")
        assert endpoint.link_url == f"https://{host}{path}/autoplay/link"
    assert urlsplit(endpoint.link_url).netloc == host


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_only_one_header_holds_the_secret(name: str) -> None:
    assert EngineEndpoint("http://h").headers_with(SECRET)["Authorization"] == "Bearer canary"
    headers = EngineEndpoint("http://h", headers={name: "Token t"}).headers_with(SECRET)
    assert [value for value in headers.values() if CANARY in value] == [CANARY]
    assert headers[name] == "Token t"
    assert CANARY not in str(EngineEndpoint("http://h").headers_with(Secret("")))


@pytest.mark.parametrize("configured", [None, SimpleNamespace(url=None), SimpleNamespace(url="")])
def test_finds_nothing_where_no_address_is_configured(configured: object) -> None:
    assert action_server_endpoint(configured) is None

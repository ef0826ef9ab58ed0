"""The channel's section of credentials.yml."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.channel import read_channel_settings

GOOD: dict[str, Any] = {"product_id": "demo", "identity": "none"}
PLACE = "credentials.yml: rasa_autoplay.channel.AutoplayInput"
HIDDEN = "s3cret-word-" + "k" * 32


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOPLAY_CONFIG", raising=False)


def complaints(section: dict[str, Any] | None) -> list[str]:
    with pytest.raises(ConfigError) as refusal:
        read_channel_settings(section)
    assert HIDDEN not in "".join(traceback.format_exception(refusal.value))
    return str(refusal.value).splitlines()


def nested(name: str, value: Any, others: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the value of a dotted key."""
    section, _, key = name.rpartition(".")
    return {section: {**(others or {}).get(section, {}), key: value}} if section else {key: value}


def complaint(**changes: Any) -> str:
    (only,) = complaints({**GOOD, **changes})
    return only


def test_accepts_the_minimal_section() -> None:
    settings = read_channel_settings(GOOD)
    assert (settings.capture, settings.stream, settings.allowed_origins) == (None, None, [])
    assert not settings.link.secret


def test_accepts_every_key() -> None:
    settings = read_channel_settings(
        {
            **GOOD,
            "capture": True,
            "stream": {"url": "https://connector.example.com/stream/demo", "token": HIDDEN},
            "link": {"secret": HIDDEN},
            "allowed_origins": ["https://app.example.com", "http://localhost:3000", "*"],
        }
    )
    assert settings.stream is not None
    assert settings.stream.token.reveal() == settings.link.secret.reveal() == HIDDEN
    assert settings.allowed_origins == ["https://app.example.com", "http://localhost:3000", "*"]


@pytest.mark.parametrize("section", [None, {}])
def test_empty_section_error_names_the_required_keys(section: dict[str, Any] | None) -> None:
    lines = complaints(section)
    assert sorted(line.split(": ")[1].rpartition(".")[2] for line in lines) == ["identity", "product_id"]
    assert any('"identity: none"' in line for line in lines)
    assert any("autoplay.yml" in line for line in lines)


def test_misspelt_key_error_suggests_the_nearest() -> None:
    text = complaint(strem={"url": "https://x"})
    assert text.startswith(f"{PLACE}.strem: unknown key; did you mean 'stream'?")
    assert "allowed_origins, amplitude_secret, capture" in text


def test_misspelt_key_of_a_subsection_lists_its_keys() -> None:
    text = complaint(link={"secrt": "x"})
    assert text.startswith(f"{PLACE}.link.secrt: unknown key; did you mean 'secret'?")
    assert "allowed_origins" not in text


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"product_id": ""}, "product_id", "not be empty"),
        ({"identity": "perhaps"}, "identity", "'none'"),
        ({"identity": "report_only"}, "jwt_key", "identity: report_only"),
        ({"identity": "report_only", "jwt_key": ""}, "jwt_key", "AUTOPLAY_JWT_KEY"),
        ({"identity": "report_only", "jwt_key": [HIDDEN, 2]}, "jwt_key", "quotes"),
        ({"identity": "report_only", "jwt_key": "-----BEGIN PRIVATE KEY-----"}, "jwt_key", "public"),
        ({"capture": "perhaps"}, "capture", "boolean"),
        ({"stream": {"url": "connector.example.com", "token": "x"}}, "stream.url", "http"),
        ({"allowed_origins": ["app.example.com"]}, "allowed_origins.0", "https://app.example.com"),
        ({"allowed_origins": ["*", "https://app.example.com/"]}, "allowed_origins.1", "not an origin"),
        ({"allowed_origins": "https://app.example.com"}, "allowed_origins", "list"),
        ({"shared": {"redis": "pigeon"}}, "shared.redis", "redis://"),
        ({"stream": {"url": "http://x", "token": 12345}}, "stream.token", "quotes"),
        ({"posthog_secret": 12345}, "posthog_secret", "quotes"),
        ({"capture": {"project_key": "${KEY}"}}, "capture.project_key", "without quotes"),
        ({"capture": {"key": "phc_x"}}, "capture.key", "project_key"),
    ],
)
def test_wrong_value_error_names_its_key(changes: dict[str, Any], key: str, reason: str) -> None:
    text = complaint(**changes)
    assert text.startswith(f"{PLACE}.{key}: ")
    assert reason in text


@pytest.mark.parametrize("on", [True, "true", "yes", {}, {"project_key": None}])
def test_capture_can_be_enabled_by_true_or_a_section(on: Any) -> None:
    settings = read_channel_settings({**GOOD, "capture": on})
    assert settings.capture is not None
    assert settings.capture.project_key == ""


@pytest.mark.parametrize("off", [False, None, "false", "off"])
def test_capture_can_be_disabled_by_a_word(off: Any) -> None:
    assert read_channel_settings({**GOOD, "capture": off}).capture is None


def test_capture_can_be_limited_to_one_project() -> None:
    settings = read_channel_settings({**GOOD, "capture": {"project_key": "phc_mine"}})
    assert settings.capture is not None
    assert settings.capture.project_key == "phc_mine"


def test_rejects_a_personal_key_as_project_key() -> None:
    text = complaint(capture={"project_key": f"phx_{HIDDEN}"})
    assert text.startswith(f"{PLACE}.capture.project_key: ")
    assert "phc_" in text


def test_stream_requires_its_token() -> None:
    for token in ({}, {"token": ""}, {"token": None}):
        assert "token" in complaint(stream={"url": "https://connector.example.com", **token})


def test_no_representation_of_the_settings_shows_secrets() -> None:
    settings = read_channel_settings(
        {
            **GOOD,
            "stream": {"url": "http://x", "token": HIDDEN},
            "link": {"secret": HIDDEN},
            "jwt_key": [HIDDEN, HIDDEN],
        }
    )
    for form in (repr(settings), str(settings), str(settings.dict()), f"{vars(settings)}"):
        assert HIDDEN not in form


@pytest.mark.parametrize("name", ["stream.token", "link.secret", "admin_key", "metrics_token", "jwt_key"])
def test_error_does_not_repeat_a_wrong_secret(name: str) -> None:
    resolve_sqlite_url = {"stream": {"url": "http://x"}} if name == "stream.token" else {}
    assert complaint(**nested(name, [[HIDDEN]], resolve_sqlite_url)).startswith(f"{PLACE}.{name}: ")
    complaints({"product_id": 1, "nonsense": 1, **nested(name, HIDDEN, resolve_sqlite_url)})


def test_rejects_files_of_different_products(tmp_path: Path) -> None:
    (tmp_path / "autoplay.yml").write_text("version: '1'\nproduct_id: other", encoding="utf-8")
    text = "".join(complaints(GOOD))
    assert f"{PLACE}.product_id: 'demo'" in text
    assert "autoplay.yml:2" in text
    assert "'other'" in text
    assert read_channel_settings({**GOOD, "product_id": "other"}).product_id == "other"


@pytest.mark.parametrize("text", ["not: [valid", "version: '1'", "product_id: ${NOT_SET_ANYWHERE}"])
def test_leaves_errors_in_the_engines_file_to_the_engine(tmp_path: Path, text: str) -> None:
    (tmp_path / "autoplay.yml").write_text(text, encoding="utf-8")
    assert read_channel_settings(GOOD).product_id == "demo"


def test_rejects_an_unfilled_variable_as_a_secret() -> None:
    # Rasa fills in plain scalars only; the text itself would be the token, which the connector would reject.
    [complaint] = complaints({**GOOD, "link": {"secret": "${LINK_SECRET}"}})
    assert complaint.startswith(f"{PLACE}.link.secret: ")
    assert "without quotes" in complaint


@pytest.mark.parametrize("name", ["admin_key", "metrics_token", "link.secret"])
def test_rejects_a_short_secret_with_a_remedy(name: str) -> None:
    text = complaint(**nested(name, "x" * 15))
    assert text.startswith(f"{PLACE}.{name}: must have at least 16 characters")
    assert "openssl rand" in text
    assert read_channel_settings({**GOOD, **nested(name, "x" * 16)})


def test_token_key_must_be_as_long_as_the_hash() -> None:
    for keys in ("k" * 31, ["k" * 32, "k" * 31]):
        assert "at least 32 bytes" in complaint(jwt_key=keys)
    assert read_channel_settings({**GOOD, "jwt_key": ["k" * 32, "ü" * 16]})


def public_pem(key: Any) -> str:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def test_public_key_must_be_able_to_verify_tokens() -> None:
    assert read_channel_settings({**GOOD, "jwt_key": public_pem(rsa.generate_private_key(65537, 2048))})
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
    assert "at least 2048 bits" in complaint(jwt_key=public_pem(small))
    assert "needs a public RSA key" in complaint(jwt_key=public_pem(ec.generate_private_key(ec.SECP256R1())))
    for damaged in (
        "-----BEGIN PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    ):
        assert "needs a public RSA key" in complaint(jwt_key=damaged)


REQUIRED = {**GOOD, "identity": "required", "jwt_key": "k" * 32}


def test_required_identity_needs_a_link_secret() -> None:
    text = "\n".join(complaints(REQUIRED))
    assert text.startswith(f"{PLACE}.link: identity: required needs link.secret")
    assert "\n    link:\n      secret: ${AUTOPLAY_LINK_SECRET}" in text
    assert "both processes" in text
    assert read_channel_settings({**REQUIRED, "link": {"secret": "x" * 16}})
    # Over Redis too: with the secret, the Rasa server vouches for chat messages.
    assert "link.secret" in "".join(complaints({**REQUIRED, "shared": {"redis": "redis://h"}}))


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ({"url": "engine:5056"}, "link.url: must be an HTTP address, such as https://engine:5056"),
        ({"url": "https://[::1"}, "link.url: must be an HTTP address"),
        ({"url": f"https://u:{HIDDEN}@engine"}, "link.url: must have neither a login nor a query"),
        ({"url": f"https://engine?key={HIDDEN}"}, "link.url: must have neither a login nor a query"),
        ({"url": "https://engine/actions/webhook"}, "link.url: must end before /webhook"),
        ({"url": "https://engine/autoplay/link/"}, "link.url: must end before /webhook"),
        ({"cafile": "ca.pem"}, "link.cafile: is for link.url: https://…"),
        ({"url": "http://engine", "cafile": "ca.pem"}, "link.cafile: is for link.url: https://…"),
    ],
)
def test_rejects_an_unusable_address_of_the_engine(link: dict[str, str], found: str) -> None:
    assert complaint(link=link).startswith(f"{PLACE}.{found}")


def test_address_of_the_engine_may_have_a_prefix_and_an_authority() -> None:
    link = read_channel_settings({**GOOD, "link": {"url": "https://h:1/a/b", "cafile": "ca.pem"}}).link
    assert (link.url, link.cafile) == ("https://h:1/a/b", "ca.pem")


def test_redis_leaves_no_use_for_an_address_of_the_engine() -> None:
    text = "".join(complaints({**GOOD, "link": {"url": "https://h"}, "shared": {"redis": "redis://h"}}))
    assert f"{PLACE}.link: url has no use beside shared" in text


LIVE = {"origin": "https://connector.example.com/base/", "key": HIDDEN}


def test_pull_api_section_has_defaults_and_a_hidden_key() -> None:
    live = read_channel_settings({**GOOD, "live_activity": LIVE}).live_activity
    assert live is not None
    assert live.origin == "https://connector.example.com/base"
    assert (live.min_interval, live.max_interval, live.max_actions, live.max_requests_per_second) == (
        2,
        30,
        50,
        10,
    )
    assert live.key.reveal() == HIDDEN
    assert HIDDEN not in repr(live)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"origin": "connector.example.com"}, ".live_activity.origin: must be a scheme, a host"),
        ({"origin": "https://x.example.com?a=1"}, ".live_activity.origin: must be a scheme, a host"),
        ({"key": ""}, ".live_activity.key: must not be empty"),
        ({"key": "${LIVE_KEY}"}, ".live_activity.key: a variable in quotes"),
        ({"min_interval": 2}, ".live_activity.min_interval: 2 has no unit"),
        ({"min_interval": "0s"}, ".live_activity: min_interval must be more than 0"),
        (
            {"min_interval": "1m"},
            ".live_activity: min_interval must be more than 0, and max_interval must",
        ),
        ({"max_actions": 0}, ".live_activity.max_actions: "),
        ({"max_requests_per_second": 0}, ".live_activity.max_requests_per_second: "),
        ({"interval": "2s"}, ".live_activity.interval: unknown key; did you mean"),
    ],
)
def test_wrong_pull_api_section_error_names_place_and_fault(wrong: dict[str, Any], words: str) -> None:
    assert complaint(live_activity={**LIVE, **wrong}).startswith(f"{PLACE}{words}")


def test_webhook_secret_is_hidden_and_must_be_filled_in() -> None:
    settings = read_channel_settings({**GOOD, "webhook_secret": HIDDEN})
    assert settings.webhook_secret.reveal() == HIDDEN
    assert HIDDEN not in repr(settings)
    assert ".webhook_secret: a variable in quotes" in complaint(webhook_secret="${SECRET}")


def test_reads_the_apps_page_names() -> None:
    pages = read_channel_settings(
        {**GOOD, "pages": {"names": {"/projects": "the projects page"}, "query": ["tab"]}}
    ).pages
    assert (pages.names, pages.query) == ({"/projects": "the projects page"}, ["tab"])
    assert "'projects' is not a path" in complaint(pages={"names": {"projects": "the projects page"}})
    assert "'/projects' needs a name" in complaint(pages={"names": {"/projects": " "}})
    assert "Allowed: names, query." in complaint(pages={"name": {}})

"""Which Redis URLs are accepted, and that no error repeats one."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.engine import EngineSettings
from rasa_autoplay.settings.redis_url import redis_url
from rasa_autoplay.settings.yaml_file import YamlFile


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1",
        "redis://:a%2Fb%40c@redis.internal:6380/15",
        "rediss://user:secret@redis.example.com:6379?ssl_cert_reqs=required",
        "redis://[::1]:6379/0",
        "unix:///run/redis/redis.sock",
        "unix://:secret@/run/redis/redis.sock?db=2",
        " redis://127.0.0.1 ",
    ],
)
def test_keeps_valid_urls_unchanged(url: str) -> None:
    assert redis_url(url).reveal() == url.strip()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "must be the server's URL"),
        (6379, "must be the server's URL"),
        ("hunter2@127.0.0.1:6379", "must begin with redis://"),
        ("http://hunter2@127.0.0.1", "must begin with redis://"),
        ("redis://", "host and port cannot be read"),
        ("redis://:hunter2/more@127.0.0.1:6379", "host and port cannot be read"),
        ("redis://:hunter2#more@127.0.0.1:6379", "host and port cannot be read"),
        ("redis://:hunter2@127.0.0.1:99999", "host and port cannot be read"),
        ("redis://:hunter2@127.0.0.1/zero", "must be a database number"),
        ("unix://run/hunter2.sock", "names no socket"),
        ("${AUTOPLAY_REDIS_URL}", "write \\${NAME} without quotes"),
    ],
)
def test_rejects_invalid_urls_without_repeating_them(url: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as refused:
        redis_url(url)
    assert "hunter2" not in str(refused.value)


def engine_file(folder: Path, shared: str) -> YamlFile:
    file = folder / "autoplay.yml"
    file.write_text(f'version: "1"\nproduct_id: demo\nshared: {shared}\n')
    return YamlFile(file)


def test_reads_the_redis_url_and_never_shows_it(tmp_path: Path) -> None:
    settings = engine_file(tmp_path, "{redis: 'redis://:hunter2@127.0.0.1'}").read(EngineSettings)
    assert settings.shared is not None
    assert settings.shared.redis.reveal() == "redis://:hunter2@127.0.0.1"
    assert "hunter2" not in f"{settings!r} {settings.dict()}"


@pytest.mark.parametrize(
    ("shared", "complaint"),
    [
        ("{}", r"autoplay\.yml:3: shared\.redis: this key is required"),
        ("{redis: 'redis:/127.0.0.1'}", r"autoplay\.yml:3: shared\.redis: it must begin with redis://"),
        (
            "{redsi: x, redis: 'redis://r'}",
            r"autoplay\.yml:3: shared\.redsi: unknown key; did you mean 'redis'",
        ),
    ],
)
def test_rejects_a_wrong_shared_section(tmp_path: Path, shared: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        engine_file(tmp_path, shared).read(EngineSettings)

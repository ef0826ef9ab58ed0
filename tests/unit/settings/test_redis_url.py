"""Which addresses of a Redis server are taken, and that none is repeated in a complaint."""

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
def test_good_addresses_are_kept_as_they_are(url: str) -> None:
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
        ("redis://:hunter2@127.0.0.1/zero", "the number of a database"),
        ("unix://run/hunter2.sock", "names no socket"),
        ("${AUTOPLAY_REDIS_URL}", "write \\${NAME} without quotes"),
    ],
)
def test_bad_addresses_are_refused_without_being_repeated(url: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as refused:
        redis_url(url)
    assert "hunter2" not in str(refused.value)


def engine_file(folder: Path, store: str) -> YamlFile:
    file = folder / "autoplay.yml"
    file.write_text(f'version: "1"\nproduct_id: demo\nstore: {store}\n')
    return YamlFile(file)


def test_the_store_is_in_redis_where_a_url_is_given(tmp_path: Path) -> None:
    settings = engine_file(tmp_path, "{type: redis, url: 'redis://:hunter2@127.0.0.1'}").read(EngineSettings)
    assert settings.store.type == "redis"
    assert settings.store.url is not None
    assert settings.store.url.reveal() == "redis://:hunter2@127.0.0.1"
    assert "hunter2" not in f"{settings!r} {settings.dict()}"


@pytest.mark.parametrize(
    ("store", "complaint"),
    [
        ("{type: redis}", r"autoplay\.yml:3: store: type: redis needs the server's address"),
        ("{url: 'redis://127.0.0.1'}", r"autoplay\.yml:3: store: a url is for type: redis only"),
        (
            "{type: redis, url: 'redis:/127.0.0.1'}",
            r"autoplay\.yml:3: store\.url: it must begin with redis://",
        ),
        ("{type: radis}", r"autoplay\.yml:3: store\.type: .*'local', 'redis'"),
    ],
)
def test_a_store_that_cannot_be_is_refused(tmp_path: Path, store: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        engine_file(tmp_path, store).read(EngineSettings)

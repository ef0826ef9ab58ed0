"""docs/privacy.md lists every table, every kind of key in Redis, and every key in the browser's storage."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from support.processes import ROOT
from support.user_tables import every_table

from rasa_autoplay.storage.redis_keys import RedisNames

PAGE = (ROOT / "docs" / "privacy.md").read_text("utf-8")
STATIC = ROOT / "rasa_autoplay" / "gateway" / "static"
#: Reads and writes of the browser's storage, by the name or the text of the key.
_USE = re.compile(r"(?:local|session)Storage(?:\[([^\]]+)\]|\.(?:get|set|remove)Item\(([^,)]+)|\.(\w+))")
_CONSTANT = re.compile(r"const (\w+) = [\"`]([\w-]+)")
#: What other places of the scripts do with a whole storage, and where its keys are named.
_NO_KEY = {"getItem", "setItem", "removeItem", "length"}
#: Keys in Redis without a user: leases, locks, counts, channels and health.
WITHOUT_USER = {"lease", "engines", "run", "gateways", "gateway", "health", "once", "next"}


def keys_in(file: Path) -> set[str]:
    """The keys of the browser's storage that a script uses."""
    text = file.read_text("utf-8")
    constants = dict(_CONSTANT.findall(text))
    found = set()
    for in_brackets, in_call, as_name in _USE.findall(text):
        name = (in_brackets or in_call or as_name).strip()
        if name in _NO_KEY:
            continue
        key = constants.get(name, name.strip("\"'`"))
        assert re.fullmatch(r"[a-z][\w-]+", key), f"{file.name}: which key is {name!r}?"
        found.add(key)
    return found


def uses_storage(file: Path) -> bool:
    return re.search("(local|session)Storage", file.read_text("utf-8")) is not None


SCRIPTS = [file for file in sorted(STATIC.rglob("*.js")) if uses_storage(file)]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_page_lists_the_keys_in_the_browsers_storage(script: Path) -> None:
    missing = {key for key in keys_in(script) if f"`{key}`" not in PAGE}
    assert not missing, f"docs/privacy.md does not list {missing}"


def test_storage_is_found_in_the_scripts() -> None:
    found = {key for script in SCRIPTS for key in keys_in(script)}
    assert {"rasa-autoplay", "rasa-autoplay-outbox", "rasa-autoplay-tour"} <= found


@pytest.mark.parametrize("table", [table.name for table in every_table()])
def test_page_lists_each_table(table: str) -> None:
    assert f"`{table}`" in PAGE


def test_page_lists_each_kind_of_key_in_redis() -> None:
    kinds = set(re.findall(r"\{self\.prefix\}(\w+)", inspect.getsource(RedisNames)))
    assert {"session", "user", "whose"} <= kinds
    missing = {kind for kind in kinds - WITHOUT_USER if f"`{kind}:`" not in PAGE}
    assert not missing, f"docs/privacy.md does not list {missing}"

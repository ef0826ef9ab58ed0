"""Imports run one way, and what is committed names no machine and no download address."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "rasa_autoplay"

# A module may import from its own layer and from those above it in this table. A name stands for a module
# or for all of a folder; the longest that fits counts. "" is the package's root, which offers the public
# names and is imported by none of its own modules.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors", "ids", "tasks"),
    ("settings",),
    (
        "events.lenient_json",
        "events.models",
        "events.canonical_url",
        "events.derived_signals",
        "events.element_ids",
        "events.masking",
        "events.pages",
        "events.user_properties",
    ),
    # Pure: no I/O, the clock is passed in.
    (
        "sessions",
        "triggers",
        "courtesy",
        "knowledge",
        "memory",
        "tours",
        "delivery.offers",
        "link.messages",
        "decisions",
        "redis_names",
    ),
    # Contracts, and what stands between them.
    (
        "sessions.base",
        "sessions.admission",
        "memory.base",
        "delivery.base",
        "delivery.presence",
        "delivery.outbox",
        "link.base",
        "timers",
    ),
    (
        "asking",
        "courtesy.situations",
        "late_looks",
        "offering",
        "driver",
        "explain",
        "interactions",
        "source_limits",
        "tour_orders",
    ),
    # Implementations.
    ("bounded_thread", "database", "migrations", "redis_client", "bodies", "message_proofs", "rate_limit"),
    (
        "memory.chat_owners",
        "memory.keeper",
        "memory.local",
        "memory.recollections",
        "memory.schema",
        "memory.sql",
        "events",
        "sessions.local",
        "sessions.redis",
        "sessions.redis_commit",
        "sessions.redis_reader",
        "delivery",
        "assistant",
        "link",
        "watching",
    ),
    ("user_tokens",),
    (
        "http",
        "cors",
        "identity",
        "custody",
        "door_rates",
        "admin_key",
        "route_policy",
        "chat_listener",
        "chat_guard",
        "chat_owners",
        "chat_log",
        "chat_packets",
        "chat_rates",
        "chat_socket",
        "chat_sockets",
        "message_gateway",
        "rasa_hooks",
        "link.engine_owners",
        "link.redis_owners",
        "chat_user",
        "script",
        "demo_page",
        "event_streams",
        "heap",
        "connections",
        "batch_hook",
    ),
    # What puts the parts together: the engine's process, and the door's.
    ("answers", "calls", "dispatch", "engine", "shared_engine", "among_doors", "shared_doors", "door"),
    ("simulation", "validation", "sdk"),
    ("adoption", "doctor"),
    ("routes", "posthog_routes", "operators"),
    ("", "channel", "chat_channel", "actions", "cli"),
)
DOORS_TO_RASA = {"channel", "chat_channel"}
DOORS_TO_RASA_SDK = {"actions"}
# What the driver must not know, although its layer would let it: how settings are read from files.
NOT_FOR_THE_DRIVER = {"settings.yaml_file", "settings.channel"}

# The brackets keep these lines from being found themselves.
FORBIDDEN_TEXT = {
    "a package registry or a download address": re.compile(
        r"py[p]i\.(org|io)|python[h]osted|npm[j]s\.(org|com)|yarn[p]kg|ana[c]onda\.(org|com)|js[d]elivr|un[p]kg"
        r"|releases[/]download|https?://\S+\.(whl|tar\.gz|tgz|zip)\b"
    ),
    "a path of one machine": re.compile(r"(?<![\w.~-])/(work|root|home/\w+|Users/\w+|tmp/w)/|\.\./[s]hared"),
}


def _module_name(file: Path) -> str:
    parts = file.relative_to(ROOT / PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {_module_name(file): file for file in sorted((ROOT / PACKAGE).rglob("*.py"))}


def _imports(file: Path) -> Iterator[str]:
    """The dotted names of the modules that a file imports."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                yield whole if whole.removeprefix(f"{PACKAGE}.") in MODULES else module


def _own_imports(module: str) -> set[str]:
    """The package's modules that one of its modules imports, without the package's name."""
    names = (name.split(".", maxsplit=1) for name in _imports(MODULES[module]))
    return {"".join(rest) for top, *rest in names if top == PACKAGE}


IMPORTS = {module: _own_imports(module) for module in MODULES}


def _layer(module: str) -> int:
    """The index of a module's layer; -1 for one that is in none."""
    fitting = [
        (len(name), index)
        for index, names in enumerate(LAYERS)
        for name in names
        if module == name or (name and module.startswith(f"{name}."))
    ]
    return max(fitting)[1] if fitting else -1


def test_every_module_is_in_a_layer() -> None:
    strangers = [module for module in MODULES if _layer(module) < 0]
    assert not strangers, "add these, or their folders, to LAYERS"


def test_imports_never_turn_back() -> None:
    pairs = [(module, other) for module, imports in IMPORTS.items() for other in sorted(imports)]
    back = [f"{module} imports {other}" for module, other in pairs if _layer(other) > _layer(module)]
    assert not back


def test_imports_make_no_circle() -> None:
    below = dict(IMPORTS)
    while leaves := {module for module, imports in below.items() if not imports & below.keys()}:
        below = {module: imports for module, imports in below.items() if module not in leaves}
    assert not below, "these import each other"


def test_the_driver_knows_contracts_only() -> None:
    assert not IMPORTS["driver"] & NOT_FOR_THE_DRIVER


def test_only_doors_import_rasa() -> None:
    tops = {module: {name.split(".")[0] for name in _imports(file)} for module, file in MODULES.items()}
    assert {module for module in tops if "rasa" in tops[module]} <= DOORS_TO_RASA
    assert {module for module in tops if "rasa_sdk" in tops[module]} <= DOORS_TO_RASA_SDK


def _committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_only_tests_and_benchmarks_import_the_example() -> None:
    allowed = {"benchmarks", "example_bot", "tests"}
    python = [file for file in _committed() if file.suffix == ".py"]
    others = [file for file in python if file.relative_to(ROOT).parts[0] not in allowed]
    assert others
    assert not [f for f in others if any(name.split(".")[0] == "example_bot" for name in _imports(f))]


@pytest.mark.parametrize("what", FORBIDDEN_TEXT)
def test_committed_files_name_no_machine_and_no_registry(what: str) -> None:
    found = []
    for file in _committed():
        text = file.read_bytes().decode("utf-8", "ignore")
        lines = (text.count("\n", 0, match.start()) + 1 for match in FORBIDDEN_TEXT[what].finditer(text))
        found += [f"{file.relative_to(ROOT)}:{line}" for line in lines]
    assert not found, f"{what} is named in {found}"

"""Says what a file is that is no recording, and what to do instead."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from rasa_autoplay.tools.simulation.formats.entry import WrongKind

__all__ = ["READABLE", "wrong_bytes", "wrong_keys", "wrong_text"]

READABLE = (
    "Name a browser's HAR, the output of `rasa-autoplay tail --json` or `rasa-autoplay user export USER_ID`, "
    "a recorded session from the studio, or a file with one batch of the Autoplay connector or one request "
    "of posthog-js per line."
)
_FROM_THE_PAGE = (
    "Do the workflow once more, and record it in the page (`rasa-autoplay record --live`), with "
    "`rasa-autoplay tail --json`, or as a HAR."
)
_POSTHOG_EXPORT = "PostHog's exports leave out which elements were used. " + _FROM_THE_PAGE
_UNPACK = "Unpack it, and name the files in it."


class _Kind(NamedTuple):
    what: str
    remedy: str


_MAGIC: tuple[tuple[int, bytes, _Kind], ...] = (
    (0, b"\x89PNG", _Kind("a picture", _FROM_THE_PAGE)),
    (0, b"\xff\xd8\xff", _Kind("a picture", _FROM_THE_PAGE)),
    (0, b"GIF8", _Kind("a picture", _FROM_THE_PAGE)),
    (8, b"WEBP", _Kind("a picture", _FROM_THE_PAGE)),
    (4, b"ftyp", _Kind("a video", _FROM_THE_PAGE)),
    (0, b"\x1aE\xdf\xa3", _Kind("a video", _FROM_THE_PAGE)),
    (0, b"%PDF", _Kind("a PDF", _FROM_THE_PAGE)),
    (
        0,
        b"SQLite format 3",
        _Kind(
            "a database", "If it is the engine's, write --recorded instead: autoplay.yml names the database."
        ),
    ),
    (257, b"ustar", _Kind("a tar archive", _UNPACK)),
    (0, b"7z\xbc\xaf\x27\x1c", _Kind("a 7z archive", _UNPACK)),
    (0, b"BZh", _Kind("a file compressed with bzip2", _UNPACK)),
    (0, b"\xfd7zXZ", _Kind("a file compressed with xz", _UNPACK)),
    (0, b"\x28\xb5\x2f\xfd", _Kind("a file compressed with zstd", _UNPACK)),
    (
        0,
        b"\xff\xfe",
        _Kind("text in UTF-16", "Write it as UTF-8. In PowerShell: `… | Out-File -Encoding utf8 FILE`."),
    ),
    (
        0,
        b"\xfe\xff",
        _Kind("text in UTF-16", "Write it as UTF-8. In PowerShell: `… | Out-File -Encoding utf8 FILE`."),
    ),
)

#: Keys that an object must have, and what it is then. The first that fits counts.
_KEYS: tuple[tuple[frozenset[str], _Kind], ...] = (
    (
        frozenset({"title", "steps"}),
        _Kind(
            "a recording of the browser's DevTools recorder",
            "It leaves out how the elements are captured. " + _FROM_THE_PAGE,
        ),
    ),
    (frozenset({"tests", "suites"}), _Kind("a test of Selenium IDE", _FROM_THE_PAGE)),
    (frozenset({"context-options"}), _Kind("a Playwright trace", _FROM_THE_PAGE)),
    (frozenset({"browserName", "wallTime"}), _Kind("a Playwright trace", _FROM_THE_PAGE)),
    (frozenset({"cookies", "origins"}), _Kind("the state of a browser (Playwright)", _FROM_THE_PAGE)),
    (frozenset({"snapshots"}), _Kind("a session replay", _FROM_THE_PAGE)),
    (frozenset({"snapshot_data"}), _Kind("a session replay", _FROM_THE_PAGE)),
    (frozenset({"window_id", "data"}), _Kind("a session replay", _FROM_THE_PAGE)),
    (frozenset({"type", "data", "timestamp"}), _Kind("a session replay", _FROM_THE_PAGE)),
    (frozenset({"results", "columns"}), _Kind("an export of PostHog", _POSTHOG_EXPORT)),
    (frozenset({"event", "distinct_id"}), _Kind("an export of PostHog", _POSTHOG_EXPORT)),
    (frozenset({"event", "properties"}), _Kind("an export of PostHog", _POSTHOG_EXPORT)),
    (
        frozenset({"user_id", "keep_s", "sessions"}),
        _Kind("a list of recorded sessions", "Add ?session=ID to the address, to get one of the sessions."),
    ),
    (
        frozenset({"user_id", "journey_completion"}),
        _Kind(
            "what the engine remembers about a user",
            "Write `rasa-autoplay user export USER_ID` instead of `show`.",
        ),
    ),
    (
        frozenset({"config", "fires"}),
        _Kind("a report of `rasa-autoplay simulate`", "Name the recordings from which it was made."),
    ),
    (frozenset({"info", "item"}), _Kind("a Postman collection", _FROM_THE_PAGE)),
    (frozenset({"yaml", "draft_id"}), _Kind("a draft of the recorder", "Its yaml is a golden path already.")),
    (frozenset({"dependencies"}), _Kind("the description of a package", READABLE)),
)


def wrong_bytes(head: bytes, file: Path) -> WrongKind | None:
    """Say what a binary file is; None for text.

    Args:
        head: the beginning of the unpacked content.
        file: the file; the names in an archive are read from it.
    """
    if not head.strip():
        return WrongKind("an empty file", "Record a session into it. " + READABLE)
    if head.startswith(b"PK\x03\x04"):
        return _archive(file)
    for at, magic, kind in _MAGIC:
        if head.startswith(magic, at):
            return WrongKind(*kind)
    if b"\0" in head:
        return WrongKind("a binary file", READABLE)
    return None


def _archive(file: Path) -> WrongKind:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()[:10_000]
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return WrongKind("a damaged zip archive", READABLE)
    if any(name.endswith(".har") for name in names):
        return WrongKind(
            "a zip archive with a HAR", "Unpack it, and name the .har; leave its files beside it."
        )
    if any(name.endswith(".trace") for name in names):
        return WrongKind("a Playwright trace", "Record a HAR instead (record_har_path).")
    if "[Content_Types].xml" in names:
        return WrongKind("a document of an office program", READABLE)
    return WrongKind("a zip archive", _UNPACK)


def wrong_text(head: bytes) -> WrongKind:
    """Say what a text is that does not begin with JSON.

    Args:
        head: its beginning.
    """
    lines = head.decode("utf-8", "replace").lstrip("\ufeff").splitlines()
    lines = [line for line in lines if line.strip()]
    for fits, kind in _TEXTS:
        if fits(lines):
            return WrongKind(*kind)
    return WrongKind("a text, and not JSON", READABLE)


def _is_page(lines: list[str]) -> bool:
    return lines[0].lstrip().lower().startswith(("<!doctype html", "<html"))


def _is_markup(lines: list[str]) -> bool:
    return lines[0].lstrip().startswith("<")


def _keys_of_yaml(lines: Iterable[str]) -> set[str]:
    return {line.split(":", 1)[0] for line in lines if ":" in line and line[:1].isalpha()}


def _is_golden_path(lines: list[str]) -> bool:
    return {"id", "steps"} <= _keys_of_yaml(lines)


def _is_settings(lines: list[str]) -> bool:
    return bool({"product_id", "triggers", "golden_paths"} & _keys_of_yaml(lines))


def _is_rasa(lines: list[str]) -> bool:
    return bool({"stories", "rules", "nlu", "intents", "pipeline"} & _keys_of_yaml(lines))


def _is_tail(lines: list[str]) -> bool:
    return any(_begins_with_time(line) for line in lines[:20])


def _begins_with_time(line: str) -> bool:
    clock, gap, rest = line[:8], line[8:10], line[10:]
    return len(clock.split(":")) == 3 and clock.replace(":", "").isdecimal() and gap == "  " and "  " in rest


def _is_posthog_table(lines: list[str]) -> bool:
    names = {name.strip('" ') for name in lines[0].split(",")}
    return len({"uuid", "event", "properties", "timestamp", "distinct_id", "*"} & names) >= 2


def _is_table(lines: list[str]) -> bool:
    separators = (",", ";", "\t")
    return len(lines) > 1 and any(
        lines[0].count(mark) >= 2 and lines[1].count(mark) >= 2 for mark in separators
    )


_TEXTS: tuple[tuple[Callable[[list[str]], bool], _Kind], ...] = (
    (_is_page, _Kind("a web page", _FROM_THE_PAGE)),
    (_is_markup, _Kind("XML", READABLE)),
    (_is_golden_path, _Kind("a golden path", "It is finished: put it into the golden_paths folder.")),
    (_is_settings, _Kind("settings of rasa-autoplay", "Name it with --config. " + READABLE)),
    (_is_rasa, _Kind("a file of a Rasa project", READABLE)),
    (
        _is_tail,
        _Kind("the output of `rasa-autoplay tail` for people", "Write `rasa-autoplay tail --json` instead."),
    ),
    (_is_posthog_table, _Kind("an export of PostHog", _POSTHOG_EXPORT)),
    (_is_table, _Kind("a table (CSV)", READABLE)),
)


def wrong_keys(keys: Iterable[str]) -> WrongKind | None:
    """Say what a JSON object is; None if nothing is known of it.

    Args:
        keys: its keys.
    """
    present = set(keys)
    kind = next((kind for needed, kind in _KEYS if needed <= present), None)
    return None if kind is None else WrongKind(*kind)

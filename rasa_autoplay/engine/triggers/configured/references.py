"""Checks the golden paths, tours and placeholders that a trigger's entry names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rasa_autoplay.common.sentences.filling import names_in
from rasa_autoplay.settings.error_collector import ErrorCollector
from rasa_autoplay.settings.trigger_tours import TriggerTourSettings
from rasa_autoplay.settings.yaml_file import YamlFile, nearest_name

__all__ = ["Place", "check_golden_path", "check_placeholders", "check_tours", "tour_labels"]

#: The keys and numbers that lead to a part of the file.
Place = tuple["str | int", ...]


def check_golden_path(path_id: str | None, path_ids: Sequence[str], file: YamlFile, place: Place) -> None:
    """Check that there is a golden path with that id, if there is an id.

    Raises:
        ConfigError: there is none.
    """
    if path_id and path_id not in path_ids:
        hint = nearest_name(path_id, path_ids) or "."
        known = ", ".join(path_ids) or "none"
        raise file.error(place, f"there is no golden path {path_id!r}{hint} Known: {known}.")


def check_tours(
    entries: Sequence[str | TriggerTourSettings],
    path_ids: Sequence[str],
    file: YamlFile,
    place: Place,
    collector: ErrorCollector,
) -> None:
    """Collect an error for each tour that no golden path has."""
    for number, entry in enumerate(entries):
        with collector:
            check_golden_path(_path_id(entry), path_ids, file, (*place, "tours", number))


def _path_id(entry: str | TriggerTourSettings) -> str:
    return entry if isinstance(entry, str) else entry.tour


def check_placeholders(body: str, known: Collection[str], file: YamlFile, place: Place) -> None:
    """Check that the trigger fills in each name in braces.

    Raises:
        ConfigError: it does not know a name.
    """
    for name in names_in(body):
        if name not in known:
            names = sorted(known)
            remedy = (
                f"Known here: {', '.join(names)}." if names else "Only memory and path conditions give any."
            )
            hint = nearest_name(name, names) or "."
            raise file.error(place, f"no condition of the rule gives {{{name}}}{hint} {remedy}")


def tour_labels(entries: Sequence[str | TriggerTourSettings]) -> Mapping[str, str]:
    """Return the labels of tours by workflow id; an empty label for the workflow's own."""
    return {_path_id(each): "" if isinstance(each, str) else each.label or "" for each in entries}

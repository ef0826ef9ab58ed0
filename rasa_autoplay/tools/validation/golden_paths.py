"""Checks valid golden paths for probable mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.step import Step, Way
from rasa_autoplay.engine.knowledge.step_match import StepMatch
from rasa_autoplay.engine.knowledge.tour_step import is_done_by_element
from rasa_autoplay.engine.knowledge.translation_file import TranslatedFiles
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.lost_values import check_lost_values
from rasa_autoplay.tools.validation.selectors import selector_problem

__all__ = ["check_golden_path", "golden_path_files", "placed_ways", "translated_files"]


def golden_path_files(folder: Path) -> list[YamlFile]:
    """Return a folder's readable files of golden paths, without translations, sorted by name."""
    return translated_files(folder).paths


def translated_files(folder: Path) -> TranslatedFiles:
    """Return a folder's readable files: golden paths, and translations of them."""
    places = sorted(f for f in folder.iterdir() if f.suffix in (".yml", ".yaml"))
    files: list[YamlFile] = []
    for place in places:
        with suppress(ConfigError):
            files.append(YamlFile(place))
    return TranslatedFiles(files, [place.name for place in places])


def placed_ways(path: GoldenPath) -> Iterator[tuple[list[str | int], Step, Way]]:
    """Yield the ways of each step, with their location in the file and the step."""
    for number, step in enumerate(path.steps):
        own = len(step.ways) - len(step.any or [])
        for place, way in enumerate(step.ways):
            location: list[str | int] = ["steps", number]
            if place >= own:
                location += ["any", place - own]
            yield location, step, way


def check_golden_path(file: YamlFile, path: GoldenPath, offered: bool, findings: Findings) -> None:
    """Report mistakes in a golden path.

    Args:
        file: the golden path's file, for line numbers.
        path: the file's content.
        offered: whether a trigger offers this golden path.
        findings: collects the warnings.
    """
    check_lost_values(file, findings)
    has_tour = bool(path.tour_steps() or path.flow_id)
    if offered and not has_tour:
        findings.warn(
            f"{_place(file, 'steps')}: no step has an element and there is no flow_id, so the toast has no "
            "Show me button."
        )
    if has_tour and not path.page:
        findings.warn(
            f"{_place(file)}: page is missing, so the tour is also offered on pages without its elements."
        )
    for location, step, way in placed_ways(path):
        if way.element and (problem := selector_problem(way.element)):
            with findings:
                raise file.error(
                    [*location, "element"],
                    f"{way.element!r} is not a CSS selector ({problem}), so no page can show the step "
                    f"{step.id!r}.",
                )
    _check_steps(file, path, findings)


def _check_steps(file: YamlFile, path: GoldenPath, findings: Findings) -> None:
    unrecognizable = [number for number, step in enumerate(path.steps) if not step.proofs]
    if len(unrecognizable) == len(path.steps):
        findings.warn(
            f"{_place(file, 'steps')}: no step has a done_when, so the workflow is never recognized."
        )
        return
    for number in unrecognizable:
        step = path.steps[number]
        if step.elements:
            findings.warn(
                f"{_place(file, 'steps', number)}: the step {step.id!r} has an element but no done_when, so "
                "no action can show that it was done."
            )
    for location, step, way in placed_ways(path):
        if way.element and step.proofs and not way.done_when and not is_done_by_element(step, way):
            findings.warn(
                f"{_place(file, *location)}: no action can show that the step {step.id!r} was done this way: "
                "add a done_when to the way."
            )
    for number, step in enumerate(path.steps):
        if step.several and step.proofs and all(map(_is_page_view, step.proofs)):
            findings.warn(
                f"{_place(file, 'steps', number, 'several')}: opening the page does the step {step.id!r}, "
                "but several keeps the tour there until the user presses Next: remove it, unless people open "
                "many pages here."
            )


def _is_page_view(proof: StepMatch) -> bool:
    return proof.type is not None and proof.type.matches("pageview") and not proof.type.matches("click")


def _place(file: YamlFile, *location: str | int) -> str:
    key = ".".join(map(str, location))
    place = f"{file.path.name}:{file.line_of(location)}"
    return f"{place}: {key}" if key else place

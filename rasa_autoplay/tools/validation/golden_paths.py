"""Golden paths that can be read, and yet do not do what somebody expects of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.errors import ConfigError
from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings

__all__ = ["golden_path_files", "judge_golden_path"]


def golden_path_files(folder: Path) -> Iterator[YamlFile]:
    """The files of a folder that are YAML at all, by name."""
    for file in sorted(f for f in folder.iterdir() if f.suffix in (".yml", ".yaml")):
        try:
            yield YamlFile(file)
        except ConfigError:
            continue


def judge_golden_path(file: YamlFile, path: GoldenPath, offered: bool, findings: Findings) -> None:
    """Warn of what is odd.

    Args:
        file: names the lines.
        path: its content.
        offered: whether a trigger offers it.
        findings: takes the warnings.
    """
    has_tour = bool(path.tour_steps() or path.flow_id)
    if offered and not has_tour:
        findings.warn(
            f"{_place(file, 'steps')}: no step has an element and there is no flow_id, so the toast comes "
            "without Show me."
        )
    if has_tour and not path.page:
        findings.warn(
            f"{_place(file)}: page is missing, so the tour is also offered where its elements are not."
        )
    _judge_steps(file, path, findings)


def _judge_steps(file: YamlFile, path: GoldenPath, findings: Findings) -> None:
    blind = [number for number, step in enumerate(path.steps) if not step.done_when]
    if len(blind) == len(path.steps):
        findings.warn(
            f"{_place(file, 'steps')}: no step has a done_when, so nobody is ever seen to do this workflow."
        )
        return
    for number in blind:
        step = path.steps[number]
        if step.element:
            findings.warn(
                f"{_place(file, 'steps', number)}: the step {step.id!r} has an element but no done_when, so "
                "no action can show that it was done."
            )


def _place(file: YamlFile, *location: str | int) -> str:
    key = ".".join(map(str, location))
    place = f"{file.path.name}:{file.line_of(location)}"
    return f"{place}: {key}" if key else place

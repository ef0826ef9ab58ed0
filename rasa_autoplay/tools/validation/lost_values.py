"""Finds values that YAML takes for comments, such as the selector in ``element: #save``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rasa_autoplay.settings.yaml_file import YamlFile
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.repairs.edit import indent_of, quoted

__all__ = ["check_lost_values"]

_LOST = re.compile(r"(\s*(?:- +)*)([\w-]+): +(#[^\s#].*)")


def check_lost_values(file: YamlFile, findings: Findings) -> None:
    """Warn of settings without a value whose comment looks like one.

    Args:
        file: the file, which is valid YAML.
        findings: collects the warnings.
    """
    lines = file.content.decode("utf-8").splitlines()
    for at, line in enumerate(lines):
        found = _LOST.fullmatch(line.rstrip())
        if found is None or _has_block(lines[at + 1 :], len(found[1])):
            continue
        value = found[3].split(" # ")[0].rstrip()
        findings.warn(
            f"{file.path.name}:{at + 1}: {found[2]}: YAML takes {value} for a comment, so there is no value. "
            f"Write instead:\n    {found[1]}{found[2]}: {quoted(value)}"
        )


def _has_block(following: Sequence[str], column: int) -> bool:
    """Whether the lines after a key that begins in this column are its value."""
    content = next((line for line in following if line.strip() and not line.lstrip().startswith("#")), "")
    indent = indent_of(content)
    return indent > column or (indent == column and content.lstrip().startswith("- "))

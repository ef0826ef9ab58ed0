"""Formats a setting as YAML lines that a user can paste."""

from __future__ import annotations

__all__ = ["EACH", "yaml_example"]

#: Stands for every element of a list in a dotted path.
EACH = "*"


def yaml_example(path: str, value: str = "…") -> str:
    """Format a setting as nested lines, indented by four spaces.

    Args:
        path: the dotted path of the key, such as ``link.secret``.
        value: the value to write there.
    """
    lines: list[str] = []
    indent, bullet = 4, ""
    for step in path.split("."):
        if step == EACH:
            bullet = "- "
            continue
        lines.append(f"{' ' * indent}{bullet}{step}:")
        indent += 2 + len(bullet)
        bullet = ""
    return "\n".join(lines) + f" {value}"

"""Shows a setting as the YAML lines that a user can paste."""

from __future__ import annotations

__all__ = ["EACH", "yaml_example"]

#: In a dotted path, stands for every element of a list.
EACH = "*"


def yaml_example(path: str, value: str = "…") -> str:
    """The nested lines of a setting, indented by four spaces.

    Args:
        path: the dotted path of the key, such as ``link.secret``.
        value: what to write there.
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

"""Values as YAML on one line, and back."""

from __future__ import annotations

import io
import json
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from rasa_autoplay.errors import ConfigError

__all__ = ["from_flow", "to_flow"]

_WIDE = 1 << 20


def to_flow(value: object, quote: str = "") -> str:
    """Return a value as YAML on one line, which is valid in brackets too.

    Args:
        value: plain data.
        quote: for a text, the quotes to write it in, if these can hold it.

    Raises:
        ConfigError: a text contains control characters.
    """
    if isinstance(value, dict):
        return f"{{{', '.join(f'{to_flow(key)}: {to_flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(to_flow, value))}]"
    if isinstance(value, str) and not all(each.isprintable() or each in "\n\t" for each in value):
        raise ConfigError("The text contains control characters.", remedy="Type it again without them.")
    if isinstance(value, str) and (quote == '"' or "\n" in value or "\t" in value):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and quote == "'":
        return "'" + value.replace("'", "''") + "'"
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style, yaml.width, yaml.allow_unicode = True, _WIDE, True
    written = io.StringIO()
    yaml.dump([value], written)
    return written.getvalue().strip()[1:-1]


def from_flow(text: str) -> Any:
    """Read a value that is written as YAML.

    Raises:
        ConfigError: the text is not YAML.
    """
    try:
        return YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        raise ConfigError(f"{text!r} is not valid YAML.", remedy="Close each quote and bracket.") from None

"""The ES module's types declare what the module really has."""

from __future__ import annotations

import re
from pathlib import Path

import rasa_autoplay

STATIC = Path(rasa_autoplay.__file__).parent / "gateway" / "static"
TYPES = (STATIC / "autoplay.d.ts").read_text("utf-8")


def _members(interface: str) -> dict[str, bool]:
    """Return an interface's members: name to whether it is optional."""
    body = re.search(rf"^export interface {interface} {{\n(.*?)^}}", TYPES, re.M | re.S)
    assert body, f"there is no interface {interface}"
    return {name: bool(mark) for name, mark in re.findall(r"^  (\w+)(\??)[:(]", body[1], re.M)}


def _literal(opening: str, indent: str) -> set[str]:
    """Return the keys of an object literal in options.js, which has one key per line."""
    code = (STATIC / "options.js").read_text("utf-8")
    body = re.search(rf"^{re.escape(opening)}\n(.*?)^{indent}}}", code, re.M | re.S)
    assert body, f"options.js has no {opening}"
    return set(re.findall(rf"^{indent}  (\w+):", body[1], re.M))


def test_types_declare_exactly_the_options() -> None:
    options = _members("CopilotOptions")
    assert set(options) == _literal("export const DEFAULTS = {", "")
    assert [name for name, is_optional in options.items() if not is_optional] == ["userId"]


def test_types_declare_exactly_the_texts() -> None:
    assert set(_members("Texts")) == _literal("  texts: {", "  ")


def test_copilot_has_the_methods_of_its_type() -> None:
    code = (STATIC / "copilot.js").read_text("utf-8")
    returned = re.search(r"^  const copilot = \{\n(.*?)^  \};", code, re.M | re.S)
    assert returned
    assert set(_members("Copilot")) == set(re.findall(r"^    (?:async )?(\w+)[(:]", returned[1], re.M))


def test_packages_know_every_option() -> None:
    """Vue must know the names of all properties."""
    code = (STATIC.parents[2] / "packages" / "common" / "settings.ts").read_text("utf-8")
    listed = re.search(r"export const SETTINGS = \[(.*?)\]", code, re.S)
    assert listed
    assert set(re.findall(r'"(\w+)"', listed[1])) == {"nonce", *_members("CopilotOptions")}

"""Without ``rasa``, exactly the listed test modules are not collected."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from support.without_rasa import NEEDS, is_installed

_TESTS = Path(__file__).parents[1]
_LISTED = [(package, name) for package, names in NEEDS.items() for name in names]


@pytest.mark.parametrize(("package", "name"), _LISTED)
def test_a_module_that_is_not_collected_needs_the_package(package: str, name: str) -> None:
    assert (_TESTS / name).is_file()
    if is_installed(package):
        return
    spec = importlib.util.spec_from_file_location("not_collected", _TESTS / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.raises(ModuleNotFoundError) as missing:
        spec.loader.exec_module(module)
    assert missing.value.name == package

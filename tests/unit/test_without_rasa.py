"""Without ``rasa``, exactly the listed test modules are not collected."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from support.without_rasa import HAS_RASA, NEED_RASA

_TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("name", NEED_RASA)
def test_a_module_that_is_not_collected_needs_rasa(name: str) -> None:
    assert (_TESTS / name).is_file()
    if HAS_RASA:
        return
    spec = importlib.util.spec_from_file_location("needs_rasa", _TESTS / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.raises(ModuleNotFoundError) as missing:
        spec.loader.exec_module(module)
    assert missing.value.name == "rasa"

"""When a golden path is complete: the one definition that memory, tours, next step and rules share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.knowledge.completion import Completion
from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.settings.models import ValidationError


def steps(*kinds: str) -> Completion:
    """Return steps that are ``required``, ``optional`` or ``told``, which no action completes."""
    return Completion.of(path(*kinds).steps)


def path(*kinds: str) -> GoldenPath:
    written = [
        {"id": f"s{n}", "text": "Do it.", "optional": kind == "optional"}
        | ({} if kind == "told" else {"done_when": {"title": f"step {n}"}})
        for n, kind in enumerate(kinds)
    ]
    return GoldenPath.parse_obj({"id": "p", "title": "P", "steps": written})


BULK_EDIT = steps("required", "required", "required", "optional", "required")


@pytest.mark.parametrize(
    ("done", "percentage", "missing", "skipped"),
    [
        ({0}, 25.0, (1, 2, 4), ()),
        ({0, 1, 2}, 75.0, (4,), ()),
        ({0, 1, 2, 3}, 75.0, (4,), ()),
        ({0, 2, 3}, 50.0, (1, 4), (1,)),
        ({0, 1, 2, 4}, 100.0, (), ()),
        ({2, 4}, 100.0, (0, 1), (0, 1)),
    ],
)
def test_optional_steps_never_count(
    done: set[int], percentage: float, missing: tuple[int, ...], skipped: tuple[int, ...]
) -> None:
    assert BULK_EDIT.percentage(done) == percentage
    assert BULK_EDIT.is_reached(done) == (percentage == 100.0)
    assert (BULK_EDIT.missing(done), BULK_EDIT.skipped(done)) == (missing, skipped)


def test_a_path_whose_last_steps_are_optional_is_complete_without_them() -> None:
    ends_optionally = steps("required", "required", "optional", "told")
    assert ends_optionally.is_reached({0, 1})
    assert not ends_optionally.is_reached({0})
    assert ends_optionally.is_reached({0, 2}), "nobody gets there without the rest"


@given(
    st.lists(st.sampled_from(["required", "optional", "told"]), min_size=1, max_size=8),
    st.sets(st.integers(0, 7)),
    st.integers(0, 7),
)
def test_further_step_never_reduces_completion(kinds: list[str], done: set[int], more: int) -> None:
    if "required" not in kinds:
        return
    counted = steps(*kinds)
    done &= set(counted.provable)
    further = done | ({more} & set(counted.provable))
    assert 0.0 <= counted.percentage(done) <= counted.percentage(further) <= 100.0
    assert counted.is_reached(further) >= counted.is_reached(done)
    assert counted.is_reached(counted.provable)


def test_at_least_one_followed_step_must_be_required() -> None:
    with pytest.raises(ValidationError, match="at least one of them must be required"):
        path("optional", "told", "optional")

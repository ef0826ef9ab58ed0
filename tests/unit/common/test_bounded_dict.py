"""A dict with an upper bound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.common.bounded_dict import BoundedDict

WRITES = st.lists(st.tuples(st.integers(0, 9), st.integers()), max_size=60)


@given(bound=st.integers(1, 6), writes=WRITES, in_one_update=st.booleans())
def test_keeps_the_keys_written_last_and_reports_the_others_oldest_first(
    bound: int, writes: list[tuple[int, int]], in_one_update: bool
) -> None:
    evicted: list[tuple[int, int]] = []
    bounded: BoundedDict[int, int] = BoundedDict(bound, lambda *entry: evicted.append(entry))
    kept: list[tuple[int, int]] = []
    expected: list[tuple[int, int]] = []
    for key, value in writes:
        kept = [*(entry for entry in kept if entry[0] != key), (key, value)]
        expected += kept[:-bound]
        kept = kept[-bound:]
    if in_one_update:
        bounded.update(writes)
    else:
        for key, value in writes:
            bounded[key] = value

    assert (list(bounded.items()), evicted) == (kept, expected)


def test_reading_a_key_does_not_keep_it() -> None:
    bounded: BoundedDict[str, int] = BoundedDict(2)
    bounded["a"], bounded["b"] = 1, 2
    assert (bounded["a"], bounded.get("a")) == (1, 1)
    bounded.setdefault("c", 3)

    assert bounded == {"b": 2, "c": 3}


def test_none_means_unbounded() -> None:
    unbounded: BoundedDict[int, None] = BoundedDict(None)
    unbounded.update(dict.fromkeys(range(1000)))

    assert len(unbounded) == 1000

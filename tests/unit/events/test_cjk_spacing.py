"""Ant Design shows 保存 as "保 存": both are the same label."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rasa_autoplay.engine.knowledge.control_names import control_name_of
from rasa_autoplay.engine.matching.patterns import TextPattern
from rasa_autoplay.events.cjk_spacing import close_cjk_gaps


@pytest.mark.parametrize(
    ("shown", "label"),
    [
        ("保 存", "保存"),
        ("保\u00a0存", "保存"),
        ("保\u3000 存", "保存"),
        ("キャン セル", "キャンセル"),
        ("Click 保 存", "Click 保存"),
        ("保存 PDF", "保存 PDF"),
        ("저장 하기", "저장 하기"),
        ("save changes", "save changes"),
        ("", ""),
    ],
)
def test_closes_gaps_between_signs_only(shown: str, label: str) -> None:
    assert close_cjk_gaps(shown) == label


@given(st.text(alphabet=st.sampled_from("保存を 　キa. \n"), max_size=30))
def test_closing_twice_changes_nothing(text: str) -> None:
    closed = close_cjk_gaps(text)
    assert close_cjk_gaps(closed) == closed
    assert "".join(closed.split()) == "".join(text.split())


@pytest.mark.parametrize("label", ["保存", "保 存"])
@pytest.mark.parametrize("title", ["Click 保存", "Click 保 存", "点击 保 存".replace("点击", "Press")])
def test_a_golden_paths_step_knows_its_control_with_and_without_the_gap(label: str, title: str) -> None:
    name = control_name_of([label], [])
    assert name is not None
    assert name.is_named_by(title)
    assert not name.is_named_by("Click 删除")


@pytest.mark.parametrize("wanted", ["保存", "保 存"])
@pytest.mark.parametrize("title", ["Click 保存", "Click 保 存"])
def test_a_triggers_pattern_does_too(wanted: str, title: str) -> None:
    assert TextPattern(wanted).matches(title)
    assert TextPattern({"exact": f"Click {wanted}"}).matches(title)
    assert not TextPattern(wanted).matches("Click 删 除")

"""What init added is separated from what people write, whatever they write around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rasa_autoplay.settings.assistant_kind import AssistantKind
from rasa_autoplay.tools.project_setup.edit import Edit
from rasa_autoplay.tools.project_setup.lines import lines_of
from rasa_autoplay.tools.project_setup.separation import separate
from rasa_autoplay.tools.project_setup.starter import CHAT, channel_section

CHANNEL = channel_section("my-app", AssistantKind.RULES, in_process=False)
ENTRY = "- action_autoplay_proactive # autoplay\n"
#: What people write; also characters at which Python splits lines, and files do not.
_WORDS = st.text(st.sampled_from("abcxyz09:#-'\"{}[]é \u2028\x0b\t"), max_size=12)
_THEIR_LINE = _WORDS.map(lambda words: words.lstrip() + "\n")
_TEXT = st.lists(_THEIR_LINE, max_size=8).map("".join)
_NEWLINES = st.sampled_from(["\n", "\r\n"])


class _File:
    """A file that init edits, and then people: each line is theirs (what they wrote) or init's (None)."""

    def __init__(self, original: str, newline: str) -> None:
        self.edit = Edit(Path("file"), original.replace("\n", newline))
        self.newline = newline

    def lines(self) -> list[tuple[str, bool]]:
        """Return the lines, each with whether init wrote it."""
        text, marked = self.edit.text, [False] * len(self.edit.text)
        for piece in self.edit.pieces:
            begin = text.index(piece)
            marked[begin : begin + len(piece)] = [True] * len(piece)
        found, at = [], 0
        for line in lines_of(text):
            found.append((line.text, marked[at]))
            at += len(line.text)
        return found


@given(
    _TEXT, st.lists(_TEXT, min_size=4, max_size=4), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.data()
)
def test_edits_outside_of_what_init_added_survive_byte_for_byte(
    original: str, additions: list[str], newline: str, has_list: bool, data: st.DataObject
) -> None:
    file = _File(original, newline)
    if has_list:
        ends = [0, *(at + 1 for at, letter in enumerate(file.edit.text) if letter == "\n")]
        file.edit.insert(data.draw(st.sampled_from(ends)), ENTRY)
    file.edit.append(CHANNEL)
    file.edit.append(CHAT)
    with_ours: list[str] = []
    theirs: list[str] = []
    was_ours = False
    for line, is_ours in file.lines():
        if not (is_ours and was_ours) and additions:
            # Between two of init's blocks, too: their empty line comes first.
            added = additions.pop().replace("\n", newline)
            with_ours.append(added)
            theirs.append(added)
        keep = is_ours or data.draw(st.booleans())
        with_ours += [line] if keep else []
        theirs += [line] if keep and not is_ours else []
        was_ours = is_ours
    last = data.draw(_TEXT).replace("\n", newline)
    with_ours.append(last)
    theirs.append(last)
    parts = separate("".join(with_ours), file.edit.pieces)
    assert parts.edited == ()
    assert parts.rest == "".join(theirs)


@given(_TEXT, _WORDS, st.sampled_from(["\n", "\r\n"]))
def test_a_last_line_without_newline_is_restored(text: str, last: str, newline: str) -> None:
    assume(last.strip())
    original = (text + last).replace("\n", newline)
    edit = Edit(Path("file"), original)
    edit.append(CHANNEL)
    edit.append(CHAT)
    assert separate(edit.text, edit.pieces).rest == original
    # What follows must not stick to it.
    more = f"mine: 1{newline}"
    assert separate(edit.text + more, edit.pieces).rest == original + edit.newline + more


@given(st.data())
def test_an_edit_in_what_init_added_is_never_lost_silently(data: st.DataObject) -> None:
    """Whatever line people add or change in the channel's section: it is named, or it is still there."""
    lines = lines_of(f"a: 1\n\n{CHANNEL}\nb: 2\n")
    place = data.draw(st.integers(3, len(lines) - 2))  # up to right after the section's last line
    theirs = data.draw(
        st.sampled_from(["  admin_key: s3cret\n", "    - https://app.example.com\n", "mine:\n"])
    )
    replaces = data.draw(st.integers(0, min(2, len(lines) - 2 - place)))
    now = [line.text for line in lines]
    now[place : place + replaces] = [theirs]
    parts = separate("".join(now), ["\n" + CHANNEL])
    assert place + 1 in parts.edited if theirs.startswith(" ") else theirs in parts.rest or parts.edited


def test_deleted_lines_are_no_edits() -> None:
    lines = [line.text for line in lines_of(CHANNEL)]
    for place in range(len(lines)):
        parts = separate("".join(["a: 1\n", *lines[:place], *lines[place + 1 :], "b: 2\n"]), [CHANNEL])
        assert (parts.rest, parts.edited) == ("a: 1\nb: 2\n", ()), lines[place]


def test_layout_is_no_edit() -> None:
    reformatted = CHANNEL.replace("\n", "\r\n").replace("    - ", "  - ").replace(" # ", "  # ")
    parts = separate(f"a: 1\r\n{reformatted}b: 2\r\n", [CHANNEL])
    assert (parts.rest, parts.edited) == ("a: 1\r\nb: 2\r\n", ())


def test_lines_of_their_own_between_init_s_are_kept() -> None:
    begin, end = CHANNEL.split("  capture", 1)
    parts = separate(f"{begin}mine:\n  key: 1\n  capture{end}", [CHANNEL])
    assert (parts.rest, parts.edited) == ("mine:\n  key: 1\n", ())


def test_copies_are_edits_because_nobody_knows_which_is_whose() -> None:
    parts = separate(f"{ENTRY}- x\n{ENTRY}", [ENTRY])
    assert parts.edited == (1, 3)


@pytest.mark.parametrize(
    ("now", "rest", "edited"),
    [
        ("actions: [a, ours, mine]\n", "actions: [a, mine]\n", ()),
        ("actions: [a]\n", "actions: [a]\n", ()),
        ("actions:\n- a\n- ours\n", None, (3,)),
        ("actions: [a, ours]\nothers: [b, ours]\n", None, (1, 2)),
    ],
)
def test_entry_of_a_list_in_brackets(now: str, rest: str | None, edited: tuple[int, ...]) -> None:
    parts = separate(now, [", ours"])
    assert parts.edited == edited
    assert rest in (None, parts.rest)

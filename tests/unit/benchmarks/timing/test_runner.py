"""The runner of the timing benchmark: nobody sees the future, and hostile entries have no score."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.timing.__main__ import hidden_seed
from benchmarks.timing.contestants.simple import Never, PageDwell, Random
from benchmarks.timing.entry import Entry
from benchmarks.timing.generator import generate
from benchmarks.timing.labels import Label
from benchmarks.timing.messages import (
    AnswerMessage,
    AppMessage,
    EventMessage,
    Message,
    TickMessage,
    decode_message,
    encode,
)
from benchmarks.timing.referee import Offer
from benchmarks.timing.runner import EntryFailed, play

ROOT = Path(__file__).parents[4]
SESSIONS = generate("runner", 12)
#: Begins an entry: reads lines, and answers nothing so far.
_LOOP = "import json, sys\nfor number, line in enumerate(sys.stdin):\n    told = json.loads(line)\n"


class Recorder:
    """Records all messages, and makes an offer where it is told to."""

    def __init__(self, offers: Callable[[Message], Sequence[Offer]] = lambda _: ()) -> None:
        self.messages: list[Message] = []
        self._offers = offers

    def react(self, message: Message) -> Sequence[Offer]:
        self.messages.append(message)
        return self._offers(message)

    def of(self, session: str) -> list[EventMessage | TickMessage | AnswerMessage]:
        return [one for one in self.messages if not isinstance(one, AppMessage) and one.session == session]


def program(body: str) -> list[str]:
    return [sys.executable, "-c", _LOOP + "".join(f"    {line}\n" for line in body.splitlines())]


def play_entry(command: list[str], answers_within_s: float = 5.0) -> list[Offer]:
    with Entry(command, answers_within_s, starts_within_s=answers_within_s) as entry:
        return play(SESSIONS, entry)


# What contestants are told


def test_tells_the_apps_first_and_all_events_in_order() -> None:
    recorder = Recorder()
    play(SESSIONS, recorder)
    assert [type(one) for one in recorder.messages[:6]] == [*[AppMessage] * 5, EventMessage]
    for session in SESSIONS:
        told = recorder.of(session.id)
        assert [one.at for one in told if isinstance(one, EventMessage)] == [e.at for e in session.events]
        assert [one.at for one in told] == sorted(one.at for one in told)


def test_ticks_fill_every_silence_until_the_user_leaves() -> None:
    recorder = Recorder()
    play(SESSIONS, recorder)
    for session in SESSIONS:
        times = [one.at for one in recorder.of(session.id)]
        gaps = [later - sooner for sooner, later in pairwise(times)]
        assert max(gaps) < 1.001
        assert times[-1] < session.end <= times[-1] + 1.001


def test_messages_hold_nothing_that_only_the_generator_knows() -> None:
    recorder = Recorder()
    play(SESSIONS, recorder)
    text = b"".join(map(encode, recorder.messages)).decode()
    assert not any(word in text for word in ("behaviour", "need", "label", "state", "wanted", "slow"))
    assert [decode_message(encode(one)) for one in recorder.messages] == recorder.messages


def test_users_accept_what_helps_and_dismiss_what_does_not() -> None:
    labels = {session.id: session for session in SESSIONS}

    def once_a_minute(message: Message) -> Sequence[Offer]:
        is_due = isinstance(message, TickMessage) and int(message.at) % 60 == 0
        return [Offer(message.session, message.at)] if is_due and isinstance(message, TickMessage) else []

    recorder = Recorder(once_a_minute)
    offers = play(SESSIONS, recorder)
    answers = [one for one in recorder.messages if isinstance(one, AnswerMessage)]
    heeded = [
        offer
        for offer in offers
        if labels[offer.session].label_at(offer.at) is not Label.WRONG_MOMENT
        and offer.at + 3 < labels[offer.session].end
    ]
    assert [(one.session, one.at) for one in answers] == [(o.session, round(o.at + 3, 1)) for o in heeded]
    assert {one.answer for one in answers} == {"accepted", "dismissed"}


# Rules that entries must keep


def _at(change: Callable[[TickMessage], Offer]) -> Recorder:
    return Recorder(lambda message: [change(message)] if isinstance(message, TickMessage) else [])


@pytest.mark.parametrize(
    "contestant",
    [
        _at(lambda told: Offer(told.session, told.at - 1)),
        _at(lambda told: Offer(told.session, told.at + 1)),
        _at(lambda told: Offer(told.session, float("nan"))),
        _at(lambda told: Offer("s9999", told.at)),
        _at(lambda told: Offer("", told.at)),
        Recorder(lambda told: [Offer("s0000", 0.0)] if isinstance(told, AppMessage) else []),
        Recorder(lambda told: [] if isinstance(told, AppMessage) else [Offer(told.session, told.at)] * 2),
    ],
)
def test_an_offer_for_another_time_or_session_ends_the_entry(contestant: Recorder) -> None:
    with pytest.raises(EntryFailed, match="offer"):
        play(SESSIONS, contestant)


# Entries that are programs


def test_a_program_gets_the_score_of_the_same_contestant_in_this_process() -> None:
    run = f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv[1:] = ['page-dwell']; "
    command = [
        sys.executable,
        "-c",
        run + "from benchmarks.timing.contestants.program import main; main()",
    ]
    with Entry(command) as entry:
        assert play(SESSIONS[:4], entry) == play(SESSIONS[:4], PageDwell()) != []


def test_the_entry_in_the_readme_can_take_part() -> None:
    readme = (ROOT / "benchmarks/timing/README.md").read_text("utf-8")
    entry = readme.partition("```python\n")[2].partition("```")[0]
    offers = play_entry([sys.executable, "-c", entry])
    clicks = [(s.id, event.at) for s in SESSIONS for event in s.events if event.signal == "dead_click"]
    assert [(offer.session, offer.at) for offer in offers] == clicks != []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("sys.exit(3)", "ended"),
        ("if number > 30: sys.exit()\nprint('[]', flush=True)", "ended"),
        ("import os; os.kill(os.getpid(), 9)", "ended"),
        ("print('hello', flush=True)", "no JSON"),
        ("print('{}', flush=True)", "no JSON"),
        ('print(\'[{"session": 1, "at": "now"}]\', flush=True)', "no JSON"),
        ("print('[]\\n[]', flush=True)", "more than one line"),
        ("sys.stdout.buffer.write(b'[\\xff]\\n'); sys.stdout.flush()", "no JSON|UTF-8"),
        ("sys.stdout.write('x' * 200_000); sys.stdout.flush()", "more than 65536 bytes"),
        ("sys.stdin.close(); sys.exit()", "ended|closed"),
    ],
)
def test_a_program_that_dies_or_talks_nonsense_has_no_score(body: str, why: str) -> None:
    with pytest.raises(EntryFailed, match=why):
        play_entry(program(body))


@pytest.mark.parametrize("body", ["import time; time.sleep(60)", "pass"])
def test_a_program_that_hangs_has_no_score(body: str) -> None:
    with pytest.raises(EntryFailed, match="in time"):
        play_entry(program(body), answers_within_s=0.3)


def test_a_program_that_cannot_be_started_has_no_score(tmp_path: Path) -> None:
    with pytest.raises(EntryFailed, match="cannot be started"):
        play_entry([str(tmp_path / "nothing")])


# Baselines


def test_baselines_keep_the_rules() -> None:
    assert play(SESSIONS, Never()) == []
    assert len(play(SESSIONS, Random(0.01))) > len(play(SESSIONS, Random(0.001)))
    seconds = sum(session.end - session.start for session in SESSIONS)
    made = len(play(SESSIONS, Random(0.01)))
    assert abs(made - 0.01 * seconds) < 4 * (0.01 * seconds) ** 0.5


def test_the_hidden_seed_depends_on_the_entry_and_on_the_word() -> None:
    seeds = {hidden_seed(archive, word) for archive in (b"a", b"b") for word in ("one", "two")}
    assert len(seeds) == 4

"""What all users do: workflows, records of a slow way, probes, searches and pauses."""

from __future__ import annotations

from benchmarks.timing.apps import Step, Workflow
from benchmarks.timing.behaviours.tape import Tape, log_normal
from benchmarks.timing.labels import State

__all__ = ["Player"]

_IRRELEVANT = ("Filter", "Sort", "More", "Refresh", "Search", "Columns")
_STRAY = ("rage_click", "dead_click", "failed_request")


class Player:
    """A user in a session.

    Args:
        tape: records the session.
        is_expert: whether the user knows the app.
    """

    def __init__(self, tape: Tape, *, is_expert: bool) -> None:
        self.tape, self.luck, self.app = tape, tape.luck, tape.app
        self.is_expert = is_expert

    def chance(self, share: float) -> bool:
        """Whether something happens that happens with this share, from 0 to 1."""
        return self.luck.random() < share

    def pause(self) -> None:
        """Rest between two tasks."""
        seconds = (8, 0.7, 2, 60) if self.is_expert else (12, 0.7, 3, 90)
        self.tape.wait(log_normal(self.luck, *seconds), State.PAUSING)

    def doing_s(self) -> float:
        """Draw the time before an act of a list of steps."""
        return log_normal(self.luck, *((2.5, 0.5, 0.6, 15) if self.is_expert else (5, 0.6, 1, 30)))

    def typing_s(self) -> float:
        """Draw the time of writing into a field."""
        return log_normal(self.luck, *((5, 0.5, 1, 40) if self.is_expert else (8, 0.5, 2, 60)))

    def patience_s(self) -> float:
        """Draw how long the user tries on their own."""
        return log_normal(self.luck, 40, 0.6, 10, 180)

    def do(self, steps: tuple[Step, ...]) -> None:
        """Carry out steps that the user knows."""
        for step in steps:
            self.do_step(step)

    def do_step(self, step: Step) -> None:
        """Carry out one step."""
        self.tape.wait(self.doing_s(), State.DOING)
        if step.page != self.tape.page:
            self.tape.go(step.page)
            self.tape.wait(self.doing_s(), State.DOING)
        self.tape.perform(step, self.typing_s())

    def repeat_slowly(self, records: int, *, knows_better: bool) -> None:
        """Do the slow way on records; without knowing better, there is a need while at least 3 remain."""
        for number in range(1, records + 1):
            self.do(self.app.slow_way)
            remain = records - number
            if not knows_better and number == 2 and remain >= 3:
                self.tape.begin_need(self.app.fast_way.id, loss=0.6)
            if remain < 3:
                self.tape.end_need()
            wants = not knows_better and number >= 2 and remain >= 3
            if remain:
                self.tape.wait(self.luck.uniform(2, 8), State.BETWEEN if wants else State.DOING)

    def probe(self, until: float, state: State) -> None:
        """Try things around an obstacle until a time."""
        tape, home = self.tape, self.tape.page
        while self._waits(log_normal(self.luck, 11, 0.5, 3, 40), until, state):
            if self.chance(0.7):
                what = self.luck.random()
                signal = "dead_click" if what < 0.25 else "error" if what < 0.37 else ""
                signal = "rage_click" if 0.37 <= what < 0.42 else signal
                self._irrelevant(signal)
            else:
                tape.go(self.luck.choice([page for page in self.app.pages if page != home]))
                self._waits(self.luck.uniform(2, 6), until, state)
                tape.go(home)

    def search(self, until: float, state: State) -> None:
        """Look for a feature on the app's pages until a time."""
        while self._waits(log_normal(self.luck, 8, 0.5, 2, 30), until, state):
            others = [page for page in self.app.pages if page != self.tape.page]
            known = [page for page in others if page in self.tape.seen]
            fresh = [page for page in others if page not in self.tape.seen]
            self.tape.go(self.luck.choice(known if known and (self.chance(0.5) or not fresh) else fresh))
            if self.chance(0.3) and self._waits(self.luck.uniform(1, 3), until, state):
                self._irrelevant("")

    def be_stuck(self, workflow: Workflow, length_s: float, *, managing: float) -> bool:
        """Need help with a step of a workflow; return whether the user managed."""
        self.tape.begin_need(workflow.id)
        self.probe(self.tape.now + length_s, State.STUCK)
        managed = self.chance(managing)
        self.tape.end_need(gave_up=not managed)
        return managed

    def add_stray_signal(self) -> None:
        """With 8 %, make an ordinary act of the session look like a failure."""
        tape = self.tape
        doing = [one for one in tape.intervals if one.state is State.DOING]
        ordinary = [
            place
            for place, event in enumerate(tape.events)
            if event.type == "click" and not event.signal and any(o.start <= event.at <= o.end for o in doing)
        ]
        if self.chance(0.08) and ordinary:
            place = self.luck.choice(ordinary)
            event = tape.events[place]
            tape.events[place] = type(event)(
                event.at, event.type, event.page, event.title, event.element, self.luck.choice(_STRAY)
            )

    def _waits(self, seconds: float, until: float, state: State) -> bool:
        """Wait, but not past a time; return whether that time is still to come."""
        left = until - self.tape.now
        if left <= 0:
            return False
        self.tape.wait(min(seconds, left), state)
        return seconds < left

    def _irrelevant(self, signal: str) -> None:
        name = self.luck.choice(_IRRELEVANT)
        self.tape.click(f"Click {name}", f"{name.lower()}-button", signal)

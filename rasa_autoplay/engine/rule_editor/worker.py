"""The worker process of the rule editor: reads texts and replays the recording beside the engine.

``python -m rasa_autoplay.engine.rule_editor.worker FILE`` reads tasks from its standard input, and ends when
that ends, or after two minutes without a task.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from rasa_autoplay.common.runtime.gc_freeze import gc_disabled
from rasa_autoplay.engine.core.configuration import Configuration
from rasa_autoplay.engine.rule_editor.backtest_report import backtest_report, session_report, sweep_report
from rasa_autoplay.engine.rule_editor.bench import Bench
from rasa_autoplay.engine.rule_editor.block_edits import set_value
from rasa_autoplay.engine.rule_editor.draft import Draft
from rasa_autoplay.engine.rule_editor.recorded_moments import read_moments
from rasa_autoplay.engine.rule_editor.rule_desk import RuleDesk
from rasa_autoplay.engine.rule_editor.shard import Version
from rasa_autoplay.engine.rule_editor.sweep_values import value_at, values_around
from rasa_autoplay.engine.rule_editor.worker_messages import Task, TaskDone, read_frame, write_frame
from rasa_autoplay.errors import AutoplayError, ConfigError
from rasa_autoplay.link import rule_requests
from rasa_autoplay.link.request_decoder import decode_request
from rasa_autoplay.storage.database import resolve_sqlite_url

__all__ = ["RuleWorker", "main"]

logger = logging.getLogger(__name__)

#: The worker ends after this long without a task, in seconds.
IDLE_S = 120.0
#: A back-test answers after this long, complete or not; the page then asks for the rest (seconds).
ANSWER_AFTER_S = 1.4
#: After this long (seconds), the recording is read again: users may have been deleted.
RECORDING_AGE_S = 300.0
#: A longer recording is cut to its newest events.
MAX_EVENTS = 500_000

_HEAVY = (rule_requests.BacktestRule, rule_requests.SweepRule)
_encode = msgspec.json.Encoder().encode
_decode_task = msgspec.json.Decoder(Task).decode


@dataclass(frozen=True)
class _Draft:
    """A version for the bench, as it can be sent to another process."""

    key: str
    text: str
    trigger_id: str


@dataclass(frozen=True)
class _Bench:
    """A task of the bench: the loaded version if ``trigger_id`` is to be compared, then drafts."""

    loaded: str
    fingerprint: str
    loaded_id: str | None
    drafts: Sequence[_Draft]


class RuleWorker:
    """Does one task at a time. During a back-test, tasks about texts are done in between.

    Args:
        path: ``autoplay.yml``.
        inbox: the tasks.
        answers: gets the answers.
    """

    def __init__(self, path: Path, inbox: queue.Queue[Task | None], answers: BinaryIO) -> None:
        self._path = path
        self._inbox = inbox
        self._answers = answers
        self._waiting: deque[Task] = deque()
        self._desk = RuleDesk(path)
        self._bench: Bench | None = None
        self._read_at = 0.0

    def run(self) -> None:
        """Do tasks until there are none for two minutes, or the engine has ended."""
        while True:
            try:
                task = self._waiting.popleft() if self._waiting else self._inbox.get(timeout=IDLE_S)
            except queue.Empty:
                return
            if task is None:
                return
            self._do(task, decode_request(task.request))

    def _do(self, task: Task, request: object) -> None:
        try:
            answer = self._answer(task, request)
            done = TaskDone(task.task_id, msgspec.Raw(_encode(answer)))
        except AutoplayError as problem:
            done = TaskDone(task.task_id, error=problem.message or str(problem), remedy=problem.remedy)
        except Exception as problem:  # triggers are code of the team, which may raise anything
            logger.exception("A task of the rule editor failed.")
            done = TaskDone(
                task.task_id, error=f"the rule editor failed ({type(problem).__name__})", is_fault=True
            )
        write_frame(self._answers, _encode(done))

    def _answer(self, task: Task, request: object) -> Mapping[str, Any]:
        loaded = self._desk.loaded(task.loaded, task.fingerprint)
        match request:
            case rule_requests.FindRule(trigger_id=trigger_id):
                return self._desk.describe(trigger_id, loaded, task.loaded)
            case rule_requests.EditRule(trigger_id=trigger_id, text=text, base=base, edit=edit):
                file = self._desk.open(base)
                return self._desk.show(
                    file, trigger_id, self._desk.edit(text, edit) if edit else text, loaded
                )
            case rule_requests.DiffRule(trigger_id=trigger_id, text=text, base=base):
                return self._desk.diff(self._desk.open(base), trigger_id, text, loaded)
            case rule_requests.WriteRule(trigger_id=trigger_id, text=text, base=base):
                return self._desk.write(self._desk.open(base), trigger_id, text, loaded)
            case rule_requests.FindCapturedWords():
                return self._words(loaded)
            case rule_requests.BacktestRule():
                return self._backtest(task, loaded, request)
            case rule_requests.SweepRule(trigger_id=trigger_id, text=text, base=base, path=path):
                return self._sweep(task, loaded, (trigger_id, text, base), path)
        raise TypeError(f"the rule editor does not answer {type(request).__name__}")

    def _words(self, loaded: Configuration) -> dict[str, Any]:
        bench = self._open_bench(loaded)
        return {"captured": bench.words.as_json(), "recording": bench.size.as_json()}

    def _backtest(
        self, task: Task, loaded: Configuration, rule: rule_requests.BacktestRule
    ) -> dict[str, Any]:
        began = time.monotonic()
        trigger_id = rule.trigger_id
        draft = self._desk.draft(self._desk.open(rule.base), trigger_id, rule.text)
        self._desk.load(draft, loaded)
        bench = self._open_bench(loaded)
        loaded_id = trigger_id if any(each.id == trigger_id for each in loaded.triggers) else ""
        draft_id = _id_in(draft)
        drafts = [_Draft(draft.file_text, draft.file_text, draft_id)]
        plan = _Bench(task.loaded, task.fingerprint, loaded_id, drafts)
        of_session = {}
        if rule.session_id:
            of_user = bench.of_user(plan, rule.user_id)
            of_session = {"session": session_report(of_user, rule.session_id, loaded_id, draft_id)}
        replayed = bench.compare(plan, max(began + ANSWER_AFTER_S, time.monotonic()), self._serve_texts)
        report = backtest_report(bench.size, replayed, loaded_id, draft_id, time.monotonic() - began)
        return {**report, **of_session}

    def _sweep(
        self, task: Task, loaded: Configuration, rule: tuple[str, str, str], path: list[str | int]
    ) -> dict[str, Any]:
        began = time.monotonic()
        trigger_id, text, base = rule
        file = self._desk.open(base)
        current = value_at(self._desk.draft(file, trigger_id, text).entry, path)
        values, drafts = [], []
        for value in values_around(current):
            try:
                draft = self._desk.draft(file, trigger_id, set_value(text, path, value))
                self._desk.load(draft, loaded)
            except ConfigError:
                continue  # beyond what the rule may be
            values.append(value)
            drafts.append(_Draft(draft.file_text, draft.file_text, _id_in(draft)))
        if not drafts:
            raise ConfigError("The rule has problems.", remedy="Mend them first.")
        bench = self._open_bench(loaded)
        plan = _Bench(task.loaded, task.fingerprint, None, drafts)
        replayed = bench.volumes(plan, max(began + ANSWER_AFTER_S, time.monotonic()), self._serve_texts)
        ids = [draft.trigger_id for draft in drafts]
        return sweep_report(replayed, values, ids, current, time.monotonic() - began)

    def _versions(self, plan: _Bench) -> list[Version]:
        """Make the versions of a plan; also called in the second process."""
        loaded = self._desk.loaded(plan.loaded, plan.fingerprint)
        versions = []
        if plan.loaded_id is not None:
            versions.append(Version(_normalized(plan.loaded), loaded, plan.loaded_id))
        for each in plan.drafts:
            versions.append(Version(each.key, self._desk.load_text(each.text, loaded), each.trigger_id))
        return versions

    def _open_bench(self, loaded: Configuration) -> Bench:
        is_old = time.monotonic() - self._read_at > RECORDING_AGE_S
        if self._bench is not None and (is_old or not self._bench.size.events):
            self._bench.close()
            self._bench = None
        if self._bench is None:
            settings = loaded.settings
            url = resolve_sqlite_url(self._path.parent, settings.database.url)
            reading = read_moments(url, settings.product_id, MAX_EVENTS, self._serve_texts)
            with gc_disabled():
                self._bench = Bench(asyncio.run(reading), self._versions)
            self._read_at = time.monotonic()
        return self._bench

    def _serve_texts(self) -> bool:
        """Do the tasks about texts that have come; False if a back-test is among those that wait."""
        with contextlib.suppress(queue.Empty):
            while True:
                task = self._inbox.get_nowait()
                request = decode_request(task.request) if task is not None else None
                if task is None:
                    os._exit(0)
                if isinstance(request, (*_HEAVY, rule_requests.FindCapturedWords)):
                    self._waiting.append(task)
                else:
                    self._do(task, request)
        return not any(isinstance(decode_request(each.request), _HEAVY) for each in self._waiting)


def _normalized(text: str) -> str:
    """Return a text as :class:`EditedFile` has it, so that an unchanged draft is the loaded version."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _id_in(draft: Draft) -> str:
    entry = draft.entry
    return str(entry.get("id") or entry.get("builtin") or "") if isinstance(entry, Mapping) else ""


def _read_tasks(stream: BinaryIO, inbox: queue.Queue[Task | None]) -> None:
    while data := read_frame(stream):
        inbox.put(_decode_task(data))
    inbox.put(None)


def main(path: Path) -> None:
    """Run the worker.

    Args:
        path: ``autoplay.yml``.
    """
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)  # the engine comes first
    # What a team's triggers print must not end up among the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # A fork closes sys.stdin, which must not wait for the thread that reads.
    tasks = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    inbox: queue.Queue[Task | None] = queue.Queue()
    threading.Thread(target=_read_tasks, args=(tasks, inbox), daemon=True).start()
    RuleWorker(path, inbox, answers).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Work in several processes: order, progress, errors, and their end."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from support.waiting_processes import assert_ctrl_c_ends_all, started

from rasa_autoplay.common.runtime.processes import (
    ProcessEnded,
    ProcessFailed,
    Progressed,
    in_processes,
    usable_cores,
)
from rasa_autoplay.errors import AutoplayError


def _square(number: int, progressed: Progressed) -> tuple[int, int]:
    progressed(number)
    # The first share is the slowest.
    time.sleep(0.05 / (1 + number))
    return number * number, os.getpid()


def _refuse(number: int, _progressed: Progressed) -> int:
    if number == 2:
        raise AutoplayError("The second share is wrong.", remedy="Mend it.")
    time.sleep(60)
    return number


def _crash(number: int, _progressed: Progressed) -> int:
    return 1 // (number - 2)


def _die(number: int, _progressed: Progressed) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
    return number


def test_results_come_in_the_order_of_the_shares() -> None:
    seen: list[int] = []
    found = in_processes(_square, [0, 1, 2, 3], seen.append)
    assert [square for square, _ in found] == [0, 1, 4, 9]
    assert os.getpid() not in {process for _, process in found}
    assert len({process for _, process in found}) == 4
    assert sorted(seen) == [0, 1, 2, 3]


def test_one_share_runs_in_this_process() -> None:
    assert in_processes(_square, [3]) == [(9, os.getpid())]
    assert in_processes(_square, []) == []


def test_an_error_of_the_function_keeps_its_words_and_ends_the_others() -> None:
    began = time.monotonic()
    with pytest.raises(AutoplayError) as caught:
        in_processes(_refuse, [1, 2])
    assert (caught.value.message, caught.value.remedy) == ("The second share is wrong.", "Mend it.")
    assert time.monotonic() - began < 50


def test_a_fault_of_the_program_shows_its_traceback() -> None:
    with pytest.raises(ProcessFailed, match="ZeroDivisionError"):
        in_processes(_crash, [1, 2])


def test_a_process_that_is_killed_is_an_error_with_a_remedy() -> None:
    with pytest.raises(ProcessEnded, match=r"signal 9.*run out of memory.*--processes 1"):
        in_processes(_die, [1, 2])


@pytest.mark.slow  # without fork, each process imports everything again
def test_works_beside_other_threads() -> None:
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert [square for square, _ in in_processes(_square, [1, 2])] == [1, 4]
    finally:
        ended.set()
        thread.join()


_WAITING = """
import os, signal, time
from rasa_autoplay.common.runtime.processes import in_processes

def wait(number, progressed):
    os.write(1, f"{os.getpid()}\\n".encode())  # in one piece: the other process writes at the same time
    time.sleep(60)

if __name__ == "__main__":
    # A shell starts background jobs with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    in_processes(wait, [1, 2])
"""


def test_ctrl_c_ends_all_processes(tmp_path: Path) -> None:
    script = tmp_path / "waiting.py"
    script.write_text(_WAITING)
    with started(script) as process:
        assert_ctrl_c_ends_all(process)


def test_there_is_a_core() -> None:
    assert usable_cores() >= 1

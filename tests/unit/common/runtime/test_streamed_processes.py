"""Many items in a few processes: order, errors, and their end."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from support.waiting_processes import assert_ctrl_c_ends_all, started

from rasa_autoplay.common.runtime.processes import ProcessEnded, ProcessFailed
from rasa_autoplay.common.runtime.streamed_processes import each_in_processes
from rasa_autoplay.errors import AutoplayError


def _square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def _fail(number: int) -> int:
    if number == 2:
        raise AutoplayError("The second item is wrong.", remedy="Mend it.")
    return 1 // (number - 3)


def _die(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_in_the_order_of_the_items() -> None:
    found = list(each_in_processes(_square, range(20), 3))
    assert [square for square, _ in found] == [number * number for number in range(20)]
    processes = {process for _, process in found}
    assert len(processes) == 3
    assert os.getpid() not in processes


def test_large_results_block_nobody() -> None:
    assert [len(each) for each in each_in_processes(bytes, [1 << 22] * 8, 2)] == [1 << 22] * 8


def test_an_error_of_the_function_keeps_its_words() -> None:
    with pytest.raises(AutoplayError) as caught:
        list(each_in_processes(_fail, [1, 2], 2))
    assert (caught.value.message, caught.value.remedy) == ("The second item is wrong.", "Mend it.")


def test_a_fault_of_the_program_shows_its_traceback() -> None:
    with pytest.raises(ProcessFailed, match="ZeroDivisionError"):
        list(each_in_processes(_fail, [1, 3], 2))


def test_a_process_that_is_killed_is_an_error_with_a_remedy() -> None:
    with pytest.raises(ProcessEnded, match=r"signal 9.*run out of memory.*--processes 1"):
        list(each_in_processes(_die, range(8), 2))


_WAITING = """
import os, signal, sys, time
from rasa_autoplay.common.runtime.streamed_processes import each_in_processes

def wait(number):
    os.write(1, f"{os.getpid()}\\n".encode())
    time.sleep(float(sys.argv[1]))

if __name__ == "__main__":
    # A shell starts background jobs with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    list(each_in_processes(wait, [1, 2, 3, 4], 2))
"""


def _waiting(folder: Path, lasts_s: float) -> subprocess.Popen[str]:
    script = folder / "waiting.py"
    script.write_text(_WAITING)
    return started(script, str(lasts_s))


def test_ctrl_c_ends_all_processes(tmp_path: Path) -> None:
    with _waiting(tmp_path, 60) as process:
        assert_ctrl_c_ends_all(process)


def test_the_processes_end_if_the_one_that_started_them_is_killed(tmp_path: Path) -> None:
    with _waiting(tmp_path, 0.2) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        # The pipe ends when the last process has ended that could write to it.
        process.stdout.read()

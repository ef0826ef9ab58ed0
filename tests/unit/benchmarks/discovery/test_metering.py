"""The measurement of a command's time, CPU and memory."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.discovery.metering import metered

_TWO = """
import subprocess, sys, time
code = "data = bytearray(60_000_000); print('ready', flush=True); input()"
both = [subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1) for _ in range(2)]
for each in both:
    each.stdout.readline()
time.sleep(1)
for each in both:
    each.communicate(b"\\n")
print("done")
sys.exit(3)
"""


def test_memory_of_all_processes_counts_together(tmp_path: Path) -> None:
    run = metered([sys.executable, "-c", _TWO], tmp_path)

    assert (run.code, run.output, run.errors) == (3, "done\n", "")
    assert run.processes == 3
    assert 120 < run.pss_mb <= run.rss_mb < 400
    assert run.wall_s > 1
    assert 0 < run.cpu_s < run.wall_s * 4

"""Freed memory is given back."""

from __future__ import annotations

import subprocess
import sys

import pytest

_SCRIPT = """
from pathlib import Path
from rasa_autoplay.common.runtime.freed_memory import give_back_freed_memory

def pages():
    return int(Path("/proc/self/statm").read_text().split()[1])

# Too small to be mapped by themselves; the last one keeps the heap from shrinking.
blocks = [bytes(100_000) for _ in range(500)]
last = bytes(100_000)
del blocks
before = pages()
give_back_freed_memory()
print((before - pages()) * 4096)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps and gives back")
def test_gives_back_the_memory_of_freed_blocks() -> None:
    done = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 25_000_000

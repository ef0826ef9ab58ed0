"""The messages between the engine and the worker of the rule editor: a length, then JSON."""

from __future__ import annotations

import struct
from typing import BinaryIO

import msgspec

__all__ = ["LENGTH", "Task", "TaskDone", "read_frame", "write_frame"]

LENGTH = struct.Struct(">I")


class Task(msgspec.Struct):
    """What the engine asks.

    Args:
        task_id: the answer has the same.
        loaded: the text of the loaded ``autoplay.yml``.
        fingerprint: identifies the loaded version.
        request: a request of the rule editor.
    """

    task_id: int
    loaded: str
    fingerprint: str
    request: msgspec.Raw


class TaskDone(msgspec.Struct):
    """The worker's answer.

    Args:
        task_id: that of the task.
        answer: the answer; empty if there is an error.
        error: what is wrong; empty if there is an answer.
        remedy: what to do about it.
        is_fault: whether the worker failed, and the request is not to blame.
    """

    task_id: int
    answer: msgspec.Raw = msgspec.Raw(b"{}")
    error: str = ""
    remedy: str = ""
    is_fault: bool = False


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """Write a message."""
    stream.write(LENGTH.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes:
    """Read a message; empty at the end of the stream."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return b""
    return stream.read(LENGTH.unpack(head)[0])

"""Writes the folder of a proposal in one step, and keeps what a person has changed in it.

A new folder is written beside the others under a hidden name, and renamed when all of it is on the disk. So
a process that is killed, or a full disk, leaves either the folder as it was or the new one. Ctrl+C waits.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

from rasa_autoplay.common.runtime.processes import interrupts_wait
from rasa_autoplay.errors import ConfigError

__all__ = ["Written", "check_writable", "clean_up", "write_folder"]

#: The files that only discover writes; people may edit the others.
_EDITABLE = ("trigger.yml", "path.yml")
#: The digests of the editable files, as they were written.
_DIGESTS = ".written"
_HIDDEN = ".writing-"
_FORMER = ".former-"


class Written(str, Enum):
    """What has become of a proposal's folder."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    #: A person has edited a file: the new version is beside it.
    BESIDE = "beside"


def check_writable(root: Path) -> None:
    """Check that proposals can be written; nothing is left behind.

    Args:
        root: the folder of proposals; it may be missing.

    Raises:
        ConfigError: it is a file, or nobody may write there.
    """
    try:
        existing = next(each for each in (root, *root.absolute().parents) if each.exists())
        Path(tempfile.mkdtemp(dir=existing, prefix=_HIDDEN)).rmdir()
    except OSError as problem:
        raise ConfigError(
            f"{root}: proposals cannot be written there: {problem.strerror}.",
            remedy="Name another folder with --out.",
        ) from None


def write_folder(root: Path, proposal_id: str, files: Mapping[str, str]) -> Written:
    """Write a proposal's folder.

    Files that are not written by discover, such as the log, stay.

    Args:
        root: the folder of proposals.
        proposal_id: the folder's name.
        files: the content of each file, by name.

    Raises:
        ConfigError: the disk is full, or the folder cannot be written.
    """
    target = root / proposal_id
    try:
        kept = _kept(target)
        edited = [name for name in _EDITABLE if name in files and _is_edited(target, name, files[name])]
        content = {_beside(name) if name in edited else name: text.encode() for name, text in files.items()}
        content[_DIGESTS] = _digests(files, target, edited).encode()
        if _is_same(target, content, kept):
            return Written.UNCHANGED
        is_new = not target.exists()
        with interrupts_wait():
            _replace(root, target, content, kept | {name: target / name for name in edited})
    except OSError as problem:
        raise ConfigError(
            f"{root.name}/{proposal_id}: cannot be written: {problem.strerror}.",
            remedy="Free some space, or choose another folder with --out. The folder is as it was.",
        ) from None
    return Written.NEW if is_new else Written.BESIDE if edited else Written.UPDATED


def _beside(name: str) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem}.new.{ending}"


def _ours(name: str) -> bool:
    """Whether discover writes files with such names."""
    known = {*_EDITABLE, *map(_beside, _EDITABLE), "evidence.md", "evidence.json", _DIGESTS}
    return name in known or name.endswith(".svg")


def _kept(target: Path) -> dict[str, Path]:
    """Return the files in a folder that discover does not write."""
    if not target.is_dir():
        return {}
    return {each.name: each for each in target.iterdir() if not _ours(each.name)}


def _is_edited(target: Path, name: str, text: str) -> bool:
    file = target / name
    if not file.is_file():
        return False
    content = file.read_bytes()
    return content != text.encode() and dict(_read_digests(target)).get(name) != _digest(content)


def _read_digests(target: Path) -> Iterator[tuple[str, str]]:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        for line in (target / _DIGESTS).read_text("utf-8").splitlines():
            digest, _, name = line.partition(" ")
            yield name, digest


def _digests(files: Mapping[str, str], target: Path, edited: list[str]) -> str:
    """Return the digests of the editable files as written; an edited file keeps its former one."""
    former = dict(_read_digests(target))
    digests = {
        name: former.get(name, "edited") if name in edited else _digest(files[name].encode())
        for name in _EDITABLE
        if name in files
    }
    return "".join(f"{digest} {name}\n" for name, digest in digests.items())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_same(target: Path, content: Mapping[str, bytes], kept: Mapping[str, Path]) -> bool:
    if not target.is_dir():
        return False
    ours = {each.name for each in target.iterdir()} - set(kept)
    edited = {name for name in _EDITABLE if _beside(name) in content}
    return ours - edited == set(content) - edited and all(
        (target / name).read_bytes() == data for name, data in content.items()
    )


def _replace(root: Path, target: Path, content: Mapping[str, bytes], kept: Mapping[str, Path]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=root, prefix=f"{_HIDDEN}{target.name}-"))
    try:
        for name, data in content.items():
            _write(new / name, data)
        for name, file in kept.items():
            _keep(file, new / name)
        new.chmod(0o755)
        _sync(new)
        _swap(root, target, new)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    _sync(root)


def _swap(root: Path, target: Path, new: Path) -> None:
    if not target.exists():
        os.rename(new, target)
        return
    # A folder cannot be renamed over another one. A process that is killed in between leaves the former
    # folder under a hidden name, from which clean_up restores it.
    former = root / f"{_FORMER}{target.name}"
    shutil.rmtree(former, ignore_errors=True)
    os.rename(target, former)
    try:
        os.rename(new, target)
    except OSError:
        os.rename(former, target)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _write(file: Path, data: bytes) -> None:
    with file.open("wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())


def _keep(file: Path, target: Path) -> None:
    """Link a file, so that what another process appends to it meanwhile is not lost."""
    if file.is_dir() and not file.is_symlink():
        shutil.copytree(file, target, symlinks=True)
        return
    try:
        os.link(file, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(file, target, follow_symlinks=False)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clean_up(root: Path) -> None:
    """Finish what a killed process has begun: restore a replaced folder, remove half-written ones.

    Args:
        root: the folder of proposals; it may be missing.
    """
    if not root.is_dir():
        return
    for former in sorted(root.glob(f"{_FORMER}*")):
        target = root / former.name.removeprefix(_FORMER)
        if target.exists():
            shutil.rmtree(former, ignore_errors=True)
        else:
            os.rename(former, target)
    for half in root.glob(f"{_HIDDEN}*"):
        shutil.rmtree(half, ignore_errors=True)

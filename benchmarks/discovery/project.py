"""The project of a made-up app: where ``discover`` runs, and where its proposals are tried."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from benchmarks.discovery.claims import read_claims
from benchmarks.discovery.metering import Run, metered

__all__ = ["digest_of", "run_discover", "with_proposals", "write_project"]

_CLI = [sys.executable, "-m", "rasa_autoplay.tools.cli"]


def write_project(folder: Path, product_id: str) -> None:
    """Write the ``autoplay.yml`` of a team that has no trigger yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "autoplay.yml").write_text(f"product_id: {product_id}\ntriggers: []\n", encoding="utf-8")


def run_discover(
    folder: Path, recordings: Sequence[Path], out: Path, *arguments: str, hash_seed: str = "random"
) -> Run:
    """Run ``rasa-autoplay discover``.

    Args:
        folder: the project.
        recordings: files and folders.
        out: where the proposals go.
        arguments: more arguments.
        hash_seed: ``PYTHONHASHSEED``.
    """
    command = [*_CLI, "discover", *map(str, recordings), "--out", str(out), *arguments]
    return metered(command, folder, {"PYTHONHASHSEED": hash_seed})


def digest_of(folder: Path) -> str:
    """Return a hash of all files of a folder, their names and contents."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def with_proposals(folder: Path, product_id: str, proposals: Path) -> list[str]:
    """Write a project in which all proposals are live at once, and nothing else holds an offer back.

    Args:
        folder: the project.
        product_id: as in the recordings.
        proposals: what ``discover`` has written.

    Returns:
        The ids of the triggers.
    """
    paths = folder / "golden_paths"
    paths.mkdir(parents=True, exist_ok=True)
    triggers = []
    for claim in read_claims(proposals):
        if claim.trouble:
            continue
        trigger = yaml.safe_load((proposals / claim.id / "trigger.yml").read_text(encoding="utf-8"))
        triggers.append(trigger)
        if (proposals / claim.id / "path.yml").exists():
            shutil.copy(proposals / claim.id / "path.yml", paths / f"{claim.id}.yml")
    settings = {
        "product_id": product_id,
        "golden_paths": "golden_paths",
        "session": {"interaction_timeout": "1s", "cooldown": "0s"},
        "courtesy": {"min_interval": "0s"},
        "triggers": triggers,
    }
    text = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    (folder / "autoplay.yml").write_text(text, encoding="utf-8")
    return [trigger["id"] for trigger in triggers]

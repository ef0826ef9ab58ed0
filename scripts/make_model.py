"""Trains the example bot, unless the model is up to date with its inputs.

Runs in the environment. The stamp names the inputs' hash and the model, so an interrupted training, a deleted
model and another Rasa version are all noticed.
"""

import hashlib
import importlib.metadata as metadata
import json
import os
import subprocess
import sys
from pathlib import Path

from console import CACHE, SetupFailed, exit_with_remedy, only_one, read_text, timed, write_whole

STAMP = os.path.join(CACHE, "model.json")
LOG = os.path.join(CACHE, "train.log")
MODEL = Path("models/example_bot.tar.gz")
TRAIN = ("train", "--out", str(MODEL.parent), "--fixed-model-name", MODEL.name.removesuffix(".tar.gz"))


def _inputs() -> list[Path]:
    return [Path("domain.yml"), Path("config.yml"), *sorted(Path("data").rglob("*.yml"))]


def fingerprint() -> str:
    """Return the hash of everything that training reads."""
    digest = hashlib.sha256(metadata.version("rasa").encode())
    for path in _inputs():
        digest.update(f"\0{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _model() -> str:
    return hashlib.sha256(MODEL.read_bytes()).hexdigest() if MODEL.exists() else ""


def _train() -> None:
    # Rasa redraws a dozen progress bars, which matter only if something fails.
    with open(LOG, "wb") as log:
        command = [sys.executable, "-W", "ignore", "-m", "rasa", *TRAIN]
        code = subprocess.call(command, stdout=log, stderr=subprocess.STDOUT)
    if code != 0:
        raise SetupFailed(f"{read_text(LOG)}\nrasa train failed (exit status {code}); its output is above")


def main() -> None:
    """Train if needed, with one make at a time."""
    with only_one("model"):
        inputs = fingerprint()
        if MODEL.exists() and read_text(STAMP) == json.dumps({"inputs": inputs, "model": _model()}):
            return
        with timed("Training the example bot (about 20 s; kept until its files change)"):
            _train()
        write_whole(STAMP, json.dumps({"inputs": inputs, "model": _model()}))


if __name__ == "__main__":
    try:
        main()
    except SetupFailed as error:
        exit_with_remedy(error)

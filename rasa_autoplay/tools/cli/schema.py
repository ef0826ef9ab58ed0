"""``rasa-autoplay schema``: prints a JSON Schema, with which editors complete and check the files."""

from __future__ import annotations

import argparse
import json

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommand's arguments."""
    parser.add_argument(
        "file",
        nargs="?",
        choices=["autoplay", "golden_path", "golden_path_texts", "outcome", "evidence"],
        default="autoplay",
        help="default: autoplay",
    )
    parser.epilog = (
        "Save the schema, and name it in the first line of the YAML file, relative to that file: "
        "# yaml-language-server: $schema=docs/autoplay.schema.json"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the schema on stdout."""
    from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
    from rasa_autoplay.engine.knowledge.translation_file import PathTranslation
    from rasa_autoplay.engine.matching.patterns import PATTERN_SCHEMA
    from rasa_autoplay.engine.outcomes.outcome import outcome_schema
    from rasa_autoplay.engine.triggers.configured.schema import autoplay_schema
    from rasa_autoplay.settings.json_schema import json_schema
    from rasa_autoplay.tools.discovery.evidence.figures import evidence_schema

    if arguments.file == "outcome":
        schema = outcome_schema()
    elif arguments.file == "evidence":
        schema = evidence_schema()
    elif arguments.file == "golden_path":
        schema = json_schema(GoldenPath, "A golden path of rasa_autoplay")
        schema["definitions"]["Pattern"] = PATTERN_SCHEMA
    elif arguments.file == "golden_path_texts":
        schema = json_schema(PathTranslation, "Texts of a golden path of rasa_autoplay in another language")
    else:
        schema = autoplay_schema("autoplay.yml of rasa_autoplay")
    print(json.dumps(schema, indent=2, ensure_ascii=False))
    return 0

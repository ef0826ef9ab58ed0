"""Plans the edits that add the copilot to a project."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from rasa_autoplay.errors import AdoptionRefused
from rasa_autoplay.settings.assistant_kind import AssistantKind
from rasa_autoplay.settings.channel import SECTION
from rasa_autoplay.settings.channels_file import CHANNELS_KEY
from rasa_autoplay.tools.project_setup import starter
from rasa_autoplay.tools.project_setup.edit import Edit
from rasa_autoplay.tools.project_setup.product import product_of
from rasa_autoplay.tools.project_setup.project import RasaProject
from rasa_autoplay.tools.project_setup.python_edit import add_actions_import, imports_actions
from rasa_autoplay.tools.project_setup.yaml_edit import add_section, add_to_list, add_to_mapping, names_in
from rasa_autoplay.tools.validation.findings import Findings
from rasa_autoplay.tools.validation.rasa_files import ACTION, CHATS, ENTITY, INTENT, SLOT, leads_to_action

__all__ = ["CREDENTIALS", "ENDPOINTS", "ENGINE_FILE", "GOLDEN_PATH", "INTEGRATIONS", "plan", "plan_intent"]

CREDENTIALS, ENDPOINTS, ENGINE_FILE = Path("credentials.yml"), Path("endpoints.yml"), Path("autoplay.yml")
INTEGRATIONS = Path("integrations.yml")
GOLDEN_PATH = Path("golden_paths/repeated-saves.yml")
_LISTS = (("intents", INTENT), ("entities", ENTITY), ("actions", ACTION))


def plan(project: RasaProject, product_id: str | None) -> list[Edit]:
    """Return the edits that a project needs; empty if it already has everything.

    Args:
        project: the project, which is not changed yet.
        product_id: the app's name. If None: the product id in the project's files, else the folder's name.

    Raises:
        AdoptionRefused: a file is invalid or cannot be changed safely, or the files disagree.
    """
    product = product_of(project, product_id)
    is_mantle = project.kind is AssistantKind.MANTLE
    edits = [_integrations(project, product) if is_mantle else _credentials(project, product)]
    if not project.engine_in_process:
        edits += [_endpoints(project), *_actions(project)]
    edits += _engine_file(project, product)
    return [edit for edit in edits if edit.pieces]


def plan_intent(project: RasaProject) -> list[Edit]:
    """Return the edits that let the bot speak by its own intent; the model must be trained for them.

    Args:
        project: the project, which is not changed yet.

    Raises:
        AdoptionRefused: the assistant ignores intents, or a file is invalid or cannot be changed safely.
    """
    if project.kind is not AssistantKind.RULES:
        raise AdoptionRefused(
            f"An assistant with {project.kind.value} ignores intents.",
            remedy="Run init without --with-intent: the bot then speaks without one.",
        )
    return [edit for edit in (*_domain(project), *_rule(project)) if edit.pieces]


def _domain(project: RasaProject) -> Iterator[Edit]:
    edits = [project.edit(path) for path in project.files(project.domain)]
    missing = [(section, name) for section, name in _LISTS if not _has(edits, section, name)]
    lacks_slot = not _has(edits, "slots", SLOT)
    if (project.folder / project.domain).is_dir():
        if missing or lacks_slot:
            yield _new_domain_file(project, missing, lacks_slot)
        return
    edit = edits[0]
    for section, name in missing:
        add_to_list(edit, section, name)
    if lacks_slot:
        add_to_mapping(edit, "slots", SLOT, starter.SLOT_BLOCK)
    yield edit


def _new_domain_file(project: RasaProject, missing: list[tuple[str, str]], lacks_slot: bool) -> Edit:
    """Add a file to a domain folder."""
    if len(missing) < len(_LISTS) or not lacks_slot:
        present = [name for section, name in _LISTS if (section, name) not in missing]
        raise AdoptionRefused(
            f"{project.domain}: the domain contains only a part of what the copilot needs: "
            f"{', '.join(present or [SLOT])}.",
            remedy="Remove this part, and run init again.",
        )
    return _new_file(project, project.domain / "autoplay.yml", starter.DOMAIN)


def _has(edits: list[Edit], section: str, name: str) -> bool:
    return any(name in (names_in(edit, section) or ()) for edit in edits)


def _rule(project: RasaProject) -> Iterator[Edit]:
    for path in project.files(project.data):
        names_in(project.edit(path))  # raises an error with file and line for invalid files
    findings = Findings()
    has_rule = leads_to_action(project.folder / project.data, findings)
    if findings.lines:
        raise AdoptionRefused("\n".join(findings.lines))
    if not has_rule:
        yield _new_file(project, project.data / "autoplay.yml", starter.RULE)


def _credentials(project: RasaProject, product: str) -> Edit:
    edit = project.edit(CREDENTIALS)
    sections = names_in(edit) or []
    if SECTION not in sections:
        in_process = project.engine_in_process
        add_section(edit, SECTION, starter.channel_section(product, project.kind, in_process=in_process))
    elif project.engine_in_process and "engine" not in (names_in(edit, SECTION) or []):
        add_to_mapping(edit, SECTION, "engine", starter.ENGINE_IN_PROCESS)
    chat = next((chat for chat in CHATS if chat in sections), None)
    if chat is None:
        add_section(edit, CHATS[0], starter.CHAT)
        return edit
    keys = names_in(edit, chat) or []
    for key, value in (("session_persistence", "true"), ("metadata_key", "customData")):
        if key not in keys:
            add_to_mapping(edit, chat, key, f"  {key}: {value} # autoplay\n")
    return edit


def _integrations(project: RasaProject, product: str) -> Edit:
    """Add the channels to Mantle's file, which has no place for them in ``credentials.yml``."""
    edit = project.edit(INTEGRATIONS)
    sections = names_in(edit, CHANNELS_KEY) or []
    if SECTION not in sections:
        channel = starter.channel_section(product, project.kind, in_process=True)
        add_to_mapping(edit, CHANNELS_KEY, SECTION, textwrap.indent(channel, "  "))
    if not any(chat in sections for chat in CHATS):
        add_to_mapping(edit, CHANNELS_KEY, CHATS[0], textwrap.indent(starter.CHAT, "  "))
    return edit


def _endpoints(project: RasaProject) -> Edit:
    edit = project.edit(ENDPOINTS)
    if "action_endpoint" not in (names_in(edit) or []):
        add_section(edit, "action_endpoint", starter.ACTION_ENDPOINT)
    return edit


def _actions(project: RasaProject) -> Iterator[Edit]:
    file = project.actions
    siblings = sorted((project.folder / file).parent.glob("*.py")) if file.name == "__init__.py" else []
    modules = (project.edit(path.relative_to(project.folder)) for path in siblings)
    edit = project.edit(file)
    if not imports_actions(edit) and not any(map(imports_actions, modules)):
        add_actions_import(edit)
        yield edit


def _engine_file(project: RasaProject, product: str) -> Iterator[Edit]:
    if (project.folder / ENGINE_FILE).exists():
        return  # the team has written its own, with its own golden paths
    yield _new_file(project, ENGINE_FILE, starter.autoplay_yml(product))
    if not (project.folder / GOLDEN_PATH).exists():
        yield _new_file(project, GOLDEN_PATH, starter.GOLDEN_PATH)


def _new_file(project: RasaProject, path: Path, text: str) -> Edit:
    edit = project.edit(path)
    if edit.before is not None:
        raise AdoptionRefused(
            f"{path} already exists with other content than the copilot needs.",
            remedy="Rename it, and run init again.",
        )
    edit.append(text)
    return edit

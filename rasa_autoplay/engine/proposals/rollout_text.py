"""Changes ``rollout`` in a trigger's text. Comments and everything else stay as they are."""

from __future__ import annotations

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode

from rasa_autoplay.engine.proposals.stage import TRIAL_ROLLOUT, Stage
from rasa_autoplay.engine.rule_editor.block_edits import set_value

__all__ = ["with_stage"]

_ROLLOUTS = {Stage.GHOST: "ghost", Stage.TRIAL: TRIAL_ROLLOUT, Stage.LIVE: "live"}


def with_stage(text: str, stage: Stage) -> str:
    """Return a trigger's text with the rollout of another stage.

    Args:
        text: the trigger, as if it were a file of its own; it has an id.
        stage: ``ghost``, ``5%`` or ``live``.

    Raises:
        ConfigError: the text cannot be edited without losing a comment.
    """
    rollout = _ROLLOUTS[stage]
    tree = YAML(typ="safe", pure=True).compose(text)
    if not isinstance(tree, MappingNode):
        return text
    values = {key.value: value for key, value in tree.value}
    known = values.get("rollout")
    if isinstance(known, MappingNode):
        return set_value(text, ["rollout", "share"], rollout)
    if known is not None or tree.flow_style:
        return set_value(text, ["rollout"], rollout)
    return _below_id(text, values["id"], rollout)


def _below_id(text: str, trigger_id: ScalarNode, rollout: str) -> str:
    """Add a line below the id: no other line changes."""
    lines = text.split("\n")
    place = trigger_id.end_mark.line + 1
    return "\n".join([*lines[:place], f"rollout: {rollout}", *lines[place:]])

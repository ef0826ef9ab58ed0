"""Evidence survives changes of the golden paths, wherever it is stored."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from support.engine_parts import T0, action

from rasa_autoplay.engine.knowledge.golden_path import GoldenPath
from rasa_autoplay.engine.knowledge.path_tracker import EvidenceByPath, PathTracker
from rasa_autoplay.engine.memory.path_follower import PathFollower
from rasa_autoplay.engine.memory.stored_evidence import decode_evidence, encode_evidence
from rasa_autoplay.engine.memory.translated_evidence import matched_again, translated
from rasa_autoplay.engine.sessions.files_version import FilesVersion
from rasa_autoplay.engine.sessions.session import Session
from rasa_autoplay.engine.sessions.snapshot import decode_session, encode_session
from rasa_autoplay.settings.engine import SessionSettings

STEPS = ("open", "select", "apply", "confirm")


def tracker_of(*steps: str) -> PathTracker:
    return PathTracker([path_of(*steps)]) if steps else PathTracker([])


def path_of(*steps: str) -> GoldenPath:
    return GoldenPath.parse_obj(
        {
            "id": "bulk",
            "title": "Bulk",
            "steps": [{"id": s, "text": s, "done_when": {"element_id": s}} for s in steps],
        }
    )


def evidence_of(tracker: PathTracker, *elements: str) -> EvidenceByPath:
    evidence: EvidenceByPath = {}
    for at, element in enumerate(elements):
        tracker.record(action(f"Click {element}", at, element_id=element), evidence)
    return evidence


def proven(evidence: EvidenceByPath, tracker: PathTracker) -> list[str]:
    ids = tracker.step_ids.get("bulk", ())
    return [ids[step] for each in evidence.get("bulk", ()) for step in each.steps]


orders = st.lists(st.sampled_from([*STEPS, "new", "newer"]), unique=True, min_size=1, max_size=6)


@given(orders, orders, st.lists(st.sampled_from(STEPS), max_size=8))
def test_translating_is_the_same_as_recording_anew(old: list[str], new: list[str], did: list[str]) -> None:
    before, after = tracker_of(*old), tracker_of(*new)
    kept = [element for element in did if element in old]
    moved = translated(evidence_of(before, *did), before.step_ids, after)
    assert proven(moved, after) == [element for element in kept if element in new]
    assert decode_evidence(encode_evidence(evidence_of(before, *did), before), after) == moved


@given(orders, orders, st.lists(st.sampled_from(STEPS), max_size=8))
def test_the_window_counts_as_if_the_new_paths_had_seen_it(
    old: list[str], new: list[str], did: list[str]
) -> None:
    before, after = tracker_of(*old), tracker_of(*new)
    actions = [action(f"Click {element}", at, element_id=element) for at, element in enumerate(did)]
    moved = translated(evidence_of(before, *did), before.step_ids, after)
    assert matched_again(moved, actions, after) == evidence_of(after, *did)


def test_a_new_way_counts_in_sessions_that_go_on() -> None:
    before, after = path_of("open", "select"), path_of("open", "select").dict()
    after["steps"][1]["any"] = [{"done_when": {"element_id": "select-all"}}]
    settings = SessionSettings()
    session = Session(("demo", "s1"), settings, T0)
    acts = [
        action(f"Click {element}", at, element_id=element)
        for at, element in enumerate(("open", "select-all"))
    ]
    session.add(acts, ())
    follower = PathFollower([before])
    follower.observe(session, acts)
    assert follower.workflow_progress(session).positions["bulk"].next_step == "select"
    follower = PathFollower([GoldenPath.parse_obj(after)])
    follower.carry_over(session, {"bulk": ("open", "select")})
    assert follower.workflow_progress(session).positions["bulk"].finished


def test_reads_records_of_earlier_versions_of_the_package() -> None:
    tracker = tracker_of(*STEPS)
    evidence = evidence_of(tracker, "open", "apply")
    assert decode_evidence(msgspec.json.encode(evidence).decode(), tracker) == evidence


def test_a_snapshot_can_be_continued_by_an_engine_with_other_paths() -> None:
    """Engines on Redis may have different files for a while, and an engine may start with new ones."""
    settings = SessionSettings()
    before, after = tracker_of("open", "select", "apply"), tracker_of("open", "choose", "select", "apply")
    session = Session(("demo", "s1"), settings, T0)
    session.switch_to(FilesVersion("a", "a", before.step_ids), settings)
    session.step_evidence = evidence_of(before, "open", "select")
    stored = decode_session(encode_session(session), settings)
    assert stored.version == session.version
    assert stored.version is not None
    PathFollower([path_of("open", "choose", "select", "apply")]).carry_over(stored, stored.version.step_ids)
    assert stored.step_evidence is not None
    assert proven(stored.step_evidence, after) == ["open", "select"]

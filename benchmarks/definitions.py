"""Publishing a version, previewing a submission, replaying finished cases.

The replayed cases are copies of one finished case.
"""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks import harness


def measure(_address: str, options: argparse.Namespace) -> str:
    from tests.workflows.finished import finished_case, many
    from tests.workflows.world import NOW, TOY, World, default_stages, fresh
    from workflows.models import FlowVersion
    from workflows.preview import draft_case, preview_submission
    from workflows.services import definitions, replays

    world = World()
    world.committee()
    document = world.document(level=3)
    actor = fresh(world.adm)
    many(finished_case(world), options.cases - 1)

    def draft() -> FlowVersion:
        return definitions.start_draft(
            definition_id=world.version.definition_id, actor=actor, now=NOW
        )

    def publish() -> float:
        version = draft()
        began = time.perf_counter()
        definitions.publish_version(
            version_id=version.pk, actor=actor, now=NOW, note="", seen_revision=version.revision
        )
        return time.perf_counter() - began

    def preview() -> float:
        version = FlowVersion.objects.filter(state="PUBLISHED").latest("number")
        return harness.each(
            lambda: preview_submission(
                TOY, document, draft_case(TOY, document, version.pk, NOW), language="zh", now=NOW
            ),
            20,
        )

    medians = harness.in_turns({"publish": publish, "preview": preview}, 7)
    before = harness.resident()
    began = time.perf_counter()
    asked = replays.request_replay(version_id=draft().pk, actor=actor, now=NOW, last=options.cases)
    while replays.continue_replay(replay_id=asked.pk, now=NOW):
        pass
    seconds = time.perf_counter() - began
    asked.refresh_from_db()
    if asked.seen != options.cases:
        raise RuntimeError(f"{asked.seen} cases replayed")
    return (
        f"publish a version of {len(default_stages())} stages: {medians['publish'] * 1000:.1f} ms\n"
        f"preview a submission: {medians['preview'] * 1000:.1f} ms\n"
        f"replay {options.cases:,} cases: {seconds:.1f} s, {options.cases / seconds:,.0f} a second,"
        f" memory {harness.resident() - before:+.1f} MB"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    sys.exit(harness.run(measure, parser))

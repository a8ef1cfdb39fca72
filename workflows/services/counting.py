"""结束表决: what those present have said, counted when somebody ends the vote."""

from __future__ import annotations

from workflows import errors
from workflows.act import Act
from workflows.choices import TO_HANDLER, CaseState, Decision, EventKind, StageOutcome
from workflows.models import Stage
from workflows.services.submission import give_to_handler
from workflows.settlement import ballots_of, end_vote, record_count
from workflows.voting import Tally, Verdict, tally, verdict


def count_votes(act: Act, stage: Stage) -> tuple[Verdict, Tally]:
    """End a vote with what those present have said; the caller has checked who asks for it.

    Raises RCM-01 without a quorum, and while a veto holder has not voted. Where most ask to
    investigate further the case goes back to its handler.
    """
    settings = act.definition.stage(stage.node_id).settings
    ballots = ballots_of(act, stage)
    count = tally(ballots, settings.vote)
    if not count.has_quorum:
        raise errors.no_quorum(count.voted, count.quorum_weight)
    result = verdict(ballots, settings.vote, is_closing=True)
    if result == Verdict.OPEN:
        raise errors.veto_holder_missing()
    if result == Verdict.RETURNED:
        _return_by_vote(act, stage, count)
    else:
        end_vote(act, stage, result, count, by_system=False)
    return result, count


def _return_by_vote(act: Act, stage: Stage, count: Tally) -> None:
    """The vote asks for more: back to the handler, with every reason that was given."""
    asked = [i.opinion for i in act.items_of(stage) if i.decision == Decision.INVESTIGATE]
    record_count(act, stage, count, passed=False, by_system=False)
    act.record(
        EventKind.RETURNED,
        stage=stage,
        opinion="\n".join(asked),
        by_system=True,
        data={
            "target": TO_HANDLER,
            "target_title": "",
            "target_title_en": "",
            "resumes_directly": True,
        },
    )
    others = [s for s in act.open_stages() if s is not stage]
    act.case.returned_from = stage.node_id
    act.case.resumes_directly = True
    act.notify("case.returned", [act.case.handler_id], step=stage.title)
    give_to_handler(act, others, stage, CaseState.RETURNED, StageOutcome.RETURNED)

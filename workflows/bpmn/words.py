"""Conditions, stages and routes in sentences, in the reader's language.

Labels of facts and choices come from the document kind; names of people and roles from the
caller.
"""

from workflows.bpmn.condition_words import (
    condition_in_words,
    condition_words,
    value_in_words,
    why_skipped,
)
from workflows.bpmn.route_words import route_words
from workflows.bpmn.stage_words import (
    ACTION_WORDS,
    DECIDE_WORDS,
    Resolve,
    assignees_in_words,
    progress_in_words,
    rule_in_words,
    stage_words,
)

__all__ = [
    "ACTION_WORDS",
    "DECIDE_WORDS",
    "Resolve",
    "assignees_in_words",
    "condition_in_words",
    "condition_words",
    "progress_in_words",
    "route_words",
    "rule_in_words",
    "stage_words",
    "value_in_words",
    "why_skipped",
]

"""The base of every document's flow class."""

from __future__ import annotations

from viewflow.workflow.base import Flow

from workflows.models import Case, Stage


class DocumentFlow(Flow):
    """A document's life in approval; subclasses name the nodes in the business's words.

    Cases are locked by ``workflows.act.lock_case``, so viewflow's own lock is not used.
    """

    process_class = Case
    task_class = Stage

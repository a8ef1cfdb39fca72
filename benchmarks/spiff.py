"""SpiffWorkflow with its state as one JSON row a case, as its users store it.

The column is ``json``: ``jsonb`` changes the order of keys, and Spiff's state with it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import psycopg
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from benchmarks import lender_rows

_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:x">
  <process id="approvals" isExecutable="true">
    <startEvent id="start"/>
    <userTask id="tl"/>
    <userTask id="brm"/>
    <exclusiveGateway id="size" default="small"/>
    <userTask id="bgm"/>
    <endEvent id="end"/>
    <sequenceFlow id="a" sourceRef="start" targetRef="tl"/>
    <sequenceFlow id="b" sourceRef="tl" targetRef="brm"/>
    <sequenceFlow id="c" sourceRef="brm" targetRef="size"/>
    <sequenceFlow id="large" sourceRef="size" targetRef="bgm">
      <conditionExpression>large</conditionExpression>
    </sequenceFlow>
    <sequenceFlow id="small" sourceRef="size" targetRef="end"/>
    <sequenceFlow id="e" sourceRef="bgm" targetRef="end"/>
  </process>
</definitions>
"""


class Spiff:
    """Cases of one definition in a table of their own."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        connection.execute("CREATE TABLE spiff_case (id bigserial PRIMARY KEY, state json)")
        parser = BpmnParser()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "approvals.bpmn"
            file.write_text(_BPMN)
            parser.add_bpmn_file(str(file))
        self._spec = parser.get_spec("approvals")
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())

    def submit(self) -> int:
        workflow = BpmnWorkflow(self._spec)
        workflow.data["large"] = True
        workflow.do_engine_steps()
        state = self._serializer.serialize_json(workflow)
        row = self.connection.execute(
            "INSERT INTO spiff_case (state) VALUES (%s) RETURNING id", [state]
        ).fetchone()
        return int(row[0])  # type: ignore[index]

    def decide(self, case_id: int, opinion: str) -> None:
        with self.connection.transaction(), self.connection.cursor() as cursor:
            self._advance(cursor, case_id, opinion)

    def decide_as_lender(self, case_id: int, file_id: int, actor: Any) -> None:
        """The decision with the rows of the lender's file, in one transaction of Django's."""
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            self._advance(cursor, case_id, "同意")
            lender_rows.write(file_id, actor, "同意", with_items=True)

    def _advance(self, database: Any, case_id: int, opinion: str) -> None:
        database.execute("SELECT state::text FROM spiff_case WHERE id = %s FOR UPDATE", [case_id])
        row = database.fetchone()
        workflow = self._serializer.deserialize_json(row[0])
        task = workflow.get_tasks(state=TaskState.READY, manual=True)[0]
        task.data |= {"large": True, "opinion": opinion}
        task.run()
        workflow.do_engine_steps()
        state = self._serializer.serialize_json(workflow)
        database.execute("UPDATE spiff_case SET state = %s WHERE id = %s", [state, case_id])

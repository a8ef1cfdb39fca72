"""Set-up for the tests of documents: people, branches and documents in a wanted state."""

from __future__ import annotations

import io
import itertools
import zipfile
from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from viewflow.workflow.token import Token

import factory
from PIL import Image

from documents.choices import WfStatus
from documents.models import Attachment, Document, StoredFile, Supplement
from staff.models import Branch, Department, Employee, Role, RoleAssignment
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.model import StageSettings
from workflows.bpmn.xml import write
from workflows.flow import DocumentFlow
from workflows.models import Case, FlowDefinition, FlowVersion, Stage, WorkItem

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KIND = "test_document"
_numbers = itertools.count(1)

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class BranchFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Branch

    code = factory.Sequence(lambda n: f"B{n}")
    name = factory.Sequence(lambda n: f"分公司{n}")


class DepartmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Department

    branch = factory.SubFactory(BranchFactory)
    name = factory.Sequence(lambda n: f"业务部{n}")


class EmployeeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Employee

    username = factory.Sequence(lambda n: f"user{n}")
    employee_no = factory.Sequence(lambda n: f"E{n:04d}")
    name = factory.Sequence(lambda n: f"张三{n}")
    department = factory.SubFactory(DepartmentFactory)
    branch = factory.SelfAttribute("department.branch")


class DocumentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Document

    kind = KIND
    doc_no = factory.Sequence(lambda n: f"YW-T-20261120-{n:03d}")
    subject = factory.Sequence(lambda n: f"汇银商贸-业务申请单-{n}")
    handler = factory.SubFactory(EmployeeFactory)
    creator = factory.SelfAttribute("handler")
    department = factory.SelfAttribute("handler.department")
    branch = factory.SelfAttribute("handler.branch")
    created_at = NOW
    updated_at = NOW


def give_role(employee: Employee, code: str, **scope: Any) -> Employee:
    role = Role.objects.get(code=code)
    RoleAssignment.objects.create(employee=employee, role=role, duty_line=role.duty_line, **scope)
    employee.__dict__.pop("_role_set", None)
    return employee


_ROUTE = from_chain(
    Chain(
        "test_route", "测试", nodes=(ChainStage("risk", "分公司风控经理", "Risk", StageSettings()),)
    )
)


def case_of(document: Document, state: str = "IN_APPROVAL") -> Case:
    """A case as the engine would have opened it, as far as documents look at it."""
    definition, _created = FlowDefinition.objects.get_or_create(
        document_kind=document.kind, defaults={"code": KIND, "title": "测试"}
    )
    version, _created = FlowVersion.objects.get_or_create(
        definition=definition, number=1, defaults={"bpmn": write(_ROUTE), "created_at": NOW}
    )
    return Case.objects.create(
        flow_class=DocumentFlow,
        document_kind=document.kind,
        document_id=document.pk,
        state=state,
        doc_no=document.doc_no,
        subject=document.subject,
        handler=document.handler,
        creator=document.creator,
        branch=document.branch,
        department=document.department,
        flow_version=version,
        submitted_at=NOW,
    )


def stage_with(case: Case, *holders: Employee) -> Stage:
    """An open stage of the case with one work item for each holder."""
    stage = Stage(
        process=case,
        flow_task_type="TEST",
        node_id="risk",
        title="分公司风控经理",
        round=1,
        token=Token("start"),
        status="ASSIGNED",
    )
    Stage.objects.bulk_create([stage])
    WorkItem.objects.bulk_create(
        WorkItem(case=case, stage=stage, assignee=holder, seat=seat, round=1, arrived_at=NOW)
        for seat, holder in enumerate(holders, start=1)
    )
    return stage


def move_to(document: Document, status: str) -> Document:
    """Bring a document into a status the way the engine writes it."""
    if document.case_id is None and status not in (WfStatus.DRAFT, WfStatus.VOID):
        document.case = case_of(document)
    if document.case_id is not None:
        Case.objects.filter(pk=document.case_id).update(state=status)
    document.wf_status = status
    Document.objects.filter(pk=document.pk).update(wf_status=status, case=document.case)
    return document


def stored_file(content: bytes = PDF, extension: str = "pdf") -> StoredFile:
    number = next(_numbers)
    return StoredFile.objects.create(
        sha256=f"{number:064x}",
        size=len(content),
        extension=extension,
        mime="application/pdf",
        stored_by=EmployeeFactory(),
        stored_at=NOW,
    )


def attachment(document: Document, **values: Any) -> Attachment:
    values.setdefault("file", stored_file())
    return Attachment.objects.create(
        document=document,
        category=values.pop("category", "OTHER"),
        title=values.pop("title", "财务报表"),
        file_name="report.pdf",
        uploaded_by=document.handler,
        uploaded_at=NOW,
        **values,
    )


def supplement(document: Document, **values: Any) -> Supplement:
    return Supplement.objects.create(
        doc_no=f"BC-T-20261120-{next(_numbers):03d}",
        document=document,
        subject="补充流水",
        creator=values.pop("creator", document.handler),
        created_at=NOW,
        **values,
    )


def raw(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def upload(name: str = "report.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def zipped(*entries: tuple[str, bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", level) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def image(kind: str = "JPEG", size: tuple[int, int] = (320, 200)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 210, 220)).save(buffer, kind)
    return buffer.getvalue()

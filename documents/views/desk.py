"""The pages of every desk: list, new, edit, the document itself, and its handler's acts."""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from documents.desk.declaration import Desk
from documents.desk.forms import DeskForm
from documents.desk.reading import (
    hides_from,
    open_stages,
    page_context,
    page_document,
    submission_preview,
)
from documents.panels import panels_of
from documents.responses import file_response
from documents.rules import refuse_unless
from documents.services.documents import void_document
from documents.services.drafts import create_draft, update_draft
from documents.services.guard import ensure_editable
from documents.services.printing import print_document
from documents.services.prints import fresh_print
from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.pagination import paginate
from staff.models import Employee
from staff.views.request import actor_of, ip_of
from workflows.forms import read_choices, read_version
from workflows.services.submission import submit_document

UNPROCESSABLE = 422
_PAGE = 20


class DeskPage(LoginRequiredMixin, View):
    """One page of the desk that the address was made for."""

    desk: Desk | None = None
    http_method_names = ["get", "head", "options"]

    @property
    def at(self) -> Desk:
        return cast("Desk", self.desk)

    @property
    def user(self) -> Employee:
        return actor_of(self.request)

    def visible(self, pk: int) -> Any:
        return get_object_or_404(self.at.kind.visible_to(self.user).select_related("case"), pk=pk)

    def show(self, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        shown = {"desk": self.at, **context}
        return render(self.request, f"documents/desk/{template}.html", shown, status=status)


class ListPage(DeskPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        found = self.at.filter_class(
            request.GET, queryset=self.at.rows(self.user), desk=self.at, user=self.user
        )
        page = paginate(found.qs, cursor=request.GET.get("cursor"))
        stages = open_stages(page.items)
        context = {
            "filter": found,
            "page": page,
            "rows": [(row, self.at.cells(row), stages.get(row.case_id)) for row in page.items],
            "may_create": self.at.may_create(self.user),
        }
        return self.show("list", context)


class ChoosePage(DeskPage):
    """新建 from the menu: what the document is about is chosen first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        refuse_unless(self.at.may_create(self.user))
        if self.at.origin is None:
            return redirect(self.at.url("new_from", 0))
        words = request.GET.get("q", "")[:80]
        about = self.at.about
        found = about.offered(about.candidates(self.user))
        for word in words.split():
            found = found.filter(about.matches(word))
        page = paginate(found, order=("-pk",), cursor=request.GET.get("cursor"), size=_PAGE)
        rows = [
            (
                row,
                list(zip(about.describe(row), about.heads, strict=True)),
                about.refusal(row, self.user),
            )
            for row in page.items
        ]
        context = {
            "page": page,
            "heads": about.heads,
            "rows": rows,
            "has_refusals": any(reason for _row, _said, reason in rows),
            "q": words,
        }
        return self.show("choose", context)


class FormPage(DeskPage):
    http_method_names = ["get", "post", "head", "options"]

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)

    def after_saving(self, document: Any) -> HttpResponse:
        """保存 stays on the form, 保存并查看 opens the page, 提交审批 asks there to confirm."""
        messages.success(self.request, _("%(doc_no)s is saved.") % {"doc_no": document.doc_no})
        page = self.at.url("detail", document.pk)
        if "submit" in self.request.POST:
            return redirect(f"{page}?submit=1")
        return redirect(page if "view" in self.request.POST else self.at.url("edit", document.pk))

    def form_page(self, form: DeskForm, *, status: int, **context: Any) -> HttpResponse:
        origin = context.get("origin")
        facts = self.at.origin_facts(origin) if origin is not None else []
        return self.show("form", {"form": form, "origin_facts": facts, **context}, status=status)


class NewPage(FormPage):
    def get(self, request: HttpRequest, origin_id: int) -> HttpResponse:
        origin = self._origin(origin_id)
        start = self.at.kind.begin(origin, actor=self.user, now=timezone.now())
        asked = {
            name: request.GET[name] for name in self.at.kind.editable_fields if name in request.GET
        }
        form = DeskForm(self.at, user=self.user, origin=origin, start=start, asked=asked)
        return self.form_page(form, status=200, origin=origin)

    def post(self, request: HttpRequest, origin_id: int) -> HttpResponse:
        origin = self._origin(origin_id)
        form = DeskForm(self.at, request.POST, user=self.user, origin=origin)
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                made = create_draft(
                    kind=self.at.kind,
                    origin=origin,
                    actor=self.user,
                    now=timezone.now(),
                    values=form.values,
                    rows=form.rows,
                    creation_key=form.header.cleaned_data["creation_key"],
                    ip=ip_of(request),
                )
            except DomainError as error:
                form.show_refusals(error)
                status = error.status
            else:
                return self.after_saving(made)
        return self.form_page(form, status=status, origin=origin)

    def _origin(self, origin_id: int) -> Any:
        if self.at.origin is None:
            return None
        found = self.at.origin.candidates(self.user).filter(pk=origin_id).first()
        if found is None:
            raise self.at.origin.stranger(origin_id, self.user) or not_found()
        return found


class EditPage(FormPage):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = self.visible(pk)
        ensure_editable(document, self.user)
        form = DeskForm(self.at, user=self.user, document=document, origin=self._origin(document))
        return self._page(form, document, status=200)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = self.visible(pk)
        form = DeskForm(
            self.at,
            request.POST,
            user=self.user,
            document=document,
            origin=self._origin(document),
        )
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                saved = update_draft(
                    kind=self.at.kind,
                    document_id=document.pk,
                    actor=self.user,
                    now=timezone.now(),
                    values=form.values,
                    rows=form.rows,
                    seen_version=form.header.cleaned_data["version"],
                    ip=ip_of(request),
                )
            except DomainError as error:
                form.show_refusals(error)
                status = error.status
            else:
                return self.after_saving(saved)
        return self._page(form, document, status=status)

    def _origin(self, document: Any) -> Any:
        return getattr(document, self.at.origin.field) if self.at.origin else None

    def _page(self, form: DeskForm, document: Any, *, status: int) -> HttpResponse:
        origin = self._origin(document)
        return self.form_page(form, status=status, document=document, origin=origin)


class DetailPage(DeskPage):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = page_document(self.at, pk, self.user)
        if hides_from(document, self.user):
            # Who is asked at a step that hides something reads the document there.
            return redirect("workflows:case", document.case_id)
        context = page_context(self.at, document, self.user)
        context["opens_submission"] = context["may_edit"] and "submit" in request.GET
        context["key"] = uuid4().hex
        return self.show("detail", context)


class RelatedPage(DeskPage):
    """What follows from the document, once its page is there."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = self.visible(pk)
        if hides_from(document, self.user):
            raise not_found()
        found = panels_of(self.at.kind_code, document, self.user, later=True)
        return render(request, "documents/panels/related.html", {"panels": found})


class SubmissionPage(DeskPage):
    """提交审批, before it is confirmed: every reason against it, else the chain with people."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = self.visible(pk)
        preview = submission_preview(document, actor=self.user, now=timezone.now())
        context = {
            "document": document,
            "preview": preview,
            "key": uuid4().hex,
            "edit_url": self.at.url("edit", pk),
            "submit_url": self.at.url("submit", pk),
        }
        return self.show("submission", context)


class _ActPage(DeskPage):
    http_method_names = ["post", "options"]


class SubmitPage(_ActPage):
    """Into approval; refusals come back as the list that the dialog shows."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = self.visible(pk)
        case = submit_document(
            kind=self.at.kind_code,
            document_id=document.pk,
            actor=self.user,
            now=timezone.now(),
            idempotency_key=request.POST.get("idempotency_key", "")[:64] or None,
            seen_version=read_version(request.POST),
            choices=read_choices(request.POST),
        )
        messages.success(request, _("%(doc_no)s is under approval now.") % {"doc_no": case.doc_no})
        return redirect(self.at.url("detail", pk))


class VoidPage(_ActPage):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = self.visible(pk)
        void_document(
            document_id=document.pk,
            actor=self.user,
            now=timezone.now(),
            reason=request.POST.get("reason", ""),
            ip=ip_of(request),
        )
        messages.success(request, _("%(doc_no)s is void.") % {"doc_no": document.doc_no})
        return redirect(self.at.url("detail", pk))


class PrintPage(DeskPage):
    """One of the kind's forms as a PDF; counts the print, ``?reason=`` is kept with it."""

    def get(self, request: HttpRequest, pk: int, form: str) -> FileResponse:
        document = self.visible(pk)
        printed = print_document(
            document=document,
            form=form,
            actor=self.user,
            now=timezone.now(),
            reason=request.GET.get("reason", ""),
        )
        return file_response(fresh_print(printed))


def desk_urls(desk: Desk) -> list[URLPattern]:
    """The addresses of a desk, for its app's ``urls.py``."""
    pages: tuple[tuple[str, str, type[DeskPage]], ...] = (
        ("", "list", ListPage),
        ("new/", "new", ChoosePage),
        ("new/<int:origin_id>/", "new_from", NewPage),
        ("<int:pk>/", "detail", DetailPage),
        ("<int:pk>/edit/", "edit", EditPage),
        ("<int:pk>/related/", "related", RelatedPage),
        ("<int:pk>/submission/", "submission", SubmissionPage),
        ("<int:pk>/submit/", "submit", SubmitPage),
        ("<int:pk>/void/", "void", VoidPage),
        ("<int:pk>/print/<slug:form>/", "print", PrintPage),
    )
    return [
        path(f"{desk.path}/{tail}", page.as_view(desk=desk), name=f"{desk.name}_{name}")
        for tail, name, page in pages
    ]

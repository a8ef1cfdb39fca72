"""Addresses whose views refuse or fail in every way; only for test_middleware.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import CharField, Serializer

from lending_crm import urls
from lending_crm.common.errors import DomainError, Refusals, busy

handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)


def rule() -> None:
    raise DomainError("WF-03", "%(name)s may not.", status=403, params={"name": "A<b>"})


def rules() -> None:
    raise Refusals(
        [
            DomainError("BA-01", "The amount is missing.", status=422, field="amount"),
            DomainError("BA-02", "The term is missing.", status=422, field="term"),
        ]
    )


def lock() -> None:
    raise busy()


def sql(statement: str, parameters: list[Any] | None = None) -> Callable[[], None]:
    def act() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)

    return act


def fault() -> None:
    raise RuntimeError("secret detail")


def missing() -> None:
    raise Http404("hidden reason")


def denied() -> None:
    raise PermissionDenied


def oversized() -> None:
    raise RequestDataTooBig


ACTS: dict[str, Callable[[], None]] = {
    "rule": rule,
    "rules": rules,
    "lock": lock,
    "nul": sql("SELECT %s::text", ["a\x00b"]),
    "overflow": sql("SELECT 99999999999::integer"),
    "surrogate": sql("SELECT %s::text", ["\ud800"]),
    "fault": fault,
    "missing": missing,
    "denied": denied,
    "oversized": oversized,
}


def page(request: HttpRequest, act: str) -> HttpResponse:
    ACTS[act]()
    return HttpResponse("done")


@login_required
def members(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


class NameSerializer(Serializer):
    name = CharField(max_length=3)


@api_view(["GET", "POST"])
def endpoint(request: Request, act: str) -> Response:
    if act == "validate":
        NameSerializer(data=request.data).is_valid(raise_exception=True)
    elif act != "pass":
        ACTS[act]()
    return Response({})


def read_form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.POST)))


def address(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META["REMOTE_ADDR"])


urlpatterns = [
    path("address/", address),
    path("act/<str:act>/", page),
    path("form/", read_form),
    path("members/", members),
    path("api/v1/act/<str:act>/", endpoint),
    *urls.urlpatterns,
]

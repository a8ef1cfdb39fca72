"""在途单据迁移: dry run, mapping, start, stop."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from workflows.models import FlowMigration
from workflows.screens.moves import load_migration_page
from workflows.services import flow_migrations
from workflows.views.administration import administrators_only, version_or_404


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def migration(request: HttpRequest, version_id: int) -> HttpResponse:
    """The newest migration into the version; a POST asks for a dry run."""
    administrators_only(request)
    version = version_or_404(version_id)
    if request.method == "POST":
        flow_migrations.request_migration(
            version_id=version.pk, actor=request.user, now=timezone.now()
        )
        return redirect("workflows:migration", version.pk)
    page = load_migration_page(
        version,
        request.user,
        chosen=request.GET.get("show", ""),
        cursor=request.GET.get("cursor", ""),
    )
    template = "workflows/_migration.html" if request.htmx else "workflows/migration.html"
    return render(request, template, {"screen": page, "version": version})


@login_required
@require_POST
def map_stages(request: HttpRequest, migration_id: int) -> HttpResponse:
    """Keep the mapping; every case is checked again."""
    mapping = {
        name.removeprefix("stage-"): target
        for name, target in request.POST.items()
        if name.startswith("stage-") and target
    }
    return _back(
        flow_migrations.map_stages(
            migration_id=migration_id, actor=request.user, now=timezone.now(), mapping=mapping
        )
    )


@login_required
@require_POST
def start(request: HttpRequest, migration_id: int) -> HttpResponse:
    return _back(
        flow_migrations.start_migration(
            migration_id=migration_id,
            actor=request.user,
            now=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
    )


@login_required
@require_POST
def cancel(request: HttpRequest, migration_id: int) -> HttpResponse:
    return _back(
        flow_migrations.cancel_migration(
            migration_id=migration_id, actor=request.user, now=timezone.now()
        )
    )


def _back(found: FlowMigration) -> HttpResponse:
    return redirect("workflows:migration", found.target_id)

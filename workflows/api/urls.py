"""Addresses of the engine's API."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from workflows.api import (
    drafts,
    engine,
    exchange,
    insight,
    moves,
    phrases,
    runs,
    views,
)

router = DefaultRouter()
router.include_root_view = False
router.register("inbox", views.InboxView, basename="api-inbox")
router.register("cases", views.CaseViewSet, basename="api-case")
router.register("flows", views.FlowViewSet, basename="api-flow")

urlpatterns = [
    path("work-items/<int:item_id>/", views.WorkItemView.as_view(), name="api-work-item"),
    *(
        path(
            f"work-items/<int:item_id>/{name}/",
            views.act_view(views.ItemActView, name, act),
            name=f"api-item-{name}",
        )
        for name, act in views.ACTS.items()
    ),
    *(
        path(
            f"cases/<int:case_id>/{name}/",
            views.act_view(views.CaseActView, name, act),
            name=f"api-case-{name}",
        )
        for name, act in views.CASE_ACTS.items()
    ),
    path(
        "flow-versions/<int:version_id>/replays/",
        runs.ReplaysView.as_view(),
        name="api-replays",
    ),
    path("cases/<int:case_id>/forecast/", insight.ForecastView.as_view(), name="api-forecast"),
    path("cases/<int:case_id>/since/", insight.SinceView.as_view(), name="api-since"),
    path(
        "flow-versions/<int:version_id>/preview/",
        runs.VersionPreviewView.as_view(),
        name="api-version-preview",
    ),
    path("replays/<int:replay_id>/", runs.ReplayView.as_view(), name="api-replay"),
    path("replays/<int:replay_id>/cases/", runs.ReplayCasesView.as_view(), name="api-replay-cases"),
    path(
        "replays/<int:replay_id>/cancel/",
        runs.CancelReplayView.as_view(),
        name="api-replay-cancel",
    ),
    path("flows/<int:flow_id>/check/", exchange.CheckView.as_view(), name="api-flow-check"),
    path("flows/<int:flow_id>/import/", exchange.ImportView.as_view(), name="api-flow-import"),
    path("flows/<int:flow_id>/diff/", exchange.DiffView.as_view(), name="api-flow-diff"),
    path(
        "flows/<int:flow_id>/versions/<int:number>/bpmn/",
        exchange.ExportView.as_view(),
        name="api-flow-export",
    ),
    path("flows/<int:flow_id>/draft/", drafts.DraftView.as_view(), name="api-draft"),
    path("flows/<int:flow_id>/draft/check/", drafts.CheckView.as_view(), name="api-draft-check"),
    path(
        "flows/<int:flow_id>/draft/publish/",
        drafts.PublishView.as_view(),
        name="api-draft-publish",
    ),
    path(
        "flow-versions/<int:version_id>/migrations/",
        moves.MigrationsView.as_view(),
        name="api-migrations",
    ),
    path("migrations/<int:migration_id>/", moves.MigrationView.as_view(), name="api-migration"),
    path(
        "migrations/<int:migration_id>/cases/",
        moves.MigrationCasesView.as_view(),
        name="api-migration-cases",
    ),
    path(
        "migrations/<int:migration_id>/start/",
        moves.StartMigrationView.as_view(),
        name="api-migration-start",
    ),
    path(
        "migrations/<int:migration_id>/cancel/",
        moves.CancelMigrationView.as_view(),
        name="api-migration-cancel",
    ),
    path("engine/health/", engine.HealthView.as_view(), name="api-engine-health"),
    path(
        "engine/timers/<int:timer_id>/retry/",
        engine.RetryTimerView.as_view(),
        name="api-timer-retry",
    ),
    path(
        "engine/timers/<int:timer_id>/drop/", engine.DropTimerView.as_view(), name="api-timer-drop"
    ),
    path(
        "engine/messages/<int:message_id>/retry/",
        engine.RetryMessageView.as_view(),
        name="api-message-retry",
    ),
    path("flow-versions/<int:version_id>/limits/", engine.LimitsView.as_view(), name="api-limits"),
    path("phrases/", phrases.PhrasesView.as_view(), name="api-phrases"),
    path("phrases/<int:phrase_id>/", phrases.PhraseView.as_view(), name="api-phrase"),
    path("common-phrases/", phrases.CommonPhrasesView.as_view(), name="api-common-phrases"),
    path(
        "common-phrases/<int:phrase_id>/",
        phrases.CommonPhraseView.as_view(),
        name="api-common-phrase",
    ),
    path(
        "common-phrases/<int:phrase_id>/move/",
        phrases.MoveCommonPhraseView.as_view(),
        name="api-common-phrase-move",
    ),
    path("", include(router.urls)),
]

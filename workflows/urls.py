"""Inbox, cases, acts on them, and the flows that administrators configure."""

from django.urls import path

from workflows.views import (
    actions,
    cases,
    compare,
    designer,
    engine,
    exchange,
    flows,
    moves,
    personal,
    phrases,
    replays,
    signatures,
)

app_name = "workflows"

urlpatterns = [
    path("inbox/", cases.inbox, name="inbox"),
    path("inbox/bulk/", personal.bulk, name="bulk"),
    path("inbox/filters/", personal.save_filter, name="save_filter"),
    path("inbox/filters/<int:filter_id>/remove/", personal.remove_filter, name="remove_filter"),
    path("inbox/phrases/", phrases.keep, name="add_phrase"),
    path("profile/phrases/", phrases.own, name="own_phrases"),
    path("profile/phrases/<int:phrase_id>/remove/", phrases.remove_own, name="remove_phrase"),
    path("flows/phrases/", phrases.common, name="common_phrases"),
    path("flows/phrases/<int:phrase_id>/", phrases.change_common, name="change_common_phrase"),
    path("flows/phrases/<int:phrase_id>/move/", phrases.move_common, name="move_common_phrase"),
    path(
        "flows/phrases/<int:phrase_id>/remove/", phrases.remove_common, name="remove_common_phrase"
    ),
    path("inbox/people/", cases.people, name="people"),
    path("cases/<int:case_id>/", cases.case, name="case"),
    path("cases/<int:case_id>/seen/", cases.seen, name="seen"),
    path("cases/<int:case_id>/route/", cases.route, name="route"),
    path("cases/<int:case_id>/diagram/", cases.diagram, name="diagram"),
    path("cases/<int:case_id>/diagram.svg", cases.diagram_svg, name="diagram_svg"),
    path("cases/<int:case_id>/bpmn", cases.bpmn, name="bpmn"),
    path("cases/<int:case_id>/signatures/<int:sequence>/", signatures.signature, name="signature"),
    path("cases/<int:case_id>/marks", cases.marks, name="marks"),
    path("cases/<int:case_id>/reassign/", actions.reassign, name="reassign"),
    path("cases/<int:case_id>/<slug:action>/", actions.act_on_case, name="act_on_case"),
    path("work-items/<int:item_id>/<slug:action>/", actions.act_on_item, name="act_on_item"),
    path("flows/", flows.flows, name="flows"),
    path("flows/compare/", compare.compare, name="compare"),
    path("flows/compare/<slug:side>/marks", compare.marks, name="compare_marks"),
    path("flows/<int:definition_id>/draft/", flows.start_draft, name="start_draft"),
    path("flows/<int:definition_id>/import/", exchange.import_flow, name="import_flow"),
    path("flows/<int:definition_id>/import/draft/", exchange.take_over, name="take_over"),
    path("flows/versions/<int:version_id>/", flows.version, name="version"),
    path("flows/versions/<int:version_id>/diagram.svg", flows.version_svg, name="version_svg"),
    path("flows/versions/<int:version_id>/bpmn", flows.version_bpmn, name="version_bpmn"),
    path("flows/versions/<int:version_id>/marks", flows.marks, name="version_marks"),
    path("flows/versions/<int:version_id>/edit/", flows.edit, name="edit"),
    path("flows/versions/<int:version_id>/designer/", designer.designer, name="designer"),
    path("flows/versions/<int:version_id>/designer/panel/", designer.panel, name="designer_panel"),
    path("flows/versions/<int:version_id>/designer/apply/", designer.apply, name="designer_apply"),
    path("flows/versions/<int:version_id>/publish/", flows.publish, name="publish"),
    path("flows/versions/<int:version_id>/discard/", flows.discard, name="discard"),
    path("flows/versions/<int:version_id>/replay/", replays.replay, name="replay"),
    path("flows/versions/<int:version_id>/migration/", moves.migration, name="migration"),
    path("flows/migrations/<int:migration_id>/map/", moves.map_stages, name="map_stages"),
    path("flows/migrations/<int:migration_id>/start/", moves.start, name="start_migration"),
    path("flows/migrations/<int:migration_id>/cancel/", moves.cancel, name="cancel_migration"),
    path("flows/versions/<int:version_id>/preview/", replays.preview, name="preview"),
    path("flows/replays/<int:replay_id>/cancel/", replays.cancel, name="cancel_replay"),
    path("flows/versions/<int:version_id>/limits/", engine.time_limits, name="time_limits"),
    path("flows/engine/", engine.health, name="engine"),
    path("flows/engine/timers/<int:timer_id>/retry/", engine.retry_timer, name="retry_timer"),
    path("flows/engine/timers/<int:timer_id>/drop/", engine.drop_timer, name="drop_timer"),
    path(
        "flows/engine/messages/<int:message_id>/retry/", engine.retry_message, name="retry_message"
    ),
    path("flows/versions/<int:version_id>/<slug:action>/", flows.change, name="change"),
]

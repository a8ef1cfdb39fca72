from reports.models.work_plan import PlanComment, PlanTask, WorkPlan
from reports.models.work_report import (
    ReportComment,
    ReportKeeper,
    ReportReceiver,
    WorkReport,
)

__all__ = [
    "PlanComment",
    "PlanTask",
    "ReportComment",
    "ReportKeeper",
    "ReportReceiver",
    "WorkPlan",
    "WorkReport",
]

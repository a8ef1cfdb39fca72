from reports.models.work_plan import PlanComment, PlanTask, WorkPlan
from reports.models.work_report import ReportComment, ReportReceiver, WorkReport

__all__ = [
    "PlanComment",
    "PlanTask",
    "ReportComment",
    "ReportReceiver",
    "WorkPlan",
    "WorkReport",
]

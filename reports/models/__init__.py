from reports.models.work_report import ReportComment, ReportReceiver, WorkReport

__all__ = ["ReportComment", "ReportReceiver", "WorkReport"]

from reports.selectors.workbench import Workbench, load_workbench

__all__ = ["Workbench", "load_workbench"]

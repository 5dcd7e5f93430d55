"""A report on a run for an appendix or a reviewer: what, with what, with which result, again?"""

from mlprov_widgets.reporting.report import RunReport, run_report

__all__ = ["RunReport", "run_report"]

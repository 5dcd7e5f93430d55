"""What a generated notebook imports: record what really happened, whoever edits the cells."""

from mlprov_widgets.capture.finished import FinishedRun
from mlprov_widgets.capture.run import Run
from mlprov_widgets.capture.start import run_report, start_run

__all__ = ["FinishedRun", "Run", "run_report", "start_run"]

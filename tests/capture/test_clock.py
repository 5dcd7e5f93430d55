"""A machine whose clock is set while something runs: nothing ends before it began."""

from __future__ import annotations

import itertools
import time

import pytest

from mlprov_widgets.provenance import validate

from .conftest import Front, Study


@pytest.mark.parametrize("step", [-3600.0, 86400.0], ids=["back", "forward"])
def test_times_go_on_when_the_clock_is_set(
    shell: Front, study: Study, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    study.write()
    moments = itertools.count(time.time(), step)
    monkeypatch.setattr(time, "time", lambda: next(moments))
    shell.run_study(study)
    shell.run("rows.append(1)", "later")
    shell.run("again = start_run('study.ipynb')\nagain.finish()", "again")
    record = study.record()
    assert validate(study.file) == []
    took = (record.end - record.start).total_seconds()
    executions = [
        one for cell in record.cells for one in cell.executions if one.start is not None and one.end
    ]
    assert len(executions) >= 6
    starts = [one.start for one in sorted(executions, key=lambda one: one.count)]
    assert starts == sorted(starts)
    assert all(0 <= (one.end - one.start).total_seconds() <= took + 60 for one in executions)
    assert 0 <= took < 60

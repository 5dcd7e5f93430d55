"""With what a run was run, for its report: software, machine, settings, code and time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mlprov_widgets.present.blocks import FieldTable
from mlprov_widgets.record import Value
from mlprov_widgets.record.entries import Entry
from mlprov_widgets.record.fields import title_of
from mlprov_widgets.record.findings import has
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import format_duration, format_value, seconds_between


def with_what(story: Story) -> list[FieldTable]:
    """Software, machine, settings and code, each with where it stands."""
    groups = {
        "Software": _software(story),
        "Machine": _machine(story),
        title_of("environment"): _settings(story),
        "Code": _code(story),
        "Time": _time(story),
    }
    return [FieldTable(title, rows) for title, found in groups.items() if (rows := list(found))]


def _software(story: Story) -> Iterator[Entry]:
    record = story.record
    if python := story.python:
        kind = format_value(record.environment.get("python_implementation"))
        yield Entry("Python", f"{python} ({kind})" if kind else python, "environment.python")
    yield from story.group("packages", declared_only=True)
    if build := format_value(record.environment.get("torch_version")):
        yield Entry("Build of PyTorch", build, "environment.torch_version")
    if record.software:
        yield Entry("Recorded by", story.recorded_by, "software")


def _machine(story: Story) -> Iterator[Entry]:
    yield from story.group("hardware_info")[:30]
    if device := story.entry("model_parameters", "device"):
        trained = not has(story.record, "no_training_seen")
        yield device if trained else replace(device, label="Device of the model")


def _settings(story: Story) -> Iterator[Entry]:
    yield from story.group("environment", declared_only=True)
    if pools := _pools(story.record.environment.get("thread_pools")):
        yield Entry("Thread pools", pools, "environment.thread_pools")


def _code(story: Story) -> Iterator[Entry]:
    record = story.record
    if story.pack:
        yield Entry("Written by the pack", story.pack, "pack")
        if digest := format_value(record.pack.get("sha256")):
            yield Entry("SHA-256 of the pack", digest, "pack.sha256")
    if commit := format_value(record.git.get("commit")):
        branch = format_value(record.git.get("branch"))
        yield Entry("Git commit", commit + (f" ({branch})" if branch else ""), "git.commit")
        dirty = record.git.get("dirty")
        if isinstance(dirty, bool):
            text = "with changes that were not committed" if dirty else "nothing uncommitted"
            yield Entry("State of the repository", text, "git.dirty")
    elif record.cells:
        yield Entry("Git commit", "none: the notebook was in no repository", "git")
    code = [cell for cell in record.cells if cell.kind == "code"]
    if code:
        ran = sum(bool(cell.executions) for cell in code)
        yield Entry("Code cells", f"{len(code):,}, of which {ran:,} ran", "cells")


def _time(story: Story) -> Iterator[Entry]:
    record = story.record
    for label, where, moment in (("Began", "start", record.start), ("Ended", "end", record.end)):
        if moment is not None:
            zone = f"{moment:%z}" if moment.utcoffset() else "UTC"
            zone = "(no time zone recorded)" if moment.tzinfo is None else zone
            yield Entry(label, f"{moment:%Y-%m-%d %H:%M:%S} {zone}", where)
    if story.duration:
        yield Entry("Whole run", story.duration, "start, end")
    for name, label in (("model_training", "Training"), ("model_evaluation", "Evaluation")):
        step = record.steps.get(name)
        if step and (text := format_duration(seconds_between(step.start, step.end))):
            yield Entry(label, text, f"steps.{name}")


def _pools(value: Value) -> str:
    parts = []
    for pool in value[:8] if isinstance(value, list) else ():
        if isinstance(pool, dict):
            name = format_value(pool.get("internal_api") or pool.get("user_api")) or "library"
            details = [format_value(pool.get(key)) for key in ("version", "architecture")]
            told = " ".join(part for part in (name, *details) if part)
            parts.append(f"{told}: {format_value(pool.get('num_threads')) or '?'} threads")
    return "; ".join(parts)

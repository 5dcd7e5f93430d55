"""What a comparison of two runs comes to, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

from mlprov_widgets.comparison.differences import Difference
from mlprov_widgets.comparison.items import CLOSE, DIFFERENT, IDENTICAL, MISSING, ComparedItem
from mlprov_widgets.comparison.outcome import Outcome
from mlprov_widgets.comparison.words import digits, label, shown
from mlprov_widgets.wording import capitalize, format_list, is_numeric, one_line

# Of more things, a sentence says only how many there are.
_NAMED = 3
_NAMED_BY_KIND = {
    "device": "the device",
    "threads": "the number of threads",
    "CPU capability": "what the CPU can do",
    "GPU": "the GPU, or its software",
    "environment": "the environment",
    "package": "a package",
    "hardware": "the hardware",
}
_STOPPED = {"failed": "it failed", "interrupted": "it was interrupted"}
UNFINISHED = frozenset({*_STOPPED, "unfinished"})


@dataclass(frozen=True)
class Conclusion:
    """Sentences about a comparison; all of them without characters that do not print.

    Parameters
    ----------
    meaning : str
        What is the same and what is not.
    parting : str
        Where along the pipeline the two part first; empty where they do not.
    cause : str
        What may be the cause; empty where nothing needs one.
    """

    meaning: str
    parting: str = ""
    cause: str = ""

    @property
    def sentences(self) -> list[str]:
        """Those that there are, in reading order."""
        return [one for one in (self.meaning, self.parting, self.cause) if one]


def conclude(
    verdict: str,
    items: list[ComparedItem],
    differences: list[Difference],
    runs: tuple[Outcome, Outcome],
    tolerance: tuple[float, float],
) -> Conclusion:
    """Say what a comparison comes to; `runs` are the new and the original one."""
    unlike = next((item for item in items if item.verdict in {CLOSE, DIFFERENT}), None)
    meaning = _meaning(verdict, items, runs, tolerance)
    if unlike is None:
        return Conclusion(meaning)
    return Conclusion(meaning, _parting(unlike), _cause(differences, runs))


def _meaning(
    verdict: str,
    items: list[ComparedItem],
    runs: tuple[Outcome, Outcome],
    tolerance: tuple[float, float],
) -> str:
    metrics = [item for item in items if item.kind == "metric"]
    others = [item for item in items if item.kind != "metric"]
    if not any(item.verdict != MISSING for item in metrics):
        return _without_metrics(others, runs)
    ended = [run.status for run in runs]
    if set(ended) & UNFINISHED:
        told = [
            f"the {which} run did not finish ({_STOPPED.get(status, 'it has no end')})"
            for which, status in zip(("new", "original"), ended, strict=True)
            if status in UNFINISHED
        ]
        return f"{capitalize(_few(told))}, so one cannot be said to reproduce the other."
    if verdict == "bit-identical":
        same = format_list([item.words for item in others] + [_all(metrics)], 9)
        return f"{capitalize(same)} are the same, bit for bit."
    if verdict == "metric-identical":
        unlike = [item.words for item in others if item.verdict in {CLOSE, DIFFERENT}]
        gone = [item for item in others if item.verdict == MISSING]
        lost = [item.words for item in gone if not item.note]
        are = "are" if len(metrics) > 1 else "is"
        parts = [f"{capitalize(_all(metrics))} {are} the same to the last digit"]
        if unlike:
            parts.append(f"but not what is behind them: {_few(unlike)}")
        if lost:
            parts.append(f"and {_few(lost)} cannot be compared, as not both runs have it")
        # What cannot be read says why.
        parts += [f"{one.words} {one_line(one.note)}" for one in gone if one.note]
        return ", ".join(parts) + "."
    if verdict == "within tolerance":
        close = sum(item.verdict == CLOSE for item in metrics)
        return (
            f"No metric differs by more than the tolerance ({tolerance[0]:g} of its value, or "
            f"{tolerance[1]:g}); {close} of {len(metrics)} {'is' if close == 1 else 'are'} not "
            "the same to the last digit."
        )
    return _different(metrics)


def _different(metrics: list[ComparedItem]) -> str:
    sentences = []
    beyond = [item for item in metrics if item.verdict == DIFFERENT]
    if beyond:
        numbers = [item for item in beyond if _numeric(item)]
        told = [
            "{} {} instead of {}".format(item.words, *digits(item.new, item.original))
            for item in numbers[:_NAMED]
        ]
        which = f": {', '.join(told)}{', …' if len(beyond) > len(told) else ''}" if told else ""
        differ = "differ" if len(beyond) > 1 else "differs"
        sentences.append(f"{len(beyond)} of {len(metrics)} metrics {differ}{which}.")
    for missing, run in (("new", "the original"), ("original", "this run")):
        alone = [
            item.words
            for item in metrics
            if item.verdict == MISSING and getattr(item, missing) is None
        ]
        if alone:
            sentences.append(f"Only {run} has {_few(alone)}.")
    return " ".join(sentences)


def _without_metrics(others: list[ComparedItem], runs: tuple[Outcome, Outcome]) -> str:
    new, original = (_why_no_metrics(run) for run in runs)
    if new is not None and original is not None:
        told = "Neither run has metrics, so there is no result to compare."
    elif original is not None:
        told = f"The original run has no metrics{original}, so there is no result to compare."
    elif new is not None:
        told = f"This run has no metrics{new}, so there is no result to compare."
    else:
        told = "The two runs have no metric in common, so there is no result to compare."
    same = [item.words for item in others if item.verdict == IDENTICAL]
    return f"{told} Still the same: {format_list(same, 9)}." if same else told


def _why_no_metrics(run: Outcome) -> str | None:
    if run.metrics:
        return None
    return f" ({_STOPPED[run.status]})" if run.status in _STOPPED else ""


def _parting(item: ComparedItem) -> str:
    note = f", {one_line(item.note)}" if item.note else ""
    if item.kind == "metric" and _numeric(item):
        note = ": {} instead of {}".format(*digits(item.new, item.original))
    what = f"the metric {item.words}" if item.kind == "metric" else f"the {item.words}"
    return f"Along the pipeline, the two part first at {what}{note}."


def _cause(differences: list[Difference], runs: tuple[Outcome, Outcome]) -> str:
    likely = [one for one in differences if one.is_likely]
    if likely:
        # The record keeps the sentence too, where nothing stands below it.
        number = len(differences) - 1
        more = f"; {number} more thing{'s differ' if number > 1 else ' differs'}" if number else ""
        return f"Most likely cause: {name_of(likely[0])}{more}."
    loose = [run.environment.get("nondeterministic_operations") for run in runs]
    found = list(dict.fromkeys(str(one) for ops in loose if isinstance(ops, list) for one in ops))
    if found:
        return (
            "Operations ran that are not deterministic on this hardware: "
            f"{_few(found)}. They alone can be the cause."
        )
    if not all(run.environment.keys() - {"python"} for run in runs):
        return "One of the runs did not record enough to look for the cause."
    if any(one.beside for one in differences):
        return (
            "Nothing that differed can be the cause, or usually is: it belongs to another step "
            "than the one where the two part, changes no number, or hardly ever does."
        )
    if differences:
        return (
            "Nothing that usually changes results differed between the two runs, only what hardly "
            "ever does."
        )
    return (
        "Nothing that was recorded differs between the two runs: not the data, the code, the "
        "values, the packages, the settings or the hardware. So the cause is something that is "
        "not recorded, such as a generator without a seed, an operation that is not deterministic "
        "or a file that the code reads by itself."
    )


def name_of(difference: Difference) -> str:
    """A difference in a few words: ``the number of threads (torch threads: now 1, then 4)``."""
    kind, name = difference.kind, label(difference.name.rpartition(".")[2])
    if kind == "data" and difference.name == "data":
        return "the data are not the same"
    if kind == "code":
        return f"{name} {_become(difference)}"
    told = ""
    new, original = difference.new, difference.original
    if isinstance(new, str | int | float) and isinstance(original, str | int | float):
        short = shown(new), shown(original)
        told = f"now {short[0]}, then {short[1]}" if short[0] != short[1] else ""
    if kind == "order":
        return f"{name if not difference.step else f'how often {name} ran'} ({told})"
    if kind in _NAMED_BY_KIND:
        return f"{_NAMED_BY_KIND[kind]} ({name}{f': {told}' if told else ''})"
    what = "version" if kind == "library" else "value"
    return f"the {what} of {name}" + (f" ({told})" if told else "")


def _become(difference: Difference) -> str:
    """What has become of a cell."""
    if difference.new == "added":
        return "was added"
    if difference.new == "not run":
        return "did not run this time"
    if difference.original == "not run":
        return "ran only this time"
    return "is not there any more" if difference.new is None else "is not the same"


def _numeric(item: ComparedItem) -> bool:
    return is_numeric(item.new) and is_numeric(item.original)


def _all(metrics: list[ComparedItem]) -> str:
    return f"all {len(metrics)} metrics" if len(metrics) > 1 else "the metric"


def _few(names: list[str]) -> str:
    return format_list(names, _NAMED)

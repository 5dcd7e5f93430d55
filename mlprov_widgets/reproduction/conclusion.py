"""What a comparison of two runs comes to, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mlprov_widgets.provenance.record import Value
from mlprov_widgets.reproduction.comparing import digits, written
from mlprov_widgets.reproduction.factors import Difference
from mlprov_widgets.reproduction.items import CLOSE, DIFFERENT, IDENTICAL, MISSING, Item
from mlprov_widgets.reproduction.outcome import Outcome

MAX_WIDTH = 44
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
    items: list[Item],
    differences: list[Difference],
    runs: tuple[Outcome, Outcome],
    tolerance: tuple[float, float],
) -> Conclusion:
    """Say what a comparison comes to; `runs` are the new and the original one."""
    unlike = next((item for item in items if item.verdict in {CLOSE, DIFFERENT}), None)
    if unlike is None:
        return Conclusion(_meaning(verdict, items, runs, tolerance))
    return Conclusion(
        _meaning(verdict, items, runs, tolerance),
        _parting(unlike),
        _cause(differences, runs),
    )


def readable(value: Value) -> str:
    """`value` in one line of printable characters, shortened where it is long."""
    if value is None:
        return "–"
    text = value if isinstance(value, str) else written(value)
    text = "".join(char if char.isprintable() else "�" for char in text)
    return text if len(text) <= MAX_WIDTH else text[: MAX_WIDTH - 1] + "…"


def words(name: str) -> str:
    """A recorded name as people say it; that of a class after the colon stays as it is."""
    term, colon, of = name.partition(": ")
    return readable(term.replace("_", " ") + colon + of)


def _meaning(
    verdict: str,
    items: list[Item],
    runs: tuple[Outcome, Outcome],
    tolerance: tuple[float, float],
) -> str:
    metrics = [item for item in items if item.kind == "metric"]
    others = [item for item in items if item.kind != "metric"]
    if not any(item.verdict != MISSING for item in metrics):
        return _without_metrics(others, runs)
    if verdict == "bit-identical":
        same = _listed([words(item.name) for item in others] + [_all(metrics)], 9)
        return f"{_capital(same)} are the same, bit for bit."
    if verdict == "metric-identical":
        unlike = [words(item.name) for item in others if item.verdict in {CLOSE, DIFFERENT}]
        lost = [words(item.name) for item in others if item.verdict == MISSING]
        parts = [f"{_capital(_all(metrics))} {_are(metrics)} the same to the last digit"]
        if unlike:
            parts.append(f"but not what is behind them: {_listed(unlike)}")
        if lost:
            parts.append(f"and {_listed(lost)} cannot be compared, as a run did not record it")
        return ", ".join(parts) + "."
    if verdict == "within tolerance":
        return (
            f"No metric differs by more than the tolerance ({tolerance[0]:g} of its value, or "
            f"{tolerance[1]:g}); {_count(metrics, CLOSE)} of {len(metrics)} "
            f"{'is' if _count(metrics, CLOSE) == 1 else 'are'} not the same to the last digit."
        )
    return _different(metrics)


def _different(metrics: list[Item]) -> str:
    sentences = []
    beyond = [item for item in metrics if item.verdict == DIFFERENT]
    if beyond:
        numbers = [item for item in beyond if _numeric(item)]
        told = [
            "{} {} instead of {}".format(words(item.name), *digits(item.new, item.original))
            for item in numbers[:_NAMED]
        ]
        which = f": {', '.join(told)}{', …' if len(beyond) > len(told) else ''}" if told else ""
        sentences.append(f"{len(beyond)} of {len(metrics)} metrics {_differ(beyond)}{which}.")
    for missing, run in (("new", "the original"), ("original", "this run")):
        alone = [
            words(item.name)
            for item in metrics
            if item.verdict == MISSING and getattr(item, missing) is None
        ]
        if alone:
            sentences.append(f"Only {run} has {_listed(alone)}.")
    return " ".join(sentences)


def _without_metrics(others: list[Item], runs: tuple[Outcome, Outcome]) -> str:
    new, original = (_why_no_metrics(run) for run in runs)
    if new is not None and original is not None:
        told = "Neither run has metrics, so there is no result to compare."
    elif original is not None:
        told = f"The original run has no metrics{original}, so there is no result to compare."
    elif new is not None:
        told = f"This run has no metrics{new}, so there is no result to compare."
    else:
        told = "The two runs have no metric in common, so there is no result to compare."
    same = [words(item.name) for item in others if item.verdict == IDENTICAL]
    return f"{told} Still the same: {_listed(same, 9)}." if same else told


def _why_no_metrics(run: Outcome) -> str | None:
    if run.metrics:
        return None
    why = _STOPPED.get(run.status, "")
    return f" ({why})" if why else ""


def _parting(item: Item) -> str:
    note = f", {_told(item.note)}" if item.note else ""
    if item.kind == "metric" and _numeric(item):
        note = ": {} instead of {}".format(*digits(item.new, item.original))
    what = f"the metric {words(item.name)}" if item.kind == "metric" else f"the {words(item.name)}"
    return f"Along the pipeline, the two part first at {what}{note}."


def _cause(differences: list[Difference], runs: tuple[Outcome, Outcome]) -> str:
    likely = [one for one in differences if one.is_likely]
    if likely:
        more = _more(len(differences) - 1)
        return f"Most likely cause: {name_of(likely[0])}{more}."
    loose = [run.environment.get("nondeterministic_operations") for run in runs]
    found = list(dict.fromkeys(str(one) for ops in loose if isinstance(ops, list) for one in ops))
    if found:
        return (
            "Operations ran that are not deterministic on this hardware: "
            f"{_listed([_told(one) for one in found])}. They alone can be the cause."
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
    kind, name = difference.kind, words(difference.name.rpartition(".")[2])
    if kind == "data" and difference.name == "data":
        return "the data are not the same"
    if kind == "code":
        return f"{name} {_become(difference)}"
    told = ""
    new, original = difference.new, difference.original
    if isinstance(new, str | int | float) and isinstance(original, str | int | float):
        short = readable(new), readable(original)
        told = f"now {short[0]}, then {short[1]}" if short[0] != short[1] else ""
    if kind == "order":
        return f"{name if not difference.step else f'how often {name} ran'} ({told})"
    if kind in _NAMED_BY_KIND:
        return f"{_NAMED_BY_KIND[kind]} ({name}{f': {told}' if told else ''})"
    what = {"library": f"the version of {name}"}.get(kind, f"the value of {name}")
    return what + (f" ({told})" if told else "")


def _become(difference: Difference) -> str:
    """What has become of a cell."""
    if difference.new == "added":
        return "was added"
    if difference.new == "not run":
        return "did not run this time"
    if difference.original == "not run":
        return "ran only this time"
    return "is not there any more" if difference.new is None else "is not the same"


def _told(text: str) -> str:
    plain = "".join(char if char.isprintable() else "�" for char in text)
    return plain if len(plain) <= 200 else plain[:199] + "…"


def _numeric(item: Item) -> bool:
    return all(
        isinstance(value, int | float) and not isinstance(value, bool)
        for value in (item.new, item.original)
    )


def _all(metrics: list[Item]) -> str:
    return f"all {len(metrics)} metrics" if len(metrics) > 1 else "the metric"


def _are(metrics: list[Item]) -> str:
    return "are" if len(metrics) > 1 else "is"


def _differ(metrics: list[Item]) -> str:
    return "differ" if len(metrics) > 1 else "differs"


def _more(number: int) -> str:
    # The record keeps the sentence too, where nothing stands below it.
    return f"; {number} more thing{'s differ' if number > 1 else ' differs'}" if number else ""


def _count(items: Iterable[Item], verdict: str) -> int:
    return sum(item.verdict == verdict for item in items)


def _listed(names: list[str], limit: int = _NAMED) -> str:
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

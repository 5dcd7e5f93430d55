"""Which items of the checklists of conferences a record answers, and which only the authors can.

The items are put into words of our own; the lists themselves are the conferences'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlprov_widgets.reporting.blocks import Answer, Answers, plain
from mlprov_widgets.reporting.facts import RunFacts

MAX_ANSWER = 1200

# What an item comes to: the text, whether it is whole, and the section with the values.
Found = tuple[str, bool, str]


@dataclass(frozen=True)
class State:
    """What the report knows besides the record: how the reproducing went.

    Parameters
    ----------
    verdict : str
        Of the comparison with another run; empty where there is none.
    edited : int or None
        Cells changed by hand; None where that is not known.
    """

    verdict: str = ""
    edited: int | None = None


_Ask = Callable[[RunFacts, State], Found | None]


def checklists(facts: RunFacts, state: State) -> list[Answers]:
    """The three lists, each filled in as far as the record goes."""
    found = []
    for title, source, address, items in (
        (
            "NeurIPS paper checklist",
            "NeurIPS Paper Checklist Guidelines (2025)",
            "https://neurips.cc/public/guides/PaperChecklist",
            _NEURIPS,
        ),
        (
            "ACL responsible NLP research checklist",
            "ACL Rolling Review, Responsible NLP Research Checklist",
            "https://aclrollingreview.org/responsibleNLPresearch/",
            _ACL,
        ),
        (
            "Machine learning reproducibility checklist",
            "Pineau et al., The Machine Learning Reproducibility Checklist, version 2.0 (2020)",
            "https://www.cs.mcgill.ca/~jpineau/ReproducibilityChecklist.pdf",
            _PINEAU,
        ),
    ):
        answers, left = [], []
        for key, item, ask in items:
            answer = ask(facts, state) if ask is not None else None
            if answer is None or not answer[0]:
                left.append((key, item))
            else:
                answers.append(
                    Answer(key, item, plain(answer[0], MAX_ANSWER), answer[2], answer[1])
                )
        found.append(Answers(title, source, address, answers, left))
    return found


def _sentences(*parts: str) -> str:
    return " ".join(f"{part}." for part in parts if part)


def _reproduction(facts: RunFacts, state: State) -> Found | None:
    record = facts.record
    parts = []
    if record.cells:
        parts.append("The record holds the source of every cell that ran")
    if record.fingerprints:
        names = ", ".join(name.replace("_", " ") for name in list(record.fingerprints)[:8])
        parts.append(f"SHA-256 fingerprints of: {names}")
    if facts.seeds:
        parts.append("Seeds: " + ", ".join(dict.fromkeys(seed.value for seed in facts.seeds)))
    if state.verdict:
        parts.append(f"Compared with another run: {state.verdict}")
    if not parts:
        return None
    whole = bool(record.cells and record.fingerprints and record.metrics)
    if not state.verdict:
        parts.append("It was not yet reproduced")
    return _sentences(*parts), whole, "reproduces" if state.verdict else "reproduce"


def _open_access(facts: RunFacts, state: State) -> Found | None:
    parts = []
    if facts.data:
        place = facts.text("data_ingestion", "root_location")
        parts.append(f"Data: {facts.data}" + (f", from {place}" if place else ""))
    if commit := facts.record.git.get("commit"):
        parts.append(f"Code: commit {str(commit)[:64]}")
    if facts.record.cells:
        parts.append("The provenance file rebuilds the notebook")
    parts.append("Where code and data are published is for the authors to say" if parts else "")
    return _sentences(*parts), False, "reproduce"


def _data_statistics(facts: RunFacts, state: State) -> Found | None:
    parts = []
    if facts.samples:
        of = f" of {facts.data}" if facts.data else ""
        parts.append(f"{facts.samples} samples{of}")
    if facts.classes:
        parts.append(f"{facts.classes} classes")
    parts += [f"{part}: {value}" for part, value in facts.split]
    return ("; ".join(parts) + ".", bool(facts.samples), "what") if parts else None


def _splits(facts: RunFacts, state: State) -> Found | None:
    parts = [f"{part}: {value}" for part, value in facts.split]
    if not parts:
        shares = [
            f"{part}: {facts.text('data_segregation', f'{part}_split')}"
            for part in ("training", "testing")
            if facts.text("data_segregation", f"{part}_split")
        ]
        parts = shares
    if seed := facts.text("data_segregation", "random_state"):
        parts.append(f"seed {seed}")
    if digest := facts.record.fingerprints.get("split"):
        parts.append(f"SHA-256 {str(digest)[:64]}")
    return ("; ".join(parts) + ".", True, "what") if parts else None


def _details(facts: RunFacts, state: State) -> Found | None:
    parts = []
    for label, step, names in (
        ("optimizer", "model_parameters", ("optimizer",)),
        ("learning rate", "model_parameters", ("optimizer_learning_rate", "learning_rate")),
        ("loss", "model_parameters", ("loss_function",)),
        ("batch size", "model_training", ("batch_size",)),
        ("epochs", "model_training", ("epochs_run", "epochs")),
    ):
        if text := facts.text(step, *names):
            parts.append(f"{label} {text}")
    if facts.seeds:
        parts.append("seeds " + ", ".join(dict.fromkeys(seed.value for seed in facts.seeds)))
    parts += [f"{part} {value}" for part, value in facts.split]
    return ("; ".join(parts) + ".", len(parts) >= 5, "what") if parts else None


def _hyperparameters(facts: RunFacts, state: State) -> Found | None:
    details = _details(facts, state)
    if details is None:
        return None
    listed = bool(facts.record.values)
    more = " All values of the task that count are listed." if listed else ""
    return details[0] + more, listed, "what"


def _with_search(facts: RunFacts, state: State) -> Found | None:
    details = _details(facts, state)
    if details is None:
        return None
    return f"{details[0]} How they were chosen is for the authors to say.", False, "what"


def _spread(facts: RunFacts, state: State) -> Found | None:
    if not facts.record.metrics:
        return None
    folds = facts.text("data_segregation", "n_splits")
    several = [name for name in facts.record.metrics if "cross_validation" in str(name)]
    if folds and several:
        text = f"Cross-validation with {folds} folds: the value of each fold is in the results."
    else:
        text = "This is one run with one seed, so it has no error bars."
    return f"{text} A spread over several runs is for the authors to add.", False, "results"


def _runs(facts: RunFacts, state: State) -> Found | None:
    epochs = facts.text("model_training", "epochs_run", "epochs")
    if not epochs or facts.record.status != "finished":
        return None
    tested = facts.text("model_evaluation", "number_of_predictions")
    text = f"One training run of {epochs} epochs"
    text += f" and one evaluation on {tested} samples." if tested else " and one evaluation."
    return f"{text} How many runs the paper rests on is for the authors to say.", False, "what"


def _compute(facts: RunFacts, state: State) -> Found | None:
    parts = [facts.hardware]
    if facts.device:
        parts.append(f"Trained on {facts.device}")
    if facts.duration:
        parts.append(f"This run took {facts.duration}")
    if not any(parts):
        return None
    parts.append("What the whole project took is for the authors to add")
    return _sentences(*parts), False, "with"


def _size_and_budget(facts: RunFacts, state: State) -> Found | None:
    compute = _compute(facts, state)
    if not facts.parameters:
        return compute
    text = f"{facts.parameters} parameters. {compute[0] if compute else ''}".strip()
    return text, False, "what"


def _runtime(facts: RunFacts, state: State) -> Found | None:
    return (f"{facts.duration} for this run.", True, "with") if facts.duration else None


def _infrastructure(facts: RunFacts, state: State) -> Found | None:
    system = facts.record.hardware_info.get("Operating_System")
    parts = [facts.hardware, str(system)[:120] if system else ""]
    return (_sentences(*parts), True, "with") if any(parts) else None


def _packages(facts: RunFacts, state: State) -> Found | None:
    packages = facts.record.packages
    if not packages:
        return None
    known = ("torch", "torchvision", "scikit-learn", "sklearn", "numpy", "pandas")
    told = ", ".join(f"{name} {str(packages[name])[:40]}" for name in known if name in packages)
    text = f"{len(packages)} packages with their versions" + (
        f", among them {told}." if told else "."
    )
    return text, not facts.is_legacy, "with"


def _assets(facts: RunFacts, state: State) -> Found | None:
    parts = []
    if facts.data:
        parts.append(f"data set {facts.data}")
    if source := facts.text("model_parameters", "model_source"):
        parts.append(f"model of “{source}”")
    if weights := facts.text("model_parameters", "weights", "pretrained_weights"):
        parts.append(f"weights {weights}")
    if not parts:
        return None
    text = ", ".join(parts)
    text = text[0].upper() + text[1:]
    return f"{text}. Citations and licences are for the authors to add.", False, "what"


def _preprocessing(facts: RunFacts, state: State) -> Found | None:
    text = facts.text("data_preparation", "operations", "transformation_method")
    return (
        (f"{text}. Samples left out are for the authors to name.", False, "what") if text else None
    )


def _model(facts: RunFacts, state: State) -> Found | None:
    name = facts.text("model_parameters", "model_name")
    if not name:
        return None
    size = f" with {facts.parameters} parameters" if facts.parameters else ""
    return f"{name}{size}; its layers are listed.", False, "what"


def _code(facts: RunFacts, state: State) -> Found | None:
    if not facts.record.cells:
        return None
    changed = ""
    if state.edited is not None:
        changed = (
            f" {state.edited} of them changed by hand."
            if state.edited
            else (" None of them was changed by hand.")
        )
    number = sum(cell.kind == "code" for cell in facts.record.cells)
    return f"In the record: {number} code cells.{changed}", True, "changes"


def _download(facts: RunFacts, state: State) -> Found | None:
    place = facts.text("data_ingestion", "root_location")
    digest = facts.record.fingerprints.get("data")
    if not place:
        return None
    text = f"{place}" + (f", SHA-256 of the data {str(digest)[:64]}" if digest else "")
    return f"{text}. A lasting address is for the authors to add.", False, "what"


def _commands(facts: RunFacts, state: State) -> Found | None:
    if not facts.record.cells or not facts.record.metrics:
        return None
    return "The results as a table, and the commands that lead to them.", True, "reproduce"


def _measures(facts: RunFacts, state: State) -> Found | None:
    names = [str(name).replace("_", " ")[:40] for name in list(facts.record.metrics)[:12]]
    return (f"{', '.join(names)}.", True, "results") if names else None


_Items = tuple[tuple[str, str, _Ask | None], ...]

_NEURIPS: _Items = (
    ("1", "The claims match what was shown", None),
    ("2", "Limitations are discussed", None),
    ("3", "Theory: assumptions and proofs", None),
    ("4", "The results can be reproduced", _reproduction),
    ("5", "Data and code can be had", _open_access),
    ("6", "Settings and details of the experiment", _details),
    ("7", "Statistical significance", _spread),
    ("8", "Compute that was used", _compute),
    ("9", "Code of ethics", None),
    ("10", "Effects on society", None),
    ("11", "Safeguards against misuse", None),
    ("12", "Licences of what was used", _assets),
    ("13", "New assets are documented", None),
    ("14", "Research with people and crowds", None),
    ("15", "Approval by a review board", None),
    ("16", "Use of large language models", None),
)
_ACL: _Items = (
    ("A1", "Limitations", None),
    ("A2", "Possible risks", None),
    ("B1", "Creators of what was used are cited", _assets),
    ("B2", "Licences and terms of use", None),
    ("B3", "Used as it was meant to be", None),
    ("B4", "Personal or offensive content in the data", None),
    ("B5", "Documentation of the artifacts", None),
    ("B6", "Numbers of the data and of its split", _data_statistics),
    ("C1", "Parameters, compute and infrastructure", _size_and_budget),
    ("C2", "Setup and chosen hyperparameters", _with_search),
    ("C3", "What kind of result it is, and its spread", _spread),
    ("C4", "Packages and their settings", _packages),
    ("D", "Annotators and other people taking part (D1 to D5)", None),
    ("E", "Use of AI assistants", None),
)
_PINEAU: _Items = (
    ("Models", "Description of setting, algorithm and model", _model),
    ("Models", "Assumptions", None),
    ("Models", "Complexity in time, space and samples", None),
    ("Theory", "Statements and proofs", None),
    ("Data", "Statistics, such as the number of samples", _data_statistics),
    ("Data", "Training, validation and test parts", _splits),
    ("Data", "What was left out, and preprocessing", _preprocessing),
    ("Data", "Where to get the data", _download),
    ("Data", "How new data were collected", None),
    ("Code", "Dependencies", _packages),
    ("Code", "Code for training and evaluation", _code),
    ("Code", "Trained models to download", None),
    ("Code", "Results and the commands that produce them", _commands),
    ("Results", "Hyperparameters that were considered, and how the best was chosen", None),
    ("Results", "All hyperparameters that were used", _hyperparameters),
    ("Results", "Number of training and evaluation runs", _runs),
    ("Results", "Which measures are reported", _measures),
    ("Results", "Central tendency and spread", _spread),
    ("Results", "Run time", _runtime),
    ("Results", "Computing infrastructure", _infrastructure),
)

"""Steps and statements of the generated notebook, what its record says, and ways to edit it."""

from __future__ import annotations

from typing import Any

from tests.edits.notebook import Notebook
from tests.edits.saying import has_operation, never, says

MODEL, TRAINING, DATA = "model_parameters", "model_training", "data_ingestion"
SPLIT, PREPARATION, EVALUATION = "data_segregation", "data_preparation", "model_evaluation"

ADAM = "optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)"
FIT = "history = fit("
SCHEDULED = "scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5)"

# What the record of the notebook as generated says.
AS_GENERATED = (
    says(DATA, "dataset_id", "iris"),
    says(DATA, "samples_total", 150),
    says(DATA, "dataset_classes", 3),
    says(DATA, "feature_dimensions", 4),
    says(PREPARATION, "operations", ["StandardScaler()"]),
    says(PREPARATION, "fitted_rows", 90),
    says(SPLIT, "training_samples", 90),
    says(SPLIT, "validation_samples", 30),
    says(SPLIT, "testing_samples", 30),
    says(SPLIT, "stratified", True),
    says(MODEL, "model_name", "Sequential"),
    says(MODEL, "number_of_parameters", 2953),
    says(MODEL, "number_of_trainable_parameters", 2953),
    says(MODEL, "optimizer", "Adam"),
    says(MODEL, "optimizer_learning_rate", 0.001),
    says(MODEL, "loss_function", "CrossEntropyLoss"),
    says(TRAINING, "epochs", 4),
    says(TRAINING, "epochs_run", 4),
    says(TRAINING, "steps", 24),
    says(TRAINING, "batch_size", 16),
    says(TRAINING, "executions", 1),
    says(TRAINING, "random_seed", 42),
    says(TRAINING, "learning_rate_first", 0.001),
    says(TRAINING, "learning_rate_last", 0.001),
    says(EVALUATION, "measured_on", "testing"),
    says(EVALUATION, "number_of_predictions", 30),
    has_operation("train", "Adam", parts={"training": 90}),
    has_operation("fit", "StandardScaler", parts={"training": 90}),
)

NOT_ADAM = never("Adam", 0.001, steps=(MODEL, TRAINING))


def sets(anchor: str, code: str, place: str = "before") -> Any:
    """An edit that puts code before or after a statement."""

    def edit(notebook: Notebook) -> None:
        getattr(notebook, place)(anchor, code)

    return edit


def swaps(text: str, by: str) -> Any:
    """An edit that replaces a text."""
    return lambda notebook: notebook.replace(text, by)


def removes(*anchors: str) -> Any:
    def edit(notebook: Notebook) -> None:
        for anchor in anchors:
            notebook.delete(anchor)

    return edit


def both(*edits: Any) -> Any:
    def edit(notebook: Notebook) -> None:
        for one in edits:
            one(notebook)

    return edit


def table(counts: dict[str, int], columns: int = 4) -> str:
    """A made CSV file with so many rows of each class."""
    lines = [",".join([f"column_{number}" for number in range(1, columns + 1)] + ["kind"])]
    for place, (name, count) in enumerate(counts.items()):
        for row in range(count):
            values = [f"{(row * 37 + n * 11) % 101 / 10 + place * 5:.1f}" for n in range(columns)]
            # No two rows are alike: which rows are where shall be clear.
            values[0] = f"{len(lines) / 8 + place * 50:.3f}"
            lines.append(",".join([*values, name]))
    return "\n".join(lines) + "\n"

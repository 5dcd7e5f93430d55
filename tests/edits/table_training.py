"""Training that is done otherwise: other loops, modules, orders and ends."""

from __future__ import annotations

from textwrap import dedent

from tests.edits.editing import (
    AS_GENERATED,
    EVALUATION,
    FIT,
    MODEL,
    TRAINING,
    both,
    removes,
    sets,
    swaps,
)
from tests.edits.notebook import Notebook
from tests.edits.saying import (
    ABSENT,
    Case,
    Text,
    any_of,
    denies,
    ended,
    finds,
    has_operation,
    never,
    says,
)
from tests.edits.table_optimizers import LOOP, STEPPING, imported

_CLASS = """
class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.Adamax(model.parameters(), lr=0.006)

    def fit(self, X, y, epochs):
        loss_function = nn.CrossEntropyLoss()
        history = []
        for epoch in range(epochs):
            for rows in torch.randperm(len(X)).split(30):
                self.optimizer.zero_grad()
                loss = loss_function(self.model(X[rows]), y[rows])
                loss.backward()
                self.optimizer.step()
            history.append({"epoch": epoch + 1, "loss": loss.item()})
        return history


history = Trainer(model).fit(X_train, y_train, 5)
"""


_BY_HAND = """
history = []
for epoch in range(1, 4):
    loss = criterion(model(X_train), y_train)
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for weight in model.parameters():
            weight -= 0.1 * weight.grad
    history.append({"epoch": epoch, "loss": loss.item()})
"""


def _loader(notebook: Notebook) -> None:
    notebook.within(
        "history = []",
        """
        from torch.utils.data import DataLoader, TensorDataset
        loader = DataLoader(TensorDataset(X_train, y_train), batch_size=9, shuffle=True)
        """,
    )
    notebook.replace(
        "for rows in torch.randperm(len(X_train), device=device).split(batch_size):",
        "for X, y in loader:",
    )
    notebook.replace("criterion(model(X_train[rows]), y_train[rows])", "criterion(model(X), y)")


def _accumulated(notebook: Notebook) -> None:
    notebook.replace(
        "for rows in torch.randperm(len(X_train), device=device).split(batch_size):",
        "for number, rows in enumerate(\n"
        "            torch.randperm(len(X_train), device=device).split(batch_size)\n"
        "        ):",
    )
    notebook.within("optimizer.zero_grad()", "if number % 2 == 0:\n    model.zero_grad()")
    notebook.replace("            optimizer.zero_grad()\n", "")
    notebook.within(STEPPING, "if number % 2 == 1:\n    optimizer.step()", "before")
    notebook.replace("                optimizer.step()\n            optimizer.step()",
                     "                optimizer.step()")  # fmt: skip


def _without_training(notebook: Notebook) -> None:
    # What that cell measures on the validation part is not there either.
    for name in ("validation_loss", "validation_accuracy"):
        notebook.replace(f'"{name}": {name},', "")
    notebook.run_only(
        "import torch", "EPOCHS = 4", 'start_run("', 'run.record("data_ingestion"',
        "preprocessing = StandardScaler()", 'run.record("data_segregation"',
        'run.record("data_preparation"', 'run.record("model_parameters"',
        "outputs = model(X_test)", '"model_evaluation", model', "run.finish()",
    )  # fmt: skip


def _stopped(notebook: Notebook) -> None:
    notebook.within("history.append(row)", "if epoch == 3:\n    break")


TWO_RATES = """
history = fit(model, optimizer, X_train, y_train, X_validation, y_validation)
optimizer.param_groups[0]["lr"] = 0.0001
history += fit(model, optimizer, X_train, y_train, X_validation, y_validation)
"""


CASES = [
    Case(
        "training loop in a module on the disk",
        imported("import helpers\nhistory = helpers.train(model, X_train, y_train, 3)"),
        (
            says(MODEL, "optimizer", "NAdam"),
            says(MODEL, "optimizer_learning_rate", 0.004),
            says(TRAINING, "steps", 3),
            says(TRAINING, "epochs", 3),
            says(TRAINING, "batch_size", 90, ABSENT),
            finds("replaced_before_training", what="optimizer"),
            never("Adam ", 0.001, 16, steps=(MODEL, TRAINING)),
            denies(MODEL, "optimizer", "Adam"),
        ),
        files={"helpers.py": LOOP},
        may=("replaced_before_training",),
    ),
    Case(
        "a class with a fit method",
        imported(dedent(_CLASS)),
        (
            says(MODEL, "optimizer", "Adamax"),
            says(MODEL, "optimizer_learning_rate", 0.006),
            says(TRAINING, "steps", 15),
            says(TRAINING, "epochs", 5),
            says(TRAINING, "batch_size", 30),
            finds("replaced_before_training", what="optimizer"),
            never(0.001, 16, steps=(MODEL, TRAINING)),
            denies(MODEL, "optimizer", "Adam"),
        ),
        may=("replaced_before_training",),
    ),
    Case(
        "stopped after three epochs",
        _stopped,
        (
            says(TRAINING, "epochs", 3),
            says(TRAINING, "epochs_run", 3),
            says(TRAINING, "steps", 18),
        ),
    ),
    Case(
        "batches from a DataLoader",
        _loader,
        (
            says(TRAINING, "steps", 40),
            says(TRAINING, "batch_size", 9),
            says(TRAINING, "epochs", 4),
            never(16, steps=(TRAINING,)),
            has_operation("train", "Adam", parts={"training": 90}),
        ),
    ),
    Case(
        "gradients of two batches added up",
        _accumulated,
        (
            says(TRAINING, "steps", 12),
            says(TRAINING, "batch_size", 16, 32, ABSENT),
            says(TRAINING, "epochs", 4, ABSENT),
        ),
    ),
    Case(
        "a second training at a lower rate",
        imported(dedent(TWO_RATES)),
        (
            says(TRAINING, "epochs", 8),
            says(TRAINING, "epochs_run", 8),
            says(TRAINING, "steps", 48),
            says(TRAINING, "learning_rate_first", 0.001),
            says(TRAINING, "learning_rate_last", 0.0001),
            says(MODEL, "optimizer_learning_rate", 0.001, [0.001, 0.0001], ABSENT),
        ),
        may=("trained_in_several_executions",),
    ),
    Case(
        "weights set after the declaration",
        sets(FIT, "with torch.no_grad():\n    nn.init.constant_(model[4].weight, 0.25)"),
        (finds("initial_weights_differ"), says(TRAINING, "epochs", 4)),
    ),
    Case(
        "weights moved by hand",
        imported(dedent(_BY_HAND)),
        (
            says(TRAINING, "steps", ABSENT, 3),
            denies(TRAINING, "epochs", 4),
            denies(TRAINING, "batch_size", 16),
            never("Adam", 0.001, steps=(MODEL, TRAINING)),
        ),
        may=("no_training_seen", "initial_weights_differ", "changed_after_training"),
    ),
    Case(
        "another model trained beside it",
        sets(
            FIT,
            "small = nn.Linear(4, 3)\n"
            "other = torch.optim.SGD(small.parameters(), lr=0.7)\n"
            "fit(small, other, X_train, y_train, X_validation, y_validation)",
        ),
        (*AS_GENERATED, never(0.7, "SGD", "Linear(", steps=(TRAINING,))),
    ),
    Case(
        "another model trained in a cell of its own, after the evaluation",
        lambda notebook: notebook.add_after(
            '"model_evaluation", model',
            """
            bigger = nn.Linear(4, 3)
            another = torch.optim.SGD(bigger.parameters(), lr=0.7)
            fit(bigger, another, X_train, y_train, X_validation, y_validation)
            """,
        ),
        (*AS_GENERATED, never(0.7, "SGD", steps=(MODEL, TRAINING))),
    ),
    Case(
        "epochs told that were not run",
        swaps('run.record("model_training", ', 'run.record("model_training", epochs=100, '),
        (
            says(TRAINING, "epochs", 4, 100),
            says(TRAINING, "steps", 24),
            lambda told: (
                line
                for line in ["FALSE model_training.epochs observed as 100"]
                if told["steps"]["model_training"].get("epochs", {})
                == {"value": 100, "unit": "epochs", "known": "observed"}
            ),
        ),
    ),
    Case(
        "a term misspelt",
        swaps('run.record("model_training", ', 'run.record("model_training", histroy=history, '),
        (finds("unknown_term"), says(TRAINING, "epochs", 4)),
    ),
    Case(
        "dropout added",
        swaps(
            "layers.append(nn.ReLU())",
            "layers.append(nn.ReLU())\n        layers.append(nn.Dropout(0.3))",
        ),
        (
            says(MODEL, "model_description", Text("Dropout(p=0.3")),
            says(MODEL, "number_of_parameters", 2953),
        ),
    ),
    Case(
        "SEED set in the parameters",
        swaps("SEED = 42 ", "SEED = 5 "),
        (says(TRAINING, "random_seed", 5), never(42, steps=(MODEL, TRAINING))),
    ),
    Case(
        "names outside that are not what main trained",
        both(
            sets(
                FIT,
                """
                def main():
                    net = nn.Linear(4, 3)
                    mine = torch.optim.SGD(net.parameters(), lr=0.3)
                    return fit(net, mine, X_train, y_train, X_validation, y_validation)
                """,
            ),
            swaps(
                "history = fit(model, optimizer, X_train, y_train, X_validation, y_validation)",
                "history = main()",
            ),
        ),
        (
            # The model that is told, and measured, was never trained.
            lambda told: (
                f"FALSE {step}.{name} = {one['value']!r}, observed"
                for step, name in (
                    (MODEL, "optimizer"),
                    (MODEL, "optimizer_learning_rate"),
                    (TRAINING, "learning_rate_first"),
                )
                for one in [told["steps"].get(step, {}).get(name, {})]
                if one.get("known") == "observed" and one["value"] in ("Adam", 0.001)
            ),
            has_operation("train", "SGD"),
        ),
        may=("no_training_seen", "replaced_before_training"),
    ),
    Case(
        "the training cell fails",
        sets(FIT, 'raise ValueError("stopped here")'),
        (
            ended("failed"),
            says(TRAINING, "epochs", ABSENT),
            says(TRAINING, "epochs_run", ABSENT),
            says(TRAINING, "steps", ABSENT, 0),
            says(TRAINING, "batch_size", ABSENT),
            says(EVALUATION, "evaluation_metrics", ABSENT),
        ),
        failing="stopped here",
        may=("cells_not_run", "no_training_seen"),
    ),
    Case(
        "nothing but imports and finish",
        lambda notebook: notebook.run_only(
            "import torch", "EPOCHS = 4", 'start_run("', "run.finish()"
        ),
        (
            finds("cells_not_run"),
            any_of(finds("no_training_seen"), finds("cells_not_run", count=9)),
            says(TRAINING, "epochs", ABSENT),
            says(MODEL, "optimizer", ABSENT),
            says(EVALUATION, "evaluation_metrics", ABSENT),
        ),
        may=("no_training_seen",),
    ),
    Case(
        "the training cell is not run",
        _without_training,
        (
            finds("cells_not_run"),
            any_of(finds("no_training_seen"), says(TRAINING, "steps", 0)),
            says(TRAINING, "epochs", ABSENT),
            says(TRAINING, "steps", ABSENT, 0),
        ),
        may=("no_training_seen",),
    ),
    Case(
        "no schedule, and the record of it removed",
        removes('run.record("model_parameters"', 'run.record("model_training"'),
        (
            says(MODEL, "optimizer", "Adam"),
            says(MODEL, "number_of_parameters", 2953),
            says(TRAINING, "steps", 24),
            says(TRAINING, "epochs", 4),
        ),
    ),
]  # fmt: skip

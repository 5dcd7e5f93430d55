"""Training with other optimizers, rates and losses."""

from __future__ import annotations

from textwrap import dedent

from tests.edits.editing import (
    ADAM,
    FIT,
    MODEL,
    NOT_ADAM,
    TRAINING,
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
    finds,
    never,
    says,
)

STEPPING = "optimizer.step()"


LOOP = '''
import torch
from torch import nn


def train(model, X, y, epochs):
    """Train with an optimizer of its own, with all rows at once."""
    optimizer = torch.optim.NAdam(model.parameters(), lr=0.004)
    history = []
    for epoch in range(epochs):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        history.append({"epoch": epoch + 1, "loss": loss.item()})
    return history


def make(model):
    return torch.optim.Adagrad(model.parameters(), lr=0.02)
'''


_LBFGS = """
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4)


def closure():
    optimizer.zero_grad()
    loss = criterion(model(X_train), y_train)
    loss.backward()
    return loss


history = [{"epoch": n + 1, "loss": optimizer.step(closure).item()} for n in range(5)]
"""


def _one_cycle(notebook: Notebook) -> None:
    notebook.within(
        "history = []",
        "schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.5, total_iters=12)",
    )
    notebook.within(STEPPING, "schedule.step()")


_WRAPPER = """
class Patient(torch.optim.Optimizer):
    def __init__(self, params, kind, **settings):
        super().__init__(params, settings)
        self.inner = kind(self.param_groups, **settings)
        self.param_groups = self.inner.param_groups

    def step(self, closure=None):
        return self.inner.step(closure)


optimizer = Patient(model.parameters(), torch.optim.SGD, lr=0.1, momentum=0.9)
"""


def _loss_by_hand(notebook: Notebook) -> None:
    notebook.replace(
        "loss = criterion(model(X_train[rows]), y_train[rows])",
        "loss = -model(X_train[rows]).log_softmax(1)[range(len(rows)), y_train[rows]].mean()",
    )


def _loss_in_fit(notebook: Notebook) -> None:
    notebook.within("history = []", "criterion = nn.MultiMarginLoss(margin=0.7)")


def _functional(notebook: Notebook) -> None:
    notebook.replace(
        "loss = criterion(model(X_train[rows]), y_train[rows])",
        "loss = nn.functional.nll_loss(\n"
        "                torch.log_softmax(model(X_train[rows]), dim=1), y_train[rows]\n"
        "            )",
    )


def imported(code: str) -> object:
    def edit(notebook: Notebook) -> None:
        notebook.instead(FIT, code)

    return edit


CASES = [
    Case(
        "optimizer made in exec",
        sets(FIT, 'exec("optimizer = torch.optim.RMSprop(model.parameters(), lr=0.003)")'),
        (
            says(MODEL, "optimizer", "RMSprop"),
            says(MODEL, "optimizer_learning_rate", 0.003),
            finds("replaced_before_training", what="optimizer"),
            NOT_ADAM,
        ),
    ),
    Case(
        "optimizer made in a module on the disk",
        sets(FIT, "import helpers\noptimizer = helpers.make(model)"),
        (
            says(MODEL, "optimizer", "Adagrad"),
            says(MODEL, "optimizer_learning_rate", 0.02),
            finds("replaced_before_training", what="optimizer"),
            NOT_ADAM,
        ),
        files={"helpers.py": LOOP},
    ),
    Case(
        "optimizer of the module passed on without a name",
        imported(
            "import helpers\nhistory = fit(\n    model, helpers.make(model), "
            "X_train, y_train, X_validation, y_validation\n)"
        ),
        (
            says(MODEL, "optimizer", "Adagrad"),
            says(MODEL, "optimizer_learning_rate", 0.02),
            finds("replaced_before_training", what="optimizer"),
            NOT_ADAM,
        ),
        files={"helpers.py": LOOP},
    ),
    Case(
        "LBFGS with a closure",
        imported(dedent(_LBFGS)),
        (
            says(MODEL, "optimizer", "LBFGS"),
            says(MODEL, "optimizer_learning_rate", 0.5),
            says(TRAINING, "steps", 5),
            says(TRAINING, "batch_size", 90, ABSENT),
            finds("replaced_before_training", what="optimizer"),
            never("Adam", 0.001, 16, steps=(MODEL, TRAINING)),
        ),
    ),
    Case(
        "fused Adam",
        swaps(ADAM, "optimizer = torch.optim.Adam(model.parameters(), lr=0.002, fused=True)"),
        (
            says(MODEL, "optimizer", "Adam"),
            says(MODEL, "optimizer_learning_rate", 0.002),
            says(MODEL, "optimizer_parameters", {"fused": True}),
            says(TRAINING, "steps", 24),
            says(TRAINING, "epochs", 4),
        ),
    ),
    Case(
        "SGD with foreach and Nesterov momentum",
        swaps(
            ADAM,
            "optimizer = torch.optim.SGD(\n"
            "    model.parameters(), lr=0.03, momentum=0.8, nesterov=True, foreach=True\n)",
        ),
        (
            says(MODEL, "optimizer", "SGD"),
            says(MODEL, "optimizer_parameters", {"momentum": 0.8, "nesterov": True}),
            NOT_ADAM,
        ),
    ),
    Case(
        "a subclass of an optimizer",
        sets(
            FIT,
            "class Slow(torch.optim.SGD):\n"
            "    def step(self, closure=None):\n"
            "        return super().step(closure)\n\n\n"
            "optimizer = Slow(model.parameters(), lr=0.015)",
        ),
        (
            says(MODEL, "optimizer", "Slow"),
            says(MODEL, "optimizer_learning_rate", 0.015),
            says(TRAINING, "steps", 24),
            finds("replaced_before_training", what="optimizer"),
            NOT_ADAM,
        ),
    ),
    Case(
        "a group added before fit",
        sets(
            FIT,
            "offset = nn.Parameter(torch.zeros(1))\n"
            'optimizer.add_param_group({"params": [offset], "lr": 0.5})',
        ),
        (
            says(MODEL, "optimizer", "Adam"),
            says(MODEL, "optimizer_parameters", {"group 1": {"lr": 0.001}, "group 2": {"lr": 0.5}}),
        ),
        may=("changed_before_training",),
    ),
    Case(
        "rate set through the first group in the model cell",
        sets('run.record("model_parameters"', 'optimizer.param_groups[0]["lr"] = 0.05', "after"),
        (
            says(MODEL, "optimizer_learning_rate", 0.05),
            finds("changed_before_training", what="optimizer", field="lr"),
            never(0.001, steps=(MODEL, TRAINING)),
        ),
    ),
    Case(
        "a schedule that goes on with each step",
        _one_cycle,
        (
            says(TRAINING, "learning_rate_first", 0.001),
            says(TRAINING, "learning_rate_last", 0.0005),
            says(TRAINING, "lr_scheduler", Text("LinearLR")),
            says(MODEL, "optimizer_learning_rate", 0.001),
        ),
    ),
    Case(
        "last layer alone trained by the optimizer",
        swaps(ADAM, "optimizer = torch.optim.Adam(model[4].parameters(), lr=LEARNING_RATE)"),
        (
            says(MODEL, "optimizer", "Adam"),
            says(MODEL, "number_of_parameters", 2953),
            says(MODEL, "model_name", "Sequential"),
            says(TRAINING, "steps", 24),
        ),
    ),
    Case(
        "loss replaced within fit",
        _loss_in_fit,
        (
            any_of(
                says(MODEL, "loss_function", "MultiMarginLoss"),
                says(MODEL, "loss_description", Text("MultiMarginLoss")),
            ),
            finds("replaced_before_training", what="loss"),
            denies(MODEL, "loss_function", "CrossEntropyLoss"),
        ),
    ),
    Case(
        "an optimizer that lets another one do its steps",
        sets(FIT, _WRAPPER),
        (
            says(MODEL, "optimizer", "Patient"),
            says(MODEL, "optimizer_learning_rate", 0.1),
            says(TRAINING, "steps", 24),
            says(TRAINING, "epochs", 4),
            says(TRAINING, "batch_size", 16),
            finds("replaced_before_training", what="optimizer"),
        ),
    ),
    Case(
        "another optimizer's step that failed before training",
        sets(
            FIT,
            "idle = torch.optim.LBFGS(make_model(4, 3).parameters())\n"
            "try:\n    idle.step(lambda: 1 / 0)\nexcept ZeroDivisionError:\n    pass",
        ),
        (
            says(MODEL, "optimizer", "Adam"),
            says(TRAINING, "steps", 24),
            says(TRAINING, "epochs", 4),
        ),
    ),
    Case(
        "weight decay set after the first epoch",
        lambda notebook: notebook.within(
            'row = {"epoch": epoch}', "optimizer.param_groups[0]['weight_decay'] = 0.1"
        ),
        (
            finds(
                "changed_during_training", what="optimizer", field="weight_decay", **{"is": 0.1}
            ),
        ),
    ),
    Case(
        "loss written by hand within fit",
        _loss_by_hand,
        (
            says(MODEL, "loss_function", ABSENT),
            says(MODEL, "loss_description", ABSENT),
            says(TRAINING, "steps", 24),
        ),
    ),
    Case(
        "loss as a function",
        _functional,
        (
            says(MODEL, "loss_function", Text("nll"), Text("NLL"), ABSENT),
            denies(MODEL, "loss_function", "CrossEntropyLoss"),
            denies(MODEL, "loss_description", "CrossEntropyLoss()"),
        ),
        may=("replaced_before_training",),
    ),
]  # fmt: skip

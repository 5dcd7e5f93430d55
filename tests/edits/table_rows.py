"""Which rows the model learned from, and with how many optimizers, losses and cells."""

from __future__ import annotations

from textwrap import dedent

from tests.edits.editing import (
    ADAM,
    AS_GENERATED,
    DATA,
    EVALUATION,
    FIT,
    MODEL,
    PREPARATION,
    SPLIT,
    TRAINING,
    both,
    sets,
    swaps,
)
from tests.edits.notebook import Notebook
from tests.edits.saying import ABSENT, Case, Text, any_of, denies, finds, has_operation, never, says

CALL = "history = fit(model, optimizer, X_train, y_train, X_validation, y_validation)"
BATCHES = "for rows in torch.randperm(len(X_train), device=device).split(batch_size):"


def _two_optimizers(notebook: Notebook) -> None:
    notebook.instead(
        ADAM,
        "optimizer = torch.optim.Adam(model[:2].parameters(), lr=LEARNING_RATE)\n"
        "second = torch.optim.SGD(model[2:].parameters(), lr=0.2)",
    )
    notebook.within("optimizer.step()", "second.step()\nsecond.zero_grad()")


def _drop_last(notebook: Notebook) -> None:
    notebook.within(
        "history = []",
        """
        from torch.utils.data import DataLoader, TensorDataset
        loader = DataLoader(
            TensorDataset(X_train, y_train), batch_size=16, shuffle=True, drop_last=True
        )
        """,
    )
    notebook.replace(BATCHES, "for X, y in loader:")
    notebook.replace("criterion(model(X_train[rows]), y_train[rows])", "criterion(model(X), y)")


def _folds(notebook: Notebook) -> None:
    notebook.instead(
        FIT,
        """
        from sklearn.model_selection import KFold
        for inside, outside in KFold(3).split(X_train):
            model = make_model(4, 3)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
            history = fit(
                model, optimizer, X_train[inside], y_train[inside],
                X_train[outside], y_train[outside],
            )
        """,
    )


CASES = [
    Case(
        "validation rows trained on, too",
        swaps(
            CALL,
            "history = fit(\n    model, optimizer, torch.cat([X_train, X_validation]),\n"
            "    torch.cat([y_train, y_validation]), X_validation, y_validation,\n)",
        ),
        (
            says(TRAINING, "steps", 32),
            says(TRAINING, "epochs", 4, ABSENT),
            says(EVALUATION, "measured_on", "testing"),
            has_operation("train", "Adam", parts={"training": 90, "validation": 30}),
            finds("trained_on_validation", rows=30),
        ),
    ),
    Case(
        "half of the training rows",
        swaps(CALL, CALL.replace("X_train, y_train", "X_train[:45], y_train[:45]")),
        (
            says(TRAINING, "steps", 12),
            says(TRAINING, "epochs", 4, ABSENT),
            says(TRAINING, "epochs_run", 4),
            has_operation("train", "Adam", parts={"training": 45}),
        ),
    ),
    Case(
        "the last batch dropped",
        _drop_last,
        (
            says(TRAINING, "steps", 20),
            says(TRAINING, "batch_size", 16),
            says(TRAINING, "epochs", 4, ABSENT),
        ),
    ),
    Case(
        "noise added to each batch",
        swaps("model(X_train[rows])", "model(X_train[rows] + 0.1 * torch.randn(len(rows), 4))"),
        (
            says(TRAINING, "steps", 24),
            says(TRAINING, "epochs", 4),
            says(TRAINING, "batch_size", 16),
            says(EVALUATION, "measured_on", "testing"),
            finds("trained_on_other_rows"),
        ),
    ),
    Case(
        "each row twice in the training part",
        sets(FIT, "X_train, y_train = torch.cat([X_train] * 2), torch.cat([y_train] * 2)"),
        (says(TRAINING, "epochs", 4), says(TRAINING, "steps", 48)),
    ),
    Case(
        "test rows scaled by themselves",
        sets(
            "X_test, y_test = to_tensors",
            "preprocessing = StandardScaler().fit(features.iloc[test_rows])",
        ),
        (finds("fitted_outside_training", rows=30, outside=30),),
    ),
    Case(
        "rows drawn with replacement",
        swaps(
            BATCHES,
            "for rows in torch.randint(len(X_train), (len(X_train),)).split(batch_size):",
        ),
        (
            says(TRAINING, "steps", 24),
            says(TRAINING, "batch_size", 16),
            says(TRAINING, "epochs", 4, ABSENT),
        ),
    ),
    Case(
        "training rows doubled after the split",
        sets(
            'run.record("data_segregation"',
            "training_rows = np.concatenate([training_rows, training_rows[:20]])",
        ),
        (
            says(SPLIT, "training_samples", 110),
            says(PREPARATION, "fitted_rows", 110),
            says(TRAINING, "steps", 28),
            says(TRAINING, "epochs", 4),
        ),
    ),
    Case(
        "two optimizers for one model",
        _two_optimizers,
        (
            has_operation("train", "Adam"),
            has_operation("train", "SGD"),
            says(MODEL, "optimizer", ["Adam", "SGD"], "Adam, SGD", ABSENT),
            says(TRAINING, "epochs", 4, ABSENT),
            says(MODEL, "number_of_parameters", 2953),
            says(MODEL, "model_name", "Sequential"),
        ),
    ),
    Case(
        "three folds by hand, the last model measured",
        _folds,
        (
            says(MODEL, "optimizer", "SGD"),
            says(MODEL, "optimizer_learning_rate", 0.2),
            says(TRAINING, "steps", 16),
            says(TRAINING, "epochs", 4, ABSENT),
            never("Adam", 0.001, steps=(MODEL, TRAINING)),
            says(EVALUATION, "measured_on", "testing"),
        ),
        may=("replaced_before_training", "initial_weights_differ"),
    ),
    Case(
        "a loss made anew in each step",
        swaps(
            "loss = criterion(model(X_train[rows]), y_train[rows])",
            "loss = nn.CrossEntropyLoss(label_smoothing=0.3)(model(X_train[rows]), y_train[rows])",
        ),
        (
            says(MODEL, "loss_description", Text("label_smoothing=0.3")),
            says(TRAINING, "epochs", 4),
            says(TRAINING, "steps", 24),
        ),
        may=("replaced_before_training",),
    ),
    Case(
        "weight penalty added to the loss",
        swaps(
            "loss = criterion(model(X_train[rows]), y_train[rows])",
            "loss = criterion(model(X_train[rows]), y_train[rows])\n"
            "            loss = loss + 1e-4 * sum(w.abs().sum() for w in model.parameters())",
        ),
        AS_GENERATED,
    ),
    Case(
        "weights of an earlier run loaded before training",
        sets(FIT, "model.load_state_dict(make_model(4, 3).state_dict())"),
        (finds("initial_weights_differ"), says(TRAINING, "epochs", 4)),
    ),
    Case(
        "trained on after it was measured",
        lambda notebook: notebook.add_after('"model_evaluation", model', CALL),
        (
            finds("trained_in_several_executions", executions=2),
            denies(TRAINING, "epochs", 4),
            denies(TRAINING, "steps", 24),
        ),
        may=("changed_after_training", "changed_after_evaluation"),
    ),
    Case("the training cell timed", sets(FIT, "%%time"), AS_GENERATED),
    Case(
        "three hidden layers",
        swaps("HIDDEN_LAYERS = 2", "HIDDEN_LAYERS = 3"),
        (
            says(MODEL, "number_of_parameters", 2953 + 2550),
            says(TRAINING, "epochs", 4),
        ),
    ),
    Case(
        "the plan of a schedule that waits for the loss",
        both(
            lambda notebook: notebook.within(
                "history = []",
                "plan = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)",
            ),
            lambda notebook: notebook.within("history.append(row)", "plan.step(1.0)"),
        ),
        (
            says(TRAINING, "lr_scheduler", Text("ReduceLROnPlateau")),
            says(TRAINING, "learning_rate_first", 0.001),
            denies(TRAINING, "learning_rate_last", 0.001),
            says(MODEL, "optimizer_learning_rate", 0.001),
        ),
    ),
    Case(
        "features chosen with all labels before the split",
        sets(
            "n_rows = len(features)",
            """
            from sklearn.feature_selection import SelectKBest
            chosen = SelectKBest(k=2).fit(features, labels)
            features = pd.DataFrame(chosen.transform(features))
            """,
        ),
        (
            finds("fitted_outside_training", rows=150, outside=60),
            says(DATA, "feature_dimensions", 2),
            says(MODEL, "number_of_parameters", 2 * 50 + 50 + 2550 + 153),
        ),
        may=("data_changed_after_ingestion", "duplicates_across_parts"),
    ),
    Case(
        "test rows that are training rows",
        sets("outputs = model(X_test)",
             "X_test, y_test = X_train[:30], y_train[:30]"),
        (
            says(EVALUATION, "measured_on", "training"),
            any_of(finds("measured_on"), finds("measured_on_seen_rows")),
        ),
        may=("measured_on", "measured_on_seen_rows"),
    ),
    Case(
        "all rows in one part of the notebook's own",
        swaps(
            dedent("""
            training_rows, test_rows = split_off(np.arange(n_rows), n_test)
            n_validation = max(1, int(VALIDATION_SIZE * n_rows))
            training_rows, validation_rows = split_off(training_rows, n_validation)
            """).strip(),
            "training_rows = validation_rows = test_rows = np.arange(n_rows)",
        ),
        (
            finds("parts_overlap", rows=150),
            says(SPLIT, "testing_samples", 150),
            denies(SPLIT, "stratified", True),
        ),
        may=("measured_on_seen_rows", "measured_on", "fitted_outside_training"),
    ),
]  # fmt: skip

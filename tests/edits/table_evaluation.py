"""Metrics of other rows, other weights, other predictions."""

from __future__ import annotations

from tests.edits.editing import (
    AS_GENERATED,
    EVALUATION,
    FIT,
    MODEL,
    TRAINING,
    both,
    sets,
    swaps,
)
from tests.edits.saying import ABSENT, Case, any_of, finds, says

EVALUATED = "outputs = model(X_test)"
METRICS = "class_numbers = range("


def measured(features: str, labels: str) -> object:
    return both(
        swaps("outputs = model(X_test)", f"outputs = model({features})"),
        swaps("criterion(outputs, y_test)", f"criterion(outputs, {labels})"),
        swaps("actual = y_test.cpu()", f"actual = {labels}.cpu()"),
    )


CASES = [
    Case(
        "metrics of the training part",
        measured("X_train", "y_train"),
        (
            says(EVALUATION, "measured_on", "training"),
            says(EVALUATION, "number_of_predictions", 90),
            any_of(finds("measured_on", parts="training"), finds("measured_on_seen_rows")),
        ),
        may=("measured_on", "measured_on_seen_rows"),
    ),
    *(
        Case(
            f"metrics of {what}",
            both(
                sets(FIT, code, "after"),
                swaps("outputs = model(X_test)", "outputs = another(X_test)"),
            ),
            (
                says(EVALUATION, "measured_on", "testing"),
                finds("changed_after_training", what="model"),
            ),
        )
        for what, code in (
            (
                "a copy with other weights",
                "import copy\nanother = copy.deepcopy(model)\n"
                "with torch.no_grad():\n    another[0].weight.mul_(0.9)",
            ),
            (
                "an averaged model",
                "another = torch.optim.swa_utils.AveragedModel(model)\n"
                "another.update_parameters(model)",
            ),
        )
    ),
    Case(
        "metrics rounded, and one as a percentage",
        sets(
            'run.record("model_evaluation"',
            "metrics['accuracy'] = round(100 * metrics['accuracy'], 1)\n"
            "metrics['balanced_accuracy'] = round(metrics['balanced_accuracy'], 2)",
        ),
    ),
    Case(
        "an accuracy that nothing has computed",
        sets("run.record(\"model_evaluation\"", "metrics['accuracy'] = 0.99"),
        (finds("metric_differs", metric="accuracy", told=0.99),),
    ),
    Case(
        "metrics of two parts together",
        measured("torch.cat([X_validation, X_test])", "torch.cat([y_validation, y_test])"),
        (
            says(EVALUATION, "measured_on", "validation, testing"),
            says(EVALUATION, "number_of_predictions", 60),
            finds("measured_on"),
        ),
    ),
    Case(
        "metrics of half of the test part",
        measured("X_test[:15]", "y_test[:15]"),
        (
            says(EVALUATION, "measured_on", "testing"),
            says(EVALUATION, "number_of_predictions", 15),
        ),
        may=("measured_on",),
    ),
    Case(
        "trained on the test part, too",
        swaps(
            "history = fit(model, optimizer, X_train, y_train, ",
            "history = fit(\n    model, optimizer, torch.cat([X_train, X_test]), "
            "torch.cat([y_train, y_test]), ",
        ),
        (
            finds("measured_on_seen_rows", rows=30, of=30),
            says(TRAINING, "steps", 32),
            says(EVALUATION, "measured_on", "testing"),
        ),
    ),
    Case(
        "noise added to the weights after training",
        sets(
            EVALUATED,
            "with torch.no_grad():\n"
            "    for weight in model.parameters():\n"
            "        weight.add_(torch.randn_like(weight))",
        ),
        (finds("changed_after_training"), says(TRAINING, "epochs", 4)),
    ),
    Case(
        "noise added behind the counters of changes",
        sets(
            EVALUATED,
            "for weight in model.parameters():\n    weight.data += 0.5",
        ),
        (finds("changed_after_training"), says(TRAINING, "epochs", 4)),
    ),
    Case(
        "weights written through NumPy in a cell of their own",
        lambda notebook: notebook.add_after(FIT, "model[0].bias.detach().numpy()[:] = 3.0"),
        (finds("changed_after_training"),),
    ),
    Case(
        "weights of another model loaded after training",
        sets(EVALUATED, "model.load_state_dict(make_model(4, 3).state_dict())"),
        (finds("changed_after_training"),),
    ),
    Case(
        "its own weights loaded after training",
        sets(EVALUATED, "model.load_state_dict(model.state_dict())"),
        AS_GENERATED,
    ),
    Case(
        "another model measured than was trained",
        sets(EVALUATED, "model = make_model(4, 3)"),
        (
            any_of(finds("changed_after_training"), finds("replaced_after_training")),
            says(MODEL, "optimizer", "Adam"),
        ),
        may=("no_training_seen", "changed_after_training"),
    ),
    Case(
        "predictions overwritten",
        sets(METRICS, "predictions = actual.copy()"),
        (
            finds("predictions_overwritten"),
            says(EVALUATION, "number_of_predictions", 30),
        ),
        may=("measured_on",),
    ),
    Case(
        "predictions overwritten in place",
        sets(METRICS, "predictions[:] = actual"),
        (finds("predictions_overwritten"),),
        may=("measured_on",),
    ),
    Case(
        "predictions shifted by one class",
        sets(METRICS, "predictions = (predictions + 1) % 3"),
        (finds("predictions_overwritten"),),
        may=("measured_on",),
    ),
    Case(
        "a threshold for one class",
        swaps(
            "predictions = probabilities.argmax(axis=1)",
            "predictions = np.where(probabilities[:, 0] > 0.2, 0, probabilities.argmax(axis=1))",
        ),
        (
            says(EVALUATION, "measured_on", "testing", ABSENT),
            says(EVALUATION, "number_of_predictions", 30),
        ),
        may=("predictions_overwritten",),
    ),
    Case(
        "a look at the training part after the metrics",
        lambda notebook: notebook.add_after(
            '"model_evaluation", model', "with torch.no_grad():\n    print(model(X_train).mean())"
        ),
        AS_GENERATED,
    ),
]  # fmt: skip

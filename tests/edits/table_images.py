"""Edits of the notebook for images: digits, one epoch, a small network."""

from __future__ import annotations

from tests.edits.editing import (
    ADAM,
    DATA,
    EVALUATION,
    FIT,
    MODEL,
    SPLIT,
    TRAINING,
    both,
    sets,
    swaps,
)
from tests.edits.notebook import Notebook
from tests.edits.saying import (
    ABSENT,
    Case,
    Text,
    denies,
    finds,
    never,
    other_data,
    same_data,
    says,
)

EVALUATED = "outputs = predict(test_rows)"
RESUMABLE = {"save_checkpoint": True, "resume": True}


def take_few(notebook: Notebook) -> None:
    """Leave 300 images: a case is about what is said, not about what is learned."""
    notebook.before('run.record("data_ingestion"', "images, labels = images[:300], labels[:300]")


# 300 images: 60 to test, 30 to validate, 210 to train; 7 batches of 32, the last of 18.
AS_GENERATED = (
    says(DATA, "dataset_id", "digits"),
    says(DATA, "samples_total", 300),
    says(DATA, "dataset_classes", 10),
    says(SPLIT, "training_samples", 210),
    says(SPLIT, "validation_samples", 30),
    says(SPLIT, "testing_samples", 60),
    says(SPLIT, "stratified", True),
    says(MODEL, "model_name", "Sequential"),
    says(MODEL, "optimizer", "Adam"),
    says(MODEL, "optimizer_learning_rate", 0.001),
    says(MODEL, "loss_function", "CrossEntropyLoss"),
    says(TRAINING, "epochs", 1),
    says(TRAINING, "epochs_run", 1),
    says(TRAINING, "steps", 7),
    says(TRAINING, "batch_size", 32),
    says(TRAINING, "random_seed", 42),
    says(EVALUATION, "measured_on", "testing"),
    says(EVALUATION, "number_of_predictions", 60),
)


def case(name: str, edit: object, checks: tuple, **more: object) -> Case:
    return Case(name, edit, checks, pack="images", **more)  # type: ignore[arg-type]


FOCAL = """
class Focal(nn.Module):
    def forward(self, outputs, y):
        chosen = torch.softmax(outputs, 1).gather(1, y[:, None])
        return ((1 - chosen) ** 2 - torch.log(chosen)).mean()
criterion = Focal()
"""

CASES = [
    Case(
        "images: criterion of a class of one's own",
        sets(FIT, FOCAL),
        (
            says(MODEL, "loss_function", "Focal"),
            never("CrossEntropyLoss", steps=(MODEL, TRAINING)),
        ),
        pack="images",
        may=("replaced_before_training",),
    ),
    Case(
        "images: training cell with a schedule run a second time",
        lambda notebook: notebook.run_again(FIT),
        (
            says(TRAINING, "epochs", 4),
            says(TRAINING, "lr_scheduler", "CosineAnnealingLR"),
            # The second time begins where the first began.
            says(TRAINING, "learning_rate_first", 0.001),
            says(TRAINING, "learning_rate_last", 0.0005),
            finds("trained_in_several_executions", executions=2),
        ),
        pack="images",
        values={"lr_schedule": "cosine", "epochs": 2},
        may=("initial_weights_differ",),
    ),
    case("images: as generated", lambda notebook: None, (*AS_GENERATED, same_data)),
    case(
        "images: optimizer replaced in the training cell",
        sets(FIT, "optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)"),
        (
            says(MODEL, "optimizer", "SGD"),
            says(MODEL, "optimizer_learning_rate", 0.05),
            says(MODEL, "optimizer_parameters", {"momentum": 0.9}),
            finds("replaced_before_training", what="optimizer"),
            never("Adam", 0.001, steps=(MODEL, TRAINING)),
        ),
    ),
    case(
        "images: model replaced before fit",
        sets(
            FIT,
            "model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))\n"
            "optimizer = torch.optim.SGD(model.parameters(), lr=0.05)",
        ),
        (
            says(MODEL, "number_of_parameters", 650),
            says(MODEL, "optimizer", "SGD"),
            finds("replaced_before_training", what="model"),
            finds("replaced_before_training", what="optimizer"),
            never("Conv2d", "Adam", steps=(MODEL, TRAINING)),
        ),
    ),
    case(
        "images: EPOCHS set before fit",
        sets(FIT, "EPOCHS = 2"),
        (
            says(TRAINING, "epochs", 2),
            says(TRAINING, "epochs_run", 2),
            says(TRAINING, "steps", 14),
        ),
    ),
    case(
        "images: batch size typed",
        swaps("rows.split(BATCH_SIZE)", "rows.split(50)"),
        (
            says(TRAINING, "batch_size", 50, ABSENT),
            says(TRAINING, "steps", 5),
            never(32, steps=(TRAINING,)),
        ),
    ),
    case(
        "images: first layers frozen before fit",
        sets(FIT, "for weight in model[0].parameters():\n    weight.requires_grad_(False)"),
        (
            lambda told: (
                line
                for line in ["FALSE number_of_trainable_parameters is that of the whole network"]
                if told["steps"][MODEL].get("number_of_trainable_parameters", {}).get("value")
                == told["steps"][MODEL]["number_of_parameters"]["value"]
            ),
        ),
        may=("changed_before_training",),
    ),
    case(
        "images: labels smoothed before fit",
        sets(FIT, "criterion = nn.CrossEntropyLoss(label_smoothing=0.2)"),
        (
            says(MODEL, "loss_description", Text("0.2")),
            finds("replaced_before_training", what="loss"),
        ),
    ),
    case(
        "images: labels permuted before the split",
        sets(
            "n_rows = len(training_rows)", "labels = np.random.default_rng(0).permutation(labels)"
        ),
        (finds("data_changed_after_ingestion"), other_data, says(DATA, "samples_total", 300)),
    ),
    case(
        "images: rows dropped before the split",
        sets(
            "training_rows = np.arange(len(labels))", "images, labels = images[:200], labels[:200]"
        ),
        (
            says(DATA, "samples_total", 200),
            finds("data_changed_after_ingestion"),
            other_data,
            never(300, steps=(DATA, SPLIT)),
        ),
    ),
    case(
        "images: metrics of the validation part",
        both(
            swaps("predict(test_rows)", "predict(validation_rows)"),
            swaps("targets[test_rows]", "targets[validation_rows]"),
            swaps("labels[test_rows.numpy()]", "labels[validation_rows.numpy()]"),
        ),
        (
            says(EVALUATION, "measured_on", "validation"),
            says(EVALUATION, "number_of_predictions", 30),
            finds("measured_on", parts="validation"),
        ),
    ),
    case(
        "images: noise added to the weights after training",
        sets(
            EVALUATED,
            "with torch.no_grad():\n"
            "    for weight in model.parameters():\n"
            "        weight.add_(torch.randn_like(weight))",
        ),
        (finds("changed_after_training"),),
    ),
    case(
        "images: training cell run a second time",
        lambda notebook: notebook.run_again(FIT),
        (
            says(TRAINING, "epochs", 2),
            says(TRAINING, "steps", 14),
            says(TRAINING, "executions", 2),
            finds("trained_in_several_executions", executions=2),
            denies(TRAINING, "epochs_run", 1),
        ),
        may=("initial_weights_differ",),
    ),
    case(
        "images: a schedule that begins anew when the cell is run again",
        lambda notebook: notebook.run_again(FIT),
        (
            says(TRAINING, "lr_scheduler", Text("StepLR")),
            says(TRAINING, "learning_rate_first", 0.001),
            denies(TRAINING, "learning_rate_last", 0.001),
            says(TRAINING, "epochs", 6),
            finds("trained_in_several_executions", executions=2),
        ),
        values={"lr_schedule": "step", "epochs": 3},
        may=("initial_weights_differ",),
    ),
    case(
        "images: best weights of an earlier epoch",
        lambda notebook: None,
        (
            says(TRAINING, "epochs", 4),
            says(TRAINING, "epochs_run", 4),
            says(EVALUATION, "measured_on", "testing"),
        ),
        values={"save_checkpoint": True, "epochs": 4, "learning_rate": 0.3},
    ),
    case(
        "images: RANDOM_STATE changed, then resumed",
        swaps("RANDOM_STATE = 42", "RANDOM_STATE = 7"),
        (
            says(EVALUATION, "evaluation_metrics", ABSENT),
        ),
        values={**RESUMABLE, "epochs": 2},
        earlier=lambda notebook: None,
        failing="other training rows",
        may=("cells_not_run", "no_training_seen", "resumed_from_other_split"),
    ),
    case(
        "images: batch size and seed changed, then resumed",
        both(swaps("BATCH_SIZE = 32", "BATCH_SIZE = 16"), swaps("SEED = 42", "SEED = 3")),
        (
            says(EVALUATION, "evaluation_metrics", ABSENT),
            says(TRAINING, "epochs", ABSENT),
        ),
        values={**RESUMABLE, "epochs": 2},
        earlier=lambda notebook: None,
        failing="Training cannot go on",
        may=("cells_not_run", "no_training_seen"),
    ),
    case(
        "images: resumed with nothing left",
        lambda notebook: None,
        (
            finds("nothing_left_to_train", epochs=1),
            says(TRAINING, "steps", ABSENT, 0),
            says(TRAINING, "resumed_after_epoch", 1),
            says(TRAINING, "resumed_from", Text("-last.pt")),
        ),
        values=RESUMABLE,
        earlier=lambda notebook: None,
        may=("no_training_seen",),
    ),
    case(
        "images: the training cell run again with nothing left",
        lambda notebook: notebook.run_again(FIT),
        (
            finds("nothing_left_to_train", epochs=1),
            says(TRAINING, "steps", 7),
            says(TRAINING, "executions", 1),
            says(EVALUATION, "measured_on", "testing"),
        ),
        values=RESUMABLE,
    ),
    case(
        "images: resumed for one more epoch",
        swaps("EPOCHS = 1", "EPOCHS = 2"),
        (
            says(TRAINING, "resumed_after_epoch", 1),
            says(TRAINING, "epochs", 1, 2, ABSENT),
            says(TRAINING, "epochs_run", 2),
            says(TRAINING, "steps", 7),
        ),
        values=RESUMABLE,
        earlier=lambda notebook: None,
    ),
    case(
        "images: a module of one's own",
        swaps(
            "model = model.to(device)",
            "class Flat(nn.Module):\n"
            "    def __init__(self):\n"
            "        super().__init__()\n"
            "        self.out = nn.Linear(64, 10)\n\n"
            "    def forward(self, x):\n"
            "        return self.out(x.flatten(1))\n\n\n"
            "model = Flat().to(device)",
        ),
        (
            says(MODEL, "model_name", "Flat"),
            says(MODEL, "number_of_parameters", 650),
            never("Conv2d", steps=(MODEL, TRAINING)),
        ),
    ),
    case(
        "images: optimizer line replaced",
        swaps(ADAM, "optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.2)"),
        (
            says(MODEL, "optimizer", "AdamW"),
            says(MODEL, "optimizer_learning_rate", 0.01),
            says(MODEL, "optimizer_parameters", {"weight_decay": 0.2}),
        ),
    ),
]  # fmt: skip

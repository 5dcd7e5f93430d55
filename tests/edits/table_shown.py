"""The edits that stand for their kinds, in the multiclass notebook and in that for images."""

from __future__ import annotations

from tests.edits.editing import (
    ADAM,
    AS_GENERATED,
    DATA,
    EVALUATION,
    FIT,
    MODEL,
    NOT_ADAM,
    PREPARATION,
    SCHEDULED,
    SPLIT,
    TRAINING,
    both,
    removes,
    sets,
    swaps,
    table,
)
from tests.edits.notebook import Notebook
from tests.edits.saying import (
    ABSENT,
    Case,
    Text,
    any_of,
    denies,
    finds,
    has_operation,
    never,
    other_data,
    same_data,
    says,
)


def _own_module(notebook: Notebook) -> None:
    notebook.instead(
        "def make_model(",
        """
        class SmallNet(nn.Module):
            def __init__(self, n_inputs, n_outputs):
                super().__init__()
                self.hidden = nn.Linear(n_inputs, 8)
                self.out = nn.Linear(8, n_outputs)

            def forward(self, x):
                return self.out(torch.tanh(self.hidden(x)))
        """,
    )
    notebook.replace("model = make_model(", "model = SmallNet(")


def _rename(notebook: Notebook) -> None:
    notebook.substitute(r'(?<![".])\bmodel\b(?!["=])', "net")


def _schedule(notebook: Notebook) -> None:
    notebook.within("loss.backward()", "nn.utils.clip_grad_norm_(model.parameters(), 1.0)")
    notebook.within("history = []", SCHEDULED)
    notebook.within("history.append(row)", "scheduler.step()")


def _validation(notebook: Notebook) -> None:
    notebook.replace("outputs = model(X_test)", "outputs = model(X_validation)")
    notebook.replace("criterion(outputs, y_test)", "criterion(outputs, y_validation)")
    notebook.replace("actual = y_test.cpu()", "actual = y_validation.cpu()")


def _forest(notebook: Notebook) -> None:
    notebook.delete("def make_model(")
    notebook.delete("criterion = nn.CrossEntropyLoss()")
    notebook.delete(ADAM)
    notebook.instead(
        "model = make_model(",
        """
        from sklearn.ensemble import RandomForestClassifier
        model = RandomForestClassifier(n_estimators=20, random_state=0)
        """,
    )
    notebook.instead('run.record("model_parameters"', 'run.record("model_parameters", model=model)')
    notebook.delete("def score(")
    notebook.delete("def fit(")
    notebook.instead(FIT, "model.fit(X_train.numpy(), y_train.numpy())")
    if any('used = {"model"' in cell.source for cell in notebook.cells):
        notebook.delete('used = {"model"')
    notebook.instead('run.record("model_training"', 'run.record("model_training", model=model)')
    notebook.delete("outputs = model(X_test)")
    notebook.delete("probabilities = torch.nan_to_num")
    notebook.instead("model.eval()", "probabilities = model.predict_proba(X_test.numpy())")
    notebook.replace('"loss": test_loss,', "")
    notebook.delete("validation_loss, validation_accuracy = score(")
    for name in ("validation_loss", "validation_accuracy"):
        notebook.replace(f'"{name}": {name},', "")
    notebook.delete("if not math.isfinite(test_loss)")


def _main(notebook: Notebook) -> None:
    notebook.instead(
        FIT,
        """
        def main():
            model = nn.Sequential(nn.Linear(4, 7), nn.ReLU(), nn.Linear(7, 3))
            optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
            history = fit(model, optimizer, X_train, y_train, X_validation, y_validation)
            return model, history


        model, history = main()
        """,
    )


def _groups(notebook: Notebook) -> None:
    notebook.instead(
        ADAM,
        """
        optimizer = torch.optim.Adam(
            [
                {"params": model[0].parameters(), "lr": 0.01, "weight_decay": 0.1},
                {"params": [*model[2].parameters(), *model[4].parameters()]},
            ],
            lr=LEARNING_RATE,
        )
        """,
    )


def _seeds(notebook: Notebook) -> None:
    notebook.replace("torch.manual_seed(SEED)  #", "torch.manual_seed(8)  #")
    notebook.replace("torch.manual_seed(SEED)", "torch.manual_seed(7)")


def _hidden(notebook: Notebook) -> None:
    notebook.replace("nn.Linear(n_inputs, HIDDEN_NEURONS)", "nn.Linear(n_inputs, 17)")
    notebook.replace("n_inputs = HIDDEN_NEURONS", "n_inputs = 17")


def _wine(notebook: Notebook) -> None:
    notebook.replace(
        "dataset = load_iris(as_frame=True)",
        "from sklearn.datasets import load_wine\ndataset = load_wine(as_frame=True)",
    )


CASES = [
    Case("as generated", lambda notebook: None, (*AS_GENERATED, same_data)),
    Case(
        "optimizer line replaced",
        swaps(ADAM, "optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)"),
        (
            says(MODEL, "optimizer", "SGD"),
            says(MODEL, "optimizer_learning_rate", 0.05),
            says(MODEL, "optimizer_parameters", {"momentum": 0.9}),
            NOT_ADAM,
        ),
    ),
    Case(
        "weight decay added",
        swaps("lr=LEARNING_RATE)", "lr=LEARNING_RATE, weight_decay=1e-3)"),
        (
            says(MODEL, "optimizer", "Adam"),
            says(MODEL, "optimizer_parameters", {"weight_decay": 0.001}),
        ),
    ),
    Case(
        "two parameter groups",
        _groups,
        (
            says(
                MODEL,
                "optimizer_parameters",
                {
                    "group 1": {"lr": 0.01, "weight_decay": 0.1},
                    "group 2": {"lr": 0.001, "weight_decay": 0},
                },
            ),
            says(MODEL, "optimizer_learning_rate", [0.01, 0.001], ABSENT),
        ),
    ),
    Case(
        "a module of one's own",
        _own_module,
        (
            says(MODEL, "model_name", "SmallNet"),
            says(MODEL, "number_of_parameters", 67),
            says(MODEL, "activation_function", "Tanh", ABSENT),
            never(2953, 50, "Sequential", "ReLU", steps=(MODEL, TRAINING)),
        ),
    ),
    Case("model renamed to net", _rename, (*AS_GENERATED, same_data)),
    Case(
        "rate of all groups set before fit",
        sets(FIT, 'for group in optimizer.param_groups:\n    group["lr"] = 0.1'),
        (
            says(MODEL, "optimizer_learning_rate", 0.1),
            says(MODEL, "optimizer_parameters", {"lr": 0.1}),
            says(TRAINING, "learning_rate_first", 0.1),
            finds("changed_before_training", what="optimizer", field="lr"),
            never(0.001, steps=(MODEL, TRAINING)),
        ),
    ),
    Case(
        "optimizer replaced in the training cell",
        sets(FIT, "optimizer = torch.optim.SGD(model.parameters(), lr=0.5)"),
        (
            says(MODEL, "optimizer", "SGD"),
            says(MODEL, "optimizer_learning_rate", 0.5),
            finds(
                "replaced_before_training",
                what="optimizer", was=Text("Adam"), **{"is": Text("SGD")},
            ),
            NOT_ADAM,
        ),
    ),
    Case(
        "model and optimizer replaced in the training cell",
        sets(
            FIT,
            """
            model = nn.Linear(4, 3)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            """,
        ),
        (
            says(MODEL, "model_name", "Linear"),
            says(MODEL, "number_of_parameters", 15),
            says(MODEL, "optimizer", "SGD"),
            finds("replaced_before_training", what="model"),
            finds("replaced_before_training", what="optimizer"),
            never("Sequential", 2953, "ReLU", "Adam", 0.001, steps=(MODEL, TRAINING)),
        ),
    ),
    Case(
        "criterion replaced before fit",
        sets(
            FIT,
            "criterion = nn.CrossEntropyLoss("
            "weight=torch.tensor([1.0, 2.0, 3.0]), label_smoothing=0.1)",
        ),
        (
            any_of(
                says(MODEL, "loss_description", Text("0.1")),
                says(MODEL, "loss_function", Text("0.1")),
                says(MODEL, "loss_parameters", {"label_smoothing": 0.1}),
            ),
            denies(MODEL, "loss_description", "CrossEntropyLoss()"),
            finds("replaced_before_training", what="loss"),
        ),
    ),
    Case(
        "epochs typed into the loop",
        swaps("range(1, EPOCHS + 1)", "range(1, 7)"),
        (
            says(TRAINING, "epochs", 6),
            says(TRAINING, "epochs_run", 6),
            says(TRAINING, "steps", 36),
        ),
    ),
    Case(
        "EPOCHS set before fit",
        sets(FIT, "EPOCHS = 2"),
        (
            says(TRAINING, "epochs", 2),
            says(TRAINING, "epochs_run", 2),
            says(TRAINING, "steps", 12),
        ),
    ),
    Case(
        "batch size typed",
        swaps("batch_size = BATCH_SIZE or len(X_train)", "batch_size = 7"),
        (
            says(TRAINING, "batch_size", 7, ABSENT),
            says(TRAINING, "steps", 52),
            says(TRAINING, "epochs", 4),
            never(16, steps=(TRAINING,)),
        ),
    ),
    Case(
        "MinMaxScaler in the preparation cell",
        swaps(
            "preprocessing = StandardScaler()",
            "from sklearn.preprocessing import MinMaxScaler\npreprocessing = MinMaxScaler()",
        ),
        (
            says(PREPARATION, "operations", ["MinMaxScaler()"]),
            says(PREPARATION, "fitted_rows", 90),
            never("StandardScaler"),
        ),
    ),
    Case(
        "scaler replaced where it is fitted",
        sets(
            "preprocessing.fit(",
            "from sklearn.preprocessing import MaxAbsScaler\npreprocessing = MaxAbsScaler()",
        ),
        (
            says(PREPARATION, "operations", ["MaxAbsScaler()"]),
            says(PREPARATION, "fitted_rows", 90),
            has_operation("fit", "MaxAbsScaler", parts={"training": 90}),
            never("StandardScaler"),
        ),
        may=("replaced_before_training",),
    ),
    Case(
        "scaler fitted on all rows",
        swaps("preprocessing.fit(features.iloc[training_rows])", "preprocessing.fit(features)"),
        (
            says(PREPARATION, "fitted_rows", 150),
            finds("fitted_outside_training", rows=150, outside=60),
        ),
    ),
    Case(
        "50 rows dropped before the split",
        sets(
            "n_rows = len(features)",
            "features, labels = features.iloc[:100], labels[:100]",
        ),
        (
            says(DATA, "samples_total", 100),
            says(DATA, "dataset_classes", 2),
            says(SPLIT, "training_samples", 60),
            says(SPLIT, "testing_samples", 20),
            finds("data_changed_after_ingestion"),
            other_data,
            never(150, steps=(DATA, SPLIT)),
        ),
    ),
    Case(
        "test part of 50 rows typed",
        swaps("n_test = max(1, int(TEST_SIZE * n_rows))", "n_test = 50"),
        (
            says(SPLIT, "testing_samples", 50),
            says(DATA, "testing_samples", 50, ABSENT),
            says(EVALUATION, "number_of_predictions", 50),
            denies(SPLIT, "testing_split", 0.2),
        ),
    ),
    Case(
        "clipping and an exponential schedule in fit",
        _schedule,
        (
            says(TRAINING, "learning_rate_first", 0.001),
            says(TRAINING, "learning_rate_last", 0.000125),
            says(TRAINING, "lr_scheduler", Text("ExponentialLR")),
            says(MODEL, "optimizer_learning_rate", 0.001),
        ),
    ),
    Case(
        "record of model_parameters deleted, SGD used",
        both(
            swaps(ADAM, "optimizer = torch.optim.SGD(model.parameters(), lr=0.05)"),
            removes('run.record("model_parameters"'),
        ),
        (
            says(MODEL, "optimizer", "SGD"),
            says(MODEL, "optimizer_learning_rate", 0.05),
            says(MODEL, "number_of_parameters", 2953),
            NOT_ADAM,
        ),
    ),
    Case(
        "record of model_training deleted",
        removes('run.record("model_training"'),
        (
            says(MODEL, "optimizer", "Adam"),
            says(TRAINING, "steps", 24),
            says(TRAINING, "batch_size", 16),
            says(TRAINING, "epochs", 4),
        ),
    ),
    Case(
        "fit called twice",
        sets(FIT, "fit(model, optimizer, X_train, y_train, X_validation, y_validation)"),
        (
            says(TRAINING, "epochs", 8),
            says(TRAINING, "steps", 48),
            denies(TRAINING, "epochs_run", 4),
        ),
        may=("trained_in_several_executions",),
    ),
    Case(
        "metrics of the validation part",
        _validation,
        (
            says(EVALUATION, "measured_on", "validation"),
            finds("measured_on", parts="validation"),
        ),
    ),
    Case(
        "a random forest",
        _forest,
        (
            says(MODEL, "model_name", "RandomForestClassifier"),
            says(MODEL, "hyperparameters", {"n_estimators": 20, "random_state": 0}),
            says(TRAINING, "epochs", ABSENT),
            says(TRAINING, "epochs_run", ABSENT),
            says(TRAINING, "batch_size", ABSENT),
            says(MODEL, "optimizer", ABSENT),
            says(MODEL, "optimizer_learning_rate", ABSENT),
            says(EVALUATION, "measured_on", "testing"),
            never(2953, 50, 16, "Sequential", "CrossEntropy", steps=(MODEL, TRAINING)),
        ),
    ),
    Case(
        "a layer frozen before fit",
        sets(FIT, "for weight in model[0].parameters():\n    weight.requires_grad_(False)"),
        (
            says(MODEL, "number_of_parameters", 2953),
            says(MODEL, "number_of_trainable_parameters", 2703),
        ),
        may=("changed_before_training",),
    ),
    Case(
        "all wrapped in main",
        _main,
        (
            says(MODEL, "optimizer", "SGD"),
            says(MODEL, "optimizer_learning_rate", 0.3),
            says(MODEL, "number_of_parameters", 59),
            finds("replaced_before_training", what="model"),
            never(2953, "Adam", 0.001, steps=(MODEL, TRAINING)),
        ),
        may=("replaced_before_training",),
    ),
    Case(
        "LEARNING_RATE set in the model cell",
        sets(ADAM, "LEARNING_RATE = 0.02"),
        (
            says(MODEL, "optimizer_learning_rate", 0.02),
            says(TRAINING, "learning_rate_first", 0.02),
            never(0.001, steps=(MODEL, TRAINING)),
        ),
    ),
    Case(
        "seeds typed",
        _seeds,
        (
            says(TRAINING, "random_seed", 7, 8, [7, 8]),
            never(42, steps=(MODEL, TRAINING)),
        ),
    ),
    Case(
        "random_state typed in the split",
        swaps("random_state=RANDOM_STATE", "random_state=99"),
        (
            says(SPLIT, "random_state", 99, ABSENT),
            has_operation("split", "train_test_split", settings={"random_state": 99}),
            never(42, steps=(SPLIT,)),
        ),
    ),
    Case(
        "hidden neurons typed",
        _hidden,
        (
            says(MODEL, "number_of_parameters", 445),
            says(MODEL, "model_description", Text("out_features=17")),
            never(50, "=50", 2953, steps=(MODEL, TRAINING)),
        ),
    ),
    Case(
        "wine under the name of iris",
        _wine,
        (
            any_of(says(DATA, "dataset_id", Text("wine")), finds("not_this_source")),
            says(DATA, "samples_total", 178),
            says(DATA, "feature_dimensions", 13),
            never("iris", steps=(DATA,)),
        ),
        may=("not_this_source",),
    ),
    Case(
        "labels permuted after ingestion",
        sets("n_rows = len(features)", "labels = np.random.default_rng(0).permutation(labels)"),
        (finds("data_changed_after_ingestion"), other_data, says(DATA, "samples_total", 150)),
    ),
    Case(
        "training cell run a second time",
        lambda notebook: notebook.run_again(FIT),
        (
            any_of(
                says(TRAINING, "epochs", 8),
                finds("initial_weights_differ"),
            ),
            says(TRAINING, "executions", 2),
            finds("trained_in_several_executions", executions=2),
            denies(TRAINING, "epochs", 4),
            denies(TRAINING, "epochs_run", 4),
        ),
        may=("initial_weights_differ",),
    ),
    Case(
        "diverged",
        lambda notebook: None,
        (
            finds("diverged"),
            never(0.9901, steps=(EVALUATION,)),
            denies(EVALUATION, "evaluation_metrics", {"accuracy": 100 / 101}),
        ),
        values={
            "dataset": "csv", "csv_path": "rows.csv", "target_column": "kind", "scaler": "none",
            "optimizer": "SGD", "learning_rate": 1000.0,
        },
        files={"rows.csv": table({"often": 500, "seldom": 6})},
    ),
    Case(
        "a class with a single row",
        lambda notebook: None,
        (
            any_of(
                says(SPLIT, "stratified", False),
                finds("not_stratified"),
            ),
            denies(SPLIT, "stratified", True),
        ),
        values={"dataset": "csv", "csv_path": "rows.csv", "target_column": "kind"},
        files={"rows.csv": table({"one": 40, "two": 40, "single": 1})},
        may=("not_stratified",),
    ),
]  # fmt: skip

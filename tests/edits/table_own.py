"""Notebooks that nothing generated, with two lines added."""

from __future__ import annotations

from tests.edits.editing import DATA, EVALUATION, MODEL, PREPARATION, SPLIT, TRAINING, table
from tests.edits.notebook import Notebook, own
from tests.edits.saying import ABSENT, Case, Text, ended, finds, has_operation, never, says

START = 'from mlprov_widgets import start_run\nrun = start_run("it")'
FINISH = "run.finish()"


def cells(*sources: str) -> object:
    def edit(notebook: Notebook) -> None:
        notebook.cells = own(*sources).cells

    return edit


def case(name: str, sources: tuple[str, ...], checks: tuple, **more: object) -> Case:
    whole = (START, *sources, FINISH)
    return Case(name, cells(*whole), checks, pack="own", **more)  # type: ignore[arg-type]


CASES = [
    case(
        "two lines: a tree",
        (
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier
            """,
            "X, y = load_wine(return_X_y=True)",
            """
            X_train, X_test, y_train, y_test = train_test_split(
                X, y, test_size=0.25, random_state=3
            )
            """,
            "tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_train, y_train)",
            """
            predicted = tree.predict(X_test)
            accuracy = accuracy_score(y_test, predicted)
            """,
        ),
        (
            ended("finished"),
            says(MODEL, "model_name", "DecisionTreeClassifier"),
            says(MODEL, "hyperparameters", {"max_depth": 3, "random_state": 0}),
            says(DATA, "dataset_id", Text("wine")),
            says(DATA, "samples_total", 178),
            says(SPLIT, "training_samples", 133),
            says(SPLIT, "testing_samples", 45),
            says(EVALUATION, "evaluation_metrics", Text("accuracy")),
            says(EVALUATION, "measured_on", "testing"),
            says(TRAINING, "epochs", ABSENT),
            has_operation("fit", "DecisionTreeClassifier", parts={"training": 133}),
        ),
    ),
    case(
        "two lines: a loop of PyTorch",
        (
            """
            import numpy as np
            import torch
            from torch import nn
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split
            """,
            """
            torch.manual_seed(11)
            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
            X_train, X_test = (torch.tensor(a, dtype=torch.float32) for a in (X_train, X_test))
            y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
            """,
            """
            net = nn.Sequential(nn.Linear(4, 9), nn.Tanh(), nn.Linear(9, 3))
            opt = torch.optim.SGD(net.parameters(), lr=0.08, momentum=0.5)
            """,
            """
            for epoch in range(5):
                for rows in torch.randperm(len(X_train)).split(28):
                    opt.zero_grad()
                    loss = nn.CrossEntropyLoss()(net(X_train[rows]), y_train[rows])
                    loss.backward()
                    opt.step()
            """,
            """
            with torch.no_grad():
                predicted = net(X_test).argmax(1)
            print((predicted == y_test).float().mean())
            """,
        ),
        (
            says(MODEL, "model_name", "Sequential"),
            says(MODEL, "number_of_parameters", 75),
            says(MODEL, "optimizer", "SGD"),
            says(MODEL, "optimizer_learning_rate", 0.08),
            says(MODEL, "optimizer_parameters", {"momentum": 0.5}),
            says(MODEL, "loss_function", "CrossEntropyLoss"),
            says(TRAINING, "steps", 20),
            says(TRAINING, "batch_size", 28),
            says(TRAINING, "epochs", 5, ABSENT),
            says(TRAINING, "random_seed", 11, ABSENT),
            says(SPLIT, "training_samples", 112),
            says(SPLIT, "testing_samples", 38),
            says(SPLIT, "stratified", True),
            says(DATA, "dataset_id", Text("iris")),
        ),
    ),
    case(
        "two lines: a table, scaled before the split",
        (
            """
            import pandas as pd
            from sklearn.ensemble import GradientBoostingClassifier
            from sklearn.metrics import f1_score
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler
            """,
            """
            table = pd.read_csv("rows.csv")
            X, y = table.drop(columns="kind"), table["kind"]
            """,
            "X = StandardScaler().fit_transform(X)",
            "X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
            """
            model = GradientBoostingClassifier(n_estimators=5, random_state=0)
            model.fit(X_train, y_train)
            print(f1_score(y_test, model.predict(X_test), average="macro"))
            """,
        ),
        (
            says(MODEL, "model_name", "GradientBoostingClassifier"),
            says(MODEL, "hyperparameters", {"n_estimators": 5}),
            says(DATA, "root_location", Text("rows.csv")),
            says(SPLIT, "training_samples", 90),
            says(SPLIT, "testing_samples", 30),
            says(SPLIT, "stratified", False, ABSENT),
            says(EVALUATION, "evaluation_metrics", Text("f1")),
            finds("fitted_outside_training", rows=120, outside=30),
        ),
        files={"rows.csv": table({"one": 60, "two": 60})},
        may=("not_stratified",),
    ),
    case(
        "two lines: a pipeline that is cross-validated",
        (
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            """,
            """
            X, y = load_breast_cancer(return_X_y=True)
            pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=0.1))
            scores = cross_val_score(pipeline, X, y, cv=3)
            """,
            "print(scores.mean())",
        ),
        (
            says(DATA, "dataset_id", Text("breast_cancer")),
            says(DATA, "samples_total", 569),
            says(TRAINING, "epochs", ABSENT),
            never("Adam", steps=(MODEL, TRAINING)),
        ),
    ),
    case(
        "two lines: several models compared",
        (
            """
            from sklearn.datasets import load_iris
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier
            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            """,
            """
            scores = {}
            for model in (KNeighborsClassifier(3), RandomForestClassifier(7, random_state=0)):
                model.fit(X_train, y_train)
                scores[type(model).__name__] = accuracy_score(y_test, model.predict(X_test))
            """,
        ),
        (
            has_operation("fit", "KNeighborsClassifier", settings={"n_neighbors": 3}),
            has_operation("fit", "RandomForestClassifier", settings={"n_estimators": 7}),
            says(
                TRAINING,
                "models",
                [
                    {"model_name": "KNeighborsClassifier", "metrics": {"accuracy": Text("0.97")}},
                    {"model_name": "RandomForestClassifier", "metrics": {"accuracy": Text("0.97")}},
                ],
            ),
            # Which of the two the run is about, nobody has said.
            says(EVALUATION, "evaluation_metrics", ABSENT),
            says(MODEL, "model_name", ABSENT),
        ),
    ),
    case(
        "two lines: several models, and a scaler that knows the test part",
        (
            """
            from sklearn.datasets import load_wine
            from sklearn.cluster import KMeans
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import MinMaxScaler, StandardScaler
            from sklearn.svm import SVC
            X, y = load_wine(return_X_y=True)
            """,
            # Clusters are made of all rows, and nothing is measured with them.
            "clusters = KMeans(3, n_init=1, random_state=0).fit(MinMaxScaler().fit_transform(X))",
            """
            scaled = StandardScaler().fit_transform(X)
            X_train, X_test, y_train, y_test = train_test_split(scaled, y, random_state=0)
            """,
            """
            for model in (SVC(), RandomForestClassifier(7, random_state=0)):
                model.fit(X_train, y_train)
                print(accuracy_score(y_test, model.predict(X_test)))
            """,
        ),
        (
            finds("fitted_outside_training", what="StandardScaler", rows=178, outside=45),
            has_operation("fit", "MinMaxScaler"),
            says(MODEL, "model_name", ABSENT),
        ),
    ),
    *[case(
        "two lines: a recurrent network, and activations in a method of its own: " + network,
        (
            """
            import torch
            from torch import nn
            from torch.nn import functional as F

            class Recurrent(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.head = nn.Linear(6, 4)
                    self.cells = nn.LSTM(1, 6, batch_first=True)

                def forward(self, x):
                    return self.head(self.cells(x)[0][:, -1])

            class Coder(Recurrent):
                def encode(self, x):
                    return F.relu(x)

                def forward(self, x):
                    return self.encode(super().forward(x))
            """,
            """
            net = NETWORK()
            optimizer = torch.optim.AdamW(net.parameters(), lr=0.02)
            rows = torch.rand(40, 5, 1)
            for _ in range(3):
                optimizer.zero_grad()
                F.mse_loss(net(rows), torch.zeros(40, 4)).backward()
                optimizer.step()
            """.replace("NETWORK", network),
        ),
        (
            says(MODEL, "model_name", network),
            says(MODEL, "activation_function", *activations),
            # Its last layer in the order of declaration is not the last one that it uses.
            says(MODEL, "output_neurons", 4),
            says(MODEL, "loss_function", "mse_loss"),
            says(TRAINING, "steps", 3),
        ),
    )
    for network, activations in (("Recurrent", (ABSENT,)), ("Coder", ("ReLU",)))
    ],
    case(
        "two lines: a density, estimated in many steps and cross-validated",
        (
            """
            from sklearn.datasets import load_wine
            from sklearn.mixture import GaussianMixture
            from sklearn.model_selection import cross_val_score
            X, _ = load_wine(return_X_y=True)
            """,
            "scores = cross_val_score(GaussianMixture(2, random_state=0), X, cv=3)",
            """
            for seed in range(450):
                mixture = GaussianMixture(1, max_iter=1, random_state=seed).fit(X[:20])
            """,
        ),
        (
            has_operation("evaluate", "cross_val_score", values={"rows": 178}),
            has_operation("fit", "GaussianMixture", values={"not_listed": 50}),
            says(PREPARATION, "operations", ABSENT),
        ),
    ),
    case(
        "two lines: a decomposition and nothing else",
        (
            """
            from sklearn.datasets import load_wine
            from sklearn.decomposition import PCA
            projected = PCA(2).fit_transform(load_wine().data)
            """,
        ),
        (has_operation("fit", "PCA"), says(MODEL, "model_name", ABSENT)),
    ),
    case(
        "two lines: an estimator that is only cross-validated",
        (
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import RidgeClassifier
            from sklearn.model_selection import cross_validate
            X, y = load_wine(return_X_y=True)
            found = cross_validate(RidgeClassifier(alpha=3.0), X, y, cv=3)
            """,
        ),
        (
            says(MODEL, "model_name", "RidgeClassifier"),
            says(MODEL, "hyperparameters", {"alpha": 3.0}),
            says(TRAINING, "epochs", ABSENT),
        ),
    ),
    case(
        "an estimator of one's own with a network inside",
        (
            """
            import torch
            from sklearn.base import BaseEstimator, RegressorMixin
            from sklearn.datasets import load_diabetes
            from sklearn.metrics import r2_score
            class Net(RegressorMixin, BaseEstimator):
                def __init__(self, epochs=3, lr=0.25):
                    self.epochs, self.lr = epochs, lr
                def fit(self, X, y):
                    X, y = torch.as_tensor(X).float(), torch.as_tensor(y).float()[:, None]
                    self.net_ = torch.nn.Linear(X.shape[1], 1)
                    optimizer = torch.optim.SGD(self.net_.parameters(), lr=self.lr)
                    for _ in range(self.epochs):
                        optimizer.zero_grad()
                        torch.nn.functional.mse_loss(self.net_(X), y).backward()
                        optimizer.step()
                    return self
                def predict(self, X):
                    return self.net_(torch.as_tensor(X).float()).detach().numpy()[:, 0]
            X, y = load_diabetes(return_X_y=True)
            model = Net()
            """,
            """
            model.fit(X, y)
            run.record("model_training", model=model)
            """,
            """
            answers = model.predict(X)
            run.record("model_evaluation", model=model, metrics={"r2": r2_score(y, answers)})
            """,
        ),
        (
            says(MODEL, "model_name", "Linear"),
            says(MODEL, "optimizer", "SGD"),
            says(TRAINING, "models", ABSENT),
            has_operation("fit", "Net", settings={"epochs": 3, "lr": 0.25}),
        ),
    ),
    case(
        "two lines: weights changed by hand",
        (
            "import torch\nnet = torch.nn.Linear(2, 1)",
            """
            for _ in range(3):
                net.zero_grad()
                net(torch.rand(8, 2)).square().mean().backward()
                for weights in net.parameters():
                    weights.data -= 0.1 * weights.grad
            """,
        ),
        (finds("no_training_seen", changed=["net"]), says(MODEL, "optimizer", ABSENT)),
    ),
    case(
        "two lines: features of the training part alone scaled",
        (
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC
            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)
            scaler = StandardScaler()
            X_train = scaler.fit_transform(X_train)
            X_test = scaler.transform(X_test)
            """,
            'clf = SVC(C=2.0, kernel="linear").fit(X_train, y_train)',
            "print(accuracy_score(y_test, clf.predict(X_test)))",
        ),
        (
            says(MODEL, "model_name", "SVC"),
            says(MODEL, "hyperparameters", {"C": 2.0, "kernel": "linear"}),
            says(PREPARATION, "operations", [Text("StandardScaler")]),
            says(PREPARATION, "fitted_rows", 133),
            says(SPLIT, "stratified", True),
            says(EVALUATION, "measured_on", "testing"),
            has_operation("fit", "StandardScaler", parts={"training": 133}),
        ),
    ),
    case(
        "two lines: measured on the rows that it was fitted on",
        (
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier
            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            """,
            """
            clf = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(accuracy_score(y_train, clf.predict(X_train)))
            """,
        ),
        (
            says(EVALUATION, "measured_on", "training"),
            finds("measured_on_seen_rows"),
        ),
        may=("measured_on", "not_stratified"),
    ),
    case(
        "two lines: nothing but a drawing",
        ("import math\nvalues = [math.sin(x / 10) for x in range(100)]",),
        (
            ended("finished"),
            says(MODEL, "model_name", ABSENT),
            says(TRAINING, "epochs", ABSENT),
        ),
        may=("no_training_seen",),
    ),
]  # fmt: skip

"""Data, split and preprocessing that are other than they were said to be."""

from __future__ import annotations

from tests.edits.editing import (
    AS_GENERATED,
    DATA,
    FIT,
    MODEL,
    PREPARATION,
    SPLIT,
    TRAINING,
    both,
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
    says,
)

INGESTED = 'run.record("data_ingestion"'
ROWS = "n_rows = len(features)"
SPLIT_RECORD = 'run.record("data_segregation"'


def _reordered(notebook: Notebook) -> None:
    notebook.before(
        ROWS,
        "order = np.random.default_rng(1).permutation(len(features))\n"
        "features, labels = features.iloc[order].reset_index(drop=True), labels[order]",
    )


def _own_split(notebook: Notebook) -> None:
    notebook.before(
        SPLIT_RECORD,
        "order = np.random.default_rng(3).permutation(n_rows)\n"
        "training_rows, validation_rows, test_rows = order[:100], order[100:120], order[120:]",
    )


CASES = [
    Case(
        "a column dropped in the preparation cell",
        sets(
            "preprocessing = StandardScaler()",
            "features = features.drop(columns=features.columns[0])",
        ),
        (
            says(DATA, "feature_dimensions", 3),
            says(MODEL, "number_of_parameters", 2903),
            other_data,
        ),
        # With a column less, some flowers of several parts are alike.
        may=("data_changed_after_ingestion", "duplicates_across_parts"),
    ),
    Case(
        "a column dropped before the split",
        sets(ROWS, 'features = features.drop(columns=features.columns[0])'),
        (
            says(DATA, "feature_dimensions", 3),
            says(DATA, "samples_total", 150),
            says(MODEL, "number_of_parameters", 2903),
            finds("data_changed_after_ingestion"),
            other_data,
        ),
        may=("duplicates_across_parts",),
    ),
    Case(
        "rows in another order",
        _reordered,
        (
            says(DATA, "samples_total", 150),
            says(DATA, "dataset_classes", 3),
            finds("data_changed_after_ingestion"),
            other_data,
        ),
    ),
    Case(
        "labels changed in place",
        both(sets(INGESTED, "labels = labels.copy()"), sets(ROWS, "labels[-10:] = 0")),
        (finds("data_changed_after_ingestion"), other_data, says(DATA, "samples_total", 150)),
    ),
    Case(
        "a frame changed in place",
        sets(ROWS, "features.iloc[3:9, 1] = 0.0"),
        (finds("data_changed_after_ingestion"), other_data, says(DATA, "samples_total", 150)),
    ),
    Case(
        "rows dropped before they are recorded",
        sets(INGESTED, "features, labels = features.iloc[50:], labels[50:]"),
        (
            says(DATA, "samples_total", 100),
            says(DATA, "dataset_classes", 2),
            other_data,
            never(150, steps=(DATA, SPLIT)),
        ),
    ),
    Case(
        "rows doubled",
        sets(
            INGESTED,
            "features = pd.concat([features, features], ignore_index=True)\n"
            "labels = np.concatenate([labels, labels])",
        ),
        (
            says(DATA, "samples_total", 300),
            finds("duplicates_across_parts"),
            lambda told: (
                line
                for line in ["MISSING leak duplicates_across_parts"]
                if "duplicates_across_parts" not in [one["code"] for one in told["leaks"]]
            ),
        ),
        may=("measured_on_seen_rows",),
    ),
    Case(
        "the target among the features",
        sets(INGESTED, "features = features.assign(kind=labels)"),
        (
            says(DATA, "feature_dimensions", 5),
            finds("target_in_features", feature="kind"),
        ),
    ),
    Case(
        "groups that are split",
        swaps(f"{INGESTED}, ", f"{INGESTED}, groups=np.arange(len(features)) // 2, "),
        (finds("groups_split"),),
    ),
    Case(
        "scaled before the split, and again after it",
        sets(
            "preprocessing = StandardScaler()",
            "features = pd.DataFrame(\n"
            "    StandardScaler().fit_transform(features), columns=features.columns\n)",
        ),
        (
            finds("fitted_outside_training", rows=150, outside=60),
            says(DATA, "samples_total", 150),
        ),
        may=("data_changed_after_ingestion",),
    ),
    Case(
        "scaler fitted on training and test part",
        swaps(
            "preprocessing.fit(features.iloc[training_rows])",
            "preprocessing.fit(features.iloc[np.concatenate([training_rows, test_rows])])",
        ),
        (
            says(PREPARATION, "fitted_rows", 120),
            finds("fitted_outside_training", rows=120, outside=30),
        ),
    ),
    Case(
        "scaler fitted on half of the training part",
        swaps(
            "preprocessing.fit(features.iloc[training_rows])",
            "preprocessing.fit(features.iloc[training_rows[:45]])",
        ),
        (says(PREPARATION, "fitted_rows", 45), denies(PREPARATION, "fitted_rows", 90)),
    ),
    Case(
        "a scaler of its own for looking at the data",
        sets(FIT, "look = StandardScaler().fit(features)\nprint(look.mean_)"),
        AS_GENERATED,
    ),
    Case(
        "test rows out of the training rows",
        sets(SPLIT_RECORD, "test_rows = training_rows[:30]"),
        (
            finds("parts_overlap", rows=30),
            says(SPLIT, "testing_samples", 30),
        ),
        may=("measured_on_seen_rows", "fitted_outside_training", "duplicates_across_parts",
             "measured_on"),
    ),
    Case(
        "split without stratification",
        swaps("stratify=labels[others]", "stratify=None"),
        (
            says(SPLIT, "stratified", False, ABSENT),
            has_operation("split", "train_test_split", values={"stratified": False}),
        ),
        may=("not_stratified",),
    ),
    Case(
        "a split by hand",
        _own_split,
        (
            says(SPLIT, "training_samples", 100),
            says(SPLIT, "validation_samples", 20),
            says(SPLIT, "testing_samples", 30),
            says(SPLIT, "training_split", 100 / 150),
            denies(SPLIT, "stratified", True),
            never(90, steps=(DATA, SPLIT, PREPARATION)),
            has_operation("train", "Adam", parts={"training": 100}),
        ),
        may=("not_stratified",),
    ),
    Case(
        "a chain of preprocessing",
        swaps(
            "preprocessing = StandardScaler()",
            "from sklearn.decomposition import PCA\n"
            "from sklearn.pipeline import make_pipeline\n"
            "preprocessing = make_pipeline(StandardScaler(), PCA(2))",
        ),
        (
            says(PREPARATION, "operations", ["StandardScaler()", Text("PCA(")]),
            says(PREPARATION, "fitted_rows", 90),
            says(MODEL, "number_of_parameters", 2 * 50 + 50 + 2550 + 153),
        ),
    ),
    Case(
        "settings of the scaler changed before it is fitted",
        sets("preprocessing.fit(", "preprocessing.set_params(with_std=False)"),
        (
            says(PREPARATION, "operations", [Text("with_std=False")]),
            says(PREPARATION, "fitted_rows", 90),
        ),
        may=("changed_before_training",),
    ),
    Case(
        "no preprocessing at all",
        both(
            lambda notebook: notebook.delete("preprocessing.fit("),
            swaps("preprocessing.transform(features.iloc[rows])", "features.iloc[rows]"),
            swaps("operations=preprocessing, ", ""),
        ),
        (
            says(PREPARATION, "fitted_rows", ABSENT),
            never("StandardScaler", steps=(PREPARATION,)),
            says(TRAINING, "epochs", 4),
        ),
    ),
    Case(
        "made data in the place of iris",
        swaps(
            "dataset = load_iris(as_frame=True)\nfeatures = dataset.data\n"
            "labels = dataset.target.to_numpy()\n"
            "class_names = [str(name) for name in dataset.target_names]",
            "from sklearn.datasets import make_blobs\n"
            "made, labels = make_blobs(n_samples=80, centers=2, n_features=6, random_state=0)\n"
            "features = pd.DataFrame(made)\nclass_names = ['one', 'two']",
        ),
        (
            says(DATA, "samples_total", 80),
            says(DATA, "dataset_classes", 2),
            says(DATA, "feature_dimensions", 6),
            any_of(finds("not_this_source"), says(DATA, "dataset_id", Text("blobs"))),
            never("iris", steps=(DATA,)),
        ),
        may=("not_this_source",),
    ),
    Case(
        "a file read in the place of iris",
        swaps(
            "dataset = load_iris(as_frame=True)\nfeatures = dataset.data\n"
            "labels = dataset.target.to_numpy()\n"
            "class_names = [str(name) for name in dataset.target_names]",
            "frame = pd.read_csv('rows.csv')\n"
            "features = frame.drop(columns='kind')\n"
            "labels, class_names = pd.factorize(frame['kind'])",
        ),
        (
            says(DATA, "samples_total", 90),
            says(DATA, "feature_dimensions", 4),
            any_of(finds("not_this_source"), says(DATA, "root_location", Text("rows.csv"))),
            never("iris", steps=(DATA,)),
        ),
        files={"rows.csv": table({"one": 40, "two": 50})},
        may=("not_this_source",),
    ),
]  # fmt: skip

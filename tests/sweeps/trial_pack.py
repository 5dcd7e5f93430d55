"""A pack whose trials take no time, and behave as they are told."""

from __future__ import annotations

from pathlib import Path

DECLARED = """
[pack]
title = "Behaviour"
summary = "A number, and what becomes of its run."
version = "1"
task_type = "Regression"

[[pages]]
name = "model"
title = "Model"
steps = ["model_training"]

[[parameters]]
name = "x"
label = "X"
type = "number"
page = "model"
step = "model_training"
default = 0.5
minimum = -10
maximum = 10
constant = true

[[parameters]]
name = "count"
label = "Count"
type = "integer"
page = "model"
step = "model_training"
default = 1
minimum = 1
constant = true

[[parameters]]
name = "validated"
label = "Validated"
type = "flag"
page = "model"
step = "model_training"
default = true

[[parameters]]
name = "behaviour"
label = "Behaviour"
type = "choice"
page = "model"
step = "model_training"
default = "ends"
choices = [
    { value = "ends", label = "Ends" },
    { value = "raises", label = "Raises" },
    { value = "hangs", label = "Hangs" },
    { value = "hangs_on", label = "Hangs, and does not let itself be interrupted" },
    { value = "eats", label = "Eats memory" },
    { value = "dies", label = "Dies" },
    { value = "leaks", label = "Leaks" },
]

[[parameters]]
name = "seed"
label = "Seed"
type = "integer"
page = "model"
step = "model_training"
default = 42
minimum = 0
constant = true
term = "random_seed"
"""
CELLS = {
    "010_title.md.jinja": "# {{ title }}\n",
    "030_imports.py.jinja": (
        "import os\nimport random\nimport signal\nimport time\n\n"
        "import numpy as np\n\nfrom mlprov_widgets import start_run\n"
    ),
    "040_parameters.py.jinja": "X = {{ x }}\nCOUNT = {{ count }}\nSEED = {{ seed }}\n",
    "050_start.py.jinja": "run = start_run({{ notebook }}, seed=SEED)\n",
    "100_model_training.py.jinja": (
        'time.sleep(random.SystemRandom().random() * float(os.environ.get("SLEEP", 0)))\n'
        "value = (X - 0.3) ** 2 + COUNT / 10 + np.random.normal() / 100\n"
        '{% if behaviour == "raises" %}\n'
        'raise ValueError("as told")\n'
        '{% elif behaviour == "hangs" %}\n'
        "time.sleep(3600)\n"
        '{% elif behaviour == "hangs_on" %}\n'
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "while True:\n    time.sleep(3600)\n"
        '{% elif behaviour == "eats" %}\n'
        "eaten = [np.empty(10**7) for _ in range(10**4)]\n"
        '{% elif behaviour == "dies" %}\n'
        "os.kill(os.getpid(), signal.SIGKILL)\n"
        '{% elif behaviour == "leaks" %}\n'
        'assert not hasattr(np, "leak")\n'
        "np.leak = True\n"
        "random.seed(0)\n"
        "{% endif %}\n"
        'run.record("model_training", value=value)\n'
    ),
    "110_model_evaluation.py.jinja": (
        'metrics = {"mean_squared_error": value + 1}\n'
        "{% if validated %}\n"
        'metrics["validation_loss"] = value\n'
        "{% endif %}\n"
        'run.record("model_evaluation", metrics=metrics)\n'
    ),
    "120_provenance.py.jinja": "run.finish()\n",
}


def write_pack(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(DECLARED, encoding="utf-8")
    for name, text in CELLS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder

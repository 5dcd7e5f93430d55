"""A full record, and what a reader gets of its report: text, with nothing hidden in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import mistune

from mlprov_widgets.record import Record, Step
from mlprov_widgets.reporting import run_report
from tests.reproduction.made_runs import record


def words(text: str) -> list[str]:
    return text.split()


TAGS = set(
    words(
        "a article b body dd div dl dt figcaption figure footer h1 h2 h3 h4 head header html li "
        "line meta nav ol p path pre section span style svg table tbody td text th thead title tr "
        "ul wbr"
    )
)
ATTRIBUTES = set(
    words(
        "aria-hidden aria-label charset class content d href http-equiv id lang name role scope "
        "tabindex text-anchor viewbox x x1 x2 y y1 y2"
    )
)
ADDRESSES = {
    "https://neurips.cc/public/guides/PaperChecklist",
    "https://aclrollingreview.org/responsibleNLPresearch/",
    "https://www.cs.mcgill.ca/~jpineau/ReproducibilityChecklist.pdf",
}
VOID = {"meta", "wbr"}


class Reader(HTMLParser):
    """Checks that every tag is one of ours and closed, and collects the text."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, name
            if name == "href":
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text.append(data)


def read(page: str) -> str:
    """The text of a page that is well formed and asks for nothing from elsewhere."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    assert all(link in ADDRESSES or link.startswith("#mlprov-") for link in reader.links)
    return " ".join("".join(reader.text).split())


_render = mistune.create_markdown(escape=False, plugins=["table", "strikethrough", "url"])


def read_markdown(text: str) -> str:
    """The text of Markdown in which nothing but ours is a tag, a link or a picture."""
    found = _render(text)
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z][\w-]*)", found))
    assert tags <= set(words("h1 h2 h3 p strong table thead tbody tr th td code pre ul li a hr"))
    assert set(re.findall(r'href="([^"]*)"', found)) <= ADDRESSES
    # GitHub makes links of these as they stand, also of escaped ones, but never in code.
    outside = re.sub(r"<(code|pre|a)\b.*?</\1>", "", found, flags=re.DOTALL)
    assert not re.search(r"(?i)://|\bwww\.|@", outside)
    plain = re.sub(r"<[^>]*>", " ", found)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"')):
        plain = plain.replace(entity, char)
    return " ".join(plain.replace("&amp;", "&").split())


def full() -> Record:
    """A run that has recorded something in every section."""
    made = record(
        hardware_info={"CPU": "A processor", "CPU_cores": 8, "GPUs": ["A GPU"], "RAM": "16 GiB"},
        git={"commit": "0123abcd", "branch": "main", "dirty": True},
        values={"seed": 42, "optimizer": "Adam", "epochs": 3},
    )
    made.steps = {
        "data_ingestion": Step(
            values={
                "dataset_id": "iris",
                "samples_total": 12345,
                "dataset_classes": 2,
                "root_location": "sklearn.datasets.load_iris",
            }
        ),
        "data_preparation": Step(values={"operations": ["StandardScaler()"]}),
        "data_segregation": Step(
            values={
                "training_samples": 90,
                "validation_samples": 30,
                "testing_samples": 30,
                "training_split": 0.6,
                "random_state": 7,
            }
        ),
        "model_parameters": Step(
            values={
                "model_name": "SmallNet",
                "model_description": "SmallNet(\n  (0): Linear()\n)",
                "number_of_parameters": 2953,
                "optimizer": "Adam",
                "optimizer_learning_rate": 0.001,
                "loss_function": "CrossEntropyLoss",
                "device": "cuda",
            }
        ),
        **made.steps,
    }
    made.steps["model_training"].values |= {"epochs": 3, "epochs_run": 3}
    made.steps["model_evaluation"].values["number_of_predictions"] = 20
    return made


def both(run, *rest) -> tuple[str, str]:
    report = run_report(run, *rest)
    return read(report.to_html()), read_markdown(report.to_markdown())


def blocks(report, kind):
    return [one for part in report.page.sections for one in part.blocks if isinstance(one, kind)]

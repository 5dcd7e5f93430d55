"""What a viewer shows for what is chosen, as cases for Python and for the browser's own logic.

python -m tests.graph.shared_cases      writes viewer/test/cases.json anew
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mlprov_widgets.graph.levels.two_levels import Levels
from mlprov_widgets.graph.navigation import Navigation
from mlprov_widgets.graph.pictures.standalone import whole_of
from tests.graph.made_documents import named, workflow
from tests.graph.small import legacy_document, levels_of, literal

FILE = Path(__file__).parents[2] / "viewer" / "test" / "cases.json"
SUMMARY: Any = {"title": "Cases", "facts": [], "failed": False, "note": ""}


def lineage_document() -> dict[str, Any]:
    """Collections, recorded fields, delegation, alternates: relations that lineage tells apart."""

    def ends(first: str, second: str, *pairs: str) -> dict[str, Any]:
        split = [pair.split() for pair in pairs]
        return {
            f"_:{first}{second}{at}": {f"prov:{first}": f"ex:{a}", f"prov:{second}": f"ex:{b}"}
            for at, (a, b) in enumerate(split)
        }

    fields = {"ex:kernel": "notebook.kernel", "ex:list": "packages"}
    return {
        "prefix": {"ex": "http://example.org/", "mlprov": "https://w3id.org/mlprov#"},
        "entity": {
            **{f"ex:{name}": {} for name in ("numpy", "torch", "data", "copy", "old", "plan")},
            "ex:packages": {"prov:type": named("prov:Collection")},
            "ex:notebook": {"prov:label": "Analysis notebook", "ex:creation_date": "2026-11-22"},
            "ex:model": {
                "prov:label": "Größe – modèle",
                "prov:value": literal("0.25", "xsd:double"),
                "ex:metrics": literal('{"mean_error": 0.5, "accuracy": 0.75}', "rdf:JSON"),
                "ex:source": "def fit(x):\n    return x  # accuracy",
            },
            **{
                name: {"prov:type": named("mlprov:Field"), "mlprov:field": field}
                for name, field in fields.items()
            },
        },
        "activity": {"ex:train": {}, "ex:end": {}, "ex:project": {}},
        "agent": {"ex:ada": {}, "ex:lab": {}},
        "used": ends("activity", "entity", "train data", "train packages", "train notebook"),
        "wasGeneratedBy": ends("entity", "activity", "model train", "kernel project"),
        "wasDerivedFrom": ends(
            "generatedEntity", "usedEntity", "notebook kernel", "packages list", "copy data"
        ),
        "hadMember": ends("collection", "entity", "packages numpy", "packages torch"),
        "alternateOf": ends("alternate1", "alternate2", "data old"),
        "wasInvalidatedBy": ends("entity", "activity", "old end"),
        "wasAssociatedWith": ends("activity", "agent", "train ada"),
        "actedOnBehalfOf": {
            "_:d": {
                "prov:delegate": "ex:ada",
                "prov:responsible": "ex:lab",
                "prov:activity": "ex:project",
            }
        },
    }


def documents() -> dict[str, dict[str, Any]]:
    return {
        "lineage": lineage_document(),
        "legacy": legacy_document(),
        "workflow": workflow(50),
    }


QUERIES = {
    "lineage": ("accuracy", "mean error", "modele", "MODÈLE", "creationDate", "ex:num", "def fit"),
    "legacy": ("accuracy", "creation date", "Creation-Date", "seed", "loss", "step", "nothing"),
    "workflow": ("task 3", "file", "data csv", "Kind2", "ex:file1"),
}


def choices(levels: Levels, queries: tuple[str, ...]) -> list[dict[str, Any]]:
    """What is chosen one after the other: each level, groups, elements, searches."""
    found: list[dict[str, Any]] = []
    for level in levels.names:
        model = levels.model(level)
        found.append({"level": level})
        found += [{"opened": list(model.groups)[:at]} for at in (1, 3, 100)]
        found += [{"selected": id} for id in list(model.nodes)[:: max(1, len(model.nodes) // 12)]]
        found.append({"opened": []})
        found += [{"query": query} for query in queries]
        found.append({"query": "", "selected": ""})
    return found


def shown(navigation: Navigation) -> dict[str, Any]:
    """What of it follows, as plain values; which of two relatives comes first says nothing."""
    marks = dict(navigation.marks)
    marks |= {name: sorted(navigation.marks[name]) for name in ("ancestors", "descendants")}  # type: ignore[literal-required]
    scene = navigation.scene
    return {
        "level": navigation.level,
        "selected": navigation.selected,
        "opened": list(navigation.opened),
        "scene": {
            "nodes": [node["id"] for node in scene["nodes"]],
            "groups": [group["id"] for group in scene["groups"]],
            "edges": sorted(
                [one["id"], one["kind"], one["count"], one["role"], one["flow"]]
                for one in scene["edges"]
            ),
            "note": scene["note"],
        },
        "marks": marks,
        "results": navigation.results,
    }


def cases() -> list[dict[str, Any]]:
    found = []
    for name, document in documents().items():
        levels = levels_of(document)
        navigation = Navigation(levels)
        whole = whole_of(levels, SUMMARY, opened=navigation.opened)
        whole["details"] = {level: {} for level in whole["levels"]}
        last: dict[str, Any] = {}
        steps = []
        for chosen in choices(levels, QUERIES[name]):
            navigation.choose(**{key: navigation.check(key, one) for key, one in chosen.items()})
            now = json.loads(json.dumps(shown(navigation)))
            # Only what is different, to be read in a review.
            steps.append([chosen, {key: one for key, one in now.items() if last.get(key) != one}])
            last = now
        found.append({"name": name, "whole": whole, "steps": steps})
    return json.loads(json.dumps(found))


def written() -> str:
    lines = [
        f'{{"name":{json.dumps(case["name"])},\n"whole":{_line(case["whole"])},\n"steps":[\n'
        + ",\n".join(map(_line, case["steps"]))
        + "\n]}"
        for case in cases()
    ]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8", newline="\n")

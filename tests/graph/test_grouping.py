"""Elements that belong together are together, and no group is too large to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlprov_widgets.graph.document.elements import elements_of
from mlprov_widgets.graph.document.model import MAX_CHILDREN, Model
from mlprov_widgets.graph.levels.grouping import group_elements
from mlprov_widgets.graph.levels.splitting import natural
from mlprov_widgets.graph.levels.two_levels import Levels
from mlprov_widgets.provenance import to_prov
from mlprov_widgets.provenance.prov_json import to_prov_json
from tests.graph.made_documents import check_model, named, workflow
from tests.graph.small import levels_of
from tests.provenance.sample import failed, sample


def engineer(source: Any) -> Model:
    model = levels_of(source).model("engineer")
    check_model(model)
    return model


def group_of(model: Model, name: str) -> str:
    return model.nodes[f"run:{name}"].parent


def test_groups_of_a_run() -> None:
    model = engineer(sample(packages=61))
    top = model.subgroups[""]
    assert top == [
        "group:experiment",
        "group:notebook",
        "step:data_ingestion",
        "step:data_preparation",
        "step:data_segregation",
        "step:model_parameters",
        "step:model_training",
        "step:model_evaluation",
        "group:environment",
    ]
    assert not model.members.get("")
    for name, group in {
        "run": "group:experiment",
        "experiment": "group:experiment",
        "fingerprints": "group:experiment",
        "field.experiment_info.creation_date": "group:experiment",
        "function.datetime.datetime.now": "group:experiment",
        "mlprov-widgets": "group:experiment",
        "notebook": "group:notebook",
        "pack": "group:notebook",
        "values": "group:notebook",
        "cell.2": "group:notebook",
        "execution.2.1": "group:notebook",
        "result.2.1": "group:notebook",
        "function.platform.python_version": "group:notebook",
        "cell.5": "step:data_ingestion",
        "execution.5.1": "step:data_ingestion",
        "data.data_ingestion": "step:data_ingestion",
        "dataset": "step:data_ingestion",
        "result.8.1": "step:model_parameters",
        "execution.8.2": "step:model_parameters",
        "model": "step:model_training",
        "metric.accuracy": "step:model_evaluation",
        "hardware": "group:environment/hardware",
        "function.psutil.virtual_memory": "group:environment/hardware",
        "environment": "group:environment/software",
        "packages": "group:environment/packages",
    }.items():
        assert group_of(model, name) == group, name
    assert model.path("run:package.torch")[:2] == [
        "group:environment",
        "group:environment/packages",
    ]
    assert len(model.path("run:package.torch")) == 3, "61 packages are split"


def test_folded_groups_say_what_matters() -> None:
    groups = engineer(sample()).groups
    assert dict(groups["group:environment"].lines) == {
        "Python": "3.11.2",
        "torch": "2.15.0+cpu",
        "CPU": "AMD EPYC 7B13",
        "packages": "12",
    }
    assert ("", "Multiclass classification of iris") in groups["group:experiment"].lines
    assert ("changed cells", "2") in groups["group:notebook"].lines
    assert ("numpy", "2.4.1") in groups["group:environment/packages"].lines
    result = groups["step:model_evaluation"]
    assert (result.title, result.headline_label, result.headline, result.state) == (
        "Result",
        "accuracy",
        "0.9667",
        "result",
    )
    assert groups["step:model_parameters"].note == "edited"


def test_a_changed_cell_shows_what_was_run_last() -> None:
    record = sample()
    cell = record.cells[7]
    cell.executions[0].source = "first = 1\n"
    cell.executions[-1].source = "# by hand\nlast = 2\nmore = 3\n"
    cells = engineer(record).nodes
    assert cells["run:cell.8"].lines == (("", "last = 2"),)
    generated = next(line for line in record.cells[6].source.splitlines() if line[:1] != "#")
    assert generated.startswith(cells["run:cell.7"].lines[0][1].rstrip("…"))


def test_a_failed_run_is_seen_from_its_groups() -> None:
    groups = engineer(failed()).groups
    assert groups["group:experiment"].state == "failed"
    assert groups["step:model_training"].state == "failed"
    assert groups["step:model_evaluation"].state == "missing"


def test_a_function_goes_where_most_of_its_fields_are() -> None:
    record = sample()
    record.functions = {
        "hardware_info.CPU": "look",
        "experiment_info.title": "look",
        "environment.threads": "look",
        "environment.blas": "look",
        "experiment_info.file_size": "either",
        "hardware_info.RAM": "either",
    }
    model = engineer(record)
    assert group_of(model, "function.look") == "group:environment/software"
    assert group_of(model, "function.either") == "group:experiment"


def test_much_software_is_split_by_library() -> None:
    record = sample()
    names = [f"setting_{at}" for at in range(25)]
    record.environment = dict.fromkeys(names, True)
    record.functions = {f"environment.{name}": f"torch.get_{name}" for name in names[:20]}
    record.functions |= {f"environment.{name}": "sys.flags" for name in names[20:]}
    model = engineer(record)
    inside = model.members["group:environment/software/torch"]
    assert {"run:field.environment.setting_3", "run:function.torch.get_setting_3"} <= set(inside)
    assert group_of(model, "function.sys.flags") == "group:environment/software"


def test_other_elements_of_a_run_have_a_place() -> None:
    container = to_prov_json(sample())
    container["entity"]["run:own"] = {}
    model = engineer(container)
    assert model.nodes["run:own"].parent == "group:other"


@pytest.mark.parametrize("format", ["xml", "provn", "rdf", "jsonld"])
def test_groups_do_not_depend_on_the_format(format: str, tmp_path: Path) -> None:
    want = engineer(sample())
    options = {"rdf_format": "trig"} if format == "rdf" else {}
    path = tmp_path / f"run.{format}"
    path.write_text(to_prov(sample()).serialize(format=format, **options))
    got = engineer(path)
    assert {id: node.parent for id, node in got.nodes.items()} == {
        id: node.parent for id, node in want.nodes.items()
    }
    assert {id: node.title for id, node in got.nodes.items()} == {
        id: node.title for id, node in want.nodes.items()
    }


def legacy() -> dict[str, Any]:
    """As MLProvCodeGen writes it: what belongs together does so by its name."""
    cells = ("Experiment Info", "Hardware Info", "Packages", "Data Ingestion", "Training")
    container: dict[str, Any] = {
        "prefix": {"ex": "https://github.com/TarekAlMustafa/MLProvCodeGen1.0/"},
        "entity": {"ex:MLProvCodeGen": {}, "ex:notebook": {"ex:name": "a.ipynb"}},
        "agent": {"ex:Somebody": {}},
        "activity": {"ex:GenerateNotebook": {}},
    }
    relations: dict[str, Any] = {"wasGeneratedBy": {}, "wasStartedBy": {}, "hadMember": {}}
    relations["wasGeneratedBy"]["_:n"] = {
        "prov:entity": "ex:notebook",
        "prov:activity": "ex:GenerateNotebook",
    }
    for cell in cells:
        function = f"ex:set_{cell.lower().replace(' ', '_')}()"
        container["entity"] |= {f"ex:Cell {cell}": {}, f"ex:{cell} Data": {"ex:epochs": 3}}
        container["activity"][function] = {}
        ends = {"prov:entity": f"ex:{cell} Data", "prov:activity": function}
        relations["wasGeneratedBy"][f"_:{cell}"] = ends
        started = {"prov:activity": function, "prov:trigger": f"ex:Cell {cell}"}
        relations["wasStartedBy"][f"_:{cell}"] = started
        member = {"prov:collection": "ex:notebook", "prov:entity": f"ex:Cell {cell}"}
        relations["hadMember"][f"_:{cell}"] = member
    relations["wasInformedBy"] = {
        "_:1": {"prov:informed": "ex:set_hardware_info()", "prov:informant": "ex:svmem.total"},
        "_:2": {"prov:informed": "ex:svmem.total", "prov:informant": "ex:get_size(svmem.total)"},
        "_:3": {"prov:informed": "ex:set_experiment_info()", "prov:informant": "ex:date.today()"},
    }
    return {**container, **relations}


def test_names_hold_a_file_of_mlprovcodegen_together() -> None:
    levels = levels_of(legacy())
    model = levels.model("engineer")
    check_model(model)
    assert levels.record is not None
    want = {
        "group:experiment": {"Cell Experiment Info", "Experiment Info Data", "date.today()"},
        "group:environment/hardware": {
            "svmem.total",
            "get_size(svmem.total)",
            "Cell Hardware Info",
        },
        "group:environment/packages": {"Cell Packages", "Packages Data", "set_packages()"},
        "step:data_ingestion": {
            "Cell Data Ingestion",
            "Data Ingestion Data",
            "set_data_ingestion()",
        },
        "step:model_training": {"Cell Training", "Training Data", "set_training()"},
        "group:notebook": {"notebook", "MLProvCodeGen", "GenerateNotebook"},
    }
    for group, names in want.items():
        for name in names & {node.name.partition(":")[2] for node in model.nodes.values()}:
            assert model.nodes[f"ex:{name}"].parent == group, name
    assert model.nodes["ex:svmem.total"].parent == "group:environment/hardware"
    assert model.groups["step:model_training"].title == "Training"
    assert model.nodes["ex:Training Data"].type == "Data"


@pytest.mark.parametrize("name", ["multiclass_iris_2022-05-19.json", "image_mnist_resnet18.json"])
def test_published_files_of_mlprovcodegen(name: str, shared_data: Path) -> None:
    model = engineer(shared_data / "legacy" / name)
    assert model.subgroups[""] == [
        "group:experiment",
        "group:notebook",
        *(f"step:{step}" for step in ("data_ingestion", "data_preparation", "data_segregation")),
        *(f"step:{step}" for step in ("model_parameters", "model_training", "model_evaluation")),
        "group:environment",
    ]
    assert not model.members.get("")
    assert model.groups["step:model_evaluation"].headline


def test_small_documents_need_no_groups() -> None:
    assert engineer(workflow(30)).groups == {}


def test_bundles_are_groups() -> None:
    bundle = {"entity": {f"ex:e{at}": {} for at in range(100)}}
    model = engineer({"entity": {"ex:b": {}}, "bundle": {"ex:b": bundle, "ex:c": {}}})
    assert model.subgroups[""] == ["group:bundle/ex:b"]
    assert model.members[""] == ["ex:b"]
    assert model.sizes["group:bundle/ex:b"] == 100


def test_what_an_activity_made_is_with_it() -> None:
    model = engineer(workflow(100))
    assert model.nodes["ex:file7"].parent == model.nodes["ex:task7"].parent
    assert model.groups["group:activity/ex:task7"].title == "task 7"
    assert model.groups["group:activity/ex:task7"].lines


def test_types_group_what_no_activity_holds_together() -> None:
    kinds = {"Metric": 12, "Parameter": 30, "Model": 3}
    container = {
        "entity": {
            f"ex:{kind}{at}": {"prov:type": named(f"yprov:{kind}"), "prov:value": str(at)}
            for kind, number in kinds.items()
            for at in range(number)
        }
    }
    model = engineer(container)
    assert {group.title: model.sizes[id] for id, group in model.groups.items()} == kinds
    metrics = next(group for group in model.groups.values() if group.title == "Metric")
    assert metrics.lines[0] == ("Metric0", "0")


def test_kind_and_namespace_are_the_last_resort() -> None:
    container = {
        "entity": {f"{'ab'[at % 2]}:e{at}": {} for at in range(40)},
        "agent": {f"a:g{at}": {} for at in range(5)},
    }
    titles = {group.title for group in engineer(container).groups.values()}
    assert titles == {"Entities: a", "Entities: b", "Agents"}


@pytest.mark.parametrize("size", [41, 1_601, 12_345])
def test_large_groups_are_split_by_name(size: int) -> None:
    container = {"entity": {f"ex:e{at}": {} for at in range(size)}}
    nodes, edges = elements_of(container)
    model = Model("engineer", nodes, edges, group_elements(container, nodes, edges))
    check_model(model)
    top = len(model.subgroups[""]) + len(model.members.get("", ()))
    assert top <= MAX_CHILDREN
    leaves = [id for id in model.groups if id in model.members]
    sizes = [model.sizes[id] for id in leaves]
    assert min(sizes) >= MAX_CHILDREN // 4, "parts are about as large as one another"
    firsts = [model.nodes[model.members[id][0]].title for id in leaves]
    assert firsts == sorted(firsts, key=natural)


def test_many_bundles_and_many_types_are_split_too() -> None:
    bundles = {f"ex:b{at}": {"entity": {"ex:e": {}}} for at in range(500)}
    engineer({"bundle": bundles})
    entities = {f"ex:e{at}": {"prov:type": named(f"ex:T{at % 300}")} for at in range(900)}
    engineer({"entity": entities})


def test_a_damaged_record_is_grouped_as_a_run_all_the_same() -> None:
    container = to_prov_json(sample())
    container["activity"]["run:run"]["mlprov:status"] = "no such status"
    levels: Levels = levels_of(container)
    assert levels.record is None
    assert levels.opened.problem
    model = levels.model("engineer")
    check_model(model)
    assert group_of(model, "metric.accuracy") == "step:model_evaluation"
    assert levels.model("analyst").nodes

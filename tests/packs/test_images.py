"""Parameters about images and models: what they allow, and what is found out for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mlprov_widgets.errors import InvalidValueError, PackError
from mlprov_widgets.images import torchvision_models
from mlprov_widgets.images.format import UNKNOWN_ARRAYS
from mlprov_widgets.notebooks import generate, read_manifest, render_cells
from mlprov_widgets.packs import Pack, check_values, complete_values, discover_packs, load_pack

HEAD = """
[pack]
title = "Pictures"
summary = "Small."
version = "1.0"
task_type = "Pictures"

[[pages]]
name = "data"
title = "Data"
"""


def parameter(name: str, kind: str, **more: str) -> str:
    rows = {"label": '"Label"', "page": '"data"', "step": '"data_ingestion"', **more}
    lines = [f'[[parameters]]\nname = "{name}"\ntype = "{kind}"']
    return "\n".join([*lines, *(f"{key} = {value}" for key, value in rows.items())])


WHOLE = [
    parameter("images", "image_folder", when='''"source == 'folder'"'''),
    parameter("image_format", "image_format", table='"images"', when='''"source == 'folder'"'''),
    parameter("arrays", "array_file", when='''"source == 'arrays'"'''),
    parameter("array_format", "array_format", table='"arrays"', when='''"source == 'arrays'"'''),
    parameter(
        "source",
        "choice",
        default='"none"',
        choices='[{value="none",label="0"},{value="folder",label="1"},{value="arrays",label="2"}]',
    ),
    parameter(
        "model",
        "torchvision_model",
        default='"small"',
        choices='[{value="small",label="Small one",code="Small()",sets={root="elsewhere"}}]',
    ),
    parameter("root", "folder", default='"data"'),
]
CELL = "model = {{ code.model }}\nform = {{ image_format }}\narrays = {{ array_format }}\n"


def written(folder: Path, parameters: list[str], cell: str = CELL) -> Path:
    folder.mkdir()
    (folder / "pack.toml").write_text("\n\n".join([HEAD, *parameters]))
    (folder / "060_data_ingestion.py.jinja").write_text(cell)
    return folder


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return load_pack(written(tmp_path / "pictures", WHOLE))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    for name in ("a", "b"):
        (made / "pets" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("L", (6, 7), number).save(made / "pets" / name / f"{number}.png")
    np.savez(made / "x.npz", x=np.arange(400).reshape(20, 4, 5) % 256, y=np.arange(20) % 2)
    return made


def test_a_format_is_found_out_by_looking(pack: Pack, folder: Path) -> None:
    checked = check_values(pack, {"source": "folder", "images": "pets"}, folder)
    assert checked.problems == []
    assert checked.values["image_format"]["classes"] == ["a", "b"]
    assert checked.values["image_format"]["size"] == [7, 6]
    assert checked.found["images"].examples == 10
    assert checked.table is None
    assert "image_format" not in checked.changed
    checked = check_values(pack, {"source": "arrays", "arrays": "x.npz"}, folder)
    assert checked.problems == []
    assert checked.values["array_format"]["layout"] == "NHW"
    assert checked.values["image_format"] == {}


def test_paths_in_the_folder_of_the_notebook_are_kept_relative(pack: Pack, folder: Path) -> None:
    values = {"source": "folder", "images": str(folder / "pets"), "root": str(folder / "down")}
    checked = check_values(pack, values, folder)
    assert checked.values["images"] == "pets"
    assert checked.values["root"] == "down"
    assert not (folder / "down").exists()


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        ({"source": "folder"}, "images", "Choose the folder with your images."),
        ({"source": "folder", "images": "none"}, "images", "There is no folder 'none'"),
        ({"source": "folder", "images": "x.npz"}, "images", "is a file"),
        ({"source": "folder", "images": 7}, "images", "a text, the path of a folder"),
        ({"source": "folder", "images": "a\0"}, "images", "no path can have"),
        ({"source": "arrays"}, "arrays", "Choose the .npz or .npy file"),
        ({"source": "arrays", "arrays": "pets"}, "arrays", "is a folder"),
        ({"root": ""}, "root", "Name a folder"),
        ({"root": "x.npz"}, "root", "is a file"),
        ({"root": "x.npz/below"}, "root", "'x.npz' is a file"),
        ({"root": "~nobody-of-this-name/x"}, "root", None),
        ({"root": "a" * 400}, "root", "cannot be the name of a folder"),
    ],
)
def test_wrong_paths_are_said_beside_their_field(
    values: dict[str, Any], name: str, words: str | None, pack: Pack, folder: Path
) -> None:
    messages = check_values(pack, values, folder).messages(name)
    if words is None:
        assert messages == []
    else:
        assert len(messages) == 1
        assert words in messages[0]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("image_format", {"classes": ["../x", "b"]}, "'classes' must be"),
        ("image_format", "x", "must be a dictionary"),
        (
            "array_format",
            {**UNKNOWN_ARRAYS, "images": "", "labels": "/etc/passwd"},
            "'labels' must be",
        ),
    ],
)
def test_hostile_formats_are_refused_by_name(name: str, value: Any, words: str, pack: Pack) -> None:
    (message,) = check_values(pack, {name: value}).messages(name)
    assert message.startswith(f"{name}: ")
    assert words in message
    with pytest.raises(InvalidValueError, match="leave it out"):
        pack.parameters[name].parse("{}")


def test_every_model_of_torchvision_is_allowed(pack: Pack) -> None:
    for name in ["small", *torchvision_models()]:
        assert pack.parameters["model"].check(name) == name
        assert pack.parameters["model"].choice(name).value == name


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("resnet81", "did you mean resnet18"),
        ("ResNet18", "did you mean resnet18?"),
        (
            "convnext",
            "did you mean convnext_base, convnext_large, convnext_small or convnext_tiny?",
        ),
        ("vgg", "did you mean vgg11, vgg11_bn, vgg13, vgg13_bn or one of 4 more?"),
        ("smal", "did you mean small"),
        ("fasterrcnn_resnet50_fpn", "torchvision has no such model"),
        ("os.system('x')", "torchvision has no such model"),
        ("", "torchvision has no such model."),
        (3, "it must be small, or a classification model of torchvision"),
    ],
)
def test_other_models_are_refused_and_near_ones_named(value: Any, words: str, pack: Pack) -> None:
    (message,) = check_values(pack, {"model": value}).messages("model")
    assert words in message


def test_a_model_becomes_its_own_code_or_that_of_its_choice(pack: Pack) -> None:
    def line(model: str) -> str:
        return render_cells(pack, complete_values(pack, {"model": model}), "x.ipynb")[0].source

    assert line("small").startswith("model = Small()\n")
    assert line("vit_b_16").startswith("model = vit_b_16\n")
    assert complete_values(pack, {"model": "vit_b_16"})["root"] == "data"
    assert complete_values(pack, {"model": "small"})["root"] == "elsewhere"


def test_cells_can_be_shown_before_any_data_are_chosen(pack: Pack) -> None:
    (cell,) = render_cells(pack, check_values(pack, {"source": "folder"}).values, "x.ipynb")
    assert '"parts": {}' in cell.source
    assert '"layout": "NHWC"' in cell.source


def test_a_notebook_holds_what_was_found_out(
    pack: Pack, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (tmp_path / "out").mkdir()
    values = {"source": "folder", "images": "pets"}
    path = generate(pack, values, tmp_path / "out" / "run.ipynb")
    manifest = read_manifest(path)
    assert manifest is not None
    # Relative to where the caller is, not to where the notebook goes.
    assert manifest.values["images"] == str(folder / "pets")
    assert manifest.values["image_format"]["classes"] == ["a", "b"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ([parameter("f", "image_format")], "needs 'table', the image_folder that"),
        (
            [parameter("a", "array_file"), parameter("f", "image_format", table='"a"')],
            "the type image_format belongs to the type image_folder",
        ),
        ([parameter("m", "torchvision_model")], "a default is missing"),
        ([parameter("m", "torchvision_model", default='"resnet81"')], "did you mean resnet18"),
        ([parameter("d", "folder")], "a default is missing"),
    ],
)
def test_wrong_declarations_are_named(parameters: list[str], words: str, tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        load_pack(written(tmp_path / "wrong", parameters, "x = 1"))
    assert words in str(caught.value)


def test_packs_come_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    for name, order in (("a", None), ("b", 7), ("c", 3)):
        folder = written(tmp_path / "packs" / name, [parameter("m", "flag")], "x = 1")
        if order is not None:
            toml = (folder / "pack.toml").read_text()
            (folder / "pack.toml").write_text(toml.replace("[pack]", f"[pack]\norder = {order}"))
    assert list(discover_packs([tmp_path / "packs"]))[-3:] == ["c", "b", "a"]
    assert next(iter(discover_packs())) == "multiclass_classification"

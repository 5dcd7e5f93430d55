"""The models of torchvision as its source tells them, against torchvision itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mlprov_widgets.images import torchvision_models


def test_they_are_those_that_torchvision_lists() -> None:
    models = pytest.importorskip("torchvision").models
    found = torchvision_models()
    assert list(found) == models.list_models(module=models)
    for name, info in found.items():
        assert info.name == name
        assert getattr(models, name) is models.get_model_builder(name)
        weights = list(models.get_model_weights(name))
        assert info.has_weights == bool(weights)
        assert info.parameters == min(w.meta["num_params"] for w in weights)
        assert info.minimum == min(w.meta["min_size"][0] for w in weights)
        assert info.summary.endswith(".")
        assert not set("`<>") & set(info.summary)


def test_the_fixed_sizes_are_those_that_models_insist_on() -> None:
    torch = pytest.importorskip("torch")
    models = pytest.importorskip("torchvision").models
    found = torchvision_models()
    assert found["vit_b_16"].fixed == 224
    assert found["resnet18"].fixed is None
    model = models.vit_b_16(weights=None).eval()
    with torch.no_grad(), pytest.raises(AssertionError, match="224"):
        model(torch.zeros(1, 3, 192, 192))


def test_looking_imports_neither_torch_nor_torchvision() -> None:
    code = (
        "import sys; from mlprov_widgets.images import torchvision_models;"
        "assert 'resnet18' in torchvision_models();"
        "print(sorted({'torch', 'torchvision', 'PIL', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_torchvision_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    assert torchvision_models() == {}

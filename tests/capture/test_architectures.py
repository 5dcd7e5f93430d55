"""A model's own name and paper, found from the live model."""

from __future__ import annotations

from typing import Any

import pytest

from mlprov_widgets.capture.descriptions.published import describe_published
from mlprov_widgets.images import torchvision_models

# Too large to be built only to be counted.
LARGE = {"regnet_y_128gf", "vit_h_14"}
# Families whose models share one class, and families of one.
SOME: list[Any] = ["resnet18", "resnext50_32x4d", "vgg16_bn", "mobilenet_v3_small", "squeezenet1_1"]
SOME += [
    pytest.param(name, marks=pytest.mark.slow)
    for name in ("densenet121", "googlenet", "mnasnet0_5", "alexnet")
]


def build(name: str, **options: Any) -> Any:
    from torchvision.models import get_model

    if name in ("googlenet", "inception_v3"):
        options |= {"aux_logits": False, "init_weights": False}
    return get_model(name, num_classes=7, **options)


@pytest.mark.parametrize("name", SOME)
def test_a_model_of_torchvision_is_known(name: str) -> None:
    described = describe_published(build(name))
    assert described["model_name"] == name
    assert described["model_source_url"].startswith("http")
    assert "pretrained" not in described


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(torchvision_models()) - LARGE))
def test_every_model_of_torchvision_is_known(name: str) -> None:
    assert describe_published(build(name))["model_name"] == name


def test_a_chain_is_known_by_what_it_begins_with() -> None:
    import torch

    chain = torch.nn.Sequential(build("resnet18"), torch.nn.LogSoftmax(dim=1))
    assert describe_published(chain)["model_name"] == "resnet18"


def test_a_transformer_is_known_at_any_image_size() -> None:
    assert describe_published(build("vit_b_16", image_size=32))["model_name"] == "vit_b_16"


def test_a_model_changed_by_hand_is_not_taken_for_the_published_one() -> None:
    import torch

    model = build("resnet18")
    model.layer4 = torch.nn.Conv2d(256, 512, 1, stride=2)
    assert describe_published(model) == {}


@pytest.mark.parametrize("nothing", [None, "resnet18", 3, object(), []])
def test_what_is_no_model_says_nothing(nothing: object) -> None:
    assert describe_published(nothing) == {}


def test_an_empty_chain_says_nothing() -> None:
    import torch

    assert describe_published(torch.nn.Sequential()) == {}

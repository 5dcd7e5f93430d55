"""The page of a run whose pack has changed since: what is shown, and what can be chosen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlprov_widgets.errors import PackError
from mlprov_widgets.widgets import ReproduceWidget, wizard
from mlprov_widgets.widgets.state import WizardState
from tests.widgets.test_reproduce import code, opened, shown


@pytest.fixture
def written(state: WizardState) -> Path:
    return state.generate()


def test_what_another_version_of_the_pack_wrote_is_told_from_edits(
    written: Path, pack_folder: Path, folder: Path
) -> None:
    training = pack_folder / "100_model_training.py.jinja"
    training.write_text("# Reworded.\n" + training.read_text())
    (pack_folder / "110_more.py.jinja").write_text("print('more')\n")
    page = opened(ReproduceWidget(folder, [pack_folder]), written)
    text = shown(page.widget)
    assert "is from another version of the pack, says the file" in text
    assert "was not in another version of it, says the file" in text
    assert "by hand" not in text.replace("only what was changed by hand differs", "")
    assert page.exact_button.disabled
    page.edits.accept_all.click()
    page.exact_button.click()
    assert page.results is not None
    assert code(page.results.path) == code(written)


@pytest.mark.parametrize("other", [False, True])
def test_a_pack_that_cannot_be_read_keeps_nobody_from_the_file(
    written: Path, pack_folder: Path, folder: Path, other: bool
) -> None:
    broken = pack_folder
    if other:
        broken = shutil.copytree(pack_folder, pack_folder.parent / "broken")
    (broken / "pack.toml").write_text("[pack")
    page = opened(ReproduceWidget(folder, [pack_folder.parent]), written)
    assert ("The pack tiny here cannot be read" in shown(page.widget)) is not other
    assert page.start_button.disabled is not other
    assert page.exact_button.disabled is not other
    page.edits.accept_all.click()
    page.exact_button.click()
    assert page.results is not None
    assert code(page.results.path) == code(written)


def test_a_wizard_names_a_broken_pack_beside_the_others(pack_folder: Path, folder: Path) -> None:
    broken = shutil.copytree(pack_folder, pack_folder.parent / "broken")
    (broken / "pack.toml").write_text("[pack")
    made = wizard(folder=folder, packs=[pack_folder.parent])
    assert "tiny" in made.state.packs
    assert "broken" not in made.state.packs
    text = shown(made.task_page.widget)
    assert "A pack is left out:" in text
    assert "broken/pack.toml" in text
    assert "not TOML" in text
    whole = wizard(folder=folder, packs=[pack_folder])
    assert "left out" not in shown(whole.task_page.widget)
    with pytest.raises(PackError, match="not TOML"):
        wizard("broken", folder=folder, packs=[pack_folder.parent])

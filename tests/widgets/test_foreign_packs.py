"""Packs of others are asked about; one's own are followed while they are written."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mlprov_widgets import Wizard, wizard
from mlprov_widgets.errors import MlprovError
from tests.widgets.sight import hidden, shown

QUESTION = "nothing is written before you trust it"


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody has trusted anything yet."""
    monkeypatch.setenv("MLPROV_CONFIG_DIR", str(tmp_path / "settings"))


@pytest.mark.usefixtures("stranger")
def test_a_strangers_pack_is_asked_about_before_anything_is_written(
    folder: Path, pack_folder: Path
) -> None:
    made = wizard("tiny", folder=folder, packs=[pack_folder])
    assert f"This pack comes from {pack_folder}" in shown(made)
    assert QUESTION in shown(made)
    made.next_button.click()
    assert made.state.page == "task"
    assert "Trust this pack" in made.message.value
    with pytest.raises(MlprovError, match="Trust this pack"):
        made.generate()
    assert not list(folder.glob("*.ipynb"))
    made.task_page.trust_button.click()
    assert QUESTION not in shown(made)
    made.next_button.click()
    assert made.state.page != "task"
    made.generate()
    assert list(folder.glob("*.ipynb"))


@pytest.mark.usefixtures("stranger")
def test_ones_own_pack_is_asked_about_once(folder: Path, pack_folder: Path) -> None:
    made = wizard("tiny", folder=folder, packs=[pack_folder])
    made.task_page.own_button.click()
    assert QUESTION not in shown(made)
    (pack_folder / "110_more.py.jinja").write_text("print('more')\n")
    again = wizard("tiny", folder=folder, packs=[pack_folder])
    assert QUESTION not in shown(again)
    again.generate()
    assert list(folder.glob("*.ipynb"))


@pytest.mark.usefixtures("stranger")
def test_a_bundled_pack_asks_nothing(folder: Path, pack_folder: Path) -> None:
    made = wizard(folder=folder, packs=[pack_folder])
    assert QUESTION not in shown(made)
    assert hidden(made.task_page.trust_button) or "Trust this pack" not in shown(made)


def test_two_packs_of_one_title_say_where_they_come_from(folder: Path, pack_folder: Path) -> None:
    other = shutil.copytree(pack_folder, pack_folder.parent / "other")
    made = wizard("tiny", folder=folder, packs=[pack_folder, other])
    title = made.state.pack.title
    labels = [label for label, _ in made.task_page.packs.options if label.startswith("Tiny")]
    assert labels == [f"{title} (from {pack_folder})", f"{title} (from {other})"]


def test_choices_are_kept_for_the_pack_that_they_were_made_for(
    folder: Path, pack_folder: Path
) -> None:
    other = shutil.copytree(pack_folder, pack_folder.parent / "b" / "tiny")
    made = wizard("tiny", folder=folder, packs=[pack_folder, other])
    assert made.state.pack.folder == other
    made.choose_task(str(pack_folder))
    made.state.set("epochs", 7)
    again = wizard("tiny", folder=folder, packs=[pack_folder, other])
    again.load(made.save(folder / "choices.json"))
    assert again.state.pack.folder == pack_folder
    assert again.values["epochs"] == 7


# -- following --------------------------------------------------------------------------------


def following(
    task: str | None, folder: Path, packs: Path, steps: Callable[[Wizard], Awaitable[None]]
) -> Wizard:
    """A wizard in an event loop, as in a kernel, and what happens there."""

    async def in_a_loop() -> Wizard:
        made = wizard(task, folder=folder, packs=[packs], follow=True)
        await steps(made)
        return made

    return asyncio.run(in_a_loop())


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.05)


def cell_shown(made: Wizard, name: str) -> str:
    return re.sub("<[^>]+>", "", made.preview.places[name].value)


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_saved_file_shows_at_once_and_choices_stay(folder: Path, pack_folder: Path) -> None:
    async def steps(made: Wizard) -> None:
        made.state.set("epochs", 7)
        made.go(made.state.pack.parameters["epochs"].page)
        page = made.state.page
        changed(pack_folder / "pack.toml", 'label = "Epochs"', 'label = "Rounds"')
        await until(lambda: "Rounds" in shown(made))
        assert made.state.page == page
        assert made.values["epochs"] == 7
        (pack_folder / "090_model_parameters.py.jinja").write_text("rate = EPOCHS / 3\n")
        await until(lambda: "EPOCHS / 3" in cell_shown(made, "090-model-parameters"))

    following("tiny", folder, pack_folder, steps)


def test_a_mistake_is_named_and_the_last_whole_pack_stays(folder: Path, pack_folder: Path) -> None:
    whole = (pack_folder / "pack.toml").read_text()

    async def steps(made: Wizard) -> None:
        (pack_folder / "pack.toml").write_text(whole + "\n[pack")
        await until(lambda: "not TOML" in made.message.value)
        assert "pack.toml" in made.message.value
        assert made.state.pack.title.startswith("Tiny")
        (pack_folder / "pack.toml").write_text(whole)
        await until(lambda: not made.message.value)

    following("tiny", folder, pack_folder, steps)


def test_a_pack_that_is_broken_at_first_is_turned_to_when_it_is_whole(
    folder: Path, pack_folder: Path
) -> None:
    whole = (pack_folder / "pack.toml").read_text()
    (pack_folder / "pack.toml").write_text("[pack")

    async def steps(made: Wizard) -> None:
        assert "not TOML" in shown(made)
        (pack_folder / "pack.toml").write_text(whole)
        await until(lambda: made.state.task == "tiny")

    following("tiny", folder, pack_folder, steps)


def test_a_folder_that_goes_away_is_named(folder: Path, pack_folder: Path) -> None:
    async def steps(made: Wizard) -> None:
        shutil.rmtree(pack_folder)
        await until(lambda: "no such folder" in made.message.value)
        assert made.state.task == "tiny"

    following("tiny", folder, pack_folder, steps)


def test_a_new_pack_in_a_folder_appears(folder: Path, pack_folder: Path) -> None:
    async def steps(made: Wizard) -> None:
        shutil.copytree(pack_folder, pack_folder.parent / "second")
        await until(lambda: "second" in made.state.packs)
        assert "second" in [name for _, name in made.task_page.packs.options]

    following(None, folder, pack_folder.parent, steps)

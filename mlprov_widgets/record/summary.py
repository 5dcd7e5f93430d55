"""A run in a few sentences."""

from __future__ import annotations

from mlprov_widgets.record.findings import DIVERGED, caveats
from mlprov_widgets.record.story import Story
from mlprov_widgets.wording import capitalize, format_count, format_list, one_line

# What any network may be called.
_NAMELESS = ("Sequential", "Model", "Module")
_SET_UP = "was set up"


def summary_of(story: Story) -> str:
    """The run in sentences, of the parts that are known."""
    told = [_trained(story), _reached(story)]
    but = caveats(story.record)
    if but and not (_reached(story) and but == DIVERGED):
        told.append(capitalize(f"{but}."))
    if story.record.status != "finished":
        told.append(f"The run {story.ended}.")
    if story.duration:
        on = f" on {story.machine}" if story.machine else ""
        told.append(f"The whole run took {story.duration}{on}.")
    return " ".join(one for one in told if one)


def _trained(story: Story) -> str:
    model, data = story.text("model_parameters", "model_name"), story.data
    models = story.number_of_models
    if not model and models > 1:
        done = (
            "trained" if story.record.trainings or not story.counted("fold") else "cross-validated"
        )
        return f"{models:,} models were {done}{f' on {data}' if data else ''}."
    if not model and not (data and _done(story) != _SET_UP):
        return f"The data were those of {data}{_about_data(story)}." if data else ""
    name = f"A network ({model})" if model in _NAMELESS else model or "A model"
    trained = _done(story)
    size = f" with {story.parameters} parameters" if story.parameters else ""
    text = f"{name}{size}{_around(story)} {trained}"
    text += f" on {data}{_about_data(story)}" if data else ""
    text += f" for {story.training}" if story.training else ""
    # What training would have used is nothing that it used.
    used = not story.is_observed or trained == "was trained"
    optimizer = story.text("model_parameters", "optimizer") if used else ""
    if optimizer:
        rate = story.learning_rate
        text += f" with {optimizer}" + (f" at a learning rate of {rate}" if rate else "")
    batch = story.text("model_training", "batch_size")
    return text + (f", in batches of {batch}" if batch and story.epochs else "") + "."


def _about_data(story: Story) -> str:
    counts = {"samples": "samples_total", "classes": "dataset_classes"}
    found = {what: story.text("data_ingestion", name) for what, name in counts.items()}
    about = [f"{text} {what}" for what, text in found.items() if text]
    return f" ({', '.join(about)})" if about else ""


def _done(story: Story) -> str:
    """What was done with the model."""
    folds = story.counted("fold")
    if folds and not story.record.trainings and not story.epochs:
        return f"was cross-validated with {format_count(folds, 'fold')}"
    return "was trained" if story.epochs or story.was_trained else _SET_UP


def _around(story: Story) -> str:
    """What stands around the model, and what is inside of it: a pipeline, a search, estimators."""
    found = []
    if inside := _names(story, "estimators"):
        found.append(f"with {format_list(inside)} inside")
    if before := _names(story, "pipeline")[:-1]:
        found.append(f"in a pipeline after {format_list(before)}")
    if search := story.text("model_training", "search"):
        tried = story.value("model_training", "candidates_tried")
        count = format_count(tried, "candidate") if isinstance(tried, int) else "all candidates"
        only_tried = story.value("model_training", "best_refitted") is False
        found.append(
            f"of which {search} tried {count}" if only_tried else f"the best of {count} of {search}"
        )
    return f", {', '.join(found)}," if found else ""


def _names(story: Story, field: str) -> list[str]:
    found = story.value("model_parameters", field)
    return [one_line(name, 120) for name in found] if isinstance(found, list) else []


def _reached(story: Story) -> str:
    told = [
        f"{one.metric.phrase} of {one.text}"
        + (f" (baseline {one.baseline})" if one.baseline else "")
        for one in story.headlines[:3]
        if one.text not in ("nan", "inf", "-inf")
    ]
    if not told:
        return ""
    tested = story.text("model_evaluation", "number_of_predictions")
    of = f" of the {story.measured_on}" if story.measured_on else ""
    on = f"Evaluated on {tested} samples{of}, it" if tested else "It"
    but = ", but training diverged" if story.is_diverged else ""
    return f"{on} reached {format_list(told)}{but}."

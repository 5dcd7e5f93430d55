"""What generated notebooks load data, weights and checkpoints with where a library lacks it."""

from mlprov_widgets.datasets.checkpoints import load_checkpoint
from mlprov_widgets.datasets.files import ImageFiles
from mlprov_widgets.datasets.image_sets import load_image_set
from mlprov_widgets.datasets.pretrained import load_pretrained
from mlprov_widgets.datasets.shapes import load_shape_set

__all__ = ["ImageFiles", "load_checkpoint", "load_image_set", "load_pretrained", "load_shape_set"]

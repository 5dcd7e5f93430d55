"""Look at a user's images before any code is written for them."""

from mlprov_widgets.images.archive import Unpacked, unpack_images
from mlprov_widgets.images.arrays import ArrayFile, inspect_arrays
from mlprov_widgets.images.folder import ImageFolder, inspect_image_folder
from mlprov_widgets.images.format import IMAGE_SUFFIXES, check_array_format, check_image_format
from mlprov_widgets.images.models import ModelInfo, torchvision_models
from mlprov_widgets.images.place import check_folder

__all__ = [
    "IMAGE_SUFFIXES",
    "ArrayFile",
    "ImageFolder",
    "ModelInfo",
    "Unpacked",
    "check_array_format",
    "check_folder",
    "check_image_format",
    "inspect_arrays",
    "inspect_image_folder",
    "torchvision_models",
    "unpack_images",
]

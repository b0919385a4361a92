"""Image sets by name or path. Nothing is downloaded: the error for a missing set names its source."""

from __future__ import annotations

import os
from functools import lru_cache

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import Suggestions, shortened
from lapt_dsl.evaluate.data.cifar import LAYOUTS, layout_of, load_cifar
from lapt_dsl.evaluate.data.idx import is_idx, load_idx
from lapt_dsl.evaluate.data.images import ImageData
from lapt_dsl.evaluate.tables.read_table import data_folders

FASHION_FOLDER = "/usr/share/datasets/fashion-mnist"

NAMES = {
    "digits": "it comes with scikit-learn: pip install 'lapt-dsl[torch]'",
    "fashion-mnist": "Debian and Ubuntu have it: apt install dataset-fashion-mnist; or put the four IDX files of"
    " github.com/zalandoresearch/fashion-mnist into $LAPT_DATA/fashion-mnist",
    "cifar10": "unpack cifar-10-python.tar.gz or cifar-10-binary.tar.gz of www.cs.toronto.edu/~kriz/cifar.html into"
    " a folder, and name the folder with LAPT_DATA",
    "cifar100": "unpack cifar-100-python.tar.gz or cifar-100-binary.tar.gz of www.cs.toronto.edu/~kriz/cifar.html into"
    " a folder, and name the folder with LAPT_DATA",
}
"""The sets that have a name, with where to get each."""

_CIFAR_CLASSES = {"cifar10": 10, "cifar100": 100}
_KNOWN = "an .npz file, a folder of IDX files, of CIFAR's files, or with train/CLASS/*.png and val/CLASS/*.png"


def load_data(name_or_path: str, size: int | None = None) -> ImageData:
    """Load a set of images.

    Args:
        name_or_path: `digits`, `fashion-mnist`, `cifar10`, `cifar100`, or the path of an `.npz` file, of a folder with
            IDX files or CIFAR's files in either published layout, or of a folder with a folder for every class.
        size: For folders of image files: height and width in pixels they are brought to; None is 32.

    Returns:
        The set, which is cached and shared: it must not be changed.

    Raises:
        LaptError: E750 to E759, what is wrong with it; E901, it cannot be read.
    """
    # The key is the absolute path, since `./images` depends on the working directory.
    named = name_or_path if name_or_path in NAMES else os.path.abspath(name_or_path)
    # A file that was rewritten is another set.
    stamp = os.stat(named).st_mtime_ns if os.path.exists(named) else 0
    return _load(named, name_or_path, size, tuple(data_folders()), stamp)


@lru_cache(maxsize=2)
def _load(path: str, asked: str, size: int | None, folders: tuple[str, ...], stamp: int) -> ImageData:
    if path == "digits":
        from lapt_dsl.evaluate.data.digits import load_digits

        return load_digits()
    if path == "fashion-mnist":
        return _fashion(folders)
    if path in _CIFAR_CLASSES:
        return _cifar(path, folders)
    if not os.path.exists(path):
        hint = Suggestions().hint(asked, NAMES, "sets")
        message = f"there is no set of images `{shortened(asked)}`: neither a name nor a path"
        raise LaptError.of("E750", message, asked, hint=f"{hint}; or give the path of {_KNOWN}")
    return _at(path, asked, size)


def _at(path: str, asked: str, size: int | None) -> ImageData:
    from lapt_dsl.evaluate.data.folders import is_folders, load_folders
    from lapt_dsl.evaluate.data.npz import load_npz

    name = os.path.basename(path.rstrip(os.sep))
    if not os.path.isdir(path):
        if path.endswith(".npz"):
            return load_npz(path, name)
    elif is_idx(path):
        return load_idx(path, name)
    elif (layout := layout_of(path)) is not None:
        return load_cifar(path, layout, name, whole=False)
    elif is_folders(path):
        return load_folders(path, name, size)
    raise LaptError.of("E751", f"`{asked}` is no set of images in a known layout", asked, hint=f"give {_KNOWN}")


def _fashion(folders: tuple[str, ...]) -> ImageData:
    for folder in (FASHION_FOLDER, *(os.path.join(place, "fashion-mnist") for place in folders)):
        if is_idx(folder):
            return load_idx(folder, "fashion-mnist")
    raise _missing("fashion-mnist", (FASHION_FOLDER, *folders))


def _cifar(name: str, folders: tuple[str, ...]) -> ImageData:
    for place in folders:
        for layout in LAYOUTS:
            if layout.classes != _CIFAR_CLASSES[name]:
                continue
            for folder in (os.path.join(place, layout.folder), os.path.join(place, name, layout.folder)):
                if layout_of(folder) == layout:
                    return load_cifar(folder, layout, name, whole=True)
    raise _missing(name, folders)


def _missing(name: str, looked: tuple[str, ...]) -> LaptError:
    where = f" in {', '.join(looked)}" if looked else ", and LAPT_DATA names no folder to look in"
    return LaptError.of("E750", f"the set `{name}` is not on this machine: not found{where}", name, hint=NAMES[name])

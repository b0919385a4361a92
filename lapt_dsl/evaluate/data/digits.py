"""Scikit-learn's digits, in its wheel: 1,797 grey images of 8 x 8 pixels, ten classes."""

from __future__ import annotations

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.evaluate.data.images import ImageData, checked_images
from lapt_dsl.evaluate.data.split import stratified

TEST_SHARE = 0.2
"""The set has no test part of its own; this share is put aside, always the same images."""


def load_digits() -> ImageData:
    """The digits, their 17 grey levels spread over 0 to 255.

    Raises:
        LaptError: E759, scikit-learn is not installed.
    """
    import numpy as np

    try:
        from sklearn import datasets
    except ImportError as error:
        hint = "pip install 'lapt-dsl[torch]', or name another set with --data"
        raise LaptError.of(
            "E759", "the digits come with scikit-learn, which is not installed", "digits", hint=hint
        ) from error
    found = datasets.load_digits()
    images = np.rint(found.images * (255 / 16)).astype(np.uint8)
    labels = found.target.astype(np.int64)
    train, test = stratified(images, labels, TEST_SHARE)
    return checked_images((images[train], labels[train], images[test], labels[test]), "digits", "digits", classes=10)

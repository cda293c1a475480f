"""How much two pictures differ; with no import that a process of its own would wait for."""

import numpy as np
from PySide6.QtGui import QImage


def color_counts(image: QImage) -> dict[str, int]:
    """How many pixels of a picture have each of its colours, by their names."""
    image = image.convertToFormat(QImage.Format.Format_ARGB32)  # 4 bytes a pixel, and none between two rows
    colors, counts = np.unique(np.frombuffer(image.constBits(), np.uint32) & 0xFFFFFF, return_counts=True)
    return {f"#{color:06x}": count for color, count in zip(colors.tolist(), counts.tolist(), strict=True)}


def colors_in(image: QImage) -> set[str]:
    """The names of all colours in a picture."""
    return set(color_counts(image))


def difference(one: QImage, other: QImage) -> float:
    """The mean difference of the pixels' brightness, 0 to 255."""
    gray = [image.convertToFormat(QImage.Format.Format_Grayscale8) for image in (one, other)]
    width, height = gray[0].width(), gray[0].height()
    assert (gray[1].width(), gray[1].height()) == (width, height)
    one_array, other_array = (
        np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())[:, :width].astype(float)
        for image in gray
    )
    return float(np.abs(one_array - other_array).mean())

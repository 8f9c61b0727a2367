"""What the colour profile is called (ICC.1:2022, profileDescriptionTag)."""

from __future__ import annotations

import io

from PIL import ImageCms

from pixelcraft_desktop.imaging.metadata.reading import Reading, told


def read_icc(profile: bytes) -> Reading:
    """Read a profile's name. Raises OSError or others where it is no profile."""
    opened = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
    return Reading(told(icc_profile=opened.profile_description))

"""Uploaded pictures are decoded and written anew, so that only pixels stay: no place, no owner, no second file.

Runs in the jail only. Of an animated picture the first frame is kept.
"""

from __future__ import annotations

from io import BytesIO
from zipfile import is_zipfile

from PIL import Image, ImageOps

from techmart.errors import UploadRefused

#: What fits the memory of the jail as RGBA, decoded, turned upright and written again; WebP's writer needs the most.
MAXIMUM_PIXELS = {"jpg": 40_000_000, "png": 40_000_000, "webp": 16_000_000}
MAXIMUM_SIDE_PIXELS = 20_000
_FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}
_MODES = {"JPEG": ("L", "RGB"), "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"), "WEBP": ("RGB", "RGBA")}
_QUALITIES = (90, 80, 70)


def clean_image(content: bytes, extension: str) -> bytes:
    """The picture as new bytes of the same format. Raises UploadRefused, or Pillow's errors for a broken file."""
    if is_zipfile(BytesIO(content)) or b"%PDF-" in content[:1024]:
        raise UploadRefused("structure", detail="polyglot")
    picture_format = _FORMATS[extension]
    Image.MAX_IMAGE_PIXELS = None  # opening reads the header only; the limits below are ours and lower
    image = Image.open(BytesIO(content), formats=[picture_format])
    width, height = image.size
    if width * height > MAXIMUM_PIXELS[extension] or max(width, height) > MAXIMUM_SIDE_PIXELS:
        raise UploadRefused("structure", limit=MAXIMUM_PIXELS[extension], detail="pixels")
    image.load()
    upright: Image.Image = ImageOps.exif_transpose(image)  # the orientation is EXIF too and goes with it
    if upright.mode not in _MODES[picture_format]:
        has_alpha = picture_format != "JPEG" and ("A" in upright.getbands() or "transparency" in upright.info)
        upright = upright.convert("RGBA" if has_alpha else "RGB")
    # Writers take comments, profiles and text from here; only the transparent colour is part of the picture.
    upright.info = {name: value for name, value in upright.info.items() if name == "transparency"}
    return _written(upright, picture_format, limit_bytes=len(content))


def _written(image: Image.Image, picture_format: str, *, limit_bytes: int) -> bytes:
    """The picture as a file, in the best quality that does not make it larger than it came."""
    for quality in _QUALITIES if picture_format != "PNG" else _QUALITIES[:1]:  # PNG has none
        out = BytesIO()
        image.save(out, picture_format, exif=b"", quality=quality)
        if out.tell() <= limit_bytes:
            break
    return out.getvalue()

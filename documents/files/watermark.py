"""姓名+工号+时间 across an image that is handed out, so that a leaked copy names its taker."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import IO

from PIL import Image, ImageDraw, ImageFont, ImageOps

#: Where Debian and the usual distributions keep a font with Chinese characters, and which
#: face of the collection is the simplified Chinese one.
FONTS = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
)
_QUALITY = 90
_ANGLE = 30
_INK = (110, 110, 110)
#: How dark the marks are on the picture: readable when looked for, never in the way.
_STRENGTH = 95

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def watermark(stream: IO[bytes], *, mime: str, name: str, number: str, time: str) -> bytes:
    """The image with the marks drawn all over it, in its own format.

    Without a font for Chinese the employee number and the time stand alone: they still
    name the taker, where boxes in place of his name would not.
    """
    face = chinese_font()
    text = " ".join((name, number, time) if face else (number, time))
    with Image.open(stream, formats=["JPEG", "PNG"]) as source:
        turned = ImageOps.exif_transpose(source)
        picture = turned.convert("RGBA" if mime == "image/png" else "RGB")
    size = max(14, min(picture.size) // 28)
    font: Font = (
        ImageFont.truetype(str(face[0]), size, index=face[1])
        if face
        else ImageFont.load_default(size)
    )
    _mark(picture, text, font)
    out = io.BytesIO()
    if mime == "image/png":
        picture.save(out, "PNG", compress_level=3)
    else:
        picture.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


@lru_cache(maxsize=1)
def chinese_font() -> tuple[Path, int] | None:
    """The first font of the list that this machine has, and its face."""
    return next(((Path(path), face) for path, face in FONTS if Path(path).is_file()), None)


def _mark(picture: Image.Image, text: str, font: Font) -> None:
    left, top, right, bottom = font.getbbox(text)
    width, height = int(right - left), int(bottom - top)
    stamp = Image.new("L", (width + height * 2, height * 4), 0)
    ImageDraw.Draw(stamp).text((height - left, height - top), text, font=font, fill=_STRENGTH)
    stamp = stamp.rotate(_ANGLE, expand=True)
    for row, y in enumerate(range(-stamp.height // 2, picture.height, stamp.height)):
        # Every other row is shifted, so that no strip of the picture stays free.
        for x in range(-(row % 2) * (stamp.width // 2), picture.width, stamp.width):
            picture.paste(_INK, (x, y), stamp)

"""Browser libraries kept in the repository: what is taken from where, and what it must hash to."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

Transform = Callable[[str], str]
_SOURCE_MAP = re.compile(r"\n?/[*/]# sourceMappingURL=\S+(?: \*/)?")
_FACE = re.compile(r"@font-face \{.*?\n\}", re.DOTALL)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SYMBOL = '<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def _without_source_map(text: str) -> str:
    # The map is not shipped, and Django's manifest storage refuses a reference to a missing file.
    return _SOURCE_MAP.sub("", text)


def _without_own_style(text: str) -> str:
    # Our stylesheets position the container; a style element made by script breaks the policy.
    return text.replace("l=null!=a.getElementById(o);", "l=!0;", 1)


def _woff2_only(text: str) -> str:
    # Comments go too: one names a font file that is not kept.
    face = (
        "@font-face {\n  font-family: 'bpmn';\n  src: url('../font/bpmn.woff2') format('woff2');\n"
        "  font-weight: normal;\n  font-style: normal;\n}"
    )
    return _FACE.sub(face, _COMMENT.sub("", text), count=1)


@dataclass(frozen=True)
class Library:
    """A package of the npm registry and the files of it that pages load.

    ``files`` maps a path inside the package to the path kept; ``changed`` names what is
    done to a kept file on the way.
    """

    name: str
    package: str
    version: str
    licence: str
    files: dict[str, str]
    changed: dict[str, Transform] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.version}"


LIBRARIES = (
    Library(
        "htmx", "htmx.org", "2.0.11", "0BSD",
        {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"},
    ),
    Library(
        "tabler-core", "@tabler/core", "1.6.1", "MIT",
        {"dist/css/tabler.min.css": "tabler.min.css"},
        {"tabler.min.css": _without_source_map},
    ),
    Library("tabler-icons", "@tabler/icons", "3.51.0", "MIT", {"LICENSE": "LICENSE"}),
    Library(
        "bpmn-js", "bpmn-js", "18.31.1", "bpmn.io licence (MIT with a visible watermark)",
        {
            "dist/bpmn-navigated-viewer.production.min.js": "bpmn-navigated-viewer.min.js",
            "dist/bpmn-modeler.production.min.js": "bpmn-modeler.min.js",
            "dist/assets/bpmn-js.css": "assets/bpmn-js.css",
            "dist/assets/diagram-js.css": "assets/diagram-js.css",
            "dist/assets/bpmn-font/css/bpmn.css": "assets/bpmn-font/css/bpmn.css",
            "dist/assets/bpmn-font/font/bpmn.woff2": "assets/bpmn-font/font/bpmn.woff2",
            "LICENSE": "LICENSE",
        },
        {
            "bpmn-navigated-viewer.min.js": _without_source_map,
            "bpmn-modeler.min.js": _without_source_map,
            "assets/bpmn-font/css/bpmn.css": _woff2_only,
        },
    ),
    Library(
        "cytoscape", "cytoscape", "3.35.0", "MIT",
        {"dist/cytoscape.min.js": "cytoscape.min.js", "LICENSE": "LICENSE"},
        {"cytoscape.min.js": _without_own_style},
    ),
    Library(
        "echarts", "echarts", "6.1.0", "Apache-2.0",
        {
            "dist/echarts.common.min.js": "echarts.min.js",
            "LICENSE": "LICENSE",
            "NOTICE": "NOTICE",
        },
    ),
)  # fmt: skip


def vendor_root() -> Path:
    return Path(settings.BASE_DIR) / "static" / "vendor"


@cache
def _folders(manifest: Path) -> dict[str, str]:
    return {entry["name"]: entry["folder"] for entry in _read(manifest)["libraries"]}


@cache
def vendor_path(path: str) -> str:
    """``htmx/htmx.min.js`` as the static path with the kept version in it.

    Raises ``KeyError`` when no such library is kept.
    """
    name, _, rest = path.partition("/")
    return f"vendor/{_folders(vendor_root() / 'manifest.json')[name]}/{rest}"


def icon_names(root: Path | None = None) -> list[str]:
    """The names in ``icons.txt``, which are the ids of the sprite."""
    lines = ((root or vendor_root()) / "icons.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def differences(root: Path) -> Iterator[str]:
    """One sentence for each file that is missing, altered, or not in the manifest."""
    manifest = _read(root / "manifest.json")
    known: set[Path] = set()
    for entry in manifest["libraries"]:
        for item in entry["files"]:
            path = root / entry["folder"] / item["path"]
            known.add(path)
            if not path.is_file():
                yield f"{path.relative_to(root)} is missing"
            elif _sha256(path) != item["sha256"]:
                yield f"{path.relative_to(root)} differs from the manifest"
    pinned = {library.folder for library in LIBRARIES}
    listed = {entry["folder"] for entry in manifest["libraries"]}
    for folder in sorted(pinned ^ listed):
        yield f"{folder} is not both pinned in vendoring.py and listed in the manifest"
    for folder in sorted(p for p in root.iterdir() if p.is_dir() and p.name != "licences"):
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p not in known):
            yield f"{path.relative_to(root)} is not in the manifest"


def refresh(root: Path, *, report: Callable[[str], None]) -> None:
    """Fetch every pinned package with ``npm pack`` and rewrite the folders and the manifest.

    Raises ``subprocess.CalledProcessError`` when npm cannot fetch a package; what was kept
    before stays until all packages have arrived.
    """
    with TemporaryDirectory() as scratch:
        packages = [_download(lib, Path(scratch), report) for lib in LIBRARIES]
        for folder in [p for p in root.iterdir() if p.is_dir() and p.name != "licences"]:
            shutil.rmtree(folder)
        entries = [
            _install(library, package, root)
            for library, package in zip(LIBRARIES, packages, strict=True)
        ]
    text = json.dumps({"libraries": entries}, indent=2, ensure_ascii=False) + "\n"
    (root / "manifest.json").write_text(text, encoding="utf-8")
    _folders.cache_clear()


def _download(library: Library, scratch: Path, report: Callable[[str], None]) -> Path:
    report(f"{library.package} {library.version}")
    target = scratch / library.folder
    target.mkdir()
    subprocess.run(
        ["npm", "pack", "--silent", f"{library.package}@{library.version}"],
        cwd=target, check=True, capture_output=True, text=True,
    )  # fmt: skip
    with tarfile.open(next(target.glob("*.tgz"))) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def _install(library: Library, package: Path, root: Path) -> dict[str, Any]:
    folder = root / library.folder
    for source, kept in library.files.items():
        target = folder / kept
        target.parent.mkdir(parents=True, exist_ok=True)
        content = (package / source).read_bytes()
        if transform := library.changed.get(kept):
            content = transform(content.decode()).encode()
        target.write_bytes(content)
    if library.name == "tabler-icons":
        (folder / "sprite.svg").write_text(_sprite(package, root), encoding="utf-8")
    if not (folder / "LICENSE").exists():  # the package itself carries no licence text
        shutil.copyfile(root / "licences" / f"{library.name}.txt", folder / "LICENSE")
    return {
        "name": library.name,
        "package": library.package,
        "version": library.version,
        "licence": library.licence,
        "folder": library.folder,
        "changed": sorted(library.changed),
        "files": [
            {"path": path.relative_to(folder).as_posix(), "sha256": _sha256(path)}
            for path in sorted(p for p in folder.rglob("*") if p.is_file())
        ],
    }


def _sprite(package: Path, root: Path) -> str:
    symbols = []
    for name in icon_names(root):
        svg = (package / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
        shapes = re.findall(r"<(?:path|circle|rect|line|polyline|ellipse)[^>]*/>", svg)
        body = "".join(s.replace(" />", "/>") for s in shapes if 'stroke="none"' not in s)
        symbols.append(_SYMBOL.format(name=name, body=body))
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _read(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

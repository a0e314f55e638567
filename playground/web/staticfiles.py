"""Static files as they are served: without their comments and spaces, scripts of every page as one, hashed, compressed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import rcssmin
import rjsmin
import zopfli.gzip
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_SCRIPTS = "js/"
# Under the other names nobody asks for them.
_HASHED = re.compile(r"\.[0-9a-f]{12}\.")


class OwnFilesCompressor(Compressor):
    """Our own sheet and scripts once more with Zopfli, any browser's gzip and a twentieth smaller; a library's would take long."""

    def __init__(self, own_folders: Sequence[Path], **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]
        self.own_folders = own_folders

    def compress(self, path: str) -> list[str]:
        made: list[str] = super().compress(path)  # type: ignore[no-untyped-call]
        packed = Path(f"{path}.gz")
        if Path(path).parent in self.own_folders and _HASHED.search(path) and str(packed) in made:
            packed.write_bytes(zopfli.gzip.compress(Path(path).read_bytes(), numiterations=5))  # type: ignore[no-untyped-call]
        return made


class MinifiedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Shrinks the collected copies before their names are made from their content; the sources keep their comments.

    `bundles` are files that are made here, each with the names of the scripts that it is made of.
    """

    def __init__(self, *arguments: Any, bundles: Mapping[str, Sequence[str]] | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)  # type: ignore[no-untyped-call]
        self.bundles = dict(bundles or {})

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            made = {name: rcssmin.cssmin(self._text(name)) for name in paths if name.endswith(".css")}
            made |= {name: rjsmin.jsmin(self._text(name)) for name in paths if name.startswith(OWN_SCRIPTS) and name.endswith(".js")}
            made |= {bundle: "\n".join(made[name] for name in names) for bundle, names in self.bundles.items()}
            for name, text in made.items():
                self.delete(name)
                self.save(name, ContentFile(text.encode()))
            # The hashing reads from the place named here, which else is the source.
            paths = paths | {name: (self, name) for name in made}
        yield from super().post_process(paths, dry_run=dry_run, **options)  # type: ignore[no-untyped-call]

    def create_compressor(self, **options: Any) -> Compressor:
        return OwnFilesCompressor([Path(self.path("css")), Path(self.path("js"))], **options)

    def _text(self, name: str) -> str:
        with self.open(name) as file:
            text: str = file.read().decode()
        return text

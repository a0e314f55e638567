"""The data directory: only its owner may read it, and the generated secret key lives there."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from pathlib import Path


def prepare(path: Path) -> Path:
    """Make the directory (0700) or refuse to start when others can read it."""
    path = path.expanduser().resolve()
    os.umask(0o077)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077 and not any(path.iterdir()):
        # An empty folder somebody made beforehand: ours to close.
        path.chmod(0o700)
    elif mode & 0o077:
        sys.exit(f"DATA_DIR {path} can be read by others (mode {mode:04o}). Run: chmod 700 {path}")
    return path


def temporary(path: Path) -> Path:
    """The folder for what is being worked on."""
    folder = path / "tmp"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret_key(path: Path) -> str:
    """Read the key that the first start generated; of two processes that race one writes and both read the same."""
    file = path / "secret_key"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as handle:
        handle.write(secrets.token_urlsafe(50))
    return file.read_text().strip()

"""Answers of the upload API, in the measured shape (`downloadUrl`) and the quickstart's (`fileUrl`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.wire.envelope import OK, Answer

_NAMES = ("downloadUrl", "fileUrl", "url")


def read_upload(answer: Answer) -> str:
    """The public address of the file, or "" where none is named."""
    data = answer.data
    if answer.code != OK or not isinstance(data, Mapping) or data.get("success") is False:
        return ""
    found = next((data[name] for name in _NAMES if isinstance(data.get(name), str)), "")
    return found if found.startswith(("https://", "http://")) else ""


def base64_request(data_url: str, *, path: str, name: str) -> dict[str, Any]:
    return {"base64Data": data_url, "uploadPath": path, "fileName": name}


def url_request(url: str, *, path: str, name: str) -> dict[str, Any]:
    return {"fileUrl": url, "uploadPath": path, "fileName": name}


def stored_answer(
    *, upload_id: str, name: str, label: str, url: str, size_bytes: int, content_type: str, stored_at: str, expires_at: str, version: int
) -> dict[str, Any]:
    """What the upload API says of a stored file: the measured fields, and some of the quickstart's and ours behind them."""
    data = {
        "success": True,
        "fileName": name,
        "filePath": label,
        "downloadUrl": url,
        "fileSize": size_bytes,
        "mimeType": content_type,
        "uploadedAt": stored_at,
        "fileId": upload_id,
        "expiresAt": expires_at,
        "version": version,
    }
    return {"success": True, "code": OK, "msg": "File uploaded successfully", "data": data}

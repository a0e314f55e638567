"""Files: three ways to give one, and fresh links to what is there."""

from __future__ import annotations

from playground.api.openapi.shapes import FLAG, INTEGER, JSON, TEXT, json_body, operation, record, ref, success, text

TAG = "Files"
_MOMENT: JSON = {"type": "string", "format": "date-time"}
_LABELS: JSON = {"uploadPath": text("A label, never a path.", minLength=1, maxLength=200)}
_NAME: JSON = {"fileName": text("A label; the same again is a new version.", maxLength=200)}

SCHEMAS: JSON = {
    "StoredFile": record(
        {
            "success": {"type": "boolean", "const": True},
            "code": {"type": "integer", "const": 200},
            "msg": TEXT,
            "data": record(
                {
                    "success": FLAG,
                    "fileName": TEXT,
                    "filePath": TEXT,
                    "downloadUrl": {"type": "string", "format": "uri", "description": "For three days. Give it as an input."},
                    "fileSize": INTEGER,
                    "mimeType": TEXT,
                    "uploadedAt": _MOMENT,
                    "fileId": TEXT,
                    "expiresAt": _MOMENT,
                    "version": INTEGER,
                }
            ),
        }
    )
}


def paths() -> JSON:
    file = record({"file": {"type": "string", "contentMediaType": "application/octet-stream"}, **_LABELS}, _NAME)
    stream: JSON = {"required": True, "content": {"multipart/form-data": {"schema": file}}}
    base64 = record({"base64Data": text("Bare, or a data URL; at most 10 MB.", minLength=1), **_LABELS}, _NAME)
    url = record({"fileUrl": text("Fetched by this server.", minLength=1), **_LABELS}, _NAME)
    example = {"fileUrl": "https://example.com/swell.jpg", "uploadPath": "inputs", "fileName": "swell.jpg"}
    link = record({"url": text("A link to a result or an upload that this server has made, old ones too.", minLength=1)})
    return {
        "/api/file-stream-upload": {"post": _giving("fileStreamUpload", "Give a file as a form", stream)},
        "/api/file-base64-upload": {"post": _giving("fileBase64Upload", "Give a file in base64", json_body(base64))},
        "/api/file-url-upload": {
            "post": _giving("fileUrlUpload", "Give a file by its address", json_body(url, examples={"A picture": example}))
        },
        "/api/v1/common/download-url": {
            "post": operation(
                "downloadUrl",
                "A fresh link for 20 minutes",
                success({"type": "string", "format": "uri"}),
                tag=TAG,
                body=json_body(link),
                codes=(413, 422),
            )
        },
    }


def _giving(name: str, summary: str, body: JSON) -> JSON:
    return operation(name, summary, ref("StoredFile"), tag=TAG, body=body, codes=(413, 422, 507))

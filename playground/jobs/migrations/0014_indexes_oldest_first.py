from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models

BY = {
    "jobs_by_state": ["state"],
    "jobs_by_time": [],
    "gallery_all": ["is_listed"],
    "gallery_created_by": ["created_by", "is_listed"],
    "gallery_model_id": ["model_id", "is_listed"],
    "gallery_scene": ["scene", "is_listed"],
    "gallery_aspect": ["aspect", "is_listed"],
}


class Migration(migrations.Migration):
    """Read backwards they serve the newest as well, and a new job then comes last instead of first (`Job.Meta` says why)."""

    dependencies: ClassVar = [("jobs", "0013_what_a_new_job_writes")]
    operations: ClassVar = [
        *(migrations.RemoveIndex("job", name) for name in ("jobs_newest_first", *(name for name in BY if name != "jobs_by_time"))),
        *(
            migrations.AddIndex("job", models.Index(fields=["team", "mode", *by, "created_at", "id"], name=name))
            for name, by in BY.items()
        ),
    ]

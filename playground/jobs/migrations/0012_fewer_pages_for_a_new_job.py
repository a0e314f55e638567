from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def drop_indexes_of_keys(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """By hand: AlterField would have SQLite copy the whole table, and lose what hangs on it."""
    job = apps.get_model("jobs", "Job")
    for name in ("team", "parent", "remix_of"):
        column = job._meta.get_field(name).column
        editor.execute(f"DROP INDEX IF EXISTS {editor.quote_name(editor._create_index_name(job._meta.db_table, [column]))}")


def make_indexes_of_keys(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    job = apps.get_model("jobs", "Job")
    for name in ("team", "parent", "remix_of"):
        editor.execute(editor._create_index_sql(job, fields=[job._meta.get_field(name)]))


def key(to: str, on_delete: object, related_name: str, **options: bool) -> models.ForeignKey:
    return models.ForeignKey(db_index=False, on_delete=on_delete, related_name=related_name, to=to, **options)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounts", "0001_initial"), ("jobs", "0011_served_as")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_indexes_of_keys, make_indexes_of_keys)],
            state_operations=[
                migrations.AlterField("job", "team", key("accounts.team", django.db.models.deletion.PROTECT, "jobs")),
                migrations.AlterField(
                    "job", "parent", key("jobs.job", django.db.models.deletion.SET_NULL, "children", blank=True, null=True)
                ),
                migrations.AlterField(
                    "job", "remix_of", key("jobs.job", django.db.models.deletion.SET_NULL, "remixes", blank=True, null=True)
                ),
            ],
        ),
        migrations.RemoveIndex("job", "jobs_by_idempotency_key"),
        migrations.RemoveIndex("job", "jobs_alike"),
        migrations.AddIndex(
            "job", models.Index(condition=models.Q(("parent__isnull", False)), fields=["parent", "team", "mode", "created_at", "id"], name="jobs_by_parent")
        ),
        migrations.AddIndex(
            "job", models.Index(condition=models.Q(("remix_of__isnull", False)), fields=["remix_of", "team", "mode", "created_at", "id"], name="jobs_by_remix_of")
        ),
        migrations.AddIndex(
            "job",
            models.Index(
                condition=models.Q(("finished_at__isnull", False)),
                fields=["provider", "model_id", "timing_key", "finished_at"],
                name="jobs_alike",
            ),
        ),
    ]

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def drop_index_of_creators(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """By hand: AlterField would have SQLite copy the whole table, and lose what hangs on it."""
    job = apps.get_model("jobs", "Job")
    column = job._meta.get_field("created_by").column
    editor.execute(f"DROP INDEX IF EXISTS {editor.quote_name(editor._create_index_name(job._meta.db_table, [column]))}")


def make_index_of_creators(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    job = apps.get_model("jobs", "Job")
    editor.execute(editor._create_index_sql(job, fields=[job._meta.get_field("created_by")]))


class Migration(migrations.Migration):
    """That a job was made, its own row says; a job's creator is always asked for within a team."""

    dependencies: ClassVar = [
        ("jobs", "0012_fewer_pages_for_a_new_job"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations: ClassVar = [
        migrations.RunSQL("DELETE FROM jobs_event WHERE kind = 'created'", migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_index_of_creators, make_index_of_creators)],
            state_operations=[
                migrations.AlterField(
                    "job",
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="jobs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                )
            ],
        ),
    ]

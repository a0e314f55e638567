from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

import playground.core.clock
import playground.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=playground.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("storage_name", models.CharField(max_length=200, unique=True)),
                ("content_type", models.CharField(max_length=40)),
                ("size_bytes", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("duration_ms", models.PositiveBigIntegerField(blank=True, null=True)),
                ("has_audio", models.BooleanField(default=False)),
                ("fps", models.DecimalField(blank=True, decimal_places=3, max_digits=7, null=True)),
                ("created_at", models.DateTimeField(default=playground.core.clock.now)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                ("metadata", models.JSONField(blank=True, default=dict)),
                (
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="stored_files", to="accounts.team"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("size_bytes__gt", 0)), name="stored_file_is_not_empty")
                ],
            },
        ),
    ]

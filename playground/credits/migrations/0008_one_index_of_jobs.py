from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """What finds a job's entries also keeps them apart, so that a hold writes one page less."""

    dependencies: ClassVar = [("credits", "0007_budgets_of_an_hour_alone")]
    operations: ClassVar = [
        migrations.RemoveConstraint("entry", "one_of_each_kind_per_job"),
        migrations.AddConstraint(
            "entry",
            models.UniqueConstraint(
                condition=models.Q(("job_id__isnull", False)), fields=("job_id", "kind"), name="one_of_each_kind_per_job"
            ),
        ),
        migrations.RemoveIndex("entry", "entries_of_job"),
    ]

"""The reasons of failures that have happened already, in the words of the longer list."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from playground.wire.failures import reason_of


def rename(apps: Any, schema_editor: Any) -> None:
    jobs = apps.get_model("jobs", "Job").objects.using(schema_editor.connection.alias)
    jobs.filter(fail_reason="submission_unknown").update(fail_reason="in_doubt")
    for job in jobs.filter(fail_reason__in=("model", "provider")).only("fail_code", "fail_message").iterator():
        reason = reason_of(job.fail_code, job.fail_message)
        jobs.filter(pk=job.pk).update(fail_reason="capacity" if reason == "provider_account" else reason)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_live_providers")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]

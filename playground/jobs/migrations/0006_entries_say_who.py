"""Entries of the ledger learn from their jobs who and what they were for; from them come the daily sums.

Here and not in credits, because jobs live above the ledger. Afterwards entries never change (credits 0005).
"""

from django.conf import settings
from django.db import migrations, transaction
from django.db.models import F, Max

BATCH = 5000
FROM_JOBS = """
UPDATE credits_entry SET
    by_user_id = (SELECT created_by_id FROM jobs_job WHERE jobs_job.id = credits_entry.job_id),
    by_key_id = (SELECT api_key_id FROM jobs_job WHERE jobs_job.id = credits_entry.job_id),
    gateway = COALESCE((SELECT gateway FROM jobs_job WHERE jobs_job.id = credits_entry.job_id), ''),
    model_id = COALESCE((SELECT model_id FROM jobs_job WHERE jobs_job.id = credits_entry.job_id), '')
WHERE id > %s AND id <= %s AND job_id IS NOT NULL
"""
DAILY = """
INSERT INTO credits_dailyuse
    (account_id, day, user_id, key_id, gateway, model_id, charged_millicredits, charges, returned_millicredits, returns)
SELECT account_id, day, user_id, key_id, gateway, model_id, SUM(charged), SUM(charges), SUM(returned), SUM(returns) FROM (
    SELECT account_id, {day} AS day, COALESCE(by_user_id, 0) AS user_id, COALESCE(by_key_id, 0) AS key_id, gateway, model_id,
        CASE WHEN kind = 'capture' THEN -held_delta_millicredits - available_delta_millicredits ELSE 0 END AS charged,
        CASE WHEN kind = 'capture' THEN 1 ELSE 0 END AS charges,
        CASE WHEN kind = 'release' THEN available_delta_millicredits ELSE 0 END AS returned,
        CASE WHEN kind = 'release' THEN 1 ELSE 0 END AS returns
    FROM credits_entry WHERE kind IN ('capture', 'release')
) AS settled
GROUP BY account_id, day, user_id, key_id, gateway, model_id
"""


def from_jobs(apps, schema_editor):
    """In batches that each commit: safe to interrupt, and to repeat."""
    Entry = apps.get_model("credits", "Entry")
    last = Entry.objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last, BATCH):
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(FROM_JOBS, [start, start + BATCH])
            Entry.objects.filter(pk__gt=start, pk__lte=start + BATCH, job_id=None).update(by_user_id=F("actor_id"))


def daily(apps, schema_editor):
    connection = schema_editor.connection
    day, params = connection.ops.datetime_cast_date_sql("created_at", (), settings.TIME_ZONE)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM credits_dailyuse")
        cursor.execute(DAILY.format(day=day), params)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("jobs", "0005_reasons_of_failure"), ("credits", "0004_entries_say_who_and_budgets")]
    run_before = [("credits", "0005_append_only_entries")]

    operations = [
        migrations.RunPython(from_jobs, migrations.RunPython.noop),
        migrations.RunPython(daily, migrations.RunPython.noop),
    ]

import json

from django.db import migrations

BATCH = 500
SQLITE = "CREATE VIRTUAL TABLE jobs_words USING fts5(words, tokenize='unicode61 remove_diacritics 0', prefix='2 3 4')"
POSTGRESQL = (
    "CREATE TABLE jobs_words (rowid bigint PRIMARY KEY, words text NOT NULL)",
    "CREATE INDEX jobs_words_search ON jobs_words USING gin (to_tsvector('simple', words))",
)


def make_table(apps, schema_editor):
    for statement in (SQLITE,) if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


def drop_table(apps, schema_editor):
    schema_editor.execute("DROP TABLE jobs_words")


def describe_what_is_there(apps, schema_editor):
    """Scene, shape, words and days of the jobs that were made before. What a card that is gone asked for stays unsaid."""
    from playground.catalog import registry
    from playground.jobs import listing, search

    Job, Take = apps.get_model("jobs", "Job"), apps.get_model("jobs", "Take")
    Job.objects.filter(state__in=("fail", "recovering")).update(is_listed=False)
    for job in Job.objects.defer("raw_reply").iterator(chunk_size=BATCH):
        title = job.model_id
        try:
            card = registry.get(job.model_id, job.gateway)
        except registry.UnknownModel:
            pass
        else:
            title = card.title
            Job.objects.filter(pk=job.pk).update(**listing.facets_of(card, json.loads(job.payload_json)))
        search.add_many([(job, title)])
        takes = list(Take.objects.filter(job_id=job.pk, deleted_at=None).select_related("video").order_by("index"))
        if takes:
            first = takes[0].video
            if first.width and first.height:
                Job.objects.filter(pk=job.pk).update(aspect=listing.aspect_of(first.width / first.height))
            listing.count_takes(job, len(takes), job.charged_millicredits or 0)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0008_lists_search_and_remixes")]

    operations = [
        migrations.RunPython(make_table, drop_table),
        migrations.RunPython(describe_what_is_there, migrations.RunPython.noop),
    ]

from django.db import migrations

# Every beginning of up to eight letters has its own list, so that a word that is half typed costs what a whole one does:
# without one, SQLite first merges the lists of all words that begin so. Terms were split before and are never phrases, so
# places within a text need not be kept, and ASCII's tokenizer, which takes all other letters for letters, splits none.
SQLITE = (
    "ALTER TABLE jobs_words RENAME TO jobs_words_before",
    "CREATE VIRTUAL TABLE jobs_words USING fts5(words, tokenize='ascii', detail='none', columnsize=0, prefix='1 2 3 4 5 6 7 8')",
    "INSERT INTO jobs_words (rowid, words) SELECT rowid, words FROM jobs_words_before",
    "DROP TABLE jobs_words_before",
)


def make_anew(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else ():
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0009_words_and_what_lists_need")]
    operations = [migrations.RunPython(make_anew, migrations.RunPython.noop)]

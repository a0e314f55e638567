from django.db import migrations

WORDS = "the ledger is append-only"
SQLITE = f"""
    CREATE TRIGGER entries_never_change BEFORE UPDATE ON credits_entry
    BEGIN SELECT RAISE(ABORT, '{WORDS}'); END
"""
POSTGRESQL = f"""
    CREATE FUNCTION entries_never_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$;
    CREATE TRIGGER entries_never_change BEFORE UPDATE ON credits_entry
    FOR EACH ROW EXECUTE FUNCTION entries_never_change();
"""


def refuse_changes(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def allow_changes(apps, schema_editor):
    schema_editor.execute("DROP TRIGGER entries_never_change" + ("" if schema_editor.connection.vendor == "sqlite" else " ON credits_entry"))
    if schema_editor.connection.vendor != "sqlite":
        schema_editor.execute("DROP FUNCTION entries_never_change()")


class Migration(migrations.Migration):
    """SQLite drops triggers with a table that it makes anew: a later change of this table must end with this again."""

    dependencies = [("credits", "0004_entries_say_who_and_budgets")]

    operations = [migrations.RunPython(refuse_changes, allow_changes)]

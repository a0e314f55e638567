from django.db import migrations

WORDS = "the audit log is append-only"
SQLITE = f"""
    CREATE TRIGGER audit_rows_never_change BEFORE UPDATE ON accounts_auditevent
    BEGIN SELECT RAISE(ABORT, '{WORDS}'); END
"""
POSTGRESQL = f"""
    CREATE FUNCTION audit_rows_never_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$;
    CREATE TRIGGER audit_rows_never_change BEFORE UPDATE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_rows_never_change();
"""


def refuse_changes(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def allow_changes(apps, schema_editor):
    schema_editor.execute("DROP TRIGGER audit_rows_never_change" + ("" if schema_editor.connection.vendor == "sqlite" else " ON accounts_auditevent"))
    if schema_editor.connection.vendor != "sqlite":
        schema_editor.execute("DROP FUNCTION audit_rows_never_change()")


def name_the_operators(apps, schema_editor):
    """Whoever owns the first team set this installation up, and pays its providers."""
    Membership = apps.get_model("accounts", "Membership")
    User = apps.get_model("accounts", "User")
    first = Membership.objects.order_by("team_id").values_list("team_id", flat=True).first()
    owners = Membership.objects.filter(team_id=first, role="owner").values_list("user_id", flat=True)
    User.objects.filter(pk__in=list(owners)).update(is_superuser=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_people_and_audit")]

    operations = [
        migrations.RunPython(refuse_changes, allow_changes),
        migrations.RunPython(name_the_operators, migrations.RunPython.noop),
    ]

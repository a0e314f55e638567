from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import migrations, models

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def from_days_to_moments(apps, schema_editor):
    """A period began at midnight of the installation; a total began never."""
    zone = ZoneInfo(settings.TIME_ZONE)
    Budget = apps.get_model("credits", "Budget")
    for budget in Budget.objects.exclude(period="total").iterator():
        Budget.objects.filter(pk=budget.pk).update(period_start=datetime.combine(budget.period_day, time.min, zone))


class Migration(migrations.Migration):
    """No row of the entries is touched, so their trigger stays."""

    dependencies = [("credits", "0005_append_only_entries")]

    operations = [
        migrations.RenameField("budget", "period_start", "period_day"),
        migrations.AddField("budget", "period_start", models.DateTimeField(default=BEGINNING), preserve_default=False),
        migrations.AlterField(
            "budget",
            "period",
            models.CharField(choices=[("hour", "Hour"), ("day", "Day"), ("month", "Month"), ("total", "In total")], max_length=5),
        ),
        migrations.RunPython(from_days_to_moments, migrations.RunPython.noop),
    ]

from django.db import migrations


class Migration(migrations.Migration):
    """Apart from the one before: PostgreSQL changes no table while its rows are being written."""

    dependencies = [("credits", "0006_budgets_of_an_hour")]

    operations = [migrations.RemoveField("budget", "period_day")]

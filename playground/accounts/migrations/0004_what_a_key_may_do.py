from django.db import migrations, models


class Migration(migrations.Migration):
    """A key of before could do everything, and can still. The audit log's table is not touched, so its trigger stays."""

    dependencies = [("accounts", "0003_append_only_audit")]

    operations = [
        migrations.AddField(
            "apikey",
            "scope",
            models.CharField(choices=[("read", "Read"), ("generate", "Generate"), ("manage", "Manage")], default="manage", max_length=8),
            preserve_default=False,
        ),
        migrations.AddField("apikey", "old_secret_hash", models.CharField(blank=True, max_length=64, null=True, unique=True)),
        migrations.AddField("apikey", "old_suffix", models.CharField(blank=True, max_length=4)),
        migrations.AddField("apikey", "old_secret_until", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("apikey", "allowed_addresses", models.TextField(blank=True)),
        migrations.AddField("apikey", "requests_per_minute", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("apikey", "is_veo_legacy", models.BooleanField(default=False)),
    ]

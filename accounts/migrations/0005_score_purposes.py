"""Two more purposes that a person may agree to: totals for counsellors, figures about the whole service."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_memory_consent")]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("service", "the service itself"),
                    ("health_data", "health data"),
                    ("emotion_reading", "emotion reading"),
                    ("memory", "memory between conversations"),
                    ("score_sharing", "showing totals to counsellors"),
                    ("outcomes", "figures about the whole service"),
                    ("training", "training of models"),
                ],
                max_length=20,
            ),
        ),
    ]

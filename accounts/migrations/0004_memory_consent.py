"""A purpose of its own for remembering things between conversations."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_staff_standard")]

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
                    ("training", "training of models"),
                ],
                max_length=20,
            ),
        ),
    ]

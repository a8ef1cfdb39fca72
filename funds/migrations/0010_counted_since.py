"""What the daily count found last: for loans that run, what they stand at."""

from django.db import migrations, models
from django.db.models import F


def take_over(apps, schema_editor):
    loans = apps.get_model("funds", "Loan").objects.filter(overdue_since__isnull=False)
    running = loans.exclude(status__in=("SETTLED", "WRITTEN_OFF", "REVERSED"))
    running.update(counted_since=F("overdue_since"))


class Migration(migrations.Migration):
    dependencies = [("funds", "0009_cleared_on")]

    operations = [
        migrations.AddField(
            model_name="loan",
            name="counted_since",
            field=models.DateField(null=True),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]

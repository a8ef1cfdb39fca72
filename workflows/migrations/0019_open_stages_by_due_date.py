from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflows", "0018_cases_that_came_to_a_person")]

    operations = [
        migrations.AddIndex(
            model_name="stage",
            index=models.Index(
                condition=models.Q(("finished", None), ("outcome", "")),
                fields=["due_at", "created", "id"],
                name="stage_open_due",
            ),
        ),
    ]

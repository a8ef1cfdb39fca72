from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflows", "0019_open_stages_by_due_date")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state", "IN_APPROVAL")),
                fields=["flow_version"],
                name="case_running_on",
            ),
        ),
        migrations.AddIndex(
            model_name="workitem",
            index=models.Index(
                condition=models.Q(("on_behalf_of__isnull", False)),
                fields=["on_behalf_of", "case"],
                name="item_cases_on_behalf",
            ),
        ),
    ]

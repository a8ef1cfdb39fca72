from django.db import migrations, models


def narrow(apps, schema_editor):
    """资产保全部 reads what is about bad customers only (domain.md §1)."""
    apps.get_model("staff", "Role").objects.filter(code="ARD", scope="ALL").update(scope="BAD")


def widen(apps, schema_editor):
    apps.get_model("staff", "Role").objects.filter(code="ARD", scope="BAD").update(scope="ALL")


class Migration(migrations.Migration):
    dependencies = [("staff", "0002_delegations_and_signatures")]

    operations = [
        migrations.AlterField(
            model_name="role",
            name="scope",
            field=models.CharField(
                choices=[
                    ("OWN", "own records"),
                    ("DEPARTMENT", "department"),
                    ("BRANCH", "branch"),
                    ("BAD", "bad customers"),
                    ("ALL", "whole company"),
                ],
                max_length=12,
                verbose_name="scope of sight",
            ),
        ),
        migrations.RunPython(narrow, widen),
    ]

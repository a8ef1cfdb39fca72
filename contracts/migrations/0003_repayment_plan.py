from django.db import migrations, models


class Migration(migrations.Migration):
    """The plan of the contract; of contracts before it the approved plan holds in proportion."""

    dependencies = [
        ("contracts", "0002_volume_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="contractreview",
            name="plan",
            field=models.TextField(
                blank=True,
                default="",
                help_text=(
                    "For repayment by plan only: month, colon, principal, one repayment a line."
                    " Left empty, the approved plan holds in proportion to the contract."
                ),
                max_length=20000,
                verbose_name="repayment plan",
            ),
            preserve_default=False,
        ),
    ]

"""When each instalment was cleared; of those cleared before, by the repayments and waivers."""

from django.db import migrations, models

# A waiver does not name its instalments: the first one since the due date is taken for it.
_FILL = """
UPDATE funds_scheduleline line SET cleared_on = coalesce(
    greatest(
        (SELECT max(paid.paid_on) FROM funds_repaymentallocation part
            JOIN funds_repayment paid ON paid.id = part.repayment_id
            WHERE part.line_id = line.id AND paid.reversed_at IS NULL
            AND part.principal + part.interest > 0),
        (SELECT min(entry.day) FROM funds_ledgerentry entry
            JOIN funds_scheduleversion version ON version.loan_id = entry.loan_id
            WHERE version.id = line.version_id AND line.interest_waived > 0
            AND entry.kind = 'WAIVER' AND entry.day >= line.due)
    ),
    line.due
)
WHERE principal + interest + late_interest > 0
AND principal + interest + late_interest <= principal_paid + interest_paid + interest_waived
"""


class Migration(migrations.Migration):
    dependencies = [("funds", "0008_fee_once")]

    operations = [
        migrations.AddField(
            model_name="scheduleline",
            name="cleared_on",
            field=models.DateField(null=True),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
    ]

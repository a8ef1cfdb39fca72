from django.conf import settings
from django.db import migrations, models


def count_every_event(apps, schema_editor):
    apps.get_model("workflows", "Case").objects.update(news_sequence=models.F("event_count"))


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0002_delegations_and_signatures'),
        ('workflows', '0012_choices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='opinionphrase',
            name='phrase_once',
        ),
        migrations.RemoveConstraint(
            model_name='workitem',
            name='item_has_person_or_pool',
        ),
        migrations.RemoveConstraint(
            model_name='workitem',
            name='one_item_per_seat',
        ),
        migrations.AddField(
            model_name='case',
            name='news_sequence',
            field=models.PositiveIntegerField(default=0),
        ),
        # Until now every event counted as new to its readers.
        migrations.RunPython(count_every_event, migrations.RunPython.noop),
        # Phrases were kept without an act; most of them approve.
        migrations.AddField(
            model_name='opinionphrase',
            name='act',
            field=models.CharField(choices=[('approve', 'Approve'), ('approve_with_conditions', 'Approve with conditions'), ('return', 'Return'), ('reject', 'Reject'), ('abstain', 'Abstain'), ('answer', 'Answer')], default='approve', max_length=24, verbose_name='act'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='opinionphrase',
            name='position',
            field=models.PositiveIntegerField(default=0, verbose_name='order'),
        ),
        migrations.AlterField(
            model_name='workitem',
            name='state',
            field=models.CharField(choices=[('OPEN', 'Open'), ('WAITING', 'Waits for others'), ('VACANT', 'Empty seat'), ('DECIDED', 'Decided'), ('NOT_NEEDED', 'No longer needed'), ('TRANSFERRED', 'Transferred'), ('REMOVED', 'Removed')], default='OPEN', max_length=12),
        ),
        migrations.AddConstraint(
            model_name='opinionphrase',
            constraint=models.UniqueConstraint(fields=('owner', 'act', 'text'), name='phrase_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='opinionphrase',
            constraint=models.CheckConstraint(condition=models.Q(('act__in', ['approve', 'approve_with_conditions', 'return', 'reject', 'abstain', 'answer'])), name='phrase_of_an_act'),
        ),
        migrations.AddConstraint(
            model_name='workitem',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['OPEN', 'WAITING', 'VACANT', 'DECIDED'])), fields=('stage', 'seat'), name='one_item_per_seat'),
        ),
        migrations.AddConstraint(
            model_name='workitem',
            constraint=models.CheckConstraint(condition=models.Q(('assignee__isnull', False), ('pool_role__isnull', False), models.Q(('state__in', ['OPEN', 'WAITING', 'DECIDED', 'TRANSFERRED']), _negated=True), _connector='OR'), name='item_has_person_or_pool'),
        ),
        migrations.AddConstraint(
            model_name='workitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'VACANT'), _negated=True), models.Q(('assignee', None), ('parent_seat', None), ('pool_role', None)), _connector='OR'), name='vacant_seat_has_nobody'),
        ),
    ]

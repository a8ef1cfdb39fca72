"""Reconsiderations of before list what their application lists, which they rested on."""

from django.db import migrations

COPY = """
    SELECT set_config('lending.engine', 'on', true);
    INSERT INTO applications_reconsideredsecurity
        (position, kind, name, owner_name, assessed_value, ratio, lendable, document_id)
    SELECT g.position, g.kind, g.name, g.owner_name, g.assessed_value, g.ratio, g.lendable,
        r.document_ptr_id
    FROM applications_reconsideration r
    JOIN applications_guaranteeitem g ON g.application_id = r.origin_id;
    SELECT set_config('lending.engine', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("applications", "0010_reconsidered_securities")]

    operations = [migrations.RunSQL(COPY, migrations.RunSQL.noop)]

from django.db import migrations


class Migration(migrations.Migration):
    """The key of a double click belongs to every document; one that is minutes old is all that
    ever matters, so nothing is carried over."""

    dependencies = [("applications", "0003_initial"), ("documents", "0005_audit_exports")]
    run_before = [("documents", "0006_creation_key")]

    operations = [
        migrations.RemoveField(model_name="businessapplication", name="creation_key"),
    ]

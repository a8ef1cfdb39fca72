from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_audit_exports")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="creation_key",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
    ]

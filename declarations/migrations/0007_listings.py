import django.db.models.deletion
from django.db import migrations, models

FILL = """
INSERT INTO declarations_declarationlisting (declaration_id, lead_provider_id, created_at)
SELECT id, lead_provider_id, created_at FROM declarations_declaration
UNION
SELECT d.id, a.lead_provider_id, d.created_at
FROM declarations_declaration d JOIN participants_application a ON a.id = d.application_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('declarations', '0006_corrections'),
        ('participants', '0001_initial'),
        ('providers', '0003_limits_and_rotation'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeclarationListing',
            fields=[
                ('pk', models.CompositePrimaryKey('declaration_id', 'lead_provider_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField()),
                ('declaration', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='listings', to='declarations.declaration')),
                ('lead_provider', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='providers.leadprovider')),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(fields=['lead_provider', 'created_at', 'declaration'], name='declaration_listing_in_order')],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]

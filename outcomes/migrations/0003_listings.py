import django.db.models.deletion
from django.db import migrations, models

FILL = """
INSERT INTO outcomes_outcomelisting (outcome_id, lead_provider_id, created_at)
SELECT o.id, l.lead_provider_id, o.created_at
FROM outcomes_outcome o
JOIN declarations_declarationlisting l ON l.declaration_id = o.declaration_id
"""


class Migration(migrations.Migration):

    dependencies = [
        ('declarations', '0007_listings'),
        ('outcomes', '0002_notification_queue'),
        ('providers', '0003_limits_and_rotation'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutcomeListing',
            fields=[
                ('pk', models.CompositePrimaryKey('outcome_id', 'lead_provider_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField()),
                ('lead_provider', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='providers.leadprovider')),
                ('outcome', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='listings', to='outcomes.outcome')),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(fields=['lead_provider', 'created_at', 'outcome'], name='outcome_listing_in_order')],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]

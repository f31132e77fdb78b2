from django.db import migrations, models

FILL = """
UPDATE participants_participantlisting SET is_current = true
WHERE EXISTS (
    SELECT 1 FROM participants_application a
    WHERE a.lead_provider_id = participants_participantlisting.lead_provider_id
        AND a.participant_id = participants_participantlisting.participant_id
        AND a.status = 'accepted'
)
"""

FILL_FORMER_IDS = """
UPDATE participants_participant SET has_former_ids = true
WHERE id IN (SELECT survivor_id FROM participants_participantidchange)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('participants', '0004_corrections'),
        ('providers', '0003_limits_and_rotation'),
    ]

    operations = [
        migrations.AddField(
            model_name='participant',
            name='has_former_ids',
            field=models.BooleanField(default=False, editable=False, help_text='Whether other records were merged into this one.'),
        ),
        migrations.RunSQL(FILL_FORMER_IDS, migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name='participantlisting', name='listing_in_order'),
        migrations.RemoveIndex(model_name='participantlisting', name='listing_updated'),
        migrations.AddField(
            model_name='participantlisting',
            name='is_current',
            field=models.BooleanField(default=False),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='participantlisting',
            index=models.Index(condition=models.Q(('is_current', True)), fields=['lead_provider', 'participant_created_at', 'participant'], name='listing_in_order'),
        ),
        migrations.AddIndex(
            model_name='participantlisting',
            index=models.Index(condition=models.Q(('is_current', True)), fields=['lead_provider', 'updated_at'], name='listing_updated'),
        ),
    ]

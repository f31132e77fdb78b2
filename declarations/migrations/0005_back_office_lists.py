import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('declarations', '0004_front_page_indexes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='declaration',
            index=models.Index(fields=['statement', 'created_at', 'id'], name='declaration_on_statement'),
        ),
        migrations.AlterField(
            model_name='declaration',
            name='statement',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='declarations', to='declarations.statement'),
        ),
        migrations.AddIndex(
            model_name='declaration',
            index=models.Index(fields=['state', 'created_at', 'id'], name='declaration_in_state'),
        ),
        migrations.AddIndex(
            model_name='declarationevent',
            index=models.Index(fields=['at', 'id'], name='declaration_event_in_order'),
        ),
        migrations.AddIndex(
            model_name='declarationevent',
            index=models.Index(fields=['to_state', 'at', 'id'], name='declaration_event_to_state'),
        ),
    ]

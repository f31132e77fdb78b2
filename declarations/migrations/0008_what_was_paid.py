import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('declarations', '0007_listings'),
        ('participants', '0005_current_listings'),
        ('providers', '0003_limits_and_rotation'),
        ('schedules', '0002_corrections'),
    ]

    operations = [
        migrations.AddField(
            model_name='declaration',
            name='paid_course',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schedules.course'),
        ),
        migrations.AddField(
            model_name='declaration',
            name='paid_schedule',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schedules.schedule'),
        ),
        migrations.AddConstraint(
            model_name='declaration',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_course__isnull', True), ('paid_schedule__isnull', True)), models.Q(('paid_course__isnull', False), ('state__in', ['paid', 'awaiting-clawback', 'clawed-back'])), _connector='OR'), name='declaration_course_is_what_was_paid'),
        ),
    ]

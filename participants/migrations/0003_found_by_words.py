from itertools import islice
from typing import Any

import django.db.models.deletion
import participants.fields
from django.db import migrations, models
from participants.words import fold, words_of

BATCH = 2000


def find_everybody(apps: Any, schema_editor: Any) -> None:
    Participant = apps.get_model('participants', 'Participant')
    ParticipantWord = apps.get_model('participants', 'ParticipantWord')
    everybody = Participant.objects.only('full_name', 'email', 'teacher_reference_number').order_by('pk')
    rows = everybody.iterator(BATCH)
    while people := list(islice(rows, BATCH)):
        words = []
        for person in people:
            person.sorted_name = fold(person.full_name)[:200]
            found_by = words_of(full_name=person.full_name, email=person.email, trn=person.teacher_reference_number)
            words += [ParticipantWord(participant=person, word=word) for word in found_by]
        Participant.objects.bulk_update(people, ['sorted_name'], batch_size=BATCH // 4)
        ParticipantWord.objects.bulk_create(words)


class Migration(migrations.Migration):

    dependencies = [
        ('participants', '0002_front_page_indexes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='historicalparticipant',
            name='teacher_reference_number',
            field=models.CharField(blank=True, max_length=7, null=True, verbose_name='TRN'),
        ),
        migrations.AlterField(
            model_name='historicalparticipant',
            name='teacher_reference_number_validated',
            field=models.BooleanField(default=False, verbose_name='TRN validated'),
        ),
        migrations.AlterField(
            model_name='participant',
            name='teacher_reference_number',
            field=models.CharField(blank=True, max_length=7, null=True, verbose_name='TRN'),
        ),
        migrations.AlterField(
            model_name='participant',
            name='teacher_reference_number_validated',
            field=models.BooleanField(default=False, verbose_name='TRN validated'),
        ),
        migrations.AddField(
            model_name='participant',
            name='sorted_name',
            field=participants.fields.SortedField(default='', max_length=200, source='full_name'),
        ),
        migrations.CreateModel(
            name='ParticipantWord',
            fields=[
                ('pk', models.CompositePrimaryKey('participant', 'word', blank=True, editable=False, primary_key=True, serialize=False)),
                ('participant', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='participants.participant')),
                ('word', models.CharField(max_length=64)),
            ],
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['created_at', 'id'], name='application_by_creation'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['cohort', 'created_at', 'id'], name='application_of_cohort'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['schedule', 'created_at', 'id'], name='application_on_schedule'),
        ),
        migrations.AlterField(
            model_name='application',
            name='cohort',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='schedules.cohort'),
        ),
        migrations.AlterField(
            model_name='application',
            name='schedule',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='applications', to='schedules.schedule'),
        ),
        migrations.AddIndex(
            model_name='applicationevent',
            index=models.Index(fields=['at', 'id'], name='application_event_in_order'),
        ),
        migrations.AddIndex(
            model_name='applicationevent',
            index=models.Index(fields=['kind', 'at', 'id'], name='application_event_of_kind'),
        ),
        migrations.RunPython(find_everybody, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='participant',
            index=models.Index(fields=['sorted_name', 'id'], name='participant_in_alphabet'),
        ),
        migrations.AddIndex(
            model_name='participantword',
            index=models.Index(fields=['word', 'participant'], name='participant_word_begins', opclasses=('varchar_pattern_ops', 'uuid_ops')),
        ),
    ]

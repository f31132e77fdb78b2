from django.db import migrations

from npq_portal.postgresql.operations import PlanForTheLargest


class Migration(migrations.Migration):

    dependencies = [('participants', '0005_current_listings')]

    operations = [PlanForTheLargest('participantlisting', 'lead_provider_id')]

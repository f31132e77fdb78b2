from django.db import migrations

from npq_portal.postgresql.operations import PlanForTheLargest


class Migration(migrations.Migration):

    dependencies = [('outcomes', '0003_listings')]

    operations = [PlanForTheLargest('outcomelisting', 'lead_provider_id')]

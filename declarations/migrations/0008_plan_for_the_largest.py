from django.db import migrations

from npq_portal.postgresql.operations import PlanForTheLargest


class Migration(migrations.Migration):

    dependencies = [('declarations', '0007_listings')]

    operations = [PlanForTheLargest('declarationlisting', 'lead_provider_id')]

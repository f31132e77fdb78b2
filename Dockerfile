# One image is the web server, the worker and every command: see compose.yaml.
FROM python:3.13-slim-trixie AS requirements

WORKDIR /build
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt


FROM python:3.13-slim-trixie

# The programs of back_up_database and restore_database, of PostgreSQL 17 in this Debian. An exact
# version could not be installed any more once Debian has the next.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*

COPY --from=requirements /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    METRICS_FOLDER=/tmp/metrics \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /srv/npq-portal
COPY . .
# Settings need some key; this one is for the one line, and signs nothing.
RUN SECRET_KEY=collecting DATABASE_URL=sqlite:///:memory: python manage.py collectstatic --no-input

# Without a name and a home; what is in the image belongs to root.
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --start-period=20s --interval=15s --timeout=5s CMD ["python", "-c", \
    "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm"]

# One image for every part of Attune: compose.yaml gives each container its command. Runs as an ordinary user.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    DJANGO_SETTINGS_MODULE=therapy.settings.production

RUN useradd --create-home --uid 10001 attune
WORKDIR /app

COPY requirements.txt .
RUN pip install --disable-pip-version-check -r requirements.txt

COPY manage.py ./
COPY accounts accounts
COPY ml ml
COPY templates templates
COPY therapy therapy

# Production settings insist on their secrets also while files are only collected: these values live for one line.
RUN SECRET_KEY=build ATTUNE_KEKS=1:YnVpbGQtb25seS1ub3QtYS1rZXktYnVpbGQtb25seTA= ALLOWED_HOSTS=build \
    ALERT_EMAILS=build@localhost PUBLIC_URL=https://build \
    sh -c "python manage.py compile_translations && python manage.py collectstatic --noinput"

# Addresses of proxies in private networks: only what they add to X-Forwarded-For is believed, not what a browser wrote.
ENV FORWARDED_ALLOW_IPS="127.0.0.1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
USER attune
EXPOSE 8000
CMD ["python", "-m", "uvicorn", "therapy.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--ws", "websockets-sansio", "--timeout-graceful-shutdown", "10", "--no-access-log", \
     "--proxy-headers"]

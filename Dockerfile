# syntax=docker/dockerfile:1
# Koban's gateway: the screens are built, the packages installed, and only what runs is kept.

FROM node:22-bookworm-slim AS screens
WORKDIR /src
COPY terminal/web/package.json terminal/web/package-lock.json terminal/web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY terminal/web ./
RUN npm run build

FROM python:3.13-slim-bookworm AS packages
COPY locks/runtime.txt /src/
RUN python -m venv /opt/koban \
    && /opt/koban/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
        --requirement /src/runtime.txt

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin koban
COPY --from=packages /opt/koban /opt/koban
WORKDIR /srv/koban
COPY config config
COPY ledger ledger
COPY notifier notifier
COPY gateway gateway
COPY --from=screens /src/dist terminal/web/dist
# Compiled now: the running container cannot write, and every start would compile again.
RUN /opt/koban/bin/python -m compileall -q config ledger notifier gateway
RUN printf '#!/bin/sh\nexec python -m gateway.command "$@"\n' > /opt/koban/bin/koban \
    && chmod +x /opt/koban/bin/koban
ENV PATH=/opt/koban/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KOBAN_HOST=0.0.0.0 \
    KOBAN_PORT=8000
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ['KOBAN_PORT']}/healthz\", timeout=4)"]
# SIGTERM drains: screens are told to come back, what is in flight is finished.
STOPSIGNAL SIGTERM
CMD ["python", "-m", "gateway"]

# The Rasa server with the copilot's gateway. Build it in the folder of your Rasa project, after `rasa train`:
#   docker build --file deploy/rasa.Dockerfile --tag my-bot .
# Rasa 3.6 needs Python 3.10 at most.
FROM python:3.10-slim AS build
# A pip requirement without extras; "." is the clone of rasa_autoplay itself.
ARG RASA_AUTOPLAY=rasa-autoplay
WORKDIR /build
COPY . .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir "${RASA_AUTOPLAY}[rasa,redis,postgres]"

FROM python:3.10-slim
RUN groupadd --gid 10001 bot \
    && useradd --uid 10001 --gid bot --no-create-home bot \
    && install --directory --owner=bot --group=bot --mode=0700 /data
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Nothing is written but /data (the journal) and /tmp, so the rest may be read-only.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RASA_TELEMETRY_ENABLED=false \
    TF_CPP_MIN_LOG_LEVEL=2
USER 10001:10001
VOLUME /data
EXPOSE 5005
# Loading a model takes about half a minute.
HEALTHCHECK --start-period=120s --interval=15s --timeout=5s \
    CMD ["python", "deploy/healthy.py", "http://127.0.0.1:5005/webhooks/autoplay/"]
CMD ["rasa", "run", "--model", "models"]

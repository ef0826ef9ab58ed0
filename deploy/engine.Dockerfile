# The action server with the copilot's engine. Build it in the folder of your Rasa project:
#   docker build --file deploy/engine.Dockerfile --tag my-bot-engine .
# It needs no Rasa, so any living Python will do.
FROM python:3.12-slim AS build
# A pip requirement without extras; "." is the clone of rasa_autoplay itself.
ARG RASA_AUTOPLAY=rasa-autoplay
WORKDIR /build
COPY . .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir "${RASA_AUTOPLAY}[redis,postgres]"

FROM python:3.12-slim
RUN groupadd --gid 10001 bot \
    && useradd --uid 10001 --gid bot --no-create-home bot
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Nothing is written but /tmp, so the rest may be read-only.
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 5055
HEALTHCHECK --start-period=30s --interval=15s --timeout=5s \
    CMD ["python", "deploy/healthy.py", "http://127.0.0.1:5055/health"]
# The module with your actions. Without actions of your own: rasa-autoplay serve --host 0.0.0.0 --port 5055
CMD ["python", "-m", "rasa_sdk", "--port", "5055", "--actions", "actions"]

# The long-running processor, or any other command: docker run wildrydes simulator --help
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY . .
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data wildrydes && install -d -o wildrydes /data
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
USER wildrydes
VOLUME /data
EXPOSE 8080
# wildrydes handles SIGTERM itself: what was read is processed and the snapshot saved, in under 5 s.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["wildrydes"]
# A container is reached from outside itself, so it listens on all of its own addresses; the map then
# asks for the token in WILDRYDES_MAP_TOKEN.
CMD ["processor", "--data", "/data", "--host", "0.0.0.0", "--auth", "token"]

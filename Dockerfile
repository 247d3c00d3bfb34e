# The checkout comes in -> an image with nothing in it but Python, the pinned libraries and the gateway goes out.
#
#   docker build -t gateway:0.1.0 .
#   docker run --rm gateway:0.1.0 --help
#
# Settings come by GATEWAY_… variables; mail is kept under /var/lib/gateway, which must be a volume on a local disk.
# In a container loopback is of use to nobody else: GATEWAY_SMTP__LISTEN, GATEWAY_SMTP__ALLOWED_PEERS and
# GATEWAY_CONSOLE__LISTEN have to be set, as docker-compose.yml does.

FROM python:3.13-slim AS build
ENV UV_NO_CONFIG=1 UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1
WORKDIR /build
COPY requirements.txt requirements-build.txt requirements-uv.txt ./
# Two environments: what builds the gateway stays behind. --no-build: a source archive would run code of its own, and
# there is no compiler here.
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
      -r requirements-uv.txt -r requirements-build.txt \
 && python -m venv --without-pip /opt/venv \
 && VIRTUAL_ENV=/opt/venv /opt/build/bin/uv pip sync --require-hashes --no-build-isolation --no-build requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY rules rules
COPY gateway gateway
RUN /opt/build/bin/python -m hatchling build --target wheel --directory dist \
 && VIRTUAL_ENV=/opt/venv /opt/build/bin/uv pip install --no-deps --offline dist/*.whl


FROM python:3.13-slim
LABEL org.opencontainers.image.title="gateway" \
      org.opencontainers.image.description="Mail comes in by SMTP and becomes a ticket on a help desk that speaks the StaffAPI." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
# Group 0 may write too: clusters that draw a user id for each project put it into that group.
RUN groupadd --gid 10001 gateway \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/gateway --shell /usr/sbin/nologin gateway \
 && install -d -o 10001 -g 0 -m 0770 /var/lib/gateway
COPY --from=build /opt/venv /opt/venv
COPY rules /etc/gateway/rules
# The root file system may be read-only, so nothing is compiled at run time.
ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 GATEWAY_RULES=/etc/gateway/rules
# A number, so that runAsNonRoot can be checked without looking into the image.
USER 10001:10001
# gateway.toml is read from here if it is there, and the spool is the folder spool/ in it.
WORKDIR /var/lib/gateway
VOLUME /var/lib/gateway
EXPOSE 2525 8025
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=4 CMD ["gateway", "ready"]
ENTRYPOINT ["gateway"]
CMD ["serve"]

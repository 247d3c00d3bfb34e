"""docker-compose.yml and the Dockerfile as an operator would run them; no engine is needed to read them."""

import re
from pathlib import Path

import pytest
import typer.main
import yaml

from gateway import __version__, app, settings
from gateway.cli import app as commands
from gateway.problems import ConfigError

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
GATEWAYS = {name: each for name, each in SERVICES.items() if "GATEWAY_SMTP__LISTEN" in each.get("environment", {})}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SUBNET = COMPOSE["networks"]["default"]["ipam"]["config"][0]["subnet"]


def substituted(text: object, given: dict[str, str] | None = None) -> str:
    """What compose makes of `${NAME:-default}`."""

    def value(match: re.Match[str]) -> str:
        return (given or {}).get(match["name"]) or match["default"]

    return re.sub(r"\$\{(?P<name>\w+):-(?P<default>[^}]*)\}", value, str(text))


def environment(service: dict, **given: str) -> dict[str, str]:
    return {name: substituted(value, given) for name, value in service["environment"].items()}


def instructions(word: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [line.removeprefix(word).strip() for line in joined.splitlines() if line.startswith(f"{word} ")]


def seconds(text: str) -> int:
    return int(re.fullmatch(r"(\d+)s", text)[1])


def published(service: dict) -> list[tuple[str, str, str]]:
    return [tuple(substituted(each).split(":")) for each in service.get("ports", ())]


def test_one_gateway_and_the_sandbox_start_unasked_and_the_rest_belongs_to_nodes():
    assert {name for name, each in SERVICES.items() if "profiles" not in each} == {"gateway", "desk"}
    profiles = {name: each["profiles"] for name, each in SERVICES.items() if "profiles" in each}
    assert profiles == {name: ["nodes"] for name in ("gateway-a", "gateway-b", "postgres", "balancer")}
    assert set(GATEWAYS) == {"gateway", "gateway-a", "gateway-b"}


@pytest.mark.parametrize("name", GATEWAYS)
def test_the_settings_of_a_gateway_hold_no_mistake(name):
    loaded = settings.load(environment(SERVICES[name], POSTGRES_PASSWORD="letters"))
    assert app.problems(loaded) == []
    assert loaded.smtp.allowed_peers == (SUBNET,)
    assert loaded.node


def test_relays_and_domains_come_from_the_file_beside_it():
    given = {"GATEWAY_SMTP__ALLOWED_PEERS": "192.0.2.0/28 198.51.100.7", "GATEWAY_SMTP__ACCEPT": "desk.example"}
    loaded = settings.load(environment(SERVICES["gateway"], **given))
    assert app.problems(loaded) == []
    assert loaded.smtp.allowed_peers == ("192.0.2.0/28", "198.51.100.7")
    assert loaded.smtp.accept == ("desk.example",)


def test_every_variable_that_is_asked_for_is_a_setting_or_not_named_like_one():
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    asked = set(re.findall(r"\$\{(\w+)", text))
    assert asked >= {"SMTP_BIND", "POSTGRES_PASSWORD"}
    known = {settings.variable(path) for path in settings.names()}
    # One that is exported in a shell must not make the commands of the same shell refuse it.
    assert {name for name in asked if name.startswith(settings.PREFIX)} <= known
    with pytest.raises(ConfigError, match="SMTP_BIND"):
        settings.load({"GATEWAY_SMTP_BIND": "127.0.0.1"})


def test_compose_is_never_made_to_fail_for_a_profile_that_is_not_wanted():
    values = [value for each in SERVICES.values() for value in each.get("environment", {}).values()]
    assert not [value for value in values if ":?" in str(value)]


def test_the_sandbox_is_started_with_words_its_command_knows_and_is_where_the_gateways_look():
    word, *options = SERVICES["desk"]["command"]
    parsed = typer.main.get_command(commands).commands[word].make_context(word, list(options)).params
    host, _, port = parsed["listen"].rpartition(":")
    assert host == "0.0.0.0"
    for each in GATEWAYS.values():
        assert environment(each)["GATEWAY_DESK__URL"] == f"http://desk:{port}"
    assert ("127.0.0.1", port, port) in published(SERVICES["desk"])


def test_nodes_share_one_spool_have_names_of_their_own_and_are_all_behind_the_balancer():
    nodes = {name: environment(each, POSTGRES_PASSWORD="letters") for name, each in GATEWAYS.items() if "-" in name}
    assert len({each["GATEWAY_NODE"] for each in nodes.values()}) == len(nodes)
    (url,) = {each["GATEWAY_SPOOL__URL"] for each in nodes.values()}
    database = environment(SERVICES["postgres"], POSTGRES_PASSWORD="letters")
    user, password, name = (database[f"POSTGRES_{part}"] for part in ("USER", "PASSWORD", "DB"))
    assert url == f"postgresql+psycopg://{user}:{password}@postgres/{name}"
    balanced = substituted(COMPOSE["configs"]["balancer"]["content"])
    ports = {name: each["GATEWAY_SMTP__LISTEN"].rpartition(":")[2] for name, each in nodes.items()}
    assert dict(re.findall(r"server \w+ ([\w-]+):(\d+)$", balanced, re.MULTILINE)) == ports
    (console,) = {each["GATEWAY_CONSOLE__LISTEN"].rpartition(":")[2] for each in nodes.values()}
    assert f"check port {console} " in balanced
    # Behind it the gateways cannot tell peers apart, so it is the balancer that must.
    assert f"reject unless {{ src {SUBNET} }}" in balanced


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_asked_how_it_is(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert len(check["test"]) > 1
    assert seconds(check["timeout"]) < seconds(check["interval"])


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_no_right_that_it_does_not_need(name):
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    assert not {"privileged", "cap_add", "network_mode", "pid"} & service.keys()
    # Compose can put an inline file only where it may write.
    inline = [each for each in service.get("configs", ()) if "content" in COMPOSE["configs"][each["source"]]]
    assert service["read_only"] is not bool(inline)


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_gateway_may_finish_what_it_has_under_way(name):
    assert seconds(SERVICES[name]["stop_grace_period"]) > app.GRACE + 5


@pytest.mark.parametrize("name", GATEWAYS)
def test_what_a_gateway_keeps_lies_in_a_volume_and_its_rules_cannot_be_written(name):
    kept, rules = SERVICES[name]["volumes"]
    volume, _, folder = kept.partition(":")
    assert volume in COMPOSE["volumes"]
    assert [folder] == instructions("VOLUME") == instructions("WORKDIR")[-1:]
    source, target, mode = rules.split(":")
    assert (ROOT / source).is_dir()
    assert f"GATEWAY_RULES={target}" in instructions("ENV")[-1]
    assert mode == "ro"


def test_volumes_are_not_shared():
    used = [each.partition(":")[0] for service in SERVICES.values() for each in service.get("volumes", ())]
    named = [each for each in used if not each.startswith(".")]
    assert sorted(named) == sorted(COMPOSE["volumes"])


def test_nothing_is_published_beyond_this_machine_and_no_port_twice():
    ports = [each for service in SERVICES.values() for each in published(service)]
    assert {host for host, _, _ in ports} == {"127.0.0.1"}
    assert len({outside for _, outside, _ in ports}) == len(ports)


@pytest.mark.parametrize("name", GATEWAYS)
def test_what_is_published_of_a_gateway_is_what_it_listens_on(name):
    service = SERVICES[name]
    listening = {environment(service)[f"GATEWAY_{part}__LISTEN"].rpartition(":")[2] for part in ("SMTP", "CONSOLE")}
    assert listening == set(instructions("EXPOSE")[0].split())
    assert {inside for _, _, inside in published(service)} <= listening


def test_images_come_by_name_and_version_and_from_no_named_registry():
    images = [each["image"] for each in SERVICES.values()]
    bases = [each.split()[0] for each in instructions("FROM")]
    for image in images + bases:
        assert re.fullmatch(r"[a-z]+:\d+(\.\d+)*(-[a-z]+)?", image), image
    assert {each["image"] for each in SERVICES.values() if "build" in each} == {f"gateway:{__version__}"}
    assert f'org.opencontainers.image.version="{__version__}"' in DOCKERFILE
    assert len(set(bases)) == 1, "an environment moves only between images with the same Python"


def test_the_image_runs_as_a_number_and_asks_its_own_gateway():
    assert instructions("USER") == ["10001:10001"]
    (check,) = instructions("HEALTHCHECK")
    assert check.endswith('CMD ["gateway", "ready"]')
    assert instructions("ENTRYPOINT") == ['["gateway"]']


def test_the_builder_is_given_what_the_image_copies_and_no_more():
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied = {source for each in instructions("COPY") if not each.startswith("--from") for source in each.split()[:-1]}
    assert copied == allowed
    assert all((ROOT / each).exists() for each in copied)

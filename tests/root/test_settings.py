"""Settings come from defaults, file and environment, and every mistake is told where it was made."""

from pathlib import Path

import pytest

from gateway.app import Roles, problems
from gateway.problems import ConfigError
from gateway.settings import Settings, load, names, variable

GOOD = {
    "GATEWAY_SMTP__ACCEPT": "desk.example",
    "GATEWAY_DESK__URL": "https://desk.example",
    "GATEWAY_DESK__USERNAME": "gateway",
    "GATEWAY_DESK__PASSWORD": "secret",
}


def mistakes(environ: dict[str, str], file: Path | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(environ, file)
    return [str(problem) for problem in caught.value.problems]


def test_the_environment_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('node = "file"\n[desk]\nconcurrency = 7\nusername = "file"\n')
    settings = load({"GATEWAY_DESK__USERNAME": "environment"}, file, defaults={("node",): "default", ("rules",): "x"})
    assert (settings.node, settings.desk.concurrency, settings.desk.username) == ("file", 7, "environment")
    assert settings.rules == Path("x")


def test_lists_are_comma_separated_or_toml_arrays(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('[smtp]\naccept = ["a.example", "b.example"]\n')
    assert load({}, file).smtp.accept == ("a.example", "b.example")
    assert load({"GATEWAY_SMTP__ACCEPT": "a.example, b.example"}).smtp.accept == ("a.example", "b.example")


def test_a_secret_comes_from_a_file_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    file = tmp_path / "gateway.toml"
    file.write_text('[desk]\npassword_file = "secret"\n')
    assert load({}, file).desk.password.get_secret_value() == "s3cret"


def test_all_mistakes_are_told_at_once_each_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('shadow = "perhaps"\n\n[desk]\nurll = "x"\nconcurrency = 0\npassword_file = "gone"\n')
    told = mistakes({"GATEWAY_DELIVERY__BATCH": "many", "GATEWAY_TYPO": "x"}, file)
    assert len(told) == 6
    assert any(line.startswith(f"{file}:1:1: `shadow`") for line in told)
    assert any(line.startswith(f"{file}:4:1: `desk.urll` is not a setting; did you mean `desk.url`?") for line in told)
    assert any(line.startswith(f"{file}:5:1: `desk.concurrency`") for line in told)
    assert any(line.startswith(f"{file}:6:1: the file") and "cannot be read" in line for line in told)
    assert any(line.startswith("GATEWAY_DELIVERY__BATCH: `delivery.batch`") for line in told)
    assert any(line.startswith("GATEWAY_TYPO: `typo` is not a setting") for line in told)


def test_broken_toml_is_told_with_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text("[desk]\nurl = oops\n")
    [told] = mistakes({}, file)
    assert told.startswith(f"{file}:2:7: not TOML")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    [told] = mistakes({}, tmp_path / "none.toml")
    assert "cannot be read" in told


def test_secrets_show_nowhere() -> None:
    settings = load({**GOOD, "GATEWAY_DESK__PASSWORD": "canary-4711"})
    assert "canary-4711" not in repr(settings) + str(settings)
    told = mistakes({"GATEWAY_DESK__CONCURRENCY": "canary-4711"})
    assert "canary-4711" not in "".join(told)


def test_tests_may_have_variables_of_their_own() -> None:
    assert load({"GATEWAY_TEST_REQUIRE": "postgresql"}) == Settings()


def test_every_setting_has_words_and_a_variable() -> None:
    assert all(meaning for _default, meaning in names().values())
    assert variable(("desk", "max_post")) == "GATEWAY_DESK__MAX_POST"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, None),
        ({"GATEWAY_DESK__URL": ""}, "GATEWAY_DESK__URL: is not set"),
        ({"GATEWAY_DESK__URL": "http://desk.example"}, "GATEWAY_DESK__URL:"),
        ({"GATEWAY_DESK__USERNAME": ""}, "GATEWAY_DESK__USERNAME: is not set"),
        ({"GATEWAY_DESK__PASSWORD": ""}, "GATEWAY_DESK__PASSWORD: is not set"),
        ({"GATEWAY_DESK__FOLLOW_UP": "client"}, "GATEWAY_DESK__API_KEY: is not set; `follow_up: client` posts over"),
        (
            {"GATEWAY_DESK__FOLLOW_UP": "client", "GATEWAY_DESK__API_KEY": "k"},
            "GATEWAY_DESK__API_SECRET: is not set, but",
        ),
        ({"GATEWAY_DESK__API_SECRET": "s"}, "GATEWAY_DESK__API_KEY: is not set, but GATEWAY_DESK__API_SECRET is"),
        (
            {
                "GATEWAY_DESK__FOLLOW_UP": "client",
                "GATEWAY_DESK__API_KEY": "k",
                "GATEWAY_DESK__API_SECRET": "s",
            },
            None,
        ),
        ({"GATEWAY_DESK__STAFF_MAIL": "reply"}, "GATEWAY_DESK__STAFF_MAIL: `reply` mails customers"),
        ({"GATEWAY_DESK__STAFF_MAIL": "reply", "GATEWAY_SMTP__AUTHSERV_IDS": "mx.desk.example"}, None),
        (
            {
                "GATEWAY_DESK__STAFF_MAIL": "reply",
                "GATEWAY_SMTP__AUTHSERV_IDS": "mx.desk.example",
                "GATEWAY_SMTP__TRUSTED_RELAYS": "",
            },
            "GATEWAY_DESK__STAFF_MAIL: `reply` mails customers",
        ),
        (
            {"GATEWAY_SMTP__TRUSTED_RELAYS": "unix,relay.example"},
            "GATEWAY_SMTP__TRUSTED_RELAYS: `relay.example` is not",
        ),
        ({"GATEWAY_DUPLICATES": "separate"}, "GATEWAY_DUPLICATES: `separate` is not there"),
        ({"GATEWAY_DELIVERY__REQUEST_SECONDS": "200"}, "GATEWAY_DELIVERY__REQUEST_SECONDS: is more than a third"),
        ({"GATEWAY_SPOOL__URL": "nonsense"}, "GATEWAY_SPOOL__URL: is not a database URL"),
        ({"GATEWAY_DELIVERY__BATCH": "5"}, "GATEWAY_DELIVERY__BATCH:"),
        ({"GATEWAY_SMTP__ACCEPT": ""}, "GATEWAY_SMTP__ACCEPT: is not set"),
        ({"GATEWAY_SMTP__ACCEPT": "*"}, None),
        ({"GATEWAY_SMTP__ACCEPT": "not a domain!"}, "GATEWAY_SMTP__ACCEPT:"),
        ({"GATEWAY_SMTP__LISTEN": "nonsense"}, "GATEWAY_SMTP__LISTEN:"),
        ({"GATEWAY_SMTP__LISTEN": "0.0.0.0:25"}, "GATEWAY_SMTP__ALLOWED_PEERS: must name"),
        ({"GATEWAY_SMTP__LISTEN": "0.0.0.0:25", "GATEWAY_SMTP__ALLOWED_PEERS": "192.0.2.0/24"}, None),
        ({"GATEWAY_SMTP__ALLOWED_PEERS": "192.0.2.0/99"}, "GATEWAY_SMTP__ALLOWED_PEERS:"),
        (
            {
                "GATEWAY_SMTP__LISTEN": "0.0.0.0:25",
                "GATEWAY_SMTP__ALLOWED_PEERS": "192.0.2.0/24",
                "GATEWAY_SMTP__ACCEPT": "*",
            },
            "GATEWAY_SMTP__ACCEPT: `*`",
        ),
    ],
)
def test_what_cannot_be_served_is_told(change: dict[str, str], says: str | None) -> None:
    found = [str(problem) for problem in problems(load({**GOOD, **change}))]
    if says is None:
        assert found == []
    else:
        [told] = found
        assert told.startswith(says)


def test_a_part_that_is_left_out_needs_no_settings() -> None:
    assert problems(load({"GATEWAY_SMTP__ACCEPT": "desk.example"}), Roles(delivery=False)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_CONSOLE__LISTEN", "127.0.0.1:99999"),
        ("GATEWAY_CONSOLE__LISTEN", "foo"),
        ("GATEWAY_SMTP__LISTEN", ""),
        ("GATEWAY_SMTP__HOSTNAME", "mx.example\r\nX: y"),
        ("GATEWAY_NODE", "n" * 256),
        ("GATEWAY_DELIVERY__SETTLE_SECONDS", "inf"),
    ],
)
def test_values_that_could_only_fail_later_are_told_now(name: str, value: str) -> None:
    [told] = mistakes({**GOOD, name: value})
    assert told.startswith(f"{name}: ")

"""A wrong setting stops the start with one line that says which, and what to do."""

import pytest

from atende.main.providers.configuration import read_settings
from atende.main.settings import SettingsError, listed

KEY = "ab" * 32
SECRETS = {"ENCRYPTION_KEY": KEY, "JWT_SECRET": "cd" * 32, "JWT_REFRESH_SECRET": "ef" * 32}


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'; it must be a number"),
        ({"PORT": "65536"}, "PORT must be between 0 and 65535"),
        ({"PORT": "-1"}, "PORT must be between 0 and 65535"),
        ({"PATH_ALIASES": "perhaps"}, "PATH_ALIASES"),
        ({"APP_ENV": "prod"}, "one of: development, test, staging, production"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"LOG_FORMAT": "xml"}, "json, text"),
        ({"DATABASE_URL": "mysql://x", "ENCRYPTION_KEY": KEY}, "DATABASE_URL must start with postgresql://"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must start with redis://"),
        ({"PUBLIC_URL": "example.com"}, "PUBLIC_URL must start with http"),
        ({"ENCRYPTION_KEY": "secret"}, "openssl rand -hex 32"),
        ({"ENCRYPTION_KEYS_PREVIOUS": f"{KEY},short"}, "ENCRYPTION_KEYS_PREVIOUS"),
        ({"DATABASE_URL": "postgresql://x/y"}, "ENCRYPTION_KEY is missing"),
        ({"JOB_LEASE": "10", "JOB_HEARTBEAT": "6"}, "JOB_HEARTBEAT must be at most half of JOB_LEASE"),
        ({"BURST_WINDOW": "20"}, "BURST_WINDOW must be between 0 and BURST_CAP"),
        ({"RATE_LIMIT_MAX": "0"}, "RATE_LIMIT_MAX must be between 1 and"),
        ({"RATE_LIMIT_TTL": "-60"}, "RATE_LIMIT_TTL must be between 1 and"),
        ({"PLAN_RATES": "some"}, "one of: ai, all"),
        ({"RATE_LIMIT_STORE": "file"}, "one of: auto, redis, postgres, memory"),
        ({"RATE_LIMIT_STORE": "redis"}, "REDIS_URL is missing"),
        ({"TRUSTED_PROXY_HOPS": "-1"}, "TRUSTED_PROXY_HOPS must be between 0 and 16"),
        ({"MAX_BODY_BYTES": "52428801"}, "MAX_BODY_BYTES must be between 1024 and 52428800"),
        ({"CORS_ORIGIN": "https://a.example, b.example"}, "CORS_ORIGIN has 'b.example'"),
        ({"CORS_ORIGIN": "https://a.example/"}, "without a path"),
        ({"CORS_ORIGIN": "null"}, "CORS_ORIGIN has 'null'"),
        ({"S3_ENDPOINT": "http://127.0.0.1:9000"}, "S3_BUCKET is missing"),
        ({"S3_ENDPOINT": "minio:9000", "S3_BUCKET": "b"}, "S3_ENDPOINT must start with http"),
        ({"S3_BUCKET": "b", "S3_ACCESS_KEY_ID": "a"}, "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY belong together"),
        ({"S3_BUCKET": "b", "S3_PREFIX": "a/b"}, "S3_PREFIX must be one name"),
        ({"S3_BUCKET": "b", "S3_ENCRYPTION": "yes"}, "one of: auto, none, AES256, aws:kms"),
        (
            {"APP_ENV": "production", "DATABASE_URL": "postgresql://x/y", "ENCRYPTION_KEY": KEY},
            "PUBLIC_URL is missing",
        ),
    ],
)
def test_a_wrong_setting_is_one_line(environ: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(environ)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert read_settings({"PORT": "", "REDIS_URL": ""}) == read_settings({})


def test_what_is_given_wins() -> None:
    assert read_settings({"PORT": "9000"}, port=9001).port == 9001


@pytest.mark.parametrize(("text", "value"), [("1", True), ("off", False), ("TRUE", True), ("no", False)])
def test_yes_and_no_in_the_usual_words(text: str, *, value: bool) -> None:
    assert read_settings({"PATH_ALIASES": text}).path_aliases is value


def test_without_a_database_it_is_embedded_and_without_a_key_the_model_is_built_in() -> None:
    plain = read_settings({})
    assert plain.embedded
    assert not plain.model_is_real
    assert read_settings({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}).model_is_real


@pytest.mark.parametrize(
    ("environ", "store"),
    [
        ({}, "memory"),
        ({"DATABASE_URL": "postgresql://x/y"}, "postgres"),
        ({"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://x"}, "redis"),
        ({"REDIS_URL": "redis://x"}, "redis"),
        ({"DATABASE_URL": "postgresql://x/y", "REDIS_URL": "redis://x", "RATE_LIMIT_STORE": "postgres"}, "postgres"),
    ],
)
def test_calls_are_counted_where_all_processes_can(environ: dict[str, str], store: str) -> None:
    assert read_settings(SECRETS | environ).limits_store == store


def test_lists_are_read_without_the_spaces_and_gaps_in_them() -> None:
    assert listed(" https://a.example:8443 ,, http://[::1]:3000,*,") == (
        "https://a.example:8443",
        "http://[::1]:3000",
        "*",
    )
    assert read_settings({"CORS_ORIGIN": "https://a.example:8443,http://[::1]:3000,*"}).cors_origin
    assert listed("") == ()

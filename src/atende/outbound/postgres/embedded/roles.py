"""The roles of the database: one SQL script for the embedded server and for production."""

import base64
import hashlib
import hmac

OWNER = "atende_owner"
APP = "atende_app"
SYSTEM = "atende_system"

_OWNER_PASSWORD = ":'owner_password'"  # noqa: S105 (the name of a psql variable)
_APP_PASSWORD = ":'app_password'"  # noqa: S105
_SCRAM_ITERATIONS = 4096

_HEADER = """\
-- Roles of atende: atende_owner (migrations), atende_app (the product), atende_system (owner of definer functions).
-- Run it as a superuser inside the database, once before the first migration and again after an upgrade:
--   createdb DATABASE
--   OWNER_PASSWORD=... APP_PASSWORD=... psql -X -1 -v ON_ERROR_STOP=1 -d DATABASE \\
--     -c '\\getenv owner_password OWNER_PASSWORD' -c '\\getenv app_password APP_PASSWORD' -f roles.sql
-- psql puts the two variables in the places written as colon and quoted name. A SCRAM verifier may stand for a
-- password: then not even a statement in the server's log can give the password away.
"""

_ROLES = f"""
DO $roles$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SYSTEM}') THEN
    CREATE ROLE {SYSTEM} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN
    CREATE ROLE {OWNER} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') THEN
    CREATE ROLE {APP} NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
END
$roles$;
ALTER ROLE {OWNER} LOGIN PASSWORD {_OWNER_PASSWORD};
ALTER ROLE {APP} LOGIN NOINHERIT PASSWORD {_APP_PASSWORD};
ALTER ROLE {APP} SET lock_timeout = '2s';
ALTER ROLE {APP} SET statement_timeout = '30s';
ALTER ROLE {APP} SET idle_in_transaction_session_timeout = '10s';
-- The owner hands its definer functions over to the system role. The app never becomes a member of it: that
-- would open every row.
GRANT {SYSTEM} TO {OWNER};
DO $check$
DECLARE
  too_strong text;
BEGIN
  SELECT string_agg(rolname, ', ') INTO too_strong FROM pg_roles
   WHERE rolname IN ('{OWNER}', '{APP}', '{SYSTEM}')
     AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication);
  IF too_strong IS NOT NULL THEN
    RAISE EXCEPTION '% may do too much: take SUPERUSER, BYPASSRLS, CREATEROLE, CREATEDB and REPLICATION away', too_strong;
  END IF;
  SELECT string_agg(roleid::regrole::text, ', ') INTO too_strong FROM pg_auth_members
   WHERE member = '{APP}'::regrole;
  IF too_strong IS NOT NULL THEN
    RAISE EXCEPTION '{APP} is a member of %: revoke it, the app must be a member of nothing', too_strong;
  END IF;
END
$check$;
"""

_SCHEMA = f"""
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {APP};
GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}, {SYSTEM};
-- Only a superuser can make these; the migrations check that they are there.
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
"""


def roles_sql(database: str = "atende") -> str:
    """The whole role script for `database`, for psql. It is idempotent and has two psql variables for the passwords."""
    return _HEADER.replace("DATABASE", database) + _ROLES + database_sql(database) + _SCHEMA


def cluster_sql(*, owner_password: str, app_password: str) -> str:
    """The part for the whole server, with SCRAM verifiers instead of passwords."""
    owner, app = (quoted(scram_verifier(password)) for password in (owner_password, app_password))
    return _ROLES.replace(_OWNER_PASSWORD, owner).replace(_APP_PASSWORD, app)


def database_sql(database: str) -> str:
    """The part with owner and privileges of one database. A copy of a template does not inherit these."""
    name = identifier(database)
    return f"""
ALTER DATABASE {name} OWNER TO {OWNER};
REVOKE CREATE, TEMPORARY ON DATABASE {name} FROM PUBLIC;
GRANT CONNECT ON DATABASE {name} TO {OWNER}, {APP};
"""


def schema_sql() -> str:
    """The part inside one database. A copy of a template inherits it."""
    return _SCHEMA


def identifier(name: str) -> str:
    """`name` quoted as an SQL identifier. Raises ValueError if PostgreSQL would truncate it or cannot store it."""
    if not name or "\0" in name or len(name.encode()) > 63:
        raise ValueError(f"{name!r} cannot name a database: use 1 to 63 bytes")
    return '"' + name.replace('"', '""') + '"'


def quoted(text: str) -> str:
    """`text` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def scram_verifier(password: str, salt: bytes | None = None) -> str:
    """What PostgreSQL stores for an ASCII password (RFC 5803), so that the password itself is not sent.

    Without `salt`, it is derived from the password, which is random, so that a restart gives the same verifier.
    """
    salt = salt or hashlib.sha256(b"atende scram salt " + password.encode()).digest()[:16]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _SCRAM_ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    parts = (base64.b64encode(part).decode() for part in (salt, hashlib.sha256(client_key).digest(), server_key))
    salt64, stored64, server64 = parts
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{salt64}${stored64}:{server64}"

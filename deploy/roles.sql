-- Roles of atende: atende_owner (migrations), atende_app (the product), atende_system (owner of definer functions).
-- Run it as a superuser inside the database, once before the first migration and again after an upgrade:
--   createdb atende
--   OWNER_PASSWORD=... APP_PASSWORD=... psql -X -1 -v ON_ERROR_STOP=1 -d atende \
--     -c '\getenv owner_password OWNER_PASSWORD' -c '\getenv app_password APP_PASSWORD' -f roles.sql
-- psql puts the two variables in the places written as colon and quoted name. A SCRAM verifier may stand for a
-- password: then not even a statement in the server's log can give the password away.

DO $roles$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'atende_system') THEN
    CREATE ROLE atende_system NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'atende_owner') THEN
    CREATE ROLE atende_owner NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'atende_app') THEN
    CREATE ROLE atende_app NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
END
$roles$;
ALTER ROLE atende_owner LOGIN PASSWORD :'owner_password';
ALTER ROLE atende_app LOGIN NOINHERIT PASSWORD :'app_password';
ALTER ROLE atende_app SET lock_timeout = '2s';
ALTER ROLE atende_app SET statement_timeout = '30s';
ALTER ROLE atende_app SET idle_in_transaction_session_timeout = '10s';
-- The owner hands its definer functions over to the system role. The app never becomes a member of it: that
-- would open every row.
GRANT atende_system TO atende_owner;
DO $check$
DECLARE
  too_strong text;
BEGIN
  SELECT string_agg(rolname, ', ') INTO too_strong FROM pg_roles
   WHERE rolname IN ('atende_owner', 'atende_app', 'atende_system')
     AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication);
  IF too_strong IS NOT NULL THEN
    RAISE EXCEPTION '% may do too much: take SUPERUSER, BYPASSRLS, CREATEROLE, CREATEDB and REPLICATION away', too_strong;
  END IF;
  SELECT string_agg(roleid::regrole::text, ', ') INTO too_strong FROM pg_auth_members
   WHERE member = 'atende_app'::regrole;
  IF too_strong IS NOT NULL THEN
    RAISE EXCEPTION 'atende_app is a member of %: revoke it, the app must be a member of nothing', too_strong;
  END IF;
END
$check$;

ALTER DATABASE "atende" OWNER TO atende_owner;
REVOKE CREATE, TEMPORARY ON DATABASE "atende" FROM PUBLIC;
GRANT CONNECT ON DATABASE "atende" TO atende_owner, atende_app;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO atende_app;
GRANT USAGE, CREATE ON SCHEMA public TO atende_owner, atende_system;
-- Only a superuser can make these; the migrations check that they are there.
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;


"""People: accounts, memberships, invitations, sessions, roles; and what organizations and projects gain with them."""

from migrations.functions import put, take_back
from migrations.row_level_security import (
    INSTALLATION,
    ORGANIZATION,
    PERSON,
    also_seen,
    organization_table,
    platform_table,
    system_may,
    user_table,
)
from migrations.sql import run

revision = "0006"
down_revision = "0005"

_RESOURCES = {
    "organization": {
        "read": "See the organization, its settings and what its plan allows.",
        "update": "Change the name, the logo and the settings of the organization.",
        "delete": "Delete the organization.",
    },
    "members": {
        "create": "Invite people to the organization.",
        "read": "See the members of the organization and who is invited.",
        "update": "Approve members and change their roles.",
        "delete": "Remove members and revoke invitations.",
    },
    "billing": {
        "create": "Subscribe to plans and buy credits.",
        "read": "See the balance of credits and how they were used.",
        "update": "Change subscriptions and payment details.",
        "run": "Pay, and cancel subscriptions.",
    },
    "keys": {
        "create": "Create API keys.",
        "read": "See API keys and provider keys, but not their secrets.",
        "update": "Change and rotate API keys, and set and validate provider keys.",
        "delete": "Revoke API keys and delete provider keys.",
    },
    "projects": {
        "create": "Create projects.",
        "read": "See projects and their features.",
        "update": "Change projects and their features, activate and deactivate projects, and set the default one.",
        "delete": "Delete projects and restore deleted ones.",
    },
    "documents": {
        "create": "Upload documents.",
        "read": "See documents and their status.",
        "update": "Change documents and process them again.",
        "delete": "Delete documents.",
    },
    "agents": {
        "create": "Create agents.",
        "read": "See agents and their instructions.",
        "update": "Change agents and set the default one.",
        "delete": "Delete agents.",
    },
    "conversations": {
        "create": "Start conversations and write in them.",
        "read": "Read conversations, their messages and the proof of each answer.",
        "update": "Change, close and reopen conversations.",
        "delete": "Delete conversations.",
        "attend": "Take over conversations from the agent, and return them.",
    },
    "rag": {
        "read": "See the sources of an answer to a question.",
        "run": "Ask the documents questions.",
    },
    "usage": {
        "read": "See the usage of the organization.",
    },
    "audit": {
        "read": "Read the audit log of the organization.",
    },
    "jobs": {
        "read": "See jobs that failed for good.",
        "manage": "Retry or discard jobs that failed for good.",
    },
    "self": {
        "any": "Manage your own account and sessions; for every user, but no API key.",
    },
    "platform": {
        "read": "See organizations, roles and the audit log of the installation; for operators.",
        "manage": "Change roles and limits, and suspend users and billing accounts; for operators.",
    },
}
_CHANGED_OF_USERS = (
    "email, password_hash, first_name, last_name, avatar_url, phone, status, email_verified_at, last_login_at, preferences,"
    " external_auth_id, session_version, updated_at, deleted_at"
)
_LETTERS = {"C": "create", "R": "read", "U": "update", "D": "delete", "X": "run", "A": "attend", "M": "manage"}
_ROLES = ("owner", "admin", "manager", "agent", "member", "viewer")
_MATRIX = {
    "organization": ("RUD", "RU", "R", "R", "R", "R"),
    "members": ("CRUD", "CRUD", "R", "R", "R", "R"),
    "billing": ("CRUX", "RU", "R", "", "", ""),
    "keys": ("CRUD", "CRUD", "R", "", "", ""),
    "projects": ("CRUD", "CRUD", "RU", "R", "R", "R"),
    "documents": ("CRUD", "CRUD", "CRUD", "CRUD", "R", "R"),
    "agents": ("CRUD", "CRUD", "CRUD", "CRUD", "R", "R"),
    "conversations": ("CRUDA", "CRUDA", "CRUDA", "CRUA", "CRU", "R"),
    "rag": ("RX", "RX", "RX", "RX", "RX", "R"),
    "usage": ("R", "R", "R", "", "", ""),
    "audit": ("R", "R", "", "", "", ""),
    "jobs": ("RM", "RM", "", "", "", ""),
}


def _permissions() -> str:
    rows = [
        "('{0}:{1}', '{0}', '{1}', '{2}')".format(name, action, said.replace("'", "''"))
        for name, actions in _RESOURCES.items()
        for action, said in actions.items()
    ]
    return f"INSERT INTO permission (name, resource, action, description) VALUES {', '.join(rows)};"


def _grants() -> str:
    rows = [
        f"('{role}', '{name}:{_LETTERS[letter]}')"
        for name, cells in _MATRIX.items()
        for role, cell in zip(_ROLES, cells, strict=True)
        for letter in cell
    ]
    return f"INSERT INTO role_permission (role, permission) VALUES {', '.join(rows)};"


_FUNCTIONS = (
    "identity/find_user_by_email",
    "identity/find_user",
    "identity/find_session",
    "identity/find_invitation",
    "identity/find_access",
    "identity/count_operators",
    "identity/first_operator_alone",
    "identity/users_to_anonymize",
    "tenancy/names_taken",
    "tenancy/all_organizations",
    "tenancy/organizations_named",
    "identity/owned_alone",
    "tenancy/count_live_projects",
    "tenancy/make_default_project",
)


def upgrade() -> None:
    run(
        """
        ALTER TABLE organization
          ADD COLUMN updated_at timestamptz,
          ADD COLUMN logo_url varchar(500),
          ADD COLUMN settings jsonb NOT NULL DEFAULT '{}',
          ADD COLUMN custom_limits jsonb NOT NULL DEFAULT '{}';

        CREATE TABLE user_account (
          id uuid PRIMARY KEY,
          email varchar(255) COLLATE "C" NOT NULL CHECK (email = lower(email)),
          password_hash varchar(255),
          first_name varchar(100) NOT NULL DEFAULT '',
          last_name varchar(100) NOT NULL DEFAULT '',
          avatar_url varchar(500),
          phone varchar(50),
          platform_role varchar(50) NOT NULL DEFAULT 'user' CHECK (platform_role IN ('user', 'operator')),
          status varchar(50) NOT NULL DEFAULT 'pending_verification'
            CHECK (status IN ('pending_verification', 'active', 'suspended', 'deleted', 'anonymized')),
          email_verified_at timestamptz,
          last_login_at timestamptz,
          preferences jsonb NOT NULL DEFAULT '{}',
          external_auth_id varchar(255) UNIQUE,
          session_version int NOT NULL DEFAULT 1,
          created_at timestamptz NOT NULL,
          updated_at timestamptz NOT NULL,
          deleted_at timestamptz
        );
        CREATE UNIQUE INDEX user_account_email_live ON user_account (email) WHERE deleted_at IS NULL;
        CREATE INDEX user_account_email ON user_account (email);
        CREATE INDEX user_account_status ON user_account (status) WHERE status <> 'active';
        CREATE INDEX user_account_operators ON user_account (platform_role) WHERE platform_role = 'operator';

        ALTER TABLE billing_account
          ADD COLUMN user_id uuid REFERENCES user_account (id),
          ADD COLUMN billing_email varchar(255),
          ADD COLUMN suspended_at timestamptz,
          ADD COLUMN suspension_reason text;
        CREATE INDEX billing_account_user ON billing_account (user_id);

        ALTER TABLE project
          ADD COLUMN updated_at timestamptz,
          ADD COLUMN created_by_user_id uuid REFERENCES user_account (id),
          ADD COLUMN description text NOT NULL DEFAULT '',
          ADD COLUMN configuration jsonb NOT NULL DEFAULT '{}',
          ADD COLUMN deleted_at timestamptz,
          ADD CHECK ((status = 'deleted') = (deleted_at IS NOT NULL));
        CREATE INDEX project_not_active ON project (tenant_id) WHERE status <> 'active';

        CREATE TABLE membership (
          organization_id uuid NOT NULL REFERENCES organization (id),
          user_id uuid NOT NULL REFERENCES user_account (id),
          role varchar(50) NOT NULL CHECK (role IN ('owner', 'admin', 'manager', 'agent', 'member', 'viewer')),
          status varchar(50) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'pending')),
          created_at timestamptz NOT NULL,
          updated_at timestamptz NOT NULL,
          PRIMARY KEY (organization_id, user_id)
        );
        CREATE INDEX membership_user ON membership (user_id);

        CREATE TABLE invitation (
          id uuid PRIMARY KEY,
          organization_id uuid NOT NULL REFERENCES organization (id),
          email varchar(255) COLLATE "C" NOT NULL CHECK (email = lower(email)),
          role varchar(50) NOT NULL CHECK (role IN ('owner', 'admin', 'manager', 'agent', 'member', 'viewer')),
          first_name varchar(100) NOT NULL DEFAULT '',
          last_name varchar(100) NOT NULL DEFAULT '',
          invited_by uuid REFERENCES user_account (id),
          sent int NOT NULL DEFAULT 1,
          status varchar(50) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'revoked')),
          created_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL,
          accepted_at timestamptz,
          accepted_by uuid REFERENCES user_account (id)
        );
        CREATE UNIQUE INDEX invitation_open ON invitation (organization_id, email) WHERE status = 'pending';
        CREATE INDEX invitation_organization ON invitation (organization_id, id);

        CREATE TABLE login_session (
          id uuid PRIMARY KEY,
          user_id uuid NOT NULL REFERENCES user_account (id),
          organization_id uuid NOT NULL REFERENCES organization (id),
          project_id uuid,
          generation int NOT NULL DEFAULT 1,
          created_at timestamptz NOT NULL,
          rotated_at timestamptz NOT NULL,
          expires_at timestamptz NOT NULL,
          idle_until timestamptz NOT NULL,
          revoked_at timestamptz,
          revoked_for varchar(50) NOT NULL DEFAULT '',
          user_agent varchar(500) NOT NULL DEFAULT '',
          ip_address varchar(64) NOT NULL DEFAULT '',
          FOREIGN KEY (organization_id, project_id) REFERENCES project (organization_id, id)
        );
        CREATE INDEX login_session_user ON login_session (user_id) WHERE revoked_at IS NULL;

        CREATE TABLE permission (
          name varchar(100) PRIMARY KEY,
          resource varchar(100) NOT NULL,
          action varchar(100) NOT NULL,
          description text NOT NULL DEFAULT '',
          UNIQUE (resource, action)
        );
        CREATE TABLE role_permission (
          role varchar(50) NOT NULL CHECK (role IN ('owner', 'admin', 'manager', 'agent', 'member', 'viewer')),
          permission varchar(100) NOT NULL REFERENCES permission (name)
            CHECK (permission NOT LIKE 'self:%' AND permission NOT LIKE 'platform:%'),
          PRIMARY KEY (role, permission)
        );
        """
        + _permissions()
        + _grants()
    )
    # What an account is on the platform, no statement of the app changes: the first operator is made so, any other by a superuser.
    run(user_table("user_account", key="id", grants=f"SELECT, INSERT, UPDATE ({_CHANGED_OF_USERS})"))
    run(
        also_seen(
            "user_account",
            "organization",
            f"id IN (SELECT m.user_id FROM membership m WHERE m.{ORGANIZATION})",
        )
    )
    run(organization_table("membership", grants="SELECT, INSERT, UPDATE (role, status, updated_at), DELETE"))
    # An organization sees the accounts of its members: nobody is made one but in a transaction of their own.
    run(
        f"CREATE POLICY membership_insert ON membership AS RESTRICTIVE FOR INSERT TO atende_app WITH CHECK (user_id = {PERSON});"
    )
    run(also_seen("membership", "person", f"user_id = {PERSON}"))
    mine = f"(SELECT m.organization_id FROM membership m WHERE m.user_id = {PERSON} AND m.status = 'active')"
    run(also_seen("organization", "person", f"{INSTALLATION} AND id IN {mine}"))
    run(also_seen("project", "person", f"{INSTALLATION} AND organization_id IN {mine}"))
    run(organization_table("invitation"))
    run(user_table("login_session"))
    run(platform_table("permission", grants="SELECT"))
    run(platform_table("role_permission", grants="SELECT, INSERT, DELETE", check=INSTALLATION))
    run(
        f"CREATE POLICY role_permission_delete ON role_permission AS RESTRICTIVE FOR DELETE TO atende_app USING ({INSTALLATION});"
    )
    for table, grants in {
        "user_account": "SELECT",
        "membership": "SELECT",
        "invitation": "SELECT",
        "login_session": "SELECT",
        "organization": "SELECT",
        "role_permission": "SELECT",
    }.items():
        run(system_may(table, grants))
    # To lock a row takes the right to change something of it.
    run("GRANT UPDATE (updated_at) ON organization TO atende_system")
    run("GRANT UPDATE (is_default) ON project TO atende_system")
    put(revision, *_FUNCTIONS)
    run(
        """
        CREATE TRIGGER user_account_first_operator BEFORE INSERT ON user_account FOR EACH ROW
          WHEN (NEW.platform_role = 'operator') EXECUTE FUNCTION first_operator_alone();
        """
    )


def downgrade() -> None:
    take_back(revision, *(name for name in _FUNCTIONS if name != "identity/first_operator_alone"))
    run(
        """
        DROP POLICY organization_system ON organization; DROP POLICY organization_seen_by_person ON organization;
        DROP POLICY project_seen_by_person ON project; DROP POLICY user_account_seen_by_organization ON user_account;
        REVOKE ALL ON organization FROM atende_system; REVOKE UPDATE (is_default) ON project FROM atende_system;
        DROP TABLE role_permission, permission, login_session, invitation, membership;
        DROP INDEX project_not_active;
        ALTER TABLE project DROP COLUMN updated_at, DROP COLUMN created_by_user_id, DROP COLUMN description,
          DROP COLUMN configuration, DROP COLUMN deleted_at;
        ALTER TABLE billing_account DROP COLUMN user_id, DROP COLUMN billing_email, DROP COLUMN suspended_at,
          DROP COLUMN suspension_reason;
        DROP TABLE user_account;
        ALTER TABLE organization DROP COLUMN updated_at, DROP COLUMN logo_url, DROP COLUMN settings, DROP COLUMN custom_limits;
        """
    )
    take_back(revision, "identity/first_operator_alone")

"""Roles, permissions, and the default permissions of each role. Routes, the seed of the database and tests refer to this table."""

from enum import StrEnum


class Role(StrEnum):
    """Role of a member in an organization."""

    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"
    MEMBER = "member"
    VIEWER = "viewer"


class PlatformRole(StrEnum):
    """Role of a user in the installation, independent of memberships."""

    USER = "user"
    OPERATOR = "operator"


ROLE_ALIASES = {"readonly": "viewer", "read_only": "viewer", "user": "member", "super_admin": "operator"}


class Permission(StrEnum):
    """What a caller may do. Roles and API keys are sets of permissions."""

    ORGANIZATION_READ = "organization:read"
    ORGANIZATION_UPDATE = "organization:update"
    ORGANIZATION_DELETE = "organization:delete"
    MEMBERS_CREATE = "members:create"
    MEMBERS_READ = "members:read"
    MEMBERS_UPDATE = "members:update"
    MEMBERS_DELETE = "members:delete"
    BILLING_CREATE = "billing:create"
    BILLING_READ = "billing:read"
    BILLING_UPDATE = "billing:update"
    BILLING_RUN = "billing:run"
    KEYS_CREATE = "keys:create"
    KEYS_READ = "keys:read"
    KEYS_UPDATE = "keys:update"
    KEYS_DELETE = "keys:delete"
    PROJECTS_CREATE = "projects:create"
    PROJECTS_READ = "projects:read"
    PROJECTS_UPDATE = "projects:update"
    PROJECTS_DELETE = "projects:delete"
    DOCUMENTS_CREATE = "documents:create"
    DOCUMENTS_READ = "documents:read"
    DOCUMENTS_UPDATE = "documents:update"
    DOCUMENTS_DELETE = "documents:delete"
    AGENTS_CREATE = "agents:create"
    AGENTS_READ = "agents:read"
    AGENTS_UPDATE = "agents:update"
    AGENTS_DELETE = "agents:delete"
    CONVERSATIONS_CREATE = "conversations:create"
    CONVERSATIONS_READ = "conversations:read"
    CONVERSATIONS_UPDATE = "conversations:update"
    CONVERSATIONS_DELETE = "conversations:delete"
    CONVERSATIONS_ATTEND = "conversations:attend"
    CHANNELS_CREATE = "channels:create"
    CHANNELS_READ = "channels:read"
    CHANNELS_UPDATE = "channels:update"
    CHANNELS_DELETE = "channels:delete"
    RAG_READ = "rag:read"
    RAG_RUN = "rag:run"
    USAGE_READ = "usage:read"
    AUDIT_READ = "audit:read"
    JOBS_READ = "jobs:read"
    JOBS_MANAGE = "jobs:manage"
    SELF = "self:any"
    """Every signed-in user has this for their own account, in any role. No key has it."""
    PLATFORM_READ = "platform:read"
    """Operators only: counters, plans, accounts; never a tenant's content."""
    PLATFORM_MANAGE = "platform:manage"

    @property
    def resource(self) -> str:
        return self.partition(":")[0]

    @property
    def action(self) -> str:
        return self.partition(":")[2]


_LETTERS = {"C": "create", "R": "read", "U": "update", "D": "delete", "X": "run", "A": "attend", "M": "manage"}
_TABLE = """
    organization   RUD   RU    R     R     R    R
    members        CRUD  CRUD  R     R     R    R
    billing        CRUX  RU    R     -     -    -
    keys           CRUD  CRUD  R     -     -    -
    projects       CRUD  CRUD  RU    R     R    R
    documents      CRUD  CRUD  CRUD  CRUD  R    R
    agents         CRUD  CRUD  CRUD  CRUD  R    R
    conversations  CRUDA CRUDA CRUDA CRUA  CRU  R
    channels       CRUD  CRUD  RU    R     R    R
    rag            RX    RX    RX    RX    RX   R
    usage          R     R     R     -     -    -
    audit          R     R     -     -     -    -
    jobs           RM    RM    -     -     -    -
"""


def _matrix() -> dict[Role, frozenset[Permission]]:
    may: dict[Role, set[Permission]] = {role: set() for role in Role}
    for line in _TABLE.split("\n")[1:-1]:
        resource, *cells = line.split()
        for role, cell in zip(Role, cells, strict=True):
            may[role] |= {Permission(f"{resource}:{_LETTERS[letter]}") for letter in cell if letter != "-"}
    return {role: frozenset(permissions) for role, permissions in may.items()}


MATRIX = _matrix()
"""The defaults of a new installation. Operators can change them; `Roles` has the current permissions."""

PLATFORM = frozenset({Permission.PLATFORM_READ, Permission.PLATFORM_MANAGE})
FOR_ROLES = frozenset(Permission) - PLATFORM - {Permission.SELF}
"""Permissions that a role in an organization can have; those of operators are not among them."""
FOR_PEOPLE = frozenset(
    {
        *PLATFORM,
        Permission.SELF,
        Permission.ORGANIZATION_DELETE,
        Permission.MEMBERS_CREATE,
        Permission.MEMBERS_UPDATE,
        Permission.MEMBERS_DELETE,
        Permission.KEYS_CREATE,
        Permission.KEYS_UPDATE,
        Permission.KEYS_DELETE,
    }
)
"""Permissions that no API key can have, so that a thief cannot create keys, invite people or delete an organization."""
FOR_KEYS = frozenset(Permission) - FOR_PEOPLE
SCOPE_WORDS: dict[str, frozenset[Permission]] = {
    "*": FOR_KEYS,
    "read": frozenset(one for one in FOR_KEYS if one.action == "read"),
    "write": frozenset(one for one in FOR_KEYS if one.action != "read"),
}


def permissions_of(scopes: frozenset[str]) -> frozenset[Permission]:
    """The permissions of these scopes; unknown scopes are ignored."""
    known = frozenset(Permission(one) for one in scopes if one in FOR_KEYS)
    return known.union(*(SCOPE_WORDS[one] for one in scopes if one in SCOPE_WORDS))

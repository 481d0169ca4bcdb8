"""Each list and each of its filters has an index in the list's own order, for one project and for a whole organization."""

from migrations.functions import put, take_back
from migrations.sql import run

revision = "0013"
down_revision = "0012"

_NEW = {  # with the columns that the row policies compare, so that counting need not look at the rows
    "conversation_list": "conversation (tenant_id, last_message_at, id) INCLUDE (organization_id)",
    "conversation_list_organization": "conversation (organization_id, last_message_at, id) INCLUDE (tenant_id)",
    "conversation_status": "conversation (tenant_id, status, last_message_at, id) INCLUDE (organization_id)",
    "conversation_status_organization": "conversation (organization_id, status, last_message_at, id) INCLUDE (tenant_id)",
    "conversation_attended": "conversation (tenant_id, attendance, last_message_at, id) INCLUDE (organization_id) WHERE attendance <> 'ai'",
    "conversation_attended_organization": "conversation (organization_id, attendance, last_message_at, id) INCLUDE (tenant_id) WHERE attendance <> 'ai'",
    "document_list": "document (tenant_id, created_at, id) INCLUDE (organization_id) WHERE status <> 'deleted'",
    "document_list_organization": "document (organization_id, created_at, id) INCLUDE (tenant_id) WHERE status <> 'deleted'",
    "document_status": "document (tenant_id, status, created_at, id) INCLUDE (organization_id)",
    "document_status_organization": "document (organization_id, status, created_at, id) INCLUDE (tenant_id)",
    "document_agent": "document (agent_id, created_at, id) INCLUDE (organization_id, tenant_id) WHERE status <> 'deleted'",
    "job_dead": "job (tenant_id, finished_at, id) INCLUDE (organization_id) WHERE status = 'dead'",
    "job_dead_organization": "job (organization_id, finished_at, id) INCLUDE (tenant_id) WHERE status = 'dead'",
    "audit_log_organization": "audit_log (organization_id, created_at, id)",
    "audit_log_tenant": "audit_log (organization_id, tenant_id, created_at, id)",
    "audit_log_actor": "audit_log (organization_id, actor_id, created_at, id)",
    "audit_log_action": "audit_log (organization_id, action, created_at, id)",
    "audit_log_type": "audit_log (organization_id, resource_type, created_at, id)",
    "audit_log_resource": "audit_log (organization_id, resource_id, created_at, id)",
    "audit_log_failed": "audit_log (organization_id, status, created_at, id) WHERE status <> 'success'",
    "membership_list": "membership (organization_id, created_at, user_id)",
    "api_key_organization": "api_key (organization_id, id)",
    "project_live": "project (organization_id, id) WHERE deleted_at IS NULL",
    "credit_entry_kind": "credit_entry (organization_id, kind, seq)",
}
_OLD = {
    "conversation_list": "conversation (tenant_id, last_message_at)",
    "conversation_waiting": "conversation (tenant_id, last_message_at) WHERE attendance = 'waiting_human'",
    "document_list": "document (tenant_id, created_at)",
    "job_dead": "job (organization_id, tenant_id, finished_at) WHERE status = 'dead'",
    "audit_log_organization": "audit_log (organization_id, id DESC)",
    "audit_log_actor": "audit_log (organization_id, actor_id, id DESC)",
    "audit_log_action": "audit_log (organization_id, action, id DESC)",
    "audit_log_resource": "audit_log (organization_id, resource_type, resource_id)",
    "api_key_organization": "api_key (organization_id)",
}


def upgrade() -> None:
    run(_replaced(_OLD, by=_NEW))
    put(revision, "tenancy/all_organizations")


def downgrade() -> None:
    take_back(revision, "tenancy/all_organizations")
    run(_replaced(_NEW, by=_OLD))


def _replaced(indexes: dict[str, str], *, by: dict[str, str]) -> str:
    return f"DROP INDEX {', '.join(indexes)};" + "".join(f"CREATE INDEX {name} ON {what};" for name, what in by.items())

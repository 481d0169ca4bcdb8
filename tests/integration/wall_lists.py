"""What the second wall allows besides its rules."""

# Each exception has its reason. What is not named here must follow the rule.
OTHERWISE_DECLARED = {
    "credit_hold": "the account is the organization's; the tenant is a note of who spent, and may be missing",
    "credit_entry": "as credit_hold",
    "login_session": "a sign-in is the person's; the organization is where they are at the moment",
    "audit_log": "the record is the organization's; the tenant is a note of where it happened, and may be missing",
}
ALSO_SEEN = {
    "user_account_seen_by_organization": "the list of its members",
    "membership_seen_by_person": "the list of one's organizations",
    "organization_seen_by_person": "as membership_seen_by_person, and only outside of them all",
    "project_seen_by_person": "as organization_seen_by_person",
}
"""Policies that show rows to somebody else than their owner; nothing is ever written through them."""
UNIQUE_ACROSS_TENANTS = {
    "user_account_email_live": "an address is of one account; whoever asks for one is told nothing",
    "user_account_external_auth_id_key": "as user_account_email_live, given by a provider of identities",
    "organization_slug_live": "names of organizations are public",
    "project_tenant_id_key": "the tenant id is the name of the tenant for the whole platform",
    "project_default": "within one organization, whose people know its projects",
    "project_organization_id_id_key": "within one organization, and an id is random",
    "channel_account_number": "a number belongs to one customer of the platform; taking it over needs proof",
    "api_key_secret_hash_key": "a digest of 150 random bits tells nobody anything",
    "job_one_running": "lanes are named after random ids",
    "job_dedupe": "as job_one_running",
    "audit_log_idempotency": "named after random ids of ours",
    "audit_seal_record_id_key": "as audit_log_idempotency",
}
DEFINERS = {
    "claim_jobs": "due jobs, before their tenant is known",
    "extend_leases": "jobs of one worker, of any tenant",
    "finish_jobs": "as extend_leases",
    "retry_job": "as extend_leases",
    "sweep_jobs": "ids of due jobs",
    "job_health": "figures over all jobs",
    "holds_due": "ids of holds past their time",
    "find_api_key": "a key by its digest, before the organization is known",
    "touch_api_keys": "the last use of keys, of any organization",
    "secrets_sealed_before": "where a new encryption key has work to do",
    "find_user_by_email": "an account, before the person is known",
    "find_user": "as find_user_by_email",
    "find_session": "as find_user_by_email",
    "find_invitation": "an invitation by the id that its link names, before anybody is known",
    "find_access": "what holds for the person of a token, before anything is believed",
    "count_operators": "a figure, for the first start",
    "users_to_anonymize": "ids of accounts whose time has come",
    "names_taken": "names of organizations and tenants are public",
    "all_organizations": "for the operator",
    "organizations_named": "as all_organizations",
    "count_live_projects": "a figure of the transaction's own organization, whatever its tenant",
    "make_default_project": "the default is the organization's; it compares the organization itself",
    "find_payer": "the organization of a billing account, for the operator",
    "rest_paid_projects": "projects rest with their payer, whatever their tenant; it compares the organization itself",
    "find_allowance": "limits of an organization, wherever they are asked for",
    "pin_project": "the transaction's own project, held while it works",
    "project_switched": "jobs of the project that is switched",
    "organization_switched": "jobs of the organization that is deleted or had back",
    "projects_to_purge": "where something is to be removed",
    "purge_project": "content of one project, when its time has come: it looks itself whether it has",
    "find_channel_accounts": "a number, before the tenant is known",
    "receive_messages": "what channels bring; the tenant is that of the number",
    "report_deliveries": "as receive_messages",
    "quarantined_items": "for the operator",
    "unsealed_audit": "records of all organizations, for the sealer",
    "note_unsealed_audit": "ids of records that are new, for the sealer",
    "audit_heads": "as unsealed_audit",
    "seal_audit": "as unsealed_audit",
    "audited_organizations": "ids alone, for the verifier",
    "purge_idempotency_keys": "those of all organizations that are a day old",
    "search_words": "full text needs its index, which row-level security would keep it from; it compares the tenant itself",
}
DELETED_FROM = {
    "chunk": "those of a version that is processed again",
    "passage": "as chunk",
    "idempotency_key": "kept for a day",
    "membership": "whoever leaves",
    "role_permission": "what a role may do no more",
    "provider_key": "a secret that is not wanted any more is not kept",
    "feature": "a switch that is taken away",
    "rate_limit": "windows that are over",
}
"""Where the app role may delete; everything else is kept, or ends by a change of its state."""
NEVER_CHANGED = {
    "membership",
    "audit_log",
    "audit_seal",
    "credit_entry",
    "citation",
    "price",
    "inbox",
    "permission",
    "plan",
    "role_permission",
}
"""Where the app role may not update either."""
ONLY_READ = {"audit_seal", "permission", "plan"}
"""Where the app role may not even add."""
APP_MAY_IN = {("membership", "UPDATE"): {"role", "status", "updated_at"}}
"""Single columns that the app may write in tables where it writes nothing else."""
SYSTEM_MAY_IN = {
    ("credit_hold", "SELECT"): {"id", "organization_id", "state", "expires_at"},
    ("api_key", "UPDATE"): {"last_used_at"},
    ("project", "UPDATE"): {
        "is_default",
        "status",
        "updated_at",
        "deleted_at",
        "name",
        "description",
        "configuration",
        "created_by_user_id",
        "purged_at",
    },
    ("organization", "UPDATE"): {"name", "logo_url", "settings", "custom_limits"},
}
"""Single columns that the named functions may read or write in tables where they may do so with nothing else."""
FOR_ALL = {"price", "plan", "permission", "role_permission", "rate_limit"}
"""Platform tables that everybody may read."""
SYSTEM_MAY = {
    "api_key": "r",
    "project": "r",
    "job": "arwd",
    "passage": "rd",
    "lexeme": "arwd",
    "channel_account": "rd",
    "inbox": "ard",
    "user_account": "r",
    "membership": "rd",
    "invitation": "rd",
    "login_session": "r",
    "organization": "r",
    "role_permission": "r",
    "provider_key": "rd",
    "plan": "r",
    "audit_log": "r",
    "audit_seal": "ar",
    "audit_unsealed": "ard",
    "idempotency_key": "rd",
    "contact": "arwd",
    "contact_address": "arwd",
    "conversation": "arwd",
    "message": "arwd",
    "billing_account": "r",
    "answer": "rd",
    "chunk": "rd",
    "document": "rd",
    "agent": "rd",
    "model_call": "rd",
    "citation": "rd",
    "handoff": "rd",
    "turn": "rd",
    "feature": "rd",
}
"""What the named functions may do: add, read, write, delete, in PostgreSQL's letters."""
MAY_IN = {"atende_app": APP_MAY_IN, "atende_system": SYSTEM_MAY_IN}

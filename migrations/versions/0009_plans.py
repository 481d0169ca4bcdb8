"""Plans with their limits and features, and the switches of projects."""

from collections.abc import Mapping

from migrations.functions import put, take_back
from migrations.row_level_security import platform_table, system_may, tenant_table
from migrations.sql import run

revision = "0009"
down_revision = "0008"

_SLUGS = ("free", "starter", "professional", "business", "enterprise")
_PRICES = {  # name, monthly and yearly in cents, credits a month
    "free": ("Free", 0, 0, 50),
    "starter": ("Starter", 4_900, 47_000, 500),
    "professional": ("Professional", 9_900, 95_000, 2_000),
    "business": ("Business", 24_900, 239_000, 10_000),
    "enterprise": ("Enterprise", 0, 0, 0),
}
_LIMITS = {
    "images_per_month": (50, 500, 2_000, 10_000, -1),
    "videos_per_month": (0, 20, 100, 500, -1),
    "audio_minutes_per_month": (0, 30, 120, 500, -1),
    "max_resolution": ('"512x512"', '"1024x1024"', '"2048x2048"', '"4096x4096"', '"unlimited"'),
    "max_video_duration": (0, 5, 10, 30, -1),
    "max_team_members": (1, 3, 10, 50, -1),
    "max_projects": (2, 10, 50, 200, -1),
    "max_storage_gb": (0.5, 5, 25, 100, -1),
    "max_upload_mb": (5, 10, 25, 100, 500),
    "api_requests_per_minute": (5, 20, 60, 120, -1),
    "api_requests_per_day": (100, 5_000, 20_000, 100_000, -1),
    "session_requests_per_minute": (10, 30, 60, 120, 300),
    "max_documents": (10, 100, 1_000, 10_000, -1),
    "max_agents": (1, 3, 10, 50, -1),
    "max_monthly_messages": (100, 2_000, 20_000, 100_000, -1),
    "priority_queue": ("false", "false", "true", "true", "true"),
    "custom_models": ("false", "false", "false", "true", "true"),
    "white_label": ("false", "false", "false", "false", "true"),
    "dedicated_support": ("false", "false", "false", "false", "true"),
}
_FEATURES = {
    "image_generation": (True, True, True, True, True),
    "video_generation": (False, True, True, True, True),
    "audio_generation": (False, True, True, True, True),
    "workflow": (True, True, True, True, True),
    "analytics": (False, True, True, True, True),
    "api_access": (False, False, True, True, True),
    "webhooks": (False, False, True, True, True),
    "sso": (False, False, False, True, True),
}


def _json(table: Mapping[str, tuple[object, ...]], column: int) -> str:
    return "{" + ", ".join(f'"{name}": {str(cells[column]).lower()}' for name, cells in table.items()) + "}"


def upgrade() -> None:
    rows = ", ".join(
        f"('{slug}', '{_PRICES[slug][0]}', {_PRICES[slug][1]}, {_PRICES[slug][2]}, {_PRICES[slug][3]},"
        f" '{_json(_LIMITS, position)}', '{_json(_FEATURES, position)}', {position})"
        for position, slug in enumerate(_SLUGS)
    )
    run(
        f"""
        CREATE TABLE plan (
          slug varchar(100) PRIMARY KEY,
          name varchar(100) NOT NULL,
          price_monthly int NOT NULL CHECK (price_monthly >= 0),
          price_yearly int NOT NULL CHECK (price_yearly >= 0),
          currency varchar(10) NOT NULL DEFAULT 'BRL',
          credits_per_month int NOT NULL CHECK (credits_per_month >= 0),
          limits jsonb NOT NULL,
          features jsonb NOT NULL,
          active boolean NOT NULL DEFAULT true,
          position int NOT NULL
        );
        INSERT INTO plan (slug, name, price_monthly, price_yearly, credits_per_month, limits, features, position) VALUES {rows};

        CREATE TABLE feature (
          organization_id uuid NOT NULL,
          project_id uuid NOT NULL,
          tenant_id text COLLATE "C" NOT NULL,
          key varchar(100) NOT NULL,
          enabled boolean NOT NULL,
          config jsonb NOT NULL DEFAULT '{{}}',
          updated_at timestamptz NOT NULL,
          PRIMARY KEY (organization_id, tenant_id, key),
          FOREIGN KEY (organization_id, tenant_id) REFERENCES project (organization_id, tenant_id)
        );
        """
    )
    run(platform_table("plan", grants="SELECT"))
    run(tenant_table("feature", grants="SELECT, INSERT, UPDATE, DELETE"))
    run(system_may("plan", "SELECT"))
    put(revision, "tenancy/find_allowance")


def downgrade() -> None:
    take_back(revision, "tenancy/find_allowance")
    run("DROP TABLE feature, plan;")

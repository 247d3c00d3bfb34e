"""How often the desk has failed a mail, and which doubt an operator has looked into."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("attempts", sa.Column("released_at", sa.Double()))

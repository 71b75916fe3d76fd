"""Notices: what people are told, and how they want it by mail.

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('comment', 'reply', 'hide', 'decline', 'hold', 'restore', 'approve', 'merge', 'merged_in', "
            "'answer', 'taken_back', 'objection', 'taken_up', 'verify', 'unverify', 'report')",
            name=op.f("ck_notices_kind_known"),
        ),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_notices_city_id_cities")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_notices_comment_id_comments"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name=op.f("fk_notices_idea_id_ideas"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notices_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_act_id"), "notices", ["act_id"], unique=False)
    op.create_index(op.f("ix_notices_comment_id"), "notices", ["comment_id"], unique=False)
    op.create_index(op.f("ix_notices_idea_id"), "notices", ["idea_id"], unique=False)
    op.create_index("ix_notices_newest", "notices", ["user_id", "id"], unique=False)
    op.create_index("ix_notices_unmailed", "notices", ["mailed_at", "user_id"], unique=False)
    op.create_index("ix_notices_unread", "notices", ["user_id", "read_at"], unique=False)
    op.create_table(
        "notice_choices",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mail", sa.String(length=10), server_default="daily", nullable=False),
        sa.Column("digest_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mail IN ('each', 'daily', 'none')", name=op.f("ck_notice_choices_mail_known")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notice_choices_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notice_choices")),
    )


def downgrade():
    op.drop_table("notice_choices")
    op.drop_index("ix_notices_unread", table_name="notices")
    op.drop_index("ix_notices_unmailed", table_name="notices")
    op.drop_index("ix_notices_newest", table_name="notices")
    op.drop_index(op.f("ix_notices_idea_id"), table_name="notices")
    op.drop_index(op.f("ix_notices_comment_id"), table_name="notices")
    op.drop_index(op.f("ix_notices_act_id"), table_name="notices")
    op.drop_table("notices")

"""Workshops: phases, budgets, timers and codes; who joined, screens, what was counted on paper, results.

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "pairings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("screen_token", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairings")),
        sa.UniqueConstraint("code", name=op.f("uq_pairings_code")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_pairings_secret_hash")),
    )
    op.create_index(op.f("ix_pairings_made_at"), "pairings", ["made_at"], unique=False)
    op.create_table(
        "attendances",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_helper", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("follows", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_attendances_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_attendances_workshop_id_workshops")
        ),
        sa.PrimaryKeyConstraint("workshop_id", "user_id", name=op.f("pk_attendances")),
    )
    op.create_index("ix_attendances_user_id", "attendances", ["user_id"], unique=False)
    op.create_table(
        "screens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_screens_city_id_cities")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_screens_made_by_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_screens_workshop_id_workshops")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_screens_token_hash")),
    )
    op.create_index(op.f("ix_screens_city_id"), "screens", ["city_id"], unique=False)
    op.create_index(op.f("ix_screens_made_by_id"), "screens", ["made_by_id"], unique=False)
    op.create_index(op.f("ix_screens_workshop_id"), "screens", ["workshop_id"], unique=False)
    op.create_table(
        "workshop_results",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_workshop_results_workshop_id_workshops")
        ),
        sa.PrimaryKeyConstraint("workshop_id", name=op.f("pk_workshop_results")),
    )
    op.create_table(
        "paper_tallies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("upvotes", sa.Integer(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("upvotes > 0", name=op.f("ck_paper_tallies_upvotes_positive")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_paper_tallies_by_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name=op.f("fk_paper_tallies_idea_id_ideas"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_paper_tallies_workshop_id_workshops")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_tallies")),
    )
    op.create_index(op.f("ix_paper_tallies_by_id"), "paper_tallies", ["by_id"], unique=False)
    op.create_index(op.f("ix_paper_tallies_idea_id"), "paper_tallies", ["idea_id"], unique=False)
    op.create_index(op.f("ix_paper_tallies_workshop_id"), "paper_tallies", ["workshop_id"], unique=False)
    _refer("comments")
    op.create_index(op.f("ix_comments_workshop_id"), "comments", ["workshop_id"], unique=False)
    op.add_column("ideas", sa.Column("paper_upvotes", sa.Integer(), server_default="0", nullable=False))
    _refer("upvotes")
    op.create_index("ix_upvotes_workshop_id_user_id", "upvotes", ["workshop_id", "user_id"], unique=False)
    op.add_column("users", sa.Column("room_id", sa.Integer(), nullable=True))
    op.add_column("workshops", sa.Column("question", sa.String(length=200), nullable=True))
    op.add_column(
        "workshops", sa.Column("phase", sa.String(length=10), server_default="lobby", nullable=False)
    )
    op.add_column("workshops", sa.Column("upvote_budget", sa.Integer(), nullable=True))
    op.add_column(
        "workshops", sa.Column("hides_counts", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("workshops", sa.Column("join_code", sa.String(length=8), nullable=True))
    op.add_column(
        "workshops", sa.Column("email_is_optional", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("workshops", sa.Column("state_seq", sa.Integer(), server_default="0", nullable=False))
    op.add_column("workshops", sa.Column("spotlight_id", sa.Integer(), nullable=True))
    op.add_column(
        "workshops", sa.Column("shows", sa.String(length=10), server_default="join", nullable=False)
    )
    op.add_column(
        "workshops", sa.Column("contrasts", sa.String(length=60), server_default="", nullable=False)
    )
    op.add_column("workshops", sa.Column("agenda", sa.Text(), server_default="", nullable=False))
    op.add_column("workshops", sa.Column("timer_ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("workshops", sa.Column("timer_left_ms", sa.Integer(), nullable=True))
    op.add_column("workshops", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("workshops", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_workshops_join_code"), "workshops", ["join_code"], unique=True)


def _refer(table):
    """As plain SQL: SQLite takes a reference only together with its column."""
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN workshop_id INTEGER "
        f"CONSTRAINT fk_{table}_workshop_id_workshops REFERENCES workshops (id)"
    )


def downgrade():
    op.drop_index(op.f("ix_workshops_join_code"), table_name="workshops")
    op.drop_column("workshops", "closed_at")
    op.drop_column("workshops", "opened_at")
    op.drop_column("workshops", "timer_left_ms")
    op.drop_column("workshops", "timer_ends_at")
    op.drop_column("workshops", "agenda")
    op.drop_column("workshops", "contrasts")
    op.drop_column("workshops", "shows")
    op.drop_column("workshops", "spotlight_id")
    op.drop_column("workshops", "state_seq")
    op.drop_column("workshops", "email_is_optional")
    op.drop_column("workshops", "join_code")
    op.drop_column("workshops", "hides_counts")
    op.drop_column("workshops", "upvote_budget")
    op.drop_column("workshops", "phase")
    op.drop_column("workshops", "question")
    op.drop_column("users", "room_id")
    op.drop_index("ix_upvotes_workshop_id_user_id", table_name="upvotes")
    op.drop_column("upvotes", "workshop_id")
    op.drop_column("ideas", "paper_upvotes")
    op.drop_index(op.f("ix_comments_workshop_id"), table_name="comments")
    op.drop_column("comments", "workshop_id")
    op.drop_index(op.f("ix_paper_tallies_workshop_id"), table_name="paper_tallies")
    op.drop_index(op.f("ix_paper_tallies_idea_id"), table_name="paper_tallies")
    op.drop_index(op.f("ix_paper_tallies_by_id"), table_name="paper_tallies")
    op.drop_table("paper_tallies")
    op.drop_table("workshop_results")
    op.drop_index(op.f("ix_screens_workshop_id"), table_name="screens")
    op.drop_index(op.f("ix_screens_made_by_id"), table_name="screens")
    op.drop_index(op.f("ix_screens_city_id"), table_name="screens")
    op.drop_table("screens")
    op.drop_index("ix_attendances_user_id", table_name="attendances")
    op.drop_table("attendances")
    op.drop_index(op.f("ix_pairings_made_at"), table_name="pairings")
    op.drop_table("pairings")

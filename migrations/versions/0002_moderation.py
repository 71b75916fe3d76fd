"""Moderation: the queue, reports, acts and their log, answers, merges, moderators, and a board's own rules.

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LANGUAGES = ("en", "de", "fr", "nl", "zh")
REASONS = (
    ("Insults or hate", "Beleidigung oder Hass", "Insultes ou haine", "Belediging of haat", "侮辱或仇恨言论"),
    ("Personal data of others", "Persönliche Daten anderer", "Données personnelles d’autrui",
     "Persoonsgegevens van anderen", "他人的个人信息"),
    ("Advertising or spam", "Werbung oder Spam", "Publicité ou spam", "Reclame of spam", "广告或垃圾信息"),
    ("Unlawful or dangerous", "Rechtswidrig oder gefährlich", "Illégal ou dangereux",
     "Onwettig of gevaarlijk", "违法或危险"),
    ("Knowingly false", "Bewusst falsch", "Sciemment faux", "Bewust onjuist", "故意虚假"),
    ("Not about mobility here", "Nicht zur Mobilität hier", "Sans lien avec la mobilité d’ici",
     "Gaat niet over mobiliteit hier", "与本地出行无关"),
)  # fmt: skip


def upgrade():
    reasons = op.create_table(
        "reasons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reasons")),
    )
    names = op.create_table(
        "reason_names",
        sa.Column("reason_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["reasons.id"], name=op.f("fk_reason_names_reason_id_reasons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reason_id", "language", name=op.f("pk_reason_names")),
    )
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("reason_id", sa.Integer(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("waited_seconds", sa.Integer(), nullable=True),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('hide', 'restore', 'hold', 'approve', 'decline', 'keep', 'pin', 'unpin', 'lock', 'unlock', "
            "'retag', 'merge', 'unmerge', 'answer', 'ban', 'lift_ban', 'set_aside', 'count_again', 'verify', "
            "'unverify', 'dismiss_alert', 'settings')",
            name=op.f("ck_acts_kind_known"),
        ),
        sa.CheckConstraint("role IN ('moderator', 'organiser', 'board')", name=op.f("ck_acts_role_known")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_acts_by_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_acts_city_id_cities")),
        sa.ForeignKeyConstraint(["reason_id"], ["reasons.id"], name=op.f("fk_acts_reason_id_reasons")),
        sa.ForeignKeyConstraint(["undoes_id"], ["acts.id"], name=op.f("fk_acts_undoes_id_acts")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_acts_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_by_id"), "acts", ["by_id"], unique=False)
    op.create_index("ix_acts_city_id_id", "acts", ["city_id", "id"], unique=False)
    op.create_index("ix_acts_city_id_waited_seconds", "acts", ["city_id", "waited_seconds"], unique=False)
    op.create_index("ix_acts_idea_id_comment_id", "acts", ["idea_id", "comment_id"], unique=False)
    op.create_index(op.f("ix_acts_undoes_id"), "acts", ["undoes_id"], unique=False)
    op.create_index(op.f("ix_acts_user_id"), "acts", ["user_id"], unique=False)
    op.create_table(
        "moderators",
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("appointed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_moderators_city_id_cities")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_moderators_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("city_id", "user_id", name=op.f("pk_moderators")),
    )
    op.create_index("ix_moderators_user_id", "moderators", ["user_id"], unique=False)
    op.create_table(
        "objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('upheld', 'dismissed', 'moot')",
            name=op.f("ck_objections_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["act_id"], ["acts.id"], name=op.f("fk_objections_act_id_acts")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_objections_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
        sa.UniqueConstraint("act_id", name=op.f("uq_objections_act_id")),
    )
    op.create_index(op.f("ix_objections_item_key"), "objections", ["item_key"], unique=False)
    op.create_index(op.f("ix_objections_user_id"), "objections", ["user_id"], unique=False)
    op.create_table(
        "answer_drafts",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_answer_drafts_by_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_answer_drafts_city_id_cities")),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name=op.f("fk_answer_drafts_idea_id_ideas"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("idea_id", name=op.f("pk_answer_drafts")),
    )
    op.create_index(op.f("ix_answer_drafts_by_id"), "answer_drafts", ["by_id"], unique=False)
    op.create_index(op.f("ix_answer_drafts_city_id"), "answer_drafts", ["city_id"], unique=False)
    op.create_table(
        "queue_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=10), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("needs", sa.String(length=10), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.Integer(), nullable=False),
        sa.Column("seen", sa.JSON(), nullable=True),
        sa.Column("not_for_id", sa.Integer(), nullable=True),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "needs = '' OR needs IN ('objection', 'held', 'reported', 'alert', 'verify', 'new')",
            name=op.f("ck_queue_items_needs_known"),
        ),
        sa.CheckConstraint(
            "subject IN ('idea', 'comment', 'person', 'alert')", name=op.f("ck_queue_items_subject_known")
        ),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_queue_items_city_id_cities")),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name=op.f("fk_queue_items_comment_id_comments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name=op.f("fk_queue_items_idea_id_ideas"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_queue_items_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_items")),
        sa.UniqueConstraint("key", name=op.f("uq_queue_items_key")),
    )
    op.create_index(op.f("ix_queue_items_comment_id"), "queue_items", ["comment_id"], unique=False)
    op.create_index(op.f("ix_queue_items_idea_id"), "queue_items", ["idea_id"], unique=False)
    op.create_index("ix_queue_items_settled", "queue_items", ["city_id", "settled_at"], unique=False)
    op.create_index("ix_queue_items_stamp", "queue_items", ["city_id", "stamp"], unique=False)
    op.create_index(op.f("ix_queue_items_user_id"), "queue_items", ["user_id"], unique=False)
    op.create_index(
        "ix_queue_items_waiting", "queue_items", ["city_id", "needs", "urgency", "since", "id"], unique=False
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.String(length=120), nullable=False),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reason_id", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('upheld', 'dismissed', 'moot')",
            name=op.f("ck_reports_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_reports_city_id_cities")),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_reports_comment_id_comments"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name=op.f("fk_reports_idea_id_ideas"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["reason_id"], ["reasons.id"], name=op.f("fk_reports_reason_id_reasons")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_reports_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("item_key", "user_id", name=op.f("uq_reports_item_key_user_id")),
    )
    op.create_index(op.f("ix_reports_comment_id"), "reports", ["comment_id"], unique=False)
    op.create_index(op.f("ix_reports_idea_id"), "reports", ["idea_id"], unique=False)
    op.create_index("ix_reports_user_id_outcome", "reports", ["user_id", "outcome"], unique=False)
    op.add_column("cities", sa.Column("queue_seq", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "cities", sa.Column("more_languages", sa.String(length=80), server_default="", nullable=False)
    )
    op.add_column(
        "cities", sa.Column("posting_is_open", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column(
        "cities", sa.Column("moderation", sa.String(length=10), server_default="after", nullable=False)
    )
    op.add_column("cities", sa.Column("is_public", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("comments", sa.Column("came_with_id", sa.Integer(), nullable=True))
    op.add_column("ideas", sa.Column("is_locked", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("ideas", sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
    # As plain SQL: SQLite takes a reference only together with its column, and its tables must not be copied here,
    # since dropping the old one would take what refers to it along.
    op.execute(
        "ALTER TABLE ideas ADD COLUMN merged_into_id INTEGER "
        "CONSTRAINT fk_ideas_merged_into_id_ideas REFERENCES ideas (id)"
    )
    op.add_column("ideas", sa.Column("answer", sa.Text(), nullable=True))
    op.add_column("ideas", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_ideas_merged_into_id"), "ideas", ["merged_into_id"], unique=False)
    op.create_index("ix_ideas_pinned", "ideas", ["city_id", "pinned_at"], unique=False)
    op.add_column("participations", sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("themes", sa.Column("is_retired", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("upvotes", sa.Column("came_with_id", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("banned_until", sa.DateTime(timezone=True), nullable=True))
    _name_reasons(reasons, names)


def _name_reasons(reasons, names):
    numbered = list(enumerate(REASONS, start=1))
    op.bulk_insert(
        reasons, [{"id": number, "position": number, "is_retired": False} for number, _ in numbered]
    )
    op.bulk_insert(
        names,
        [
            {"reason_id": number, "language": language, "name": name}
            for number, named in numbered
            for language, name in zip(LANGUAGES, named, strict=True)
        ],
    )
    if op.get_bind().dialect.name == "postgresql":  # the rows above chose their own ids
        op.execute("SELECT setval(pg_get_serial_sequence('reasons', 'id'), (SELECT max(id) FROM reasons))")


def downgrade():
    op.drop_column("users", "banned_until")
    op.drop_column("upvotes", "came_with_id")
    op.drop_column("themes", "is_retired")
    op.drop_column("participations", "set_aside_at")
    op.drop_index("ix_ideas_pinned", table_name="ideas")
    op.drop_index(op.f("ix_ideas_merged_into_id"), table_name="ideas")
    op.drop_column("ideas", "answered_at")
    op.drop_column("ideas", "answer")
    op.drop_column("ideas", "merged_into_id")
    op.drop_column("ideas", "pinned_at")
    op.drop_column("ideas", "is_locked")
    op.drop_column("comments", "came_with_id")
    op.drop_column("cities", "is_public")
    op.drop_column("cities", "moderation")
    op.drop_column("cities", "posting_is_open")
    op.drop_column("cities", "more_languages")
    op.drop_column("cities", "queue_seq")
    op.drop_index("ix_reports_user_id_outcome", table_name="reports")
    op.drop_index(op.f("ix_reports_idea_id"), table_name="reports")
    op.drop_index(op.f("ix_reports_comment_id"), table_name="reports")
    op.drop_table("reports")
    op.drop_index("ix_queue_items_waiting", table_name="queue_items")
    op.drop_index(op.f("ix_queue_items_user_id"), table_name="queue_items")
    op.drop_index("ix_queue_items_stamp", table_name="queue_items")
    op.drop_index("ix_queue_items_settled", table_name="queue_items")
    op.drop_index(op.f("ix_queue_items_idea_id"), table_name="queue_items")
    op.drop_index(op.f("ix_queue_items_comment_id"), table_name="queue_items")
    op.drop_table("queue_items")
    op.drop_index(op.f("ix_answer_drafts_city_id"), table_name="answer_drafts")
    op.drop_index(op.f("ix_answer_drafts_by_id"), table_name="answer_drafts")
    op.drop_table("answer_drafts")
    op.drop_index(op.f("ix_objections_user_id"), table_name="objections")
    op.drop_index(op.f("ix_objections_item_key"), table_name="objections")
    op.drop_table("objections")
    op.drop_index("ix_moderators_user_id", table_name="moderators")
    op.drop_table("moderators")
    op.drop_index(op.f("ix_acts_user_id"), table_name="acts")
    op.drop_index(op.f("ix_acts_undoes_id"), table_name="acts")
    op.drop_index("ix_acts_idea_id_comment_id", table_name="acts")
    op.drop_index("ix_acts_city_id_waited_seconds", table_name="acts")
    op.drop_index("ix_acts_city_id_id", table_name="acts")
    op.drop_index(op.f("ix_acts_by_id"), table_name="acts")
    op.drop_table("acts")
    op.drop_table("reason_names")
    op.drop_table("reasons")

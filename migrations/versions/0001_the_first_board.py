"""The first board: people, the series, ideas, comments, upvotes, and the words to find ideas by.

Revision: 0001
Follows: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


CITIES = (
    ("los-angeles", "Los Angeles", "America/Los_Angeles", "en"),
    ("melbourne", "Melbourne", "Australia/Melbourne", "en"),
    ("shenzhen", "Shenzhen", "Asia/Shanghai", "zh"),
    ("rotterdam", "Rotterdam", "Europe/Amsterdam", "nl"),
    ("berlin", "Berlin", "Europe/Berlin", "de"),
)
AUDIENCES = ("stakeholders", "students")
LANGUAGES = ("en", "de", "fr", "nl", "zh")
THEMES = {
    "congestion": ("Congestion", "Stau", "Embouteillages", "Files en drukte", "交通拥堵"),
    "parking": (
        "Parking and space",
        "Parken und Raum",
        "Stationnement et espace",
        "Parkeren en ruimte",
        "停车与空间",
    ),
    "air-climate": (
        "Air quality and climate",
        "Luft und Klima",
        "Air et climat",
        "Lucht en klimaat",
        "空气与气候",
    ),
    "public-transport": (
        "Public transport",
        "Öffentlicher Verkehr",
        "Transports publics",
        "Openbaar vervoer",
        "公共交通",
    ),
    "walking-cycling": (
        "Walking and cycling",
        "Zu Fuß und Rad",
        "Marche et vélo",
        "Lopen en fietsen",
        "步行与骑行",
    ),
    "electric": (
        "Electric mobility and charging",
        "Elektromobilität und Laden",
        "Mobilité électrique et recharge",
        "Elektrisch rijden en laden",
        "电动出行与充电",
    ),
    "sharing": ("Shared mobility", "Geteilte Mobilität", "Mobilité partagée", "Deelmobiliteit", "共享出行"),
    "automated": (
        "Automated and connected driving",
        "Automatisiertes und vernetztes Fahren",
        "Conduite automatisée et connectée",
        "Geautomatiseerd en verbonden rijden",
        "自动与网联驾驶",
    ),
    "freight": (
        "Freight and delivery",
        "Güter und Lieferung",
        "Fret et livraison",
        "Vracht en bezorging",
        "货运与配送",
    ),
    "safety": ("Safety", "Sicherheit", "Sécurité", "Veiligheid", "安全"),
    "access": (
        "Access and fairness",
        "Zugang und Gerechtigkeit",
        "Accès et équité",
        "Toegang en eerlijkheid",
        "可达与公平",
    ),
    "connection": (
        "Seamless connection",
        "Nahtlose Verbindung",
        "Connexion sans rupture",
        "Naadloze aansluiting",
        "无缝衔接",
    ),
}


def _fill(edition, cities, workshops, themes, names):
    """The edition every installation starts with. Dates and partners are for its organisers to say."""
    op.bulk_insert(edition, [{"id": 1, "motto": "Cities in Progress", "year": 2026, "is_current": True}])
    op.bulk_insert(
        cities,
        [
            {
                "edition_id": 1,
                "slug": slug,
                "name": name,
                "position": place,
                "time_zone": zone,
                "language": language,
                "seq": 0,
            }
            for place, (slug, name, zone, language) in enumerate(CITIES, 1)
        ],
    )
    slugs = {row.slug: row.id for row in op.get_bind().execute(sa.select(cities.c.id, cities.c.slug))}
    op.bulk_insert(
        workshops,
        [
            {"city_id": slugs[slug], "number": number, "audience": audience}
            for slug, *_rest in CITIES
            for number, audience in enumerate(AUDIENCES, 1)
        ],
    )
    op.bulk_insert(themes, [{"key": key, "position": place} for place, key in enumerate(THEMES, 1)])
    keys = {row.key: row.id for row in op.get_bind().execute(sa.select(themes.c.id, themes.c.key))}
    op.bulk_insert(
        names,
        [
            {"theme_id": keys[key], "language": language, "name": name}
            for key, in_all in THEMES.items()
            for language, name in zip(LANGUAGES, in_all, strict=True)
        ],
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('editions', 'id'), 1)")


def upgrade():
    edition = op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("motto", sa.String(length=120), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("year", name=op.f("uq_editions_year")),
    )
    themes = op.create_table(
        "themes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_themes")),
        sa.UniqueConstraint("key", name=op.f("uq_themes_key")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("claimed_email", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("group", sa.String(length=20), nullable=False),
        sa.Column("affiliation", sa.String(length=120), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_organiser", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("origin", sa.String(length=10), server_default="registered", nullable=False),
        sa.Column("import_key", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "password_hash IS NULL OR origin = 'registered'", name=op.f("ck_users_only_registered_sign_in")
        ),
        sa.CheckConstraint(
            "\"group\" IN ('resident', 'student', 'city_administration', 'company', 'institute', 'university')",
            name=op.f("ck_users_group_known"),
        ),
        sa.CheckConstraint(
            "\"origin\" IN ('registered', 'imported', 'sample')", name=op.f("ck_users_origin_known")
        ),
        sa.CheckConstraint("email IS NULL OR claimed_email IS NULL", name=op.f("ck_users_one_address")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("import_key", name=op.f("uq_users_import_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_users_claimed_email", "users", ["claimed_email"])

    cities = op.create_table(
        "cities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=200), nullable=True),
        sa.Column("partner", sa.String(length=120), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("source_text", sa.Text(), nullable=True),
        sa.Column("source_url", sa.String(length=500), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_cities_seq_not_negative")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_cities_edition_id_editions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cities")),
        sa.UniqueConstraint("edition_id", "position", name=op.f("uq_cities_edition_id_position")),
        sa.UniqueConstraint("slug", name=op.f("uq_cities_slug")),
    )
    op.create_table(
        "one_time_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "\"purpose\" IN ('organiser', 'reset', 'confirm', 'email')",
            name=op.f("ck_one_time_links_purpose_known"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_one_time_links_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_links_token_hash")),
    )
    op.create_index("ix_one_time_links_expires_at", "one_time_links", ["expires_at"])
    op.create_index("ix_one_time_links_user_id", "one_time_links", ["user_id"])

    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index("ix_sessions_user_id_ended_at", "sessions", ["user_id", "ended_at"])

    names = op.create_table(
        "theme_names",
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["theme_id"], ["themes.id"], name=op.f("fk_theme_names_theme_id_themes"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("theme_id", "language", name=op.f("pk_theme_names")),
    )
    op.create_table(
        "changes",
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_changes_city_id_cities")),
        sa.PrimaryKeyConstraint("city_id", "number", name=op.f("pk_changes")),
    )
    op.create_index("ix_changes_city_id_idea_id_number", "changes", ["city_id", "idea_id", "number"])

    op.create_table(
        "participations",
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_participations_city_id_cities")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_participations_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("city_id", "user_id", name=op.f("pk_participations")),
    )
    workshops = op.create_table(
        "workshops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "audience IN ('stakeholders', 'students', 'residents')", name=op.f("ck_workshops_audience_known")
        ),
        sa.CheckConstraint(
            "ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_workshops_ends_after_start")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_workshops_number_positive")),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_workshops_city_id_cities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshops")),
        sa.UniqueConstraint("city_id", "number", name=op.f("uq_workshops_city_id_number")),
    )
    op.create_table(
        "ideas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=True),
        sa.Column("on_paper", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.String(length=240), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("upvote_count", sa.Integer(), nullable=False),
        sa.Column("comment_count", sa.Integer(), nullable=False),
        sa.Column("heat", sa.Float(precision=53), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_change", sa.Integer(), nullable=False),
        sa.Column("submission_key", sa.String(length=64), nullable=True),
        sa.Column("import_key", sa.String(length=160), nullable=True),
        sa.CheckConstraint("kind IN ('challenge', 'opportunity')", name=op.f("ck_ideas_kind_known")),
        sa.CheckConstraint(
            "state IN ('published', 'held', 'hidden', 'merged', 'withdrawn')",
            name=op.f("ck_ideas_state_known"),
        ),
        sa.CheckConstraint(
            "status IN ('new', 'in_discussion', 'shortlisted', 'taken_up', 'not_pursued')",
            name=op.f("ck_ideas_status_known"),
        ),
        sa.CheckConstraint("comment_count >= 0", name=op.f("ck_ideas_comments_not_negative")),
        sa.CheckConstraint("upvote_count >= 0", name=op.f("ck_ideas_upvotes_not_negative")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_ideas_author_id_users")),
        sa.ForeignKeyConstraint(["city_id"], ["cities.id"], name=op.f("fk_ideas_city_id_cities")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_ideas_workshop_id_workshops")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ideas")),
        sa.UniqueConstraint("author_id", "submission_key", name=op.f("uq_ideas_author_id_submission_key")),
        sa.UniqueConstraint("import_key", name=op.f("uq_ideas_import_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ideas_author_id", "ideas", ["author_id"])
    op.create_index("ix_ideas_discussed", "ideas", ["city_id", "state", "comment_count", "id"])
    op.create_index("ix_ideas_newest", "ideas", ["city_id", "state", "created_at", "id"])
    op.create_index("ix_ideas_top", "ideas", ["city_id", "state", "upvote_count", "id"])
    op.create_index("ix_ideas_trending", "ideas", ["city_id", "state", "heat", "id"])
    op.create_index("ix_ideas_workshop_id", "ideas", ["workshop_id"])

    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stance", sa.String(length=10), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submission_key", sa.String(length=64), nullable=True),
        sa.Column("import_key", sa.String(length=160), nullable=True),
        sa.CheckConstraint(
            "stance IS NULL OR stance IN ('support', 'concern')", name=op.f("ck_comments_stance_known")
        ),
        sa.CheckConstraint(
            "state IN ('published', 'held', 'hidden', 'withdrawn')", name=op.f("ck_comments_state_known")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_comments_author_id_users")),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name=op.f("fk_comments_idea_id_ideas"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id_comments"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sa.UniqueConstraint("author_id", "submission_key", name=op.f("uq_comments_author_id_submission_key")),
        sa.UniqueConstraint("import_key", name=op.f("uq_comments_import_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comments_author_id", "comments", ["author_id"])
    op.create_index("ix_comments_idea_id_created_at", "comments", ["idea_id", "created_at"])
    op.create_index("ix_comments_parent_id", "comments", ["parent_id"])

    op.create_table(
        "idea_revisions",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("theme_ids", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name=op.f("fk_idea_revisions_idea_id_ideas"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("idea_id", "number", name=op.f("pk_idea_revisions")),
    )
    op.create_table(
        "idea_themes",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("position >= 0 AND position < 3", name=op.f("ck_idea_themes_at_most_three")),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name=op.f("fk_idea_themes_idea_id_ideas"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["themes.id"], name=op.f("fk_idea_themes_theme_id_themes")),
        sa.PrimaryKeyConstraint("idea_id", "theme_id", name=op.f("pk_idea_themes")),
        sa.UniqueConstraint("idea_id", "position", name=op.f("uq_idea_themes_idea_id_position")),
    )
    op.create_index("ix_idea_themes_theme_id_idea_id", "idea_themes", ["theme_id", "idea_id"])

    op.create_table(
        "upvotes",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["ideas.id"], name=op.f("fk_upvotes_idea_id_ideas"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_upvotes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("idea_id", "user_id", name=op.f("pk_upvotes")),
    )
    op.create_index("ix_upvotes_user_id_created_at", "upvotes", ["user_id", "created_at"])

    op.create_table(
        "comment_revisions",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stance", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"],
            ["comments.id"],
            name=op.f("fk_comment_revisions_comment_id_comments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("comment_id", "number", name=op.f("pk_comment_revisions")),
    )

    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE idea_words "
            "(id integer PRIMARY KEY REFERENCES ideas ON DELETE CASCADE, words tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_idea_words_words ON idea_words USING gin (words)")
    else:
        op.execute(
            "CREATE VIRTUAL TABLE idea_words "
            "USING fts5(words, tokenize='unicode61 remove_diacritics 2', prefix='2 3 4')"
        )
    _fill(edition, cities, workshops, themes, names)


def downgrade():
    op.execute("DROP TABLE idea_words")
    op.drop_table("comment_revisions")
    op.drop_index("ix_upvotes_user_id_created_at", "upvotes")

    op.drop_table("upvotes")
    op.drop_index("ix_idea_themes_theme_id_idea_id", "idea_themes")

    op.drop_table("idea_themes")
    op.drop_table("idea_revisions")
    op.drop_index("ix_comments_parent_id", "comments")
    op.drop_index("ix_comments_idea_id_created_at", "comments")
    op.drop_index("ix_comments_author_id", "comments")

    op.drop_table("comments")
    op.drop_index("ix_ideas_workshop_id", "ideas")
    op.drop_index("ix_ideas_trending", "ideas")
    op.drop_index("ix_ideas_top", "ideas")
    op.drop_index("ix_ideas_newest", "ideas")
    op.drop_index("ix_ideas_discussed", "ideas")
    op.drop_index("ix_ideas_author_id", "ideas")

    op.drop_table("ideas")
    op.drop_table("workshops")
    op.drop_table("participations")
    op.drop_index("ix_changes_city_id_idea_id_number", "changes")

    op.drop_table("changes")
    op.drop_table("theme_names")
    op.drop_index("ix_sessions_user_id_ended_at", "sessions")

    op.drop_table("sessions")
    op.drop_index("ix_one_time_links_user_id", "one_time_links")
    op.drop_index("ix_one_time_links_expires_at", "one_time_links")

    op.drop_table("one_time_links")
    op.drop_table("cities")
    op.drop_index("ix_users_claimed_email", "users")

    op.drop_table("users")
    op.drop_table("themes")
    op.drop_table("editions")

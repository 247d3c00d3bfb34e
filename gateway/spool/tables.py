"""The tables, the same on SQLite and PostgreSQL. Times are seconds since the epoch, UTC."""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)
# SQLite gives an ever growing number only to INTEGER PRIMARY KEY AUTOINCREMENT.
_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("state", sa.String(10), nullable=False),
    #: True only while queued and next in its lane: what a worker may claim once it is due.
    sa.Column("head", sa.Boolean, nullable=False),
    #: A push was sent and its answer lost: it is looked up before anything is sent again.
    sa.Column("in_doubt", sa.Boolean, nullable=False, server_default=sa.false()),
    #: The id of the first delivery of the conversation; one delivery of a lane is worked at a time.
    sa.Column("lane", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.Double, nullable=False),
    sa.Column("accepted_at", sa.Double, nullable=False),
    sa.Column("changed_at", sa.Double, nullable=False),
    sa.Column("claimed_by", sa.String(255)),
    sa.Column("lease_until", sa.Double),
    #: Counts claims; what a worker writes is refused once somebody else has claimed since.
    sa.Column("epoch", sa.BigInteger, nullable=False, server_default="0"),
    #: Counts decisions that led to a push: each has markers of its own.
    sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
    #: An operator has released it: no rule holds it again.
    sa.Column("released", sa.Boolean, nullable=False, server_default=sa.false()),
    #: How often the desk has failed it; each time it steps aside further.
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    #: What an operator asked for while it was claimed: "hold" or "drop".
    sa.Column("wish", sa.String(10)),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    #: Held because this older delivery of the same lane is held.
    sa.Column("waits_for", sa.BigInteger),
    sa.Column("duplicate_of", sa.BigInteger),
    #: SHA-256 over the mail as received and its envelope; cleared when the window is over.
    sa.Column("fingerprint", sa.LargeBinary(32)),
    sa.Column("mail_from", sa.Text, nullable=False),
    sa.Column("rcpt_to", sa.JSON, nullable=False),
    sa.Column("peer", sa.Text, nullable=False),
    sa.Column("helo", sa.Text, nullable=False),
    sa.Column("tls", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.Text),
    #: Known once the mail was read.
    sa.Column("subject", sa.Text),
    sa.Column("sender", sa.Text),
    # One partial index a state: an index over several states is not used for one of them.
    sa.Index(
        "ix_deliveries_claimable",
        "due_at",
        "id",
        sqlite_where=sa.text("state = 'queued' AND head"),
        postgresql_where=sa.text("state = 'queued' AND head"),
    ),
    sa.Index(
        "ix_deliveries_claimed",
        "lease_until",
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    ),
    sa.Index(
        "ix_deliveries_queued",
        "id",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    ),
    sa.Index(
        "ix_deliveries_held", "id", sqlite_where=sa.text("state = 'held'"), postgresql_where=sa.text("state = 'held'")
    ),
    sa.Index("ix_deliveries_lane", "lane", "id"),
    sa.Index("uq_deliveries_head", "lane", unique=True, sqlite_where=sa.text("head"), postgresql_where=sa.text("head")),
    sa.Index(
        "uq_deliveries_fingerprint",
        "fingerprint",
        unique=True,
        sqlite_where=sa.text("fingerprint IS NOT NULL"),
        postgresql_where=sa.text("fingerprint IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)

#: The mail, our Received line in front, in pieces of 256 KiB.
raw_chunks = sa.Table(
    "raw_chunks",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)

#: Which delivery has or names which Message-ID. Ids are hashed, and the index outlives the deliveries.
thread_index = sa.Table(
    "thread_index",
    metadata,
    sa.Column("id_hash", sa.LargeBinary(16), primary_key=True),
    sa.Column("delivery_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.BigInteger, nullable=False),
    #: True: its own Message-ID; False: one it refers to.
    sa.Column("own", sa.Boolean, nullable=False),
    sa.Index("ix_thread_index_lane", "lane"),
    sa.Index("ix_thread_index_delivery_id", "delivery_id"),
)

#: Which delivery made or joined which ticket.
tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("ticket_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.BigInteger, nullable=False),
    sa.Column("display_id", sa.Text, nullable=False),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Index("ix_tickets_lane", "lane"),
    sa.Index("ix_tickets_ticket_id", "ticket_id"),
)

#: Who may write to a ticket: hashed addresses of its requester and of those its mails named.
participants = sa.Table(
    "participants",
    metadata,
    sa.Column("ticket_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("address_hash", sa.LargeBinary(16), primary_key=True),
)

#: What is to be pushed; made once, then the truth for retries, look-ups and restarts.
plans = sa.Table(
    "plans",
    metadata,
    sa.Column("delivery_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("made_at", sa.Double, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    #: NULL where nothing is to be pushed.
    sa.Column("plan", sa.Text),
)

#: One try to push one step. The row is committed before the first byte is sent.
attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("delivery_id", sa.BigInteger, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("node", sa.String(255), nullable=False),
    sa.Column("started_at", sa.Double, nullable=False),
    sa.Column("ended_at", sa.Double),
    #: NULL while open; then accepted, adopted, deferred, refused, unseen, in_doubt, absent.
    sa.Column("outcome", sa.String(10)),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    #: When a look-up last found nothing; two are needed before the step counts as absent.
    sa.Column("looked_up_at", sa.Double),
    #: When an operator who had looked on the desk let this doubt go on.
    sa.Column("released_at", sa.Double),
    sa.Column("ticket_id", sa.BigInteger),
    sa.Column("display_id", sa.Text),
    sa.Index("ix_attempts_delivery_id", "delivery_id"),
    sqlite_autoincrement=True,
)

#: What is worth remembering over a restart, such as the desk's directory.
memory = sa.Table(
    "memory",
    metadata,
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("changed_at", sa.Double, nullable=False),
)

#: Sessions on the desk, so that one can be ended by whoever takes over what was sent under it. Written before its first use.
desk_sessions = sa.Table(
    "desk_sessions",
    metadata,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("node", sa.String(255), nullable=False),
    #: The session id, encrypted with a key that only holders of the desk password can make.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("opened_at", sa.Double, nullable=False),
    sqlite_autoincrement=True,
)

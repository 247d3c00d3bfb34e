"""Run by alembic: one connection in, handed over by `migrate.py`, the missing revisions applied to it."""

from alembic import context

from gateway.spool.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()

"""The directory: what the product consists of, in one list."""

import os

from flask import Flask
from flask_migrate import Migrate

from directory import models
from directory.config import PROJECT_FOLDER, Settings
from directory.core.database import db, engine_options, guard_sessions, prepare_engine

__all__ = ["create_app", "models"]

migrate = Migrate()


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application. Importing this package changes nothing."""
    settings = settings or Settings.from_environ(os.environ)
    app = Flask(__name__, instance_path=str(settings.instance_folder))
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
    )
    app.extensions["keyring"] = settings.data_keys
    db.init_app(app)
    guard_sessions()
    with app.app_context():
        prepare_engine(db.engine)
    migrate.init_app(app, db, directory=str(PROJECT_FOLDER / "migrations"), render_as_batch=True)
    return app

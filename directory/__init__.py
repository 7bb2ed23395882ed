"""The directory: what the product consists of, in one list."""

import os

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from directory import models
from directory.admin.cli import providers_cli
from directory.admin.privacy_cli import privacy_cli
from directory.api.v1.views import api_bp
from directory.cli import serve
from directory.clinics.cli import clinics_cli
from directory.clinics.hooks import clinic_changed
from directory.clinics.views import clinics_bp
from directory.config import PROJECT_FOLDER, Settings
from directory.core.db.database import db, engine_options, guard_sessions, prepare_engine
from directory.core.db.replicas import init_replicas
from directory.core.logs import init_logs
from directory.demo.cli import demo_cli
from directory.demo.guard import guard_mail
from directory.demo.load import remove_demo_clinics
from directory.demo.styleguide_views import styleguide_bp
from directory.demo.views import demo_bp
from directory.discovery.views import discovery_bp
from directory.geo.geocoder import PlaceFinder, online_geocoder
from directory.inquiries.form.urls import inquiries_bp
from directory.inquiries.lifecycle.response_stats import refresh_what_is_due
from directory.inquiries.lifecycle.worker_actions import delete_what_is_due, escalate_what_is_due
from directory.inquiries.lifecycle.worker_actions import message_settled as inquiry_message_settled
from directory.inquiries.status.views import status_bp
from directory.outbox.cli import outbox_cli
from directory.outbox.hooks import every_minute, housekeeping, message_settled
from directory.pages.views import pages_bp
from directory.portal.views import portal_bp
from directory.privacy.audit import note_newest
from directory.privacy.rowkeys import RowKeys
from directory.profiles.views import profiles_bp
from directory.search.cli import search_cli
from directory.search.compare.views import compare_bp
from directory.search.index.listings import change_listings
from directory.search.map.views import maps_bp
from directory.search.views import search_bp
from directory.selfcheck.views import selfcheck_bp
from directory.sources.cli import sources_cli
from directory.sources.geocoding.cli import geo_cli
from directory.sources.hooks import first_real_load
from directory.web.assets import init_assets
from directory.web.compression import init_compression
from directory.web.error_pages import register_error_pages
from directory.web.headers import init_headers
from directory.web.health import health_bp
from directory.web.languages import init_languages
from directory.web.template_globals import init_rendering

__all__ = ["create_app", "models"]

BLUEPRINTS = [
    pages_bp,
    search_bp,
    profiles_bp,
    compare_bp,
    selfcheck_bp,
    inquiries_bp,
    status_bp,
    portal_bp,
    clinics_bp,
    api_bp,
    discovery_bp,
    maps_bp,
    demo_bp,
    styleguide_bp,
    health_bp,
]
# What these show is public and may be read from a replica.
PUBLIC = {"pages", "search", "profiles", "compare", "selfcheck", "api", "discovery"}
COMMANDS = [
    sources_cli,
    geo_cli,
    clinics_cli,
    providers_cli,
    search_cli,
    outbox_cli,
    privacy_cli,
    demo_cli,
    serve,
]

migrate = Migrate()
csrf = CSRFProtect()


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
    init_logs()
    app.extensions["keyring"] = settings.data_keys
    app.extensions["row_keys"] = RowKeys(settings.keys_url, settings.data_keys)
    geocoder = online_geocoder(settings.geocoder, settings.site_name)
    app.extensions["places"] = PlaceFinder(geocoder)
    _init_database(app)
    csrf.init_app(app)
    init_headers(app)
    init_compression(app)
    init_assets(app)
    init_languages(app)
    init_rendering(app)
    register_error_pages(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    init_replicas(app, settings.replica_urls, max_lag=settings.replica_max_lag, blueprints=PUBLIC)
    for command in COMMANDS:
        app.cli.add_command(command)
    _connect(app)
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies)  # type: ignore[method-assign]
    return app


def _init_database(app: Flask) -> None:
    db.init_app(app)
    guard_sessions()
    with app.app_context():
        prepare_engine(db.engine)
    migrate.init_app(app, db, directory=str(PROJECT_FOLDER / "migrations"), render_as_batch=True)


def _connect(app: Flask) -> None:
    """Let high slices take part in what low ones do."""
    message_settled.register(app, inquiry_message_settled)
    every_minute.register(app, escalate_what_is_due)
    every_minute.register(app, delete_what_is_due)
    housekeeping.register(app, refresh_what_is_due)
    housekeeping.register(app, note_newest)
    clinic_changed.register(app, change_listings)
    first_real_load.register(app, remove_demo_clinics)
    guard_mail(app)

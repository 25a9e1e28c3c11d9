"""Settings shared by all environments."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from core.conf import conf
from core.secrets import kept
from orion_site.database import database

BASE_DIR = Path(__file__).resolve().parents[2]

SECRET_KEY = conf.secret_key.get_secret_value() or kept(
    conf.home / "secret_key", lambda: secrets.token_urlsafe(50)
)
DEBUG = False
LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [*LOOPBACK_HOSTS, *conf.allowed_hosts]
CSRF_TRUSTED_ORIGINS = list(conf.allowed_origins)

INSTALLED_APPS = [
    "ops",  # first: its runserver is the one
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "accounts",
    "events",
    "concurrency",
    "blocks",
    "logs",
    "artifacts",
    "flows",
    "runs",
    "work_pools",
    "deployments",
    "api",
    "dashboard",
]

MIDDLEWARE = [
    "orion_site.middleware.plain_headers",
    "orion_site.middleware.pages_only.compression",
    "orion_site.middleware.pages_only.security",
    "orion_site.middleware.pages_only.static_files",
    "orion_site.middleware.pages_only.csp",
    "orion_site.middleware.pages_only.sessions",
    "orion_site.middleware.pages_only.common",
    "orion_site.middleware.pages_only.csrf",
    "orion_site.middleware.pages_only.authentication",
    "orion_site.middleware.pages_only.local_owner",
    "orion_site.middleware.pages_only.messages",
    "orion_site.middleware.pages_only.htmx",
]

# the admin wants these by name; `pages_only` wraps the same ones
SILENCED_SYSTEM_CHECKS = ["admin.E408", "admin.E409", "admin.E410"]

ROOT_URLCONF = "orion_site.urls"
ASGI_APPLICATION = "orion_site.asgi.application"
APPEND_SLASH = False

DATABASES: dict[str, dict[str, Any]] = {"default": database(conf)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "orion_accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = None  # served from where they are; nothing is collected
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = conf.body_limit
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "api.base.errors.handle",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Orion",
    "DESCRIPTION": "Workflow orchestration: runs, states, deployments, work pools.",
    "VERSION": "0.1.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "uvicorn": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.channels": {"level": "WARNING"},
    },
}

"""Content from files: uploaded and checked, looked at, then imported or discarded."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import structlog
from flask import Response, flash, make_response, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from app.accounts.access import person, require_organiser
from app.accounts.models import User
from app.cities.access import city_named
from app.cities.actions.making import check_source_url, name_source
from app.core.clock import now
from app.core.errors import Invalid, NotThere
from app.core.htmx import go
from app.core.spreadsheets import harmless
from app.ideas.actions.importing import Board, board_of, import_files, match_board, read_files
from app.ideas.importing.matching import Sheets
from app.ideas.importing.reading import Unreadable
from app.ideas.importing.reporting import SHOWN_PROBLEMS, report_on
from app.organising.forms.imports import FILES, ImportForm, import_form
from app.organising.queries.series import city_names
from app.organising.routes.blueprint import blueprint, page, refused
from app.organising.uploads import (
    Upload,
    find_upload,
    forget_old_uploads,
    forget_upload,
    keep_report,
    keep_upload,
    report_kept,
)

log = structlog.get_logger(__name__)

UPLOAD_MAX = 20 * 1024 * 1024
"""Bytes of all files together: thirty times the largest real board that was imported."""


@blueprint.url_value_preprocessor
def _make_room(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    # Before anything reads the body: the check of the token does. Only organisers may send that much.
    if endpoint == "organising.imports" and request.method == "POST":
        user = person()
        if user is not None and user.is_organiser:
            request.max_content_length = UPLOAD_MAX


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Response:
    form = ImportForm(formdata=None)
    form.city.choices = city_names()
    form.form_errors.append(
        _("The files are larger than %(most)d MB together. Import them in parts.", most=UPLOAD_MAX >> 20)
    )
    return page("imports", 413, form=form, most=UPLOAD_MAX >> 20)


@blueprint.route("/imports", methods=["GET", "POST"])
def imports() -> Response:
    """The form; what is sent is checked as a dry run and shown on a page of its own."""
    user = require_organiser()
    forget_old_uploads(now())
    form = import_form(city_names())
    if not form.is_submitted():
        return _imports(form)
    given = {kind: form[kind].data for kind in FILES if form[kind].data}
    try:
        if not form.validate():
            return _imports(form, refused(form))
        check_source_url(form.source_url.data)
        if not given:
            raise Invalid(_("Choose at least one file."), "ideas")
    except Invalid as refusal:
        return _imports(form, refused(form, refusal))
    upload = keep_upload(
        given,
        city=form.city.data,
        source=form.source.data or "",
        source_url=form.source_url.data or "",
        by_id=user.id,
        at=now(),
    )
    board = board_of(city_named(upload.city))
    sheets = _read_each(board, upload, form)
    if form.errors:
        forget_upload(upload)
        return _imports(form, 422)
    keep_report(upload, report_on(sheets, match_board(board, sheets)), is_imported=False)
    return go(url_for("organising.upload", token=upload.token))


def _imports(form: ImportForm, status: int = 200) -> Response:
    return page("imports", status, form=form, most=UPLOAD_MAX >> 20)


def _read_each(board: Board, upload: Upload, form: ImportForm | None = None) -> Sheets:
    """Read the files one by one, so that what makes one unreadable is said beside its field."""
    sheets = Sheets()
    for kind in FILES:
        alone: dict[str, Path | None] = {**dict.fromkeys(FILES), kind: upload.path(kind)}
        try:
            read = read_files(board, at=now(), **alone)
        except Unreadable as reason:
            if form is None:
                raise Invalid(str(reason)) from reason
            form[kind].errors = [str(reason)]
        else:
            setattr(sheets, kind, getattr(read, kind))
    return sheets


def _upload(token: str, user: User) -> Upload:
    """What was uploaded under this token. Raises NotThere, also after an hour."""
    found = find_upload(token, by_id=user.id, at=now())
    if found is None:
        raise NotThere()
    return found


@blueprint.get("/imports/<token>")
def upload(token: str) -> Response:
    """What would come of an import, or what has come of it."""
    found = _upload(token, require_organiser())
    kept = report_kept(found)
    if kept is None:
        raise NotThere()
    report, is_imported = kept
    return page(
        "upload",
        token=token,
        city=city_named(found.city).name,
        slug=found.city,
        report=report,
        shown=report.problems[:SHOWN_PROBLEMS],
        is_imported=is_imported,
    )


@blueprint.post("/imports/<token>")
def import_upload(token: str) -> Response:
    """Write what is new onto the board, all or nothing; the files go."""
    user = require_organiser()
    found = _upload(token, user)
    kept = report_kept(found)
    if kept is None or kept[1]:
        raise NotThere()
    city = city_named(found.city)
    sheets = _read_each(board_of(city), found)
    matched = import_files(city, sheets, at=now())
    name_source(city, found.source, found.source_url)
    keep_report(found, report_on(sheets, matched), is_imported=True)
    log.info("board_imported", by=user.id, city=city.id, ideas=len(matched.ideas))
    flash(_("The import is done. Open pages show it within half a minute."), "success")
    return go(url_for("organising.upload", token=token))


@blueprint.post("/imports/<token>/removal")
def discard_upload(token: str) -> Response:
    """Remove the uploaded files; nothing is imported."""
    forget_upload(_upload(token, require_organiser()))
    flash(_("The files are removed. Nothing was imported."))
    return go(url_for("organising.imports"))


@blueprint.get("/imports/<token>/problems.csv")
def problems(token: str) -> Response:
    """Every row that is left out, and why."""
    kept = report_kept(_upload(token, require_organiser()))
    if kept is None:
        raise NotThere()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["file", "line", "column", "problem"])
    writer.writerows(
        [harmless(cell) for cell in (one.file, one.line, one.column, one.message)] for one in kept[0].problems
    )
    response = make_response("\ufeff" + text.getvalue())  # spreadsheets know UTF-8 by this mark
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="problems.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response

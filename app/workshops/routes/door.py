"""The QR code that leads to a workshop's door."""

from __future__ import annotations

from flask import Response, make_response, url_for
from flask_babel import gettext as _

from app.core.errors import NotThere
from app.core.security import own_origin
from app.workshops.access import room_of
from app.workshops.qr import qr_svg
from app.workshops.routes import blueprint


@blueprint.get("/<city>/workshops/<int:number>/qr.svg")
def join_qr(city: str, number: int) -> Response:
    """The QR code of the door, for those who are in the room; gone with the code."""
    _user, _place, workshop, _attendance = room_of(city, number)
    if workshop.join_code is None:
        raise NotThere()
    address = own_origin() + url_for("workshops.join_with_code", code=workshop.join_code)
    response = make_response(str(qr_svg(address, _("QR code: %(address)s", address=address))))
    response.headers["Content-Type"] = "image/svg+xml"
    response.headers["Cache-Control"] = "no-store"
    return response

"""Mail: written into the outbox with the change it tells of, rendered and sent by the worker.

Delivery is at least once. The Message-ID is made from the outbox row, so a mail program shows a repeated message once,
and the development folder holds it once.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import structlog
from flask import current_app
from flask_babel import force_locale
from sqlalchemy import or_, select

from config import Settings
from techmart.db import db, unit_of_work
from techmart.models.outbox import TOPIC_MAIL, OutboxRow, enqueue
from techmart.rules.clock import utc_now

_log = structlog.get_logger()

Refresher = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]  # Any: JSON values

MAXIMUM_ATTEMPTS = 8
_LEASE = timedelta(minutes=5)
#: So many failures one after the other, and the server is taken to be down: the rest is left to the next run.
_FAILURES_IN_A_ROW = 3
_SMTP_TIMEOUT_SECONDS = 20


#: Template → what turns the facts of the queue into those of the message (see before_sending).
_refreshers: dict[str, Refresher] = {}


def before_sending(template: str) -> Callable[[Refresher], Refresher]:
    """Mark a function that is asked, when a message of `template` is about to be written, for what it says by then.

    It gets the facts that were queued; None means that there is nothing to say any more, and no message goes out.
    """

    def mark(function: Refresher) -> Refresher:
        _refreshers[template] = function
        return function

    return mark


def send_mail(to: str, template: str, *, locale: str = "vi", **facts: Any) -> None:  # Any: JSON values for the template
    """Queue one message in the current transaction. `templates/mail/TEMPLATE.txt` starts with its subject line."""
    enqueue(db.session(), TOPIC_MAIL, to[:120], {"to": to, "template": template, "locale": locale, "facts": facts})


def deliver_mail() -> int:
    """Send what is waiting; returns how many messages went out.

    Each row is leased first, so that two workers do not send it at once, sent outside any transaction, then marked done
    and emptied of its facts (they may hold a one-time link). One at a time, so that a killed worker holds up one message
    only. A failure is retried later with growing delay; after MAXIMUM_ATTEMPTS the row is put aside.
    """
    sent = failed_in_a_row = 0
    while failed_in_a_row < _FAILURES_IN_A_ROW and (row_id := _lease_row()) is not None:
        row = db.session.get(OutboxRow, row_id)
        if row is None or row.done_at is not None:
            continue
        payload, attempts = dict(row.payload), row.attempts
        try:
            is_wanted = _refresh(payload)
            db.session.rollback()
            if is_wanted:
                _send(_render(row_id, payload))
        except Exception as error:  # outermost per message: one that cannot be written must not stop the others
            db.session.rollback()
            _log.warning("mail_failed", outbox_id=row_id, error=repr(error))
            _record_failure(row_id, attempts, repr(error))
            failed_in_a_row += isinstance(error, OSError | smtplib.SMTPServerDisconnected)
            continue
        failed_in_a_row = 0
        with unit_of_work() as session:
            if (done := session.get(OutboxRow, row_id)) is not None:
                done.done_at, done.leased_until, done.last_error = utc_now(), None, None
                done.payload = {"template": payload["template"]}
        sent += is_wanted
    return sent


def _refresh(payload: dict[str, Any]) -> bool:  # Any: the outbox payload
    """Put the facts of now into the payload; whether there is still something to say."""
    if (refresh := _refreshers.get(payload["template"])) is not None:
        facts = refresh(payload["facts"])
        payload["facts"] = facts or {}
        return facts is not None
    return True


def _lease_row() -> int | None:
    now = utc_now()
    free = or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until < now)
    waiting = (OutboxRow.topic == TOPIC_MAIL, OutboxRow.done_at.is_(None), OutboxRow.dead_at.is_(None), free)
    if db.session.scalar(select(OutboxRow.id).where(*waiting).limit(1)) is None:
        return None
    with unit_of_work() as session:
        statement = select(OutboxRow).where(*waiting).order_by(OutboxRow.id).limit(1).with_for_update(skip_locked=True)
        if (row := session.scalars(statement).first()) is None:
            return None
        row.leased_until = now + _LEASE
        row.attempts += 1
        return row.id


def _record_failure(row_id: int, attempts: int, error: str) -> None:
    with unit_of_work() as session:
        if (row := session.get(OutboxRow, row_id)) is not None:
            row.last_error = error[:500]
            row.leased_until = utc_now() + timedelta(seconds=30 * 2 ** min(attempts, 7))
            if attempts >= MAXIMUM_ATTEMPTS:
                row.dead_at = utc_now()


def _render(row_id: int, payload: dict[str, Any]) -> EmailMessage:  # Any: the outbox payload
    settings: Settings = current_app.config["SETTINGS"]
    with force_locale(payload["locale"]):
        text = current_app.jinja_env.get_template(f"mail/{payload['template']}.txt").render(
            base_url=settings.base_url, site_name=settings.site_name, **payload["facts"]
        )
    subject, _, body = text.strip().partition("\n")
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())[:200]
    message["From"] = f"{settings.site_name} <{settings.mail_from}>"
    message["To"] = " ".join(payload["to"].split())
    message["Date"] = format_datetime(utc_now())
    host = urlsplit(settings.base_url).hostname or "localhost"
    message["Message-ID"] = f"<outbox-{row_id}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe := payload["facts"].get("unsubscribe_url"):
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(body.strip() + "\n")
    return message


def _send(message: EmailMessage) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.smtp_url:
        _write_to_folder(settings.mail_dir, message)
        return
    url = urlsplit(settings.smtp_url)
    context = ssl.create_default_context()
    host, port = url.hostname or "localhost", url.port or (465 if url.scheme == "smtps" else 25)
    client: smtplib.SMTP = (
        smtplib.SMTP_SSL(host, port, timeout=_SMTP_TIMEOUT_SECONDS, context=context)
        if url.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=_SMTP_TIMEOUT_SECONDS)
    )
    with client:
        if url.scheme != "smtps" and parse_qs(url.query).get("starttls") == ["1"]:
            client.starttls(context=context)
        if url.username:
            client.login(unquote(url.username), unquote(url.password or ""))
        client.send_message(message)


def _write_to_folder(directory: Path, message: EmailMessage) -> None:
    """Development: one readable file a message, named by its Message-ID, so that a repeat overwrites itself."""
    directory.mkdir(parents=True, exist_ok=True)
    name = parseaddr(message["Message-ID"])[1].split("@")[0]
    fields = ("To", "From", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post")
    header = "".join(f"{field}: {message[field]}\n" for field in fields if message[field])
    part = directory / f"{name}.part"
    part.write_text(f"{header}\n{message.get_content()}", encoding="utf-8")
    part.replace(directory / f"{name}.txt")  # there whole or not at all

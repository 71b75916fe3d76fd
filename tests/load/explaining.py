"""Where the time of one page goes, and how the database finds what it shows: measured inside one process."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import structlog
from flask import Flask, before_render_template, template_rendered
from sqlalchemy import Engine, event

from app.core.extensions import db

TIMES = 9
_INDEX = re.compile(r"(?:USING (?:COVERING )?INDEX|using) (\w+)")


class Looking:
    """Asks an application for pages and looks over its shoulder."""

    def __init__(self, app: Flask) -> None:
        quiet = structlog.make_filtering_bound_logger(logging.WARNING)  # not a line for each answer
        structlog.configure(**{**structlog.get_config(), "wrapper_class": quiet})
        self.client = app.test_client(use_cookies=False)
        self._statements: list[tuple[str, Any, float]] = []
        self._began = self._rendering = 0.0
        with app.app_context():
            self.engine: Engine = db.engine
        event.listen(self.engine, "before_cursor_execute", self._before)
        event.listen(self.engine, "after_cursor_execute", self._after)
        before_render_template.connect(self._renders, app)
        template_rendered.connect(self._rendered, app)

    def _before(self, *_told: Any) -> None:
        self._began = time.perf_counter()

    def _after(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_told: Any) -> None:
        self._statements.append((statement, parameters, time.perf_counter() - self._began))

    def _renders(self, _app: Flask, **_told: Any) -> None:
        self._rendering -= time.perf_counter()

    def _rendered(self, _app: Flask, **_told: Any) -> None:
        self._rendering += time.perf_counter()

    def at(self, path: str, headers: dict[str, str]) -> dict[str, Any]:
        """Number of queries and median milliseconds of a page whose like was shown before."""
        whole, worked, queries, rendering = [], [], [], []
        for turn in range(TIMES + 1):
            self._statements.clear()
            self._rendering = 0.0
            began, work = time.perf_counter(), time.process_time()
            answer = self.client.get(path, headers=headers)
            seconds, work = time.perf_counter() - began, time.process_time() - work
            assert answer.status_code == 200, f"{path}: {answer.status_code}"
            if turn:
                whole.append(seconds)
                worked.append(work)
                queries.append(sum(taken for *_, taken in self._statements))
                rendering.append(self._rendering)
        slowest = max(self._statements, key=lambda one: one[2])
        return {
            "queries": len(self._statements),
            "whole_ms": round(1000 * median(whole), 1),
            "cpu_ms": round(1000 * median(worked), 1),
            "queries_ms": round(1000 * median(queries), 1),
            "template_ms": round(1000 * median(rendering), 1),
            "slowest_query_ms": round(1000 * slowest[2], 1),
            "slowest_query": " ".join(slowest[0].split())[:160],
        }

    def walks(self, table: str) -> dict[str, Any]:
        """How the last page's queries find rows of `table`: by which indexes, and whether any reads all of it.

        Those that count are left out: whoever counts what waits, reads what waits.
        """
        lines, statements = [], list(self._statements)
        with self._quietly(), self.engine.connect() as connection:
            explain = "EXPLAIN QUERY PLAN " if self.engine.dialect.name == "sqlite" else "EXPLAIN "
            for statement, parameters, _taken in statements:
                if (
                    statement.startswith("SELECT")
                    and f"FROM {table}" in statement
                    and "count(" not in statement
                ):
                    rows = connection.exec_driver_sql(explain + statement, parameters)
                    lines += [str(row[-1]).strip() for row in rows]
        of_table = [line for line in lines if re.search(rf"\b{table}\b", line)]
        by = sorted({found.group(1) for line in of_table if (found := _INDEX.search(line))})
        whole = [line for line in of_table if line.startswith("SCAN") or "Seq Scan" in line]
        return {"indexes": by, "reads_all": whole, "plan": lines}

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        kept, self._statements = self._statements, []
        try:
            yield
        finally:
            self._statements = kept

    def close(self) -> None:
        """Let go of the database."""
        handlers: dict[str, Callable[..., None]] = {
            "before_cursor_execute": self._before,
            "after_cursor_execute": self._after,
        }
        for name, handler in handlers.items():
            event.remove(self.engine, name, handler)
        self.engine.dispose()

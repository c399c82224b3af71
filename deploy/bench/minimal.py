"""Reference of comments.py: the comments' contract in minimal FastAPI and SQLite, without moderation, captcha, rate
limits, keys and languages."""

import os
import sqlite3
from datetime import UTC, datetime
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field

database = sqlite3.connect(os.environ["MINIMAL_DATABASE"], check_same_thread=False, isolation_level=None, timeout=20)
database.executescript(
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "CREATE TABLE IF NOT EXISTS comment (id INTEGER PRIMARY KEY, section TEXT, author TEXT, text TEXT, at TEXT);"
    "CREATE INDEX IF NOT EXISTS newest ON comment (section, id);"
)
app = FastAPI()


class Comment(BaseModel):
    model_config = ConfigDict(extra="forbid")
    sectionId: str = Field(min_length=1, max_length=120, pattern=r"^[\w./:#@%+~-]+$")
    author: str = Field(min_length=1, max_length=80)
    text: str = Field(min_length=1, max_length=5000)


def as_json(row: tuple) -> dict:
    names = ("id", "sectionId", "author", "text", "timestamp")
    return {**dict(zip(names, row, strict=True)), "status": "published"}


@app.post("/api/commentaires", status_code=201)
async def write(comment: Comment) -> dict:
    at = datetime.now(UTC).isoformat()
    row = (comment.sectionId, comment.author, comment.text, at)
    added = database.execute("INSERT INTO comment (section, author, text, at) VALUES (?, ?, ?, ?)", row)
    return as_json((added.lastrowid, *row))


@app.get("/api/commentaires")
async def read(sectionId: str, limit: Annotated[int, Query(ge=1, le=100)] = 20, cursor: int = 2**62) -> dict:
    found = database.execute(
        "SELECT id, section, author, text, at FROM comment WHERE section = ? AND id < ? ORDER BY id DESC LIMIT ?",
        (sectionId, cursor, limit + 1),
    ).fetchall()
    return {
        "results": [as_json(row) for row in found[:limit]],
        "nextCursor": found[limit - 1][0] if len(found) > limit else None,
    }

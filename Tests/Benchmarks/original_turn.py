# The original's turn, with the original's drivers: the statements and commands of `Floors/turn.c`,
# sent by aiomysql and redis-py, in one process on one event loop.
#
#   original_turn.py SESSIONS TURNS      needs the two packages, REDIS_URL and DATABASE_URL
#
# It is no part of `make bench`. It speaks the protocol of `Floors/floor.h`: a round for each line.
import asyncio
import os
import re
import sys
import time
import uuid

import aiomysql
import redis.asyncio as redis

SESSIONS, TURNS = int(sys.argv[1]), int(sys.argv[2])
TEXT = "a" * 200
NOW = "2026-11-25 08:00:00.123000"
UPSERT = """
INSERT INTO Step (id, threadId, parentId, name, type, output, metadata, createdAt, startTime, endTime,
  isError) VALUES (%s, %s, %s, 'name', %s, %s, '{}', %s, %s, %s, 0)
ON DUPLICATE KEY UPDATE parentId = COALESCE(VALUES(parentId), parentId),
  output = COALESCE(VALUES(output), output), endTime = COALESCE(VALUES(endTime), endTime),
  startTime = LEAST(VALUES(startTime), startTime)
"""


async def main():
    user, password, host, port, database = re.match(
        r"mysql://(.*?):(.*?)@(.*?):(\d+)/(.*)", os.environ["DATABASE_URL"]).groups()
    pool = await aiomysql.create_pool(
        host=host, port=int(port), user=user, password=password, db=database, autocommit=True,
        minsize=1, maxsize=10)
    store = redis.from_url(os.environ["REDIS_URL"])

    async def execute(sql, values=()):
        async with pool.acquire() as connection:
            async with connection.cursor(aiomysql.DictCursor) as cursor:
                await cursor.execute(sql, values)
                return await cursor.fetchall()

    async def write_step(thread, step, parent, kind):
        await execute("SELECT id FROM Thread WHERE id = %s", (thread,))
        if parent:
            await execute("SELECT id FROM Step WHERE id = %s", (parent,))
        await execute(UPSERT, (step, thread, parent, kind, TEXT, NOW, NOW, NOW))

    async def turn(thread):
        question, run, answer = (str(uuid.uuid4()) for _ in range(3))
        key = f"chat_history:{thread}"
        await write_step(thread, question, None, "user_message")
        await write_step(thread, run, question, "run")
        await store.rpush(key, TEXT)
        await store.expire(key, 3600)
        await store.lrange(key, -20, -1)
        await write_step(thread, answer, run, "assistant_message")
        await write_step(thread, answer, run, "assistant_message")
        await store.rpush(key, TEXT)
        await store.expire(key, 3600)
        await write_step(thread, run, question, "run")

    async def session(thread):
        for _ in range(TURNS // SESSIONS):
            await turn(thread)

    threads = [str(uuid.uuid4()) for _ in range(SESSIONS)]
    for thread in threads:
        await execute("INSERT INTO Thread (id, name, metadata) VALUES (%s, 'turn', '{}')", (thread,))
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.monotonic_ns()
        await asyncio.gather(*(session(thread) for thread in threads))
        print(f"ops={TURNS // SESSIONS * SESSIONS} ns={time.monotonic_ns() - start}", flush=True)


asyncio.run(main())

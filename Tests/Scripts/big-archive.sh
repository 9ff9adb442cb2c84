#!/usr/bin/env bash
# Fills the database of DATABASE_URL, whose schema must be there, with 1,000 users (big0 … big999) of
# 100 threads with 20 steps each: 100,000 threads and 2,000,000 steps. THREADS=N for another number
# of threads for each user. Takes some minutes; rows that are there already stay.
set -euo pipefail

url=${DATABASE_URL:?set DATABASE_URL}
threads=${THREADS:-100}
[[ $url =~ ^mysql://([^:@]+)(:([^@]*))?@([^:/]+)(:([0-9]+))?/([^?]+) ]] \
  || { echo "big-archive: DATABASE_URL is not mysql://user:password@host:port/database" >&2; exit 2; }
user=${BASH_REMATCH[1]} password=${BASH_REMATCH[3]} host=${BASH_REMATCH[4]}
port=${BASH_REMATCH[6]:-3306} database=${BASH_REMATCH[7]}

run() {
  MYSQL_PWD=$password mariadb --no-defaults -h "$host" -P "$port" -u "$user" "$database" -e "$1"
}

# numbers N: a table n with i = 0 … N-1.
numbers() { echo "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < $1 - 1)"; }
depth='SET SESSION max_recursive_iterations = 1000000;'

run "$depth INSERT IGNORE INTO User (id, identifier, metadata) $(numbers 1000)
  SELECT CONCAT('b1600000-0000-4000-8000-', LPAD(i, 12, '0')), CONCAT('big', i), '{}' FROM n"
for part in $(seq 0 9); do
  run "$depth INSERT IGNORE INTO Thread
      (id, name, userId, userIdentifier, tags, metadata, createdAt, updatedAt)
    $(numbers "$threads")
    SELECT CONCAT('b1600000-', LPAD(n.i DIV 10000, 4, '0'), '-4', LPAD(n.i % 1000, 3, '0'), '-8',
        LPAD(n.i DIV 1000 % 10, 3, '0'), RIGHT(u.id, 13)),
      CONCAT('Conversation ', n.i), u.id, u.identifier, '{}', '{}',
      '2025-01-01' + INTERVAL n.i HOUR, '2025-01-01' + INTERVAL (n.i * 60 + 20) MINUTE
    FROM User u JOIN n WHERE u.identifier LIKE 'big%' AND CAST(RIGHT(u.id, 12) AS INT) % 10 = $part"
  run "$depth INSERT IGNORE INTO Step
      (id, threadId, name, type, output, metadata, tags, generation, feedback, createdAt, startTime,
       endTime)
    $(numbers 20)
    SELECT CONCAT(LPAD(n.i, 8, '0'), RIGHT(t.id, 28)), t.id,
      IF(n.i % 2, 'Assistant', t.userIdentifier),
      IF(n.i % 2, 'assistant_message', 'user_message'),
      CONCAT('Le baobab numéro ', n.i, ' pousse au bord du fleuve ', CRC32(t.id) % 5000,
        ', et la question ', CRC32(CONCAT(t.id, n.i)) % 20000, ' reste ouverte.'),
      IF(n.i % 2, '{\"state\":\"complete\"}', '{}'), '{}', '{}', '{}',
      t.createdAt + INTERVAL n.i MINUTE, t.createdAt + INTERVAL n.i MINUTE,
      t.createdAt + INTERVAL n.i MINUTE
    FROM Thread t JOIN n WHERE t.userIdentifier LIKE 'big%'
      AND CAST(RIGHT(t.id, 12) AS INT) % 10 = $part ORDER BY t.id, n.i"
  run "INSERT IGNORE INTO Feedback (id, stepId, value)
    SELECT s.id, s.id, CRC32(s.id) % 4 > 0 FROM Step s
    WHERE s.id LIKE '00000019-%' AND CRC32(s.threadId) % 20 = 0"
  echo "$(((part + 1) * 10)) %" >&2
done
run "ANALYZE TABLE User, Thread, Step, Feedback" >/dev/null
run "SELECT (SELECT COUNT(*) FROM Thread) AS threads, (SELECT COUNT(*) FROM Step) AS steps,
  (SELECT COUNT(*) FROM Feedback) AS feedbacks"

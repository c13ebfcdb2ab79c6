-- What a platform keeps of kerbgate's events. SQLite 3.25 or newer as it stands; PostgreSQL with `body JSONB` and `received TIMESTAMPTZ`.
-- The rules that these tables stand for are in README.md ("What the platform gets"); consumer.py beside this file fills them.

CREATE TABLE IF NOT EXISTS event (
    id TEXT PRIMARY KEY,            -- the same id is the same event, whenever and however often it comes
    gateway TEXT NOT NULL,
    epoch TEXT NOT NULL,            -- the middle part of the id; orders as text
    sequence BIGINT NOT NULL,
    subject TEXT NOT NULL,
    type TEXT NOT NULL,
    time TEXT NOT NULL,             -- the moment that is billed
    body TEXT NOT NULL,
    received TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS event_in_order ON event (gateway, epoch, sequence);
CREATE INDEX IF NOT EXISTS event_of_subject ON event (subject, epoch, sequence);

-- The numbers that gap events account for: they will never come. A gap event may have several runs, and may come before its turn.
CREATE TABLE IF NOT EXISTS gap (
    gateway TEXT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (gateway, first, last)
);

-- Up to where everything is there: what is acknowledged. One row a gateway; without an id, where its state said that it begins.
CREATE TABLE IF NOT EXISTS progress (
    gateway TEXT PRIMARY KEY,
    epoch TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    id TEXT NOT NULL
);

-- A bay's or station's events as they are to be billed: never in the order in which they came.
CREATE VIEW IF NOT EXISTS in_order AS
    SELECT subject, epoch, sequence, type, time, id, body,
           ROW_NUMBER() OVER (PARTITION BY subject ORDER BY epoch, sequence) AS place
    FROM event;

-- Numbers that are missing between two events of a gateway and that no gap event accounts for. Empty is well. A row that stays for
-- longer than a minute is an alarm: something is lost on the way, or somebody else uses the name of the gateway.
-- Where a number goes back with a new epoch, the gateway's disk was rolled back; its own gap event (cause storage_rollback) says so.
-- (PostgreSQL: LEAST and GREATEST for MIN and MAX of two values.)
CREATE VIEW IF NOT EXISTS hole AS
    SELECT step.gateway, step.sequence + 1 AS first, step.next - 1 AS last, step.received
    FROM (SELECT gateway, sequence, received, LEAD(sequence) OVER (PARTITION BY gateway ORDER BY epoch, sequence) AS next FROM event) AS step
    WHERE step.next > step.sequence + 1
      AND step.next - step.sequence - 1 > (
          SELECT COALESCE(SUM(MIN(gap.last, step.next - 1) - MAX(gap.first, step.sequence + 1) + 1), 0)
          FROM gap
          WHERE gap.gateway = step.gateway AND gap.first <= step.next - 1 AND gap.last >= step.sequence + 1);

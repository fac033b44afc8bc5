-- What schema.prisma cannot say: the rules that hold even when a service is wrong.

-- ------------------------------------------------------------- one at a time (partial unique indexes)

-- One present body per server.
CREATE UNIQUE INDEX "Placement_one_open" ON "Placement" ("serverId") WHERE "endedAt" IS NULL;

-- One holder per address.
CREATE UNIQUE INDEX "AddressHold_one_open" ON "AddressHold" ("addressId") WHERE "until" IS NULL;

-- A name is free again when its server is gone.
CREATE UNIQUE INDEX "Server_name_open" ON "Server" ("accountId", "name") WHERE "deletedAt" IS NULL;

-- The lock: one operation per server and class. Queues have no partition key, so this is the only guard.
CREATE UNIQUE INDEX "Operation_power_lock" ON "Operation" ("serverId")
  WHERE "lockPower" AND "state" IN ('queued', 'running', 'stuck');
CREATE UNIQUE INDEX "Operation_disk_lock" ON "Operation" ("serverId")
  WHERE "lockDisk" AND "state" IN ('queued', 'running', 'stuck');
CREATE UNIQUE INDEX "Operation_config_lock" ON "Operation" ("serverId")
  WHERE "lockConfig" AND "state" IN ('queued', 'running', 'stuck');

-- One attempt of an operation is under way.
CREATE UNIQUE INDEX "OperationAttempt_one_open" ON "OperationAttempt" ("operationId") WHERE "endedAt" IS NULL;

-- One join request per host waits for its signature.
CREATE UNIQUE INDEX "HostJoin_one_requested" ON "HostJoin" ("hostId") WHERE "state" = 'requested';

-- One owner per account for now: the sign-up heals itself against this.
CREATE UNIQUE INDEX "Member_one_owner" ON "Member" ("accountId") WHERE "role" = 'owner';

-- ------------------------------------------------------------- lists that pages and loops read

CREATE INDEX "Server_open" ON "Server" ("accountId", "createdAt") WHERE "deletedAt" IS NULL;
CREATE INDEX "Operation_open" ON "Operation" ("createdAt") WHERE "state" IN ('queued', 'running', 'stuck');
CREATE INDEX "Outbox_unsent" ON "Outbox" ("createdAt") WHERE "sentAt" IS NULL;
CREATE INDEX "AddressHold_server_open" ON "AddressHold" ("serverId") WHERE "until" IS NULL;

-- ------------------------------------------------------------- values

ALTER TABLE "User"
  ADD CONSTRAINT "User_email_lower" CHECK ("email" = lower("email")),
  ADD CONSTRAINT "User_locale" CHECK ("locale" IN ('ja', 'en')),
  ADD CONSTRAINT "User_theme" CHECK ("theme" IN ('system', 'light', 'dark'));

ALTER TABLE "Limit" ADD CONSTRAINT "Limit_value" CHECK ("value" >= 0);

ALTER TABLE "Host"
  ADD CONSTRAINT "Host_totals" CHECK ("vcpuTotal" >= 0 AND "memoryMiBTotal" >= 0 AND "diskGiBTotal" >= 0),
  ADD CONSTRAINT "Host_reserved" CHECK ("memoryMiBReserved" >= 0 AND "diskGiBReserved" >= 0),
  ADD CONSTRAINT "Host_overcommit" CHECK ("cpuOvercommitPct" >= 0 AND "diskOvercommitPct" >= 0),
  ADD CONSTRAINT "Host_fingerprint" CHECK ("certFingerprint" ~ '^[0-9a-f]{64}$');

ALTER TABLE "Pool" ADD CONSTRAINT "Pool_prefix" CHECK ("prefix" BETWEEN 8 AND 128);
ALTER TABLE "AddressHold" ADD CONSTRAINT "AddressHold_order" CHECK ("until" >= "from");

ALTER TABLE "Image"
  ADD CONSTRAINT "Image_digest" CHECK ("digest" ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT "Image_bytes" CHECK ("bytes" > 0),
  ADD CONSTRAINT "Image_ready" CHECK ("state" <> 'ready' OR ("digest" IS NOT NULL AND "bytes" IS NOT NULL));

ALTER TABLE "Plan" ADD CONSTRAINT "Plan_sizes"
  CHECK ("vcpu" > 0 AND "memoryMiB" > 0 AND "diskGiB" > 0 AND "transferGiB" >= 0);
ALTER TABLE "PlanPrice" ADD CONSTRAINT "PlanPrice_yen" CHECK ("yen" >= 0);
ALTER TABLE "TaxRate" ADD CONSTRAINT "TaxRate_range" CHECK ("basisPoints" BETWEEN 0 AND 10000);

ALTER TABLE "Server"
  ADD CONSTRAINT "Server_id" CHECK ("id" ~ '^[a-z2-7]{10}$'),
  ADD CONSTRAINT "Server_name" CHECK (length("name") BETWEEN 1 AND 63),
  ADD CONSTRAINT "Server_generation" CHECK ("generation" >= 1),
  ADD CONSTRAINT "Server_crashes" CHECK ("crashCount" >= 0),
  -- Only a hash may ever be stored.
  ADD CONSTRAINT "Server_password_hash" CHECK ("passwordHash" LIKE '$6$%'),
  -- Gone only what somebody asked to be gone.
  ADD CONSTRAINT "Server_deleted_intended" CHECK ("deletedAt" IS NULL OR "intendedDeleted");

ALTER TABLE "Placement"
  ADD CONSTRAINT "Placement_generation" CHECK ("generation" >= 0),
  ADD CONSTRAINT "Placement_order" CHECK ("endedAt" >= "createdAt");
ALTER TABLE "Vif"
  ADD CONSTRAINT "Vif_index" CHECK ("index" BETWEEN 0 AND 7),
  ADD CONSTRAINT "Vif_mac" CHECK ("mac" ~ '^52:54:00(:[0-9a-f]{2}){3}$');
ALTER TABLE "Volume"
  ADD CONSTRAINT "Volume_id" CHECK ("id" ~ '^vol_[a-z2-7]{16}$'),
  ADD CONSTRAINT "Volume_format" CHECK ("format" IN ('qcow2', 'raw')),
  ADD CONSTRAINT "Volume_size" CHECK ("sizeGiB" > 0);
ALTER TABLE "Subscription" ADD CONSTRAINT "Subscription_ended"
  CHECK (("state" = 'ended') = ("endedAt" IS NOT NULL));

ALTER TABLE "Operation"
  ADD CONSTRAINT "Operation_attempt" CHECK ("attempt" >= 1 AND "generation" >= 1),
  ADD CONSTRAINT "Operation_actor" CHECK ("actorKind" IN ('user', 'staff', 'system')),
  ADD CONSTRAINT "Operation_request" CHECK ("clientKey" IS NULL OR "requestHash" IS NOT NULL),
  ADD CONSTRAINT "Operation_superseded" CHECK ("state" <> 'superseded' OR "supersededBy" IS NOT NULL),
  -- A living operation has no end, an ended one has; `stuck` waits for staff and may have either.
  ADD CONSTRAINT "Operation_ended" CHECK (
    CASE
      WHEN "state" IN ('queued', 'running') THEN "endedAt" IS NULL
      WHEN "state" IN ('succeeded', 'failed', 'undone', 'superseded') THEN "endedAt" IS NOT NULL
      ELSE true
    END
  );
ALTER TABLE "OperationAttempt" ADD CONSTRAINT "OperationAttempt_direction" CHECK ("direction" IN ('forward', 'undo'));

ALTER TABLE "Audit"
  ADD CONSTRAINT "Audit_phase" CHECK ("phase" IN ('started', 'completed', 'failed')),
  ADD CONSTRAINT "Audit_actor" CHECK ("actorKind" IN ('user', 'staff', 'system', 'host'));
-- One beginning and one end per entry.
CREATE UNIQUE INDEX "Audit_one_start" ON "Audit" ("entryId") WHERE "phase" = 'started';
CREATE UNIQUE INDEX "Audit_one_end" ON "Audit" ("entryId") WHERE "phase" <> 'started';

ALTER TABLE "BusinessClock" ADD CONSTRAINT "BusinessClock_one_row" CHECK ("id" = 1);

-- ------------------------------------------------------------- events wake their readers

-- The payload is empty on purpose: NOTIFY only wakes, what happened is read from the table (in commit
-- order). Equal payloads of one transaction are one message.
CREATE FUNCTION "tsubo_event_notify"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_notify('tsubo_event', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER "Event_notify" AFTER INSERT ON "Event" FOR EACH STATEMENT EXECUTE FUNCTION "tsubo_event_notify"();

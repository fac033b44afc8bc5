-- Rules that were kept by the services alone, what billing must know of a subscription, indexes that lists and loops
-- lack, and grants as narrow as what the processes really write. Rows are put right before a rule is added.

-- ------------------------------------------------------------- subscriptions: ordered, delivered, cancelled, ended

ALTER TABLE "Subscription" RENAME COLUMN "startedAt" TO "orderedAt";
ALTER TABLE "Subscription"
  ADD COLUMN "activatedAt" TIMESTAMP(3),
  ADD COLUMN "cancelRequestedAt" TIMESTAMP(3);

-- Delivered is what a create has succeeded for; asked back is what a delete was asked for. Operations go by the
-- system's clock, subscriptions by the business clock.
UPDATE "Subscription" s SET "activatedAt" = GREATEST(s."orderedAt", done."at" + shift."by")
FROM (
  SELECT "serverId", min("endedAt") AS "at" FROM "Operation"
  WHERE "kind" = 'create' AND "state" = 'succeeded' GROUP BY 1
) done, (
  SELECT make_interval(secs => COALESCE((SELECT "offsetMs" FROM "BusinessClock"), 0) / 1000.0) AS "by"
) shift
WHERE done."serverId" = s."serverId";
UPDATE "Subscription" s SET "cancelRequestedAt" = GREATEST(s."orderedAt", s."activatedAt", asked."at" + shift."by")
FROM (
  SELECT "serverId", min("createdAt") AS "at" FROM "Operation" WHERE "kind" = 'delete' GROUP BY 1
) asked, (
  SELECT make_interval(secs => COALESCE((SELECT "offsetMs" FROM "BusinessClock"), 0) / 1000.0) AS "by"
) shift
WHERE asked."serverId" = s."serverId" AND (s."endedAt" IS NULL OR asked."at" + shift."by" <= s."endedAt");
UPDATE "Subscription" SET
  "startDate" = (COALESCE("activatedAt", "orderedAt") + INTERVAL '9 hours')::date,
  "endedAt" = CASE WHEN "endedAt" IS NOT NULL
    THEN GREATEST("endedAt", "orderedAt", "activatedAt", "cancelRequestedAt") END;

ALTER TABLE "Subscription"
  ADD CONSTRAINT "Subscription_anchor"
    CHECK ("startDate" = (COALESCE("activatedAt", "orderedAt") + INTERVAL '9 hours')::date),
  ADD CONSTRAINT "Subscription_activated" CHECK ("activatedAt" >= "orderedAt"),
  ADD CONSTRAINT "Subscription_cancelled" CHECK ("cancelRequestedAt" >= "orderedAt"),
  ADD CONSTRAINT "Subscription_order"
    CHECK ("endedAt" >= GREATEST("orderedAt", "activatedAt", "cancelRequestedAt"));

-- ------------------------------------------------------------- whose a row is: composite keys

ALTER TABLE "Server" ADD CONSTRAINT "Server_of_account" UNIQUE ("id", "accountId");

UPDATE "Operation" o SET "accountId" = s."accountId" FROM "Server" s
WHERE s."id" = o."serverId" AND s."accountId" <> o."accountId";
ALTER TABLE "Operation" DROP CONSTRAINT "Operation_serverId_fkey";
ALTER TABLE "Operation" ADD CONSTRAINT "Operation_server_of_account"
  FOREIGN KEY ("serverId", "accountId") REFERENCES "Server" ("id", "accountId") ON DELETE RESTRICT ON UPDATE CASCADE;

UPDATE "Subscription" u SET "accountId" = s."accountId" FROM "Server" s
WHERE s."id" = u."serverId" AND s."accountId" <> u."accountId";
ALTER TABLE "Subscription" DROP CONSTRAINT "Subscription_serverId_fkey";
ALTER TABLE "Subscription" ADD CONSTRAINT "Subscription_server_of_account"
  FOREIGN KEY ("serverId", "accountId") REFERENCES "Server" ("id", "accountId") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "Pool" ADD CONSTRAINT "Pool_of_family" UNIQUE ("id", "family");
UPDATE "Address" a SET "family" = p."family" FROM "Pool" p WHERE p."id" = a."poolId" AND p."family" <> a."family";
ALTER TABLE "Address" DROP CONSTRAINT "Address_poolId_fkey";
ALTER TABLE "Address" ADD CONSTRAINT "Address_pool_of_family"
  FOREIGN KEY ("poolId", "family") REFERENCES "Pool" ("id", "family") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Address" ADD CONSTRAINT "Address_of_family" UNIQUE ("id", "family");

ALTER TABLE "AddressHold" ADD COLUMN "family" "AddressFamily";
UPDATE "AddressHold" h SET "family" = a."family" FROM "Address" a WHERE a."id" = h."addressId";
ALTER TABLE "AddressHold" ALTER COLUMN "family" SET NOT NULL;
ALTER TABLE "AddressHold" DROP CONSTRAINT "AddressHold_addressId_fkey";
ALTER TABLE "AddressHold" ADD CONSTRAINT "AddressHold_address_of_family"
  FOREIGN KEY ("addressId", "family") REFERENCES "Address" ("id", "family") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A token for a zone that is not there leads nowhere.
DELETE FROM "HostJoin" j WHERE NOT EXISTS (SELECT FROM "Zone" z WHERE z."id" = j."zoneId");
ALTER TABLE "HostJoin" ADD CONSTRAINT "HostJoin_zoneId_fkey"
  FOREIGN KEY ("zoneId") REFERENCES "Zone" ("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- ------------------------------------------------------------- one at a time

-- One address of each family per server. Of several the oldest is the one that the guest was given.
UPDATE "AddressHold" h SET "until" = h."from" WHERE h."until" IS NULL AND EXISTS (
  SELECT FROM "AddressHold" o WHERE o."serverId" = h."serverId" AND o."family" = h."family" AND o."until" IS NULL
    AND (o."from", o."id") < (h."from", h."id"));
CREATE UNIQUE INDEX "AddressHold_one_family" ON "AddressHold" ("serverId", "family") WHERE "until" IS NULL;

-- One disk to boot from.
UPDATE "Volume" SET "role" = 'data' WHERE "role" NOT IN ('system', 'data');
UPDATE "Volume" v SET "role" = 'data' WHERE v."role" = 'system' AND v."deletedAt" IS NULL AND EXISTS (
  SELECT FROM "Volume" o WHERE o."serverId" = v."serverId" AND o."role" = 'system' AND o."deletedAt" IS NULL
    AND (o."createdAt", o."id") < (v."createdAt", v."id"));
CREATE UNIQUE INDEX "Volume_one_system" ON "Volume" ("serverId") WHERE "role" = 'system' AND "deletedAt" IS NULL;

-- ------------------------------------------------------------- values

UPDATE "Placement" SET "reason" = 'none' WHERE "reason" NOT IN
  ('booted', 'guest-shutdown', 'destroyed', 'crashed', 'failed-start', 'saved', 'host-boot', 'none');
UPDATE "Operation" SET "signal" = NULL WHERE "signal" NOT IN ('force_off', 'closed');
UPDATE "Iso" SET "state" = 'refused' WHERE "state" NOT IN ('receiving', 'checking', 'ready', 'refused');
-- They live for 30 seconds.
DELETE FROM "Ticket" WHERE "hash" !~ '^[0-9a-f]{64}$';

ALTER TABLE "Placement" ADD CONSTRAINT "Placement_reason" CHECK ("reason" IN
  ('booted', 'guest-shutdown', 'destroyed', 'crashed', 'failed-start', 'saved', 'host-boot', 'none'));
ALTER TABLE "Operation" ADD CONSTRAINT "Operation_signal" CHECK ("signal" IN ('force_off', 'closed'));
ALTER TABLE "Volume" ADD CONSTRAINT "Volume_role" CHECK ("role" IN ('system', 'data'));
ALTER TABLE "Iso" ADD CONSTRAINT "Iso_state" CHECK ("state" IN ('receiving', 'checking', 'ready', 'refused'));
ALTER TABLE "Ticket" ADD CONSTRAINT "Ticket_hash" CHECK ("hash" ~ '^[0-9a-f]{64}$');

-- ------------------------------------------------------------- a join only goes forward

UPDATE "HostJoin" SET "state" = 'refused', "refusal" = 'signed without a certificate; ask for a new token'
WHERE "state" = 'signed' AND ("certPem" IS NULL OR "signedAt" IS NULL);
ALTER TABLE "HostJoin" ADD CONSTRAINT "HostJoin_signed"
  CHECK ("state" <> 'signed' OR ("certPem" IS NOT NULL AND "signedAt" IS NOT NULL));

-- The app writes requests down and has no key. Were it taken over, it could still set any row back to `requested`
-- with a key of its own, and a worker would sign that for the host of the row: so no row ever goes back, and what is
-- to be signed is written once, together with the token's only use.
CREATE FUNCTION "tsubo_host_join_forward"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD."state" = 'issued' AND NEW."state" = 'requested' THEN
    RETURN NEW;
  END IF;
  IF (OLD."csrPem", OLD."agentUrl") IS DISTINCT FROM (NEW."csrPem", NEW."agentUrl") THEN
    RAISE EXCEPTION 'HostJoin_forward: the request of join % is written already', OLD."id" USING ERRCODE = 'check_violation';
  END IF;
  IF OLD."state" <> NEW."state" AND NEW."state" <> 'refused'
    AND NOT (OLD."state" = 'requested' AND NEW."state" = 'signed') THEN
    RAISE EXCEPTION 'HostJoin_forward: join % is % and cannot become %', OLD."id", OLD."state", NEW."state"
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER "HostJoin_forward" BEFORE UPDATE ON "HostJoin" FOR EACH ROW EXECUTE FUNCTION "tsubo_host_join_forward"();

-- ------------------------------------------------------------- lists that pages and loops read

CREATE INDEX "Operation_createdAt_idx" ON "Operation" ("createdAt" DESC);
-- How long an operation of a kind usually takes.
CREATE INDEX "Operation_succeeded" ON "Operation" ("kind", "createdAt" DESC) WHERE "state" = 'succeeded';
-- Creates whose seed is still on its host.
CREATE INDEX "Operation_seed_left" ON "Operation" ("endedAt")
  WHERE "kind" = 'create' AND "state" = 'succeeded' AND "result" IS NULL;
CREATE INDEX "RateLimit_lastRequest_idx" ON "RateLimit" ("lastRequest");
-- What is sold of a host.
CREATE INDEX "Placement_host_open" ON "Placement" ("hostId") WHERE "endedAt" IS NULL;
CREATE INDEX "Volume_host_open" ON "Volume" ("hostId") WHERE "deletedAt" IS NULL;

-- ------------------------------------------------------------- asking for a workflow without reading DBOS's tables

-- With the owner's rights: the app may start what it has just written an attempt for, and see and change nothing of
-- DBOS. Application, queue and channel are those of server/operations/request.ts.
CREATE FUNCTION "tsubo_enqueue"("of_operation" text, "of_attempt" int, "workflow" text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM public."OperationAttempt" a
    WHERE a."workflowId" = of_operation || ':' || of_attempt AND a."operationId" = of_operation
      AND a."attempt" = of_attempt AND a."endedAt" IS NULL
  ) THEN
    RAISE EXCEPTION 'no attempt % of the operation % is open', of_attempt, of_operation USING ERRCODE = 'check_violation';
  END IF;
  PERFORM dbos.enqueue_workflow(
    workflow_name => workflow, queue_name => 'operations', workflow_id => of_operation || ':' || of_attempt,
    positional_args => ARRAY[to_json(of_operation), to_json(of_attempt)], application_name => 'tsubo');
  PERFORM pg_notify('tsubo_queue', '');
END
$$;
REVOKE ALL ON FUNCTION "tsubo_enqueue"(text, int, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "tsubo_enqueue"(text, int, text) TO "tsubo_app", "tsubo_worker";

REVOKE ALL ON ALL TABLES IN SCHEMA "dbos" FROM "tsubo_app";
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA "dbos" FROM "tsubo_app";
REVOKE ALL ON SCHEMA "dbos" FROM "tsubo_app";
ALTER DEFAULT PRIVILEGES IN SCHEMA "dbos" REVOKE ALL ON FUNCTIONS FROM "tsubo_app";

-- ------------------------------------------------------------- grants: what the app really writes

-- A row lock needs UPDATE of one column; where nothing else is changed, the least harmful one is it.
REVOKE INSERT, UPDATE ON "HostJoin" FROM "tsubo_app";
GRANT UPDATE ("state", "csrPem", "agentUrl", "requestedAt", "refusal") ON "HostJoin" TO "tsubo_app";
REVOKE UPDATE ON "Host" FROM "tsubo_app";
GRANT UPDATE ("acceptsNew") ON "Host" TO "tsubo_app";
REVOKE UPDATE ON "Address" FROM "tsubo_app";
GRANT UPDATE ("lastReleasedAt") ON "Address" TO "tsubo_app";
REVOKE UPDATE ON "Server" FROM "tsubo_app";
GRANT UPDATE ("name", "intended", "intendedDeleted", "generation", "deleteProtection", "crashCount", "crashWindowAt",
  "needsAttention") ON "Server" TO "tsubo_app";
REVOKE UPDATE ON "Subscription" FROM "tsubo_app";
GRANT UPDATE ("cancelRequestedAt") ON "Subscription" TO "tsubo_app";
REVOKE UPDATE ON "AddressHold", "Placement", "Vif", "Volume", "OperationAttempt", "OperationStep", "Outbox"
  FROM "tsubo_app";

-- They record acts and read none: only what their INSERT gives back.
REVOKE SELECT ON "Audit" FROM "tsubo_proxy", "tsubo_gateway";
GRANT SELECT ("id") ON "Audit" TO "tsubo_proxy", "tsubo_gateway";

-- The database users of the processes, each with what it needs. Passwords are set by the operator
-- (`admin set-role-passwords`), never here. Roles belong to the whole cluster, so they may exist already.
-- A migration that adds a table also grants it.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['tsubo_app', 'tsubo_worker', 'tsubo_proxy', 'tsubo_gateway'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN', name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- another database of this cluster is being migrated right now
      END;
    END IF;
  END LOOP;
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO "tsubo_app", "tsubo_worker", "tsubo_proxy", "tsubo_gateway";

-- ------------------------------------------------------------- everybody: events and the audit log

-- Append-only: nobody but the owner may change or take away a row of Audit.
GRANT SELECT, INSERT ON "Event", "Audit" TO "tsubo_app", "tsubo_worker", "tsubo_proxy", "tsubo_gateway";
GRANT USAGE ON SEQUENCE "Event_id_seq", "Audit_id_seq"
  TO "tsubo_app", "tsubo_worker", "tsubo_proxy", "tsubo_gateway";
GRANT SELECT ON "BusinessClock" TO "tsubo_app", "tsubo_worker", "tsubo_proxy", "tsubo_gateway";

-- ------------------------------------------------------------- app: people, orders, wishes

GRANT SELECT, INSERT, UPDATE, DELETE ON "User", "Session", "Credential", "Verification", "RateLimit" TO "tsubo_app";
GRANT SELECT, INSERT, UPDATE, DELETE ON "Member", "SshKey", "Ticket" TO "tsubo_app";
GRANT SELECT, INSERT, UPDATE ON "Account", "Iso" TO "tsubo_app";
GRANT SELECT ON "Limit", "Zone", "Pool", "Image", "Plan", "PlanPrice", "TaxRate", "WorkerSlot" TO "tsubo_app";
GRANT SELECT, UPDATE ON "Host", "Address" TO "tsubo_app";
GRANT SELECT, INSERT, UPDATE ON "HostJoin", "AddressHold", "Server", "Placement", "Vif", "Volume", "Subscription",
  "Operation", "OperationAttempt", "OperationStep", "Outbox" TO "tsubo_app";

-- ------------------------------------------------------------- worker: bodies, observations, operations

GRANT SELECT ON "User", "Account", "Member", "SshKey", "Limit", "Zone", "Pool", "Plan", "PlanPrice", "TaxRate"
  TO "tsubo_worker";
GRANT SELECT, INSERT, UPDATE ON "Host", "HostJoin", "Address", "AddressHold", "Server", "Placement", "Vif", "Volume",
  "Subscription", "Operation", "OperationAttempt", "OperationStep", "Outbox", "Image", "Iso" TO "tsubo_worker";
GRANT SELECT, INSERT, UPDATE, DELETE ON "WorkerSlot" TO "tsubo_worker";
-- Old events, tickets and sent mail are cleared away.
GRANT DELETE ON "Event", "Outbox" TO "tsubo_worker";
GRANT SELECT, DELETE ON "Ticket" TO "tsubo_worker";

-- ------------------------------------------------------------- console-proxy: takes tickets, dials agents

GRANT SELECT, DELETE ON "Ticket" TO "tsubo_proxy";
GRANT SELECT ON "Server", "Placement", "Host", "Account", "Member" TO "tsubo_proxy";
GRANT SELECT ("id", "name", "email", "locale", "staffRole") ON "User" TO "tsubo_proxy";
GRANT SELECT ("id", "userId", "expiresAt") ON "Session" TO "tsubo_proxy";

-- ------------------------------------------------------------- upload gateway: the ISO library

GRANT SELECT, INSERT, UPDATE ON "Iso" TO "tsubo_gateway";
GRANT SELECT ON "Account", "Member", "Limit" TO "tsubo_gateway";
GRANT SELECT ("id", "name", "email", "locale", "staffRole") ON "User" TO "tsubo_gateway";
GRANT SELECT ("id", "userId", "providerId", "password") ON "Credential" TO "tsubo_gateway";

-- ------------------------------------------------------------- DBOS (its tables are made by its own migrations)

CREATE SCHEMA IF NOT EXISTS "dbos";
GRANT USAGE ON SCHEMA "dbos" TO "tsubo_app", "tsubo_worker";
ALTER DEFAULT PRIVILEGES IN SCHEMA "dbos" GRANT ALL ON TABLES TO "tsubo_worker";
ALTER DEFAULT PRIVILEGES IN SCHEMA "dbos" GRANT ALL ON SEQUENCES TO "tsubo_worker";
ALTER DEFAULT PRIVILEGES IN SCHEMA "dbos" GRANT EXECUTE ON FUNCTIONS TO "tsubo_worker", "tsubo_app";

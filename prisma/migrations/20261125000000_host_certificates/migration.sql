-- Renewal and revocation of hosts' certificates. The roles' grants on "Host" are on the whole table.

ALTER TABLE "Host"
  ADD COLUMN "certIssuedAt" TIMESTAMP(3),
  ADD COLUMN "nextCertPem" TEXT,
  ADD COLUMN "nextCertFingerprint" TEXT,
  ADD COLUMN "revokedAt" TIMESTAMP(3),
  ADD COLUMN "revokedReason" TEXT;

-- Until now a certificate was only issued by joining.
UPDATE "Host" SET "certIssuedAt" = "joinedAt" WHERE "certFingerprint" IS NOT NULL;

ALTER TABLE "Host"
  ADD CONSTRAINT "Host_next_fingerprint" CHECK ("nextCertFingerprint" ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT "Host_next_whole" CHECK (("nextCertPem" IS NULL) = ("nextCertFingerprint" IS NULL)),
  -- A renewal grows out of a certificate that is accepted.
  ADD CONSTRAINT "Host_next_after" CHECK ("nextCertFingerprint" IS NULL OR "certFingerprint" IS NOT NULL),
  -- Whatever raced with the revocation: nothing that a revoked host presents is on record.
  ADD CONSTRAINT "Host_revoked" CHECK ("revokedAt" IS NULL OR "certFingerprint" IS NULL);

-- CreateTable
CREATE TABLE "UserKey" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "publicKey" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "UserKey_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "UserKey_fingerprint_idx" ON "UserKey"("fingerprint");

-- CreateIndex
CREATE UNIQUE INDEX "UserKey_userId_fingerprint_key" ON "UserKey"("userId", "fingerprint");

-- AddForeignKey
ALTER TABLE "UserKey" ADD CONSTRAINT "UserKey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- As `ssh-keygen -l` writes it: the SSH door finds a key by it.
ALTER TABLE "UserKey" ADD CONSTRAINT "UserKey_fingerprint" CHECK ("fingerprint" ~ '^SHA256:[A-Za-z0-9+/]{43}$');

-- A person adds and takes away their own; a key never changes. The SSH door looks who holds one.
GRANT SELECT, INSERT, DELETE ON "UserKey" TO "tsubo_app";
GRANT SELECT ON "UserKey" TO "tsubo_proxy";

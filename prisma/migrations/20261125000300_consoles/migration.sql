-- CreateTable
CREATE TABLE "ConsoleSession" (
    "id" TEXT NOT NULL,
    "sessionId" TEXT,
    "userId" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "kind" "TicketKind" NOT NULL,
    "viewOnly" BOOLEAN NOT NULL,
    "openedAt" TIMESTAMP(3) NOT NULL,
    "seenAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ConsoleSession_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Screen" (
    "serverId" TEXT NOT NULL,
    "png" BYTEA NOT NULL,
    "takenAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Screen_pkey" PRIMARY KEY ("serverId")
);

-- CreateIndex
CREATE INDEX "ConsoleSession_accountId_idx" ON "ConsoleSession"("accountId");

-- CreateIndex
CREATE INDEX "ConsoleSession_serverId_idx" ON "ConsoleSession"("serverId");

-- CreateIndex
CREATE INDEX "ConsoleSession_sessionId_idx" ON "ConsoleSession"("sessionId");

-- AddForeignKey
ALTER TABLE "ConsoleSession" ADD CONSTRAINT "ConsoleSession_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ConsoleSession" ADD CONSTRAINT "ConsoleSession_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ConsoleSession" ADD CONSTRAINT "ConsoleSession_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "Server"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Screen" ADD CONSTRAINT "Screen_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "Server"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A console is its server's account's.
ALTER TABLE "ConsoleSession" ADD CONSTRAINT "ConsoleSession_account" FOREIGN KEY ("serverId", "accountId")
  REFERENCES "Server" ("id", "accountId");

-- The tallest of screens as a PNG is far below it; a proxy that was taken over cannot fill the disk with one row.
ALTER TABLE "Screen" ADD CONSTRAINT "Screen_png" CHECK (octet_length("png") BETWEEN 1 AND 16777216);

-- The proxies say what is open, and clear away what a dead one left; the panel reads it.
GRANT SELECT, INSERT, UPDATE, DELETE ON "ConsoleSession" TO "tsubo_proxy";
GRANT SELECT ON "ConsoleSession" TO "tsubo_app";

-- The worker takes it away with the server, and sees no picture.
GRANT SELECT, INSERT, UPDATE ON "Screen" TO "tsubo_proxy";
GRANT SELECT ON "Screen" TO "tsubo_app";
GRANT DELETE ON "Screen" TO "tsubo_worker";
GRANT SELECT ("serverId") ON "Screen" TO "tsubo_worker";

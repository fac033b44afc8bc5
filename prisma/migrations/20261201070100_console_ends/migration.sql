-- AlterTable
ALTER TABLE "ConsoleSession" ADD COLUMN     "endReason" TEXT,
ADD COLUMN     "endedAt" TIMESTAMP(3),
ADD COLUMN     "endedById" TEXT,
ADD COLUMN     "endedByStaff" BOOLEAN;

-- AddForeignKey
ALTER TABLE "ConsoleSession" ADD CONSTRAINT "ConsoleSession_endedById_fkey" FOREIGN KEY ("endedById") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- When and by whom belong together; staff say why.
ALTER TABLE "ConsoleSession" ADD CONSTRAINT "ConsoleSession_ended" CHECK (
  ("endedAt" IS NULL) = ("endedByStaff" IS NULL) AND ("endedById" IS NULL OR "endedAt" IS NOT NULL)
  AND (("endReason" IS NOT NULL) = coalesce("endedByStaff", false)));

-- The panel says that one is to end; its proxy ends it, and takes the row away.
GRANT UPDATE ("endedAt", "endedById", "endedByStaff", "endReason") ON "ConsoleSession" TO "tsubo_app";

-- AlterTable
ALTER TABLE "Image" ADD COLUMN     "problem" TEXT;

-- AlterTable
ALTER TABLE "Server" ADD COLUMN     "hostKeys" JSONB;

-- Of the last try to build it, whether an older file is offered meanwhile or not.
ALTER TABLE "Image" ADD CONSTRAINT "Image_problem" CHECK (length("problem") BETWEEN 1 AND 4000);

-- Behind the systems that one rents a server for.
UPDATE "Image" SET "sort" = 100 WHERE "family" = 'small' AND "sort" = 0;

-- A guest's own words, however well they were parsed: never much of them.
ALTER TABLE "Server" ADD CONSTRAINT "Server_hostKeys"
  CHECK (jsonb_typeof("hostKeys") = 'array' AND length("hostKeys"::text) <= 2000);

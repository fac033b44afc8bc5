-- AlterTable
ALTER TABLE "Image" ADD COLUMN     "problem" TEXT;

-- AlterTable
ALTER TABLE "Server" ADD COLUMN     "hostKeys" JSONB;

-- What is ready has no problem; a problem is said in words.
ALTER TABLE "Image"
  ADD CONSTRAINT "Image_problem" CHECK ("state" = 'preparing' OR "problem" IS NULL),
  ADD CONSTRAINT "Image_problem_text" CHECK (length("problem") BETWEEN 1 AND 4000);

-- A guest's own words, however well they were parsed: never much of them.
ALTER TABLE "Server" ADD CONSTRAINT "Server_hostKeys"
  CHECK (jsonb_typeof("hostKeys") = 'array' AND length("hostKeys"::text) <= 2000);

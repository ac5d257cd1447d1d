-- AlterTable
ALTER TABLE "StyleWork" ADD COLUMN     "madeUp" BOOLEAN NOT NULL DEFAULT false;

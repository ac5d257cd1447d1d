-- AlterTable
ALTER TABLE "MakerCopy" ADD COLUMN     "origin" TEXT;

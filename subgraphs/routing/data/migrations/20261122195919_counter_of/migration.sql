-- AlterTable
ALTER TABLE "Allocation" ADD COLUMN     "counterOf" TEXT;

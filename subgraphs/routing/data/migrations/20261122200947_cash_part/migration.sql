-- AlterTable
ALTER TABLE "CashFlow" ADD COLUMN     "part" TEXT;

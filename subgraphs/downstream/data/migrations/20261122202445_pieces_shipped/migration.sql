-- AlterTable
ALTER TABLE "ShipmentCopy" ADD COLUMN     "pieces" INTEGER;

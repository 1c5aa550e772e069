export { networks } from './networks'
export { type PaymentClaim, type ReceiptCheck, verifyReceipt } from './verifyReceipt'
